"""Requests in full: for whom, when, about what; me too; stepping aside; where else to go

Revision: 0002
Follows: 0001
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "redirects",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("chat_id", storage.types.Id, nullable=False),
        sa.Column("message_id", storage.types.Id, nullable=True),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("route", sa.String(length=24), nullable=False),
        sa.Column("category", sa.String(length=24), nullable=True),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("outcome", sa.String(length=8), server_default="told", nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_redirects_chat_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_redirects_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_redirects")),
    )
    op.create_index(op.f("ix_redirects_chat_id"), "redirects", ["chat_id"])
    op.create_table(
        "ticket_barred",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("ticket_id", storage.types.Id, nullable=False),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_barred_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_barred")),
    )
    op.create_index(op.f("ix_ticket_barred_ticket_id"), "ticket_barred", ["ticket_id"])
    with op.batch_alter_table("ticket_followers") as followers:
        followers.add_column(sa.Column("kind", sa.String(length=8), server_default="claim", nullable=False))
    with op.batch_alter_table("tickets") as tickets:
        tickets.add_column(sa.Column("topic", sa.String(length=24), nullable=True))
        tickets.add_column(sa.Column("on_behalf", sa.Text(), nullable=True))
        tickets.add_column(sa.Column("anonymous", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        tickets.add_column(sa.Column("visit_words", sa.Text(), nullable=True))
        tickets.add_column(sa.Column("visit_from", storage.types.UtcDateTime(), nullable=True))
        tickets.add_column(sa.Column("visit_until", storage.types.UtcDateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("tickets") as tickets:
        for name in ("visit_until", "visit_from", "visit_words", "anonymous", "on_behalf", "topic"):
            tickets.drop_column(name)
    with op.batch_alter_table("ticket_followers") as followers:
        followers.drop_column("kind")
    op.drop_table("ticket_barred")
    op.drop_table("redirects")
