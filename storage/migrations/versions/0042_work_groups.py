"""Each community its own staff group: whose a group is, and the one-time codes that connect one

Revision: 0042
Follows: 0041
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

Id, Utc, Json = storage.types.Id, storage.types.UtcDateTime, storage.types.Json


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "work_groups",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("chat_id", Id, nullable=False),
        sa.Column("community_id", Id, nullable=True),
        sa.Column("by_setting", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("lacks", Json, nullable=True),
        sa.Column("told", Json, nullable=True),
        sa.Column("connected_by", Id, nullable=True),
        sa.Column("connected_at", Utc(), nullable=False),
        _to("work_groups", "chat_id", "chats"),
        _to("work_groups", "community_id", "communities"),
        _to("work_groups", "connected_by", "staff"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_work_groups")),
        sa.UniqueConstraint("chat_id", name=op.f("uq_work_groups_chat_id")),
        sa.UniqueConstraint("community_id", name=op.f("uq_work_groups_community_id")),
    )
    op.create_table(
        "group_codes",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("community_id", Id, nullable=True),
        sa.Column("staff_id", Id, nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("used_at", Utc(), nullable=True),
        _to("group_codes", "community_id", "communities"),
        _to("group_codes", "staff_id", "staff"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_group_codes")),
    )
    op.create_index("ix_group_codes_community_id", "group_codes", ["community_id"])
    op.create_index("ix_group_codes_staff_id", "group_codes", ["staff_id"])


def downgrade() -> None:
    op.drop_table("group_codes")
    op.drop_table("work_groups")
