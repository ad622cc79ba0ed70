"""Occasions 活动: shifts and neighbour events, who has a place or waits for one, and who stands in for whom."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, text

from storage.tables.base import metadata, of_those_with, own_id, to
from storage.types import UtcDateTime

occasions = Table(
    "occasions",
    metadata,
    own_id(),
    Column("kind", String(8), nullable=False),  # shift | event; only a shift brings hours
    Column("category", String(24), nullable=False),  # knowledge.occasions
    Column("title", Text, nullable=False),
    Column("about", Text, nullable=False, server_default=""),
    Column("place", Text, nullable=False),
    to("community_id", "communities"),  # whose it is; null: the office's own
    Column("building", Text),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("places_min", Integer, nullable=False, server_default="0"),  # people, family counted
    Column("places_max", Integer, nullable=False),
    Column("with_family", Boolean, nullable=False, server_default=text("false")),
    Column("insured_at", UtcDateTime),  # a shift that needs it opens only once it is insured (VO-06)
    Column("insurance_note", Text),
    to("organiser_id", "staff", null=False),
    Column("state", String(12), nullable=False, server_default="draft"),  # draft | open | cancelled | over
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("reason", Text),  # why it was cancelled
    to("copied_from", "occasions"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("opened_at", UtcDateTime),
    Column("ended_at", UtcDateTime),  # cancelled, or over and its attendance complete
    Column("short_told_at", UtcDateTime),  # its organiser was told that people are missing
    Column("over_told_at", UtcDateTime),  # its organiser was asked who had come
    Index("ix_occasions_state_starts_at", "state", "starts_at"),
)

# A resident's place, for themselves and their family: numbers, no names. One that counts in an occasion.
occasion_entries = Table(
    "occasion_entries",
    metadata,
    own_id(),
    to("occasion_id", "occasions", null=False, index=True),
    to("resident_id", "residents", null=False, index=True),
    to("chat_id", "chats", null=False, index=True),
    Column("adults", Integer, nullable=False, server_default="1"),
    Column("children", Integer, nullable=False, server_default="0"),
    Column("state", String(12), nullable=False),  # joined | waiting | cancelled | removed | swapped | gone (erased)
    Column("since", UtcDateTime, nullable=False),  # its place in the line
    Column("ended_at", UtcDateTime),
    Column("moved_up_at", UtcDateTime),  # it waited, and a place was free
    Column("reminded_day_at", UtcDateTime),
    Column("reminded_soon_at", UtcDateTime),
    Column("checked_in_at", UtcDateTime),
    Column("checked_out_at", UtcDateTime),
    Column("check_by", String(12)),  # self | organiser | clock
    Column("attended", Boolean),  # null: the organiser has not said
    to("notice_id", "messages"),  # what they were told when it was cancelled
    Column("called_at", UtcDateTime),  # they had not seen it, and somebody telephoned
    to("called_by", "staff"),
    Column("revision", Integer, nullable=False, server_default="1"),
    Index(
        "ix_occasion_entries_current",
        "occasion_id",
        "resident_id",
        unique=True,
        sqlite_where=text("state IN ('joined','waiting')"),
        postgresql_where=text("state IN ('joined','waiting')"),
    ),
)

# Somebody cannot come and another is asked to stand in: by name, or by a code that is passed on.
occasion_swaps = Table(
    "occasion_swaps",
    metadata,
    own_id(),
    to("entry_id", "occasion_entries", null=False, index=True),
    Column("code", String(16), nullable=False, unique=True),
    to("to_resident_id", "residents", index=True),  # null: whoever brings the code
    Column("state", String(12), nullable=False),  # asked | accepted | declined | withdrawn
    Column("asked_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
)

occasion_events = Table(  # append-only
    "occasion_events",
    metadata,
    own_id(),
    to("occasion_id", "occasions", null=False, index=True),
    to("entry_id", "occasion_entries"),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(8), nullable=False),  # resident | staff | bot
    to("staff_id", "staff"),
    Column("action", String(24), nullable=False),
    Column("from_state", String(12)),
    Column("to_state", String(12)),
    Column("note", Text),
    of_those_with("occasion_events", "entry_id", "entry_id"),
)
