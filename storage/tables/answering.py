"""What stands beside the answers to a ticket: prepared ones, what helped to write one, what was heard and noted."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, String, Table, Text, UniqueConstraint

from storage.tables.base import metadata, own_id, to
from storage.types import Json, UtcDateTime

canned_answers = Table(
    "canned_answers",
    metadata,
    own_id(),
    Column("seed", String(40), unique=True),  # the shipped one it takes the place of (knowledge.canned)
    to("owner_id", "staff"),  # null: the desk's
    to("made_by", "staff", null=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),  # the one that counts
    Column("offered_at", UtcDateTime),  # its owner would like the desk to have it
    to("shared_by", "staff"),
    Column("shared_at", UtcDateTime),
    Column("retired_at", UtcDateTime),
)

canned_versions = Table(  # append-only
    "canned_versions",
    metadata,
    own_id(),
    to("answer_id", "canned_answers", null=False),
    Column("version", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    to("staff_id", "staff", null=False),
    Column("title_zh", Text, nullable=False),
    Column("title_en", Text, nullable=False, server_default=""),
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False, server_default=""),
    Column("clause", Text),
    Column("categories", Json, nullable=False),  # none: every kind of matter
    Column("steps", Json, nullable=False),
    UniqueConstraint("answer_id", "version"),
)

# What helped to write an answer, and whether it did: a prepared answer, or what the knowledge base suggested.
answer_aids = Table(  # append-only
    "answer_aids",
    metadata,
    own_id(),
    to("ticket_id", "tickets", null=False, index=True),
    to("staff_id", "staff", null=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(12), nullable=False),  # canned | suggested
    Column("ref", String(80), nullable=False),  # the prepared answer's name, or the FAQ entry's
    Column("version", Integer, nullable=False),
    Column("clause", Text),
    Column("outcome", String(12), nullable=False),  # used | edited | not_right
    to("question_id", "messages"),  # the resident's words it was suggested for
    to("message_id", "messages"),  # what was said with it
)

ticket_calls = Table(  # append-only: what was spoken by telephone or face to face
    "ticket_calls",
    metadata,
    own_id(),
    to("ticket_id", "tickets", null=False, index=True),
    to("staff_id", "staff", null=False),
    Column("at", UtcDateTime, nullable=False),  # when it was
    Column("written_at", UtcDateTime, nullable=False),
    Column("way", String(12), nullable=False),  # phone_out | phone_in | walk_in | visit
    Column("whom", String(12), nullable=False),  # resident | proxy | other
    Column("outcome", String(12), nullable=False),  # reached | no_answer | wrong
    Column("answered", Boolean, nullable=False),  # they answered what staff had asked
    Column("note", Text, nullable=False, server_default=""),
)

transcripts = Table(  # append-only: what a voice message says, as somebody heard it; the newest counts
    "transcripts",
    metadata,
    own_id(),
    to("blob_id", "blobs", null=False, index=True),
    to("ticket_id", "tickets", null=False, index=True),
    to("staff_id", "staff", null=False),
    Column("at", UtcDateTime, nullable=False),
    Column("text", Text, nullable=False),
)

message_versions = Table(  # append-only: how a ticket's message read before it was changed
    "message_versions",
    metadata,
    own_id(),
    to("message_id", "messages", null=False, index=True),
    Column("text", Text, nullable=False),
    Column("attachments", Json),  # what went with words that were taken back
    Column("until", UtcDateTime, nullable=False),
)
