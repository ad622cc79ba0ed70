"""What the staff's desk keeps for itself: the search's index, saved filters, answers being written, who has what open."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table, Text, UniqueConstraint

from storage.tables.base import metadata, own_id, to
from storage.types import Id, Json, UtcDateTime

# What each ticket is found by (knowledge.searching). A ticket's own rows stand together, so that they go with it.
ticket_grams = Table(
    "ticket_grams",
    metadata,
    Column("ticket_id", Id, primary_key=True, autoincrement=False),
    Column("gram", String(32), primary_key=True),
    Index("ix_ticket_grams_gram", "gram", "ticket_id"),
    sqlite_with_rowid=False,
)

saved_filters = Table(
    "saved_filters",
    metadata,
    own_id(),
    to("staff_id", "staff", null=False),
    Column("name", String(40), nullable=False),
    Column("wanted", Json, nullable=False),  # the address's own parameters
    Column("made_at", UtcDateTime, nullable=False),
    UniqueConstraint("staff_id", "name"),
)

answer_drafts = Table(  # what somebody is writing to a ticket's resident; gone once it was sent
    "answer_drafts",
    metadata,
    own_id(),
    to("ticket_id", "tickets", null=False, index=True),
    to("staff_id", "staff", null=False),
    Column("action", String(24), nullable=False),
    Column("text", Text, nullable=False),
    Column("saved_at", UtcDateTime, nullable=False),
    UniqueConstraint("staff_id", "ticket_id"),
)

ticket_viewers = Table(  # who has a ticket open just now; rows a minute old mean nothing
    "ticket_viewers",
    metadata,
    own_id(),
    to("ticket_id", "tickets", null=False, index=True),
    to("staff_id", "staff", null=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("writing_at", UtcDateTime),
    UniqueConstraint("staff_id", "ticket_id"),
)
