"""The staff group: a topic for each ticket, what stands there for what, what is untold; lanes and weights in the outbox

Revision: 0024
Follows: 0023
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

STAFF = sa.text("kind = 'staff'")
POINTING = (("topic_id", "topics"), ("reply_to_id", "messages"))


def _given(column: str) -> dict[str, sa.TextClause]:
    where = sa.text(f"{column} IS NOT NULL")
    return {"sqlite_where": where, "postgresql_where": where}


def upgrade() -> None:
    op.create_table(
        "topics",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("chat_id", storage.types.Id, nullable=False),
        sa.Column("ticket_id", storage.types.Id, nullable=False),
        sa.Column("thread", storage.types.Id, nullable=True),
        sa.Column("state", sa.String(length=8), server_default="open", nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("card_id", storage.types.Id, nullable=True),
        sa.Column("created_at", storage.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_topics_chat_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_topics_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
        sa.UniqueConstraint("chat_id", "ticket_id", name=op.f("uq_topics_chat_id_ticket_id")),
    )
    op.create_index("ix_topics_ticket_id", "topics", ["ticket_id"])
    op.create_index("ix_topics_thread", "topics", ["chat_id", "thread"])
    op.create_table(
        "relays",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("source_id", storage.types.Id, nullable=False),
        sa.Column("copy_id", storage.types.Id, nullable=False),
        sa.Column("head", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["source_id"], ["messages.id"], name=op.f("fk_relays_source_id")),
        sa.ForeignKeyConstraint(["copy_id"], ["messages.id"], name=op.f("fk_relays_copy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_relays")),
        sa.UniqueConstraint("source_id", "copy_id", name=op.f("uq_relays_source_id_copy_id")),
    )
    op.create_index("ix_relays_source_id", "relays", ["source_id"])
    op.create_index("ix_relays_copy_id", "relays", ["copy_id"])
    op.create_table(
        "group_news",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("ticket_id", storage.types.Id, nullable=False),
        sa.Column("event_id", storage.types.Id, nullable=True),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_group_news_ticket_id")),
        sa.ForeignKeyConstraint(["event_id"], ["ticket_events.id"], name=op.f("fk_group_news_event_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_news")),
    )
    op.create_index("ix_group_news_ticket_id", "group_news", ["ticket_id"])
    with op.batch_alter_table("messages", schema=None) as table:
        for column, target in POINTING:
            table.add_column(sa.Column(column, storage.types.Id, nullable=True))
            table.create_foreign_key(op.f(f"fk_messages_{column}"), target, [column], ["id"])
    for column, _ in POINTING:
        op.create_index(f"ix_messages_{column}", "messages", [column], **_given(column))
    with op.batch_alter_table("outbox", schema=None) as table:
        table.add_column(sa.Column("lane", storage.types.Id, server_default="0", nullable=False))
        table.add_column(sa.Column("weight", sa.Integer(), server_default="1", nullable=False))
    with op.batch_alter_table("chats", schema=None) as table:
        table.add_column(sa.Column("forum", sa.Boolean(), server_default=sa.text("false"), nullable=False))
        table.add_column(sa.Column("may_topics", sa.Boolean(), server_default=sa.text("true"), nullable=False))
        table.add_column(sa.Column("former", storage.types.Id, nullable=True))
    op.create_index("ix_chats_staff", "chats", ["id"], sqlite_where=STAFF, postgresql_where=STAFF)


def downgrade() -> None:
    op.drop_index("ix_chats_staff", table_name="chats")
    with op.batch_alter_table("chats", schema=None) as table:
        for column in ("former", "may_topics", "forum"):
            table.drop_column(column)
    with op.batch_alter_table("outbox", schema=None) as table:
        table.drop_column("weight")
        table.drop_column("lane")
    for column, _ in POINTING:
        op.drop_index(f"ix_messages_{column}", table_name="messages")
    with op.batch_alter_table("messages", schema=None) as table:
        for column, _ in POINTING:
            table.drop_constraint(op.f(f"fk_messages_{column}"), type_="foreignkey")
            table.drop_column(column)
    for table_name in ("group_news", "relays", "topics"):
        op.drop_table(table_name)
