"""The disclosure calendar, boards and what hangs there, files of a disclosure

Revision: 0032
Follows: 0031
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "boards",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("community_id", storage.types.Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("buildings", storage.types.Json, nullable=False),
        sa.Column("ended_at", storage.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name=op.f("fk_boards_community_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boards")),
    )
    with op.batch_alter_table("boards", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_boards_community_id"), ["community_id"], unique=False)

    op.create_table(
        "disclosure_steps",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("community_id", storage.types.Id, nullable=False),
        sa.Column("quarter", sa.String(length=6), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("due_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("owner_id", storage.types.Id, nullable=True),
        sa.Column("done_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("done_by", storage.types.Id, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("objected_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("objection", sa.Text(), nullable=True),
        sa.Column("warned_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name=op.f("fk_disclosure_steps_community_id")),
        sa.ForeignKeyConstraint(["done_by"], ["staff.id"], name=op.f("fk_disclosure_steps_done_by")),
        sa.ForeignKeyConstraint(["owner_id"], ["staff.id"], name=op.f("fk_disclosure_steps_owner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_steps")),
        sa.UniqueConstraint(
            "community_id", "quarter", "step", name=op.f("uq_disclosure_steps_community_id_quarter_step")
        ),
    )
    with op.batch_alter_table("disclosure_steps", schema=None) as batch_op:
        batch_op.create_index("ix_disclosure_steps_due", ["due_at"], unique=False)

    op.create_table(
        "disclosure_files",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("item_id", storage.types.Id, nullable=False),
        sa.Column("blob_id", storage.types.Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("looked", sa.String(length=8), nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("added_by", storage.types.Id, nullable=False),
        sa.ForeignKeyConstraint(["added_by"], ["staff.id"], name=op.f("fk_disclosure_files_added_by")),
        sa.ForeignKeyConstraint(["blob_id"], ["blobs.id"], name=op.f("fk_disclosure_files_blob_id")),
        sa.ForeignKeyConstraint(["item_id"], ["disclosure_items.id"], name=op.f("fk_disclosure_files_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_files")),
    )
    with op.batch_alter_table("disclosure_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_disclosure_files_item_id"), ["item_id"], unique=False)

    op.create_table(
        "disclosure_postings",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("board_id", storage.types.Id, nullable=False),
        sa.Column("item_id", storage.types.Id, nullable=False),
        sa.Column("posted_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("posted_by", storage.types.Id, nullable=False),
        sa.Column("photo_id", storage.types.Id, nullable=True),
        sa.Column("down_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("down_by", storage.types.Id, nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["board_id"], ["boards.id"], name=op.f("fk_disclosure_postings_board_id")),
        sa.ForeignKeyConstraint(["down_by"], ["staff.id"], name=op.f("fk_disclosure_postings_down_by")),
        sa.ForeignKeyConstraint(["item_id"], ["disclosure_items.id"], name=op.f("fk_disclosure_postings_item_id")),
        sa.ForeignKeyConstraint(["photo_id"], ["blobs.id"], name=op.f("fk_disclosure_postings_photo_id")),
        sa.ForeignKeyConstraint(["posted_by"], ["staff.id"], name=op.f("fk_disclosure_postings_posted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_postings")),
    )
    with op.batch_alter_table("disclosure_postings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_disclosure_postings_item_id"), ["item_id"], unique=False)
        batch_op.create_index(
            "ix_disclosure_postings_up",
            ["board_id", "item_id"],
            unique=True,
            sqlite_where=sa.text("down_at IS NULL"),
            postgresql_where=sa.text("down_at IS NULL"),
        )

    with op.batch_alter_table("disclosure_items", schema=None) as batch_op:
        batch_op.add_column(sa.Column("happened_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("unwatched", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("disclosure_items", schema=None) as batch_op:
        batch_op.drop_column("unwatched")
        batch_op.drop_column("happened_on")

    with op.batch_alter_table("disclosure_postings", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_disclosure_postings_up",
            sqlite_where=sa.text("down_at IS NULL"),
            postgresql_where=sa.text("down_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_disclosure_postings_item_id"))

    op.drop_table("disclosure_postings")
    with op.batch_alter_table("disclosure_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_disclosure_files_item_id"))

    op.drop_table("disclosure_files")
    with op.batch_alter_table("disclosure_steps", schema=None) as batch_op:
        batch_op.drop_index("ix_disclosure_steps_due")

    op.drop_table("disclosure_steps")
    with op.batch_alter_table("boards", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_boards_community_id"))

    op.drop_table("boards")
