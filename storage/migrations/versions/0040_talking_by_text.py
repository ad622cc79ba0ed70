"""Talking by text: who wants none, what became of each, who is ringing whom, and a number found at once

Revision: 0040
Follows: 0039
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

GIVEN = sa.text("phone IS NOT NULL")


def upgrade() -> None:
    with op.batch_alter_table("chats") as table:
        table.add_column(sa.Column("texts_stopped_at", storage.types.UtcDateTime(), nullable=True))
    with op.batch_alter_table("outbox") as table:
        table.add_column(sa.Column("reported", sa.String(length=12), nullable=True))
        table.add_column(sa.Column("reported_at", storage.types.UtcDateTime(), nullable=True))
    op.create_index("ix_residents_phone", "residents", ["phone"], sqlite_where=GIVEN, postgresql_where=GIVEN)
    op.create_table(
        "ringing_now",
        sa.Column("line", sa.String(length=40), nullable=False),
        sa.Column("staff_id", storage.types.Id, nullable=False),
        sa.Column("until", storage.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_ringing_now_staff_id")),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_ringing_now")),
    )


def downgrade() -> None:
    op.drop_table("ringing_now")
    op.drop_index("ix_residents_phone", table_name="residents")
    with op.batch_alter_table("outbox") as table:
        table.drop_column("reported_at")
        table.drop_column("reported")
    with op.batch_alter_table("chats") as table:
        table.drop_column("texts_stopped_at")
