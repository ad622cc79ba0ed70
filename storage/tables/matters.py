"""Several tickets that are one matter: linked, folded into one another, or of one incident."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from storage.tables.base import metadata, own_id, to
from storage.types import Json, UtcDateTime

_WAITING = text("state = 'waiting'")

ticket_links = Table(  # two tickets that concern each other; a line that ended stays
    "ticket_links",
    metadata,
    own_id(),
    to("ticket_id", "tickets", null=False, index=True),
    to("other_id", "tickets", null=False, index=True),
    Column("kind", String(12), nullable=False),  # same_cause | follow_up | repeated (data/matters.yaml) | not_same
    Column("why", Text),
    Column("made_at", UtcDateTime, nullable=False),
    to("made_by", "staff", null=False),
    Column("ended_at", UtcDateTime),
    to("ended_by", "staff"),
)

ticket_merges = Table(  # one ticket folded into another; what was changed for it is kept, so that it can be undone
    "ticket_merges",
    metadata,
    own_id(),
    to("ticket_id", "tickets", null=False, index=True),
    to("into_id", "tickets", null=False, index=True),
    Column("why", Text),
    Column("before", Json, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    to("made_by", "staff", null=False),
    Column("ended_at", UtcDateTime),
    to("ended_by", "staff"),
)

incidents = Table(  # one incident, many reporters; every word of it is public
    "incidents",
    metadata,
    own_id(),
    Column("kind", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("title_en", Text),
    Column("category", String(24), nullable=False),
    Column("topic", String(24)),
    Column("building", Text),  # none: all of them
    Column("unit", Text),
    Column("known", Text),  # what whoever reports it is told at once
    Column("known_en", Text),
    Column("state", String(8), nullable=False, server_default="open"),  # open | closed
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("opened_at", UtcDateTime, nullable=False),
    to("opened_by", "staff", null=False),
    Column("closed_at", UtcDateTime),
)

incident_tickets = Table(  # in: belongs to it | left: did once | not: somebody said that it does not
    "incident_tickets",
    metadata,
    own_id(),
    to("incident_id", "incidents", null=False),
    to("ticket_id", "tickets", null=False, index=True),
    Column("state", String(4), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    to("staff_id", "staff", null=False),
    UniqueConstraint("incident_id", "ticket_id"),
)

incident_events = Table(  # append-only: what was done and said, by whom
    "incident_events",
    metadata,
    own_id(),
    to("incident_id", "incidents", null=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    to("staff_id", "staff", null=False),
    Column("action", String(12), nullable=False),
    Column("text", Text),
    Column("text_en", Text),
    to("ticket_id", "tickets"),
)

incident_tellings = Table(  # one answer for one ticket: told once, whatever breaks in between
    "incident_tellings",
    metadata,
    own_id(),
    to("event_id", "incident_events", null=False),
    to("ticket_id", "tickets", null=False, index=True),
    Column("state", String(8), nullable=False, server_default="waiting"),  # waiting | said | skipped
    Column("at", UtcDateTime),
    UniqueConstraint("event_id", "ticket_id"),
    Index("ix_incident_tellings_waiting", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
)

incident_heard = Table(  # which message told whom
    "incident_heard",
    metadata,
    own_id(),
    to("event_id", "incident_events", null=False),
    to("ticket_id", "tickets", null=False, index=True),
    to("chat_id", "chats", null=False, index=True),
    to("message_id", "messages", index=True),
    Column("kind", String(8), nullable=False),  # reporter | me_too
    UniqueConstraint("event_id", "ticket_id", "chat_id"),
)
