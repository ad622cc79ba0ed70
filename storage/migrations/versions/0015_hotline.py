"""Calls at the telephone and the counter, whom to ring back, what the telephone system told

Revision: 0015
Follows: 0014
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "telephone_events",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_telephone_events")),
    )
    op.create_table(
        "calls",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False),
        sa.Column("external", sa.String(length=80), nullable=True),
        sa.Column("line", sa.String(length=20), nullable=True),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("began_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("answered_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("hung_up_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("staff_id", storage.types.Id, nullable=True),
        sa.Column("taken_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("noted", storage.types.Json, nullable=False),
        sa.Column("looked", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("chat_id", storage.types.Id, nullable=True),
        sa.Column("ticket_id", storage.types.Id, nullable=True),
        sa.Column("alarm_id", storage.types.Id, nullable=True),
        sa.Column("recording", sa.Text(), nullable=True),
        sa.Column("entry", sa.Text(), nullable=True),
        sa.Column("clause", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("updated_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("done_at", storage.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["alarm_id"], ["alarms.id"], name=op.f("fk_calls_alarm_id")),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_calls_chat_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_calls_staff_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_calls_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calls")),
        sa.UniqueConstraint("external", name=op.f("uq_calls_external")),
    )
    op.create_index("ix_calls_began", "calls", ["began_at"])
    op.create_index(op.f("ix_calls_chat_id"), "calls", ["chat_id"])
    op.create_index(
        "ix_calls_now",
        "calls",
        ["id"],
        sqlite_where=sa.text("state IN ('ringing','open')"),
        postgresql_where=sa.text("state IN ('ringing','open')"),
    )
    op.create_index(
        "ix_calls_number",
        "calls",
        ["number"],
        sqlite_where=sa.text("number IS NOT NULL"),
        postgresql_where=sa.text("number IS NOT NULL"),
    )
    op.create_index(op.f("ix_calls_staff_id"), "calls", ["staff_id"])
    op.create_index(op.f("ix_calls_ticket_id"), "calls", ["ticket_id"])
    op.create_table(
        "ring_backs",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("reason", sa.String(length=8), nullable=False),
        sa.Column("call_id", storage.types.Id, nullable=True),
        sa.Column("chat_id", storage.types.Id, nullable=True),
        sa.Column("message_id", storage.types.Id, nullable=True),
        sa.Column("ticket_id", storage.types.Id, nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("wish", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=8), server_default="open", nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=True),
        sa.Column("due_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("created_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("done_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("done_by", storage.types.Id, nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["calls.id"], name=op.f("fk_ring_backs_call_id")),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_ring_backs_chat_id")),
        sa.ForeignKeyConstraint(["done_by"], ["staff.id"], name=op.f("fk_ring_backs_done_by")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_ring_backs_message_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ring_backs_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ring_backs")),
    )
    op.create_index(op.f("ix_ring_backs_call_id"), "ring_backs", ["call_id"])
    op.create_index(op.f("ix_ring_backs_chat_id"), "ring_backs", ["chat_id"])
    op.create_index(
        "ix_ring_backs_due",
        "ring_backs",
        ["due_at"],
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(op.f("ix_ring_backs_ticket_id"), "ring_backs", ["ticket_id"])
    op.create_table(
        "ring_back_tries",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("ring_back_id", storage.types.Id, nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("staff_id", storage.types.Id, nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["ring_back_id"], ["ring_backs.id"], name=op.f("fk_ring_back_tries_ring_back_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_ring_back_tries_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ring_back_tries")),
    )
    op.create_index(op.f("ix_ring_back_tries_ring_back_id"), "ring_back_tries", ["ring_back_id"])


def downgrade() -> None:
    for table in ("ring_back_tries", "ring_backs", "calls", "telephone_events"):
        op.drop_table(table)
