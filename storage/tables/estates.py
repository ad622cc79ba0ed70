"""Estates, what a community consists of beside its buildings, tickets passed from one community to another, own words."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from storage.tables.base import metadata, own_id, to
from storage.types import Json, UtcDateTime

estates = Table(
    "estates",
    metadata,
    own_id(),
    Column("name", Text, nullable=False),
    Column("name_en", Text),
    Column("made_at", UtcDateTime, nullable=False),
    to("made_by", "staff"),
    Column("retired_at", UtcDateTime),
)

# Committees, groups, building heads, partners, rooms: whoever and whatever a community consists of beside its flats.
community_bodies = Table(
    "community_bodies",
    metadata,
    own_id(),
    to("community_id", "communities", null=False, index=True),
    Column("kind", String(16), nullable=False),  # knowledge.bodies.KINDS
    Column("name", Text, nullable=False),
    Column("person", Text),  # who heads it, or whom to ask for
    Column("phone", String(32)),
    Column("buildings", Json, nullable=False),  # names of this community's buildings it is there for
    Column("hours", Text),  # of a room
    Column("area_m2", Integer),  # of a room
    Column("note", Text),
    Column("since", String(10)),  # 2026-11-26: of a term of office
    Column("until", String(10)),
    Column("made_at", UtcDateTime, nullable=False),
    to("made_by", "staff"),
    Column("ended_at", UtcDateTime),
)

# A ticket offered to another community of the house: it accepts, or returns it with a reason. The promise runs on.
ticket_passes = Table(
    "ticket_passes",
    metadata,
    own_id(),
    to("ticket_id", "tickets", null=False, index=True),
    to("from_id", "communities", null=False),
    to("to_id", "communities", null=False),
    Column("reason", Text),
    Column("state", String(10), nullable=False, server_default="offered"),  # offered | accepted | returned | withdrawn
    to("offered_by", "staff"),
    Column("offered_at", UtcDateTime, nullable=False),
    to("answered_by", "staff"),
    Column("answered_at", UtcDateTime),
    Column("answer", Text),
    Index("ix_ticket_passes_open", "to_id", "state"),
)

# Append-only: what an admin made of a text residents read, in one community or, without one, in all that say nothing of
# their own; the newest holds, and one without words is as shipped, or as in the house, again.
own_words = Table(
    "own_words",
    metadata,
    own_id(),
    Column("key", String(64), nullable=False, index=True),
    Column("language", String(2), nullable=False),
    to("community_id", "communities"),
    Column("text", Text),
    Column("made_at", UtcDateTime, nullable=False),
    to("made_by", "staff"),
)
