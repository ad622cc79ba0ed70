"""Imports: files staff bring, what each would change, and the register of households

Revision: 0033
Follows: 0032
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imports",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("community_id", storage.types.Id, nullable=True),
        sa.Column("staff_id", storage.types.Id, nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("total", sa.Integer(), server_default="0", nullable=False),
        sa.Column("wrong", sa.Integer(), server_default="0", nullable=False),
        sa.Column("findings", storage.types.Json, nullable=True),
        sa.Column("counts", storage.types.Json, nullable=True),
        sa.Column("basis", sa.String(length=24), nullable=True),
        sa.Column("basis_note", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("checked_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("confirmed_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("confirmed_by", storage.types.Id, nullable=True),
        sa.Column("ended_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("taken_back_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("taken_back_by", storage.types.Id, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name=op.f("fk_imports_community_id")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["staff.id"], name=op.f("fk_imports_confirmed_by")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_imports_staff_id")),
        sa.ForeignKeyConstraint(["taken_back_by"], ["staff.id"], name=op.f("fk_imports_taken_back_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index(op.f("ix_imports_community_id"), "imports", ["community_id"], unique=False)
    op.create_index("ix_imports_state", "imports", ["state"], unique=False)
    op.create_table(
        "household_people",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("community_id", storage.types.Id, nullable=False),
        sa.Column("building", sa.String(length=16), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False),
        sa.Column("room", sa.String(length=8), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=8), nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("import_id", storage.types.Id, nullable=True),
        sa.Column("entered_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("resident_id", storage.types.Id, nullable=True),
        sa.Column("matched_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("matched_by", storage.types.Id, nullable=True),
        sa.Column("matched_how", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["community_id"], ["communities.id"], name=op.f("fk_household_people_community_id")),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_household_people_import_id")),
        sa.ForeignKeyConstraint(["matched_by"], ["staff.id"], name=op.f("fk_household_people_matched_by")),
        sa.ForeignKeyConstraint(["resident_id"], ["residents.id"], name=op.f("fk_household_people_resident_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_household_people")),
        sa.UniqueConstraint("community_id", "building", "unit", "room", "name", name="uq_household_people_who"),
    )
    op.create_index(
        "ix_household_people_resident_id",
        "household_people",
        ["resident_id"],
        unique=False,
        sqlite_where=sa.text("resident_id IS NOT NULL"),
        postgresql_where=sa.text("resident_id IS NOT NULL"),
    )
    op.create_table(
        "import_rows",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("import_id", storage.types.Id, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("before", storage.types.Json, nullable=True),
        sa.Column("after", storage.types.Json, nullable=True),
        sa.ForeignKeyConstraint(["import_id"], ["imports.id"], name=op.f("fk_import_rows_import_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_rows")),
    )
    op.create_index(op.f("ix_import_rows_import_id"), "import_rows", ["import_id"], unique=False)


def downgrade() -> None:
    for table in ("import_rows", "household_people", "imports"):
        op.drop_table(table)
