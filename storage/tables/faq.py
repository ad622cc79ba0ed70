"""The FAQ as it lives here: entries, what was published of them, the draft that is worked on, and their phrases."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, String, Table, Text, UniqueConstraint

from storage.tables.base import metadata, own_id, to
from storage.types import Json, UtcDateTime

faq_entries = Table(
    "faq_entries",
    metadata,
    own_id(),
    Column("key", String(60), nullable=False, unique=True),  # its stable id, in every answer that was given
    Column("origin", String(8), nullable=False),  # shipped | own
    Column("general", Boolean, nullable=False),  # answers for its clause when nothing else fits
    Column("version", Integer, nullable=False, server_default="0"),  # the published one; 0 before the first
    Column("revision", Integer, nullable=False, server_default="0"),  # grows with every change that residents notice
    Column("checked_on", String(10), nullable=False),  # the day somebody last made sure that it is true
    Column("expires_at", UtcDateTime, index=True),
    Column("expired", Boolean, nullable=False),  # it was time, not a person, that retired it
    Column("retired_at", UtcDateTime),
    to("retired_by", "staff"),
    Column("retired_why", Text, nullable=False, server_default=""),
    Column("base", Json),  # what shipped when it was last taken or decided upon
    Column("incoming", Json),  # what ships now and nobody has decided upon; empty: it ships no more
    Column("made_at", UtcDateTime, nullable=False),
    to("made_by", "staff"),
)

faq_versions = Table(  # append-only
    "faq_versions",
    metadata,
    own_id(),
    to("entry_id", "faq_entries", null=False),
    Column("number", Integer, nullable=False),
    Column("content", Json, nullable=False),
    Column("sense", String(8), nullable=False),  # first | words | sense: what changed for whoever got the one before
    Column("why", Text, nullable=False, server_default=""),
    to("made_by", "staff"),  # null: it shipped
    Column("published_at", UtcDateTime, nullable=False, index=True),
    to("published_by", "staff"),
    Column("again", Integer),  # the version it goes back to
    UniqueConstraint("entry_id", "number"),
)

faq_drafts = Table(  # at most one for each entry
    "faq_drafts",
    metadata,
    own_id(),
    to("entry_id", "faq_entries", null=False),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("content", Json, nullable=False),
    Column("state", String(8), nullable=False),  # draft | review | planned
    Column("why", Text, nullable=False, server_default=""),
    to("made_by", "staff"),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("sent_back", Text, nullable=False, server_default=""),  # why it came back from the review
    Column("sense", String(8)),
    Column("publish_at", UtcDateTime, index=True),
    to("planned_by", "staff"),
    Column("expires_at", UtcDateTime),
    UniqueConstraint("entry_id"),
)

faq_phrases = Table(  # what leads to an entry; a removed one stays, so that no upgrade brings it back
    "faq_phrases",
    metadata,
    own_id(),
    to("entry_id", "faq_entries", null=False, index=True),
    Column("kind", String(8), nullable=False),  # example | keyword
    Column("text", Text, nullable=False),
    Column("plain", Text, nullable=False, index=True),  # its normal form
    Column("shipped", Boolean, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    to("added_by", "staff"),
    Column("removed_at", UtcDateTime),
    to("removed_by", "staff"),
)
