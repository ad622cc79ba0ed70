"""Colleagues on Telegram: whose account is whose, who is in the group, what calls them, steps half taken; alarms handed on

Revision: 0026
Follows: 0025
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

STANDS = sa.text("state = 'open'")
Id, Utc = storage.types.Id, storage.types.UtcDateTime


def _own_id() -> sa.Column[int]:
    return sa.Column("id", Id, autoincrement=True, nullable=False)


def _key(table: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def _to(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    op.create_table(
        "staff_telegram",
        _own_id(),
        sa.Column("staff_id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("chat_id", Id, nullable=False),
        sa.Column("linked_at", Utc(), nullable=False),
        _to("staff_telegram", "staff_id", "staff"),
        _to("staff_telegram", "chat_id", "chats"),
        _key("staff_telegram"),
        sa.UniqueConstraint("staff_id", name=op.f("uq_staff_telegram_staff_id")),
        sa.UniqueConstraint("user_id", name=op.f("uq_staff_telegram_user_id")),
    )
    op.create_table(
        "telegram_codes",
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("staff_id", Id, nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("expires_at", Utc(), nullable=False),
        sa.Column("chat_id", Id, nullable=True),
        sa.Column("used_at", Utc(), nullable=True),
        _to("telegram_codes", "staff_id", "staff"),
        _to("telegram_codes", "chat_id", "chats"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_telegram_codes")),
    )
    op.create_index("ix_telegram_codes_staff_id", "telegram_codes", ["staff_id"])
    op.create_table(
        "group_members",
        _own_id(),
        sa.Column("chat_id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("at", Utc(), nullable=False),
        _to("group_members", "chat_id", "chats"),
        _key("group_members"),
        sa.UniqueConstraint("chat_id", "user_id", name=op.f("uq_group_members_chat_id_user_id")),
    )
    op.create_table(
        "alarm_letters",
        _own_id(),
        sa.Column("alarm_id", Id, nullable=False),
        sa.Column("call_id", Id, nullable=True),
        sa.Column("message_id", Id, nullable=True),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("settled_at", Utc(), nullable=True),
        _to("alarm_letters", "alarm_id", "alarms"),
        _to("alarm_letters", "call_id", "alarm_calls"),
        _to("alarm_letters", "message_id", "messages"),
        _key("alarm_letters"),
        sa.UniqueConstraint("call_id", name=op.f("uq_alarm_letters_call_id")),
    )
    op.create_index("ix_alarm_letters_alarm_id", "alarm_letters", ["alarm_id"])
    op.create_index("ix_alarm_letters_message_id", "alarm_letters", ["message_id"])
    op.create_table(
        "staff_forms",
        _own_id(),
        sa.Column("chat_id", Id, nullable=False),
        sa.Column("staff_id", Id, nullable=False),
        sa.Column("ticket_id", Id, nullable=False),
        sa.Column("action", sa.String(24), nullable=False),
        sa.Column("given", storage.types.Json, nullable=False),
        sa.Column("step", sa.String(16), nullable=False),
        sa.Column("prompt_id", Id, nullable=True),
        sa.Column("state", sa.String(8), server_default="open", nullable=False),
        sa.Column("opened_at", Utc(), nullable=False),
        _to("staff_forms", "chat_id", "chats"),
        _to("staff_forms", "staff_id", "staff"),
        _to("staff_forms", "ticket_id", "tickets"),
        _to("staff_forms", "prompt_id", "messages"),
        _key("staff_forms"),
    )
    for column in ("staff_id", "ticket_id", "prompt_id"):
        op.create_index(f"ix_staff_forms_{column}", "staff_forms", [column])
    op.create_index(
        "ix_staff_forms_open", "staff_forms", ["chat_id", "staff_id"], sqlite_where=STANDS, postgresql_where=STANDS
    )
    with op.batch_alter_table("alarm_calls", schema=None) as table:
        table.add_column(sa.Column("handed_at", Utc(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("alarm_calls", schema=None) as table:
        table.drop_column("handed_at")
    for name in ("staff_forms", "alarm_letters", "group_members", "telegram_codes", "staff_telegram"):
        op.drop_table(name)
