"""Tickets that are one matter: links, merges that can be undone, incidents with one answer to all

Revision: 0018
Follows: 0017
"""

import sqlalchemy as sa
from alembic import op

import storage.types

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_en", sa.Text(), nullable=True),
        sa.Column("category", sa.String(length=24), nullable=False),
        sa.Column("topic", sa.String(length=24), nullable=True),
        sa.Column("building", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("known", sa.Text(), nullable=True),
        sa.Column("known_en", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=8), server_default="open", nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("opened_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("opened_by", storage.types.Id, nullable=False),
        sa.Column("closed_at", storage.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["opened_by"], ["staff.id"], name=op.f("fk_incidents_opened_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
    )
    op.create_table(
        "incident_events",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("incident_id", storage.types.Id, nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("staff_id", storage.types.Id, nullable=False),
        sa.Column("action", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("text_en", sa.Text(), nullable=True),
        sa.Column("ticket_id", storage.types.Id, nullable=True),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incident_events_incident_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_incident_events_staff_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_incident_events_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_events")),
    )
    with op.batch_alter_table("incident_events", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_events_incident_id"), ["incident_id"], unique=False)

    op.create_table(
        "incident_tickets",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("incident_id", storage.types.Id, nullable=False),
        sa.Column("ticket_id", storage.types.Id, nullable=False),
        sa.Column("state", sa.String(length=4), nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("staff_id", storage.types.Id, nullable=False),
        sa.ForeignKeyConstraint(["incident_id"], ["incidents.id"], name=op.f("fk_incident_tickets_incident_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_incident_tickets_staff_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_incident_tickets_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_tickets")),
        sa.UniqueConstraint("incident_id", "ticket_id", name=op.f("uq_incident_tickets_incident_id_ticket_id")),
    )
    with op.batch_alter_table("incident_tickets", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_tickets_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "ticket_links",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("ticket_id", storage.types.Id, nullable=False),
        sa.Column("other_id", storage.types.Id, nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("made_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("made_by", storage.types.Id, nullable=False),
        sa.Column("ended_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("ended_by", storage.types.Id, nullable=True),
        sa.ForeignKeyConstraint(["ended_by"], ["staff.id"], name=op.f("fk_ticket_links_ended_by")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_ticket_links_made_by")),
        sa.ForeignKeyConstraint(["other_id"], ["tickets.id"], name=op.f("fk_ticket_links_other_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_links_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_links")),
    )
    with op.batch_alter_table("ticket_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_links_other_id"), ["other_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_links_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "ticket_merges",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("ticket_id", storage.types.Id, nullable=False),
        sa.Column("into_id", storage.types.Id, nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("before", storage.types.Json, nullable=False),
        sa.Column("made_at", storage.types.UtcDateTime(), nullable=False),
        sa.Column("made_by", storage.types.Id, nullable=False),
        sa.Column("ended_at", storage.types.UtcDateTime(), nullable=True),
        sa.Column("ended_by", storage.types.Id, nullable=True),
        sa.ForeignKeyConstraint(["ended_by"], ["staff.id"], name=op.f("fk_ticket_merges_ended_by")),
        sa.ForeignKeyConstraint(["into_id"], ["tickets.id"], name=op.f("fk_ticket_merges_into_id")),
        sa.ForeignKeyConstraint(["made_by"], ["staff.id"], name=op.f("fk_ticket_merges_made_by")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_merges_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_merges")),
    )
    with op.batch_alter_table("ticket_merges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_ticket_merges_into_id"), ["into_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_ticket_merges_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "incident_heard",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("event_id", storage.types.Id, nullable=False),
        sa.Column("ticket_id", storage.types.Id, nullable=False),
        sa.Column("chat_id", storage.types.Id, nullable=False),
        sa.Column("message_id", storage.types.Id, nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name=op.f("fk_incident_heard_chat_id")),
        sa.ForeignKeyConstraint(["event_id"], ["incident_events.id"], name=op.f("fk_incident_heard_event_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_incident_heard_message_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_incident_heard_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_heard")),
        sa.UniqueConstraint(
            "event_id", "ticket_id", "chat_id", name=op.f("uq_incident_heard_event_id_ticket_id_chat_id")
        ),
    )
    with op.batch_alter_table("incident_heard", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_heard_chat_id"), ["chat_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incident_heard_message_id"), ["message_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_incident_heard_ticket_id"), ["ticket_id"], unique=False)

    op.create_table(
        "incident_tellings",
        sa.Column("id", storage.types.Id, autoincrement=True, nullable=False),
        sa.Column("event_id", storage.types.Id, nullable=False),
        sa.Column("ticket_id", storage.types.Id, nullable=False),
        sa.Column("state", sa.String(length=8), server_default="waiting", nullable=False),
        sa.Column("at", storage.types.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["incident_events.id"], name=op.f("fk_incident_tellings_event_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_incident_tellings_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incident_tellings")),
        sa.UniqueConstraint("event_id", "ticket_id", name=op.f("uq_incident_tellings_event_id_ticket_id")),
    )
    with op.batch_alter_table("incident_tellings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_incident_tellings_ticket_id"), ["ticket_id"], unique=False)
        batch_op.create_index(
            "ix_incident_tellings_waiting",
            ["id"],
            unique=False,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.create_index(
            "ix_tickets_place",
            ["building", "opened_at"],
            unique=False,
            sqlite_where=sa.text("building IS NOT NULL"),
            postgresql_where=sa.text("building IS NOT NULL"),
        )


def downgrade() -> None:
    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_tickets_place",
            sqlite_where=sa.text("building IS NOT NULL"),
            postgresql_where=sa.text("building IS NOT NULL"),
        )

    with op.batch_alter_table("incident_tellings", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_incident_tellings_waiting",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index(batch_op.f("ix_incident_tellings_ticket_id"))

    op.drop_table("incident_tellings")
    with op.batch_alter_table("incident_heard", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_heard_ticket_id"))
        batch_op.drop_index(batch_op.f("ix_incident_heard_message_id"))
        batch_op.drop_index(batch_op.f("ix_incident_heard_chat_id"))

    op.drop_table("incident_heard")
    with op.batch_alter_table("ticket_merges", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ticket_merges_ticket_id"))
        batch_op.drop_index(batch_op.f("ix_ticket_merges_into_id"))

    op.drop_table("ticket_merges")
    with op.batch_alter_table("ticket_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_ticket_links_ticket_id"))
        batch_op.drop_index(batch_op.f("ix_ticket_links_other_id"))

    op.drop_table("ticket_links")
    with op.batch_alter_table("incident_tickets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_tickets_ticket_id"))

    op.drop_table("incident_tickets")
    with op.batch_alter_table("incident_events", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_incident_events_incident_id"))

    op.drop_table("incident_events")
    op.drop_table("incidents")
