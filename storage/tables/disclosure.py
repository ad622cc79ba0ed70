"""What the community publishes (居务公开), and what residents ask or object about it."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text, text

from storage.tables.base import metadata, of_those_with, own_id, to
from storage.types import UtcDateTime

# An item is never overwritten once it has been published: a correction is an item of its own that names the one it
# takes the place of.
disclosure_items = Table(
    "disclosure_items",
    metadata,
    own_id(),
    Column("kind", String(12), nullable=False),  # party | government | finance | service
    Column("matter", String(32)),  # the key of the catalogue's matter (knowledge.disclosure); null: none of them
    Column("quarter", String(6)),  # 2026Q3: which one it is about; null: an important matter, published at once
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    to("community_id", "communities"),  # whose it is; null: the office's own
    Column("building", Text),  # where it concerns one only
    Column("state", String(12), nullable=False, server_default="draft"),  # draft | published | corrected | withdrawn
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("created_at", UtcDateTime, nullable=False),
    to("created_by", "staff"),
    Column("published_at", UtcDateTime),
    to("published_by", "staff"),
    to("corrects_id", "disclosure_items"),
    Column("reason", Text),  # why it was corrected or withdrawn, as everybody may read it
    Column("ended_at", UtcDateTime),  # when it was corrected or withdrawn
    to("ended_by", "staff"),
    Index("ix_disclosure_items_shown", "state", "quarter"),
)

disclosure_events = Table(  # append-only
    "disclosure_events",
    metadata,
    own_id(),
    to("item_id", "disclosure_items", null=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    to("staff_id", "staff"),
    Column("action", String(12), nullable=False),  # draft | edit | publish | correct | withdraw
    Column("note", Text),
)

# A question or an objection; an objection's clock is DI-04's. Staff see what was said, never who said it.
disclosure_asks = Table(
    "disclosure_asks",
    metadata,
    own_id(),
    to("item_id", "disclosure_items", index=True),  # null: about something that was not published
    to("chat_id", "chats", null=False, index=True),
    to("message_id", "messages"),
    Column("kind", String(12), nullable=False),  # content | time | form | question
    Column("quarter", String(6)),
    Column("words", Text, nullable=False),
    Column("state", String(12), nullable=False, server_default="open"),  # open | answered | withdrawn
    Column("level", Integer, nullable=False, server_default="0"),  # knowledge.escalation
    Column("asked_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("late", Integer, nullable=False, server_default="0"),  # how often it was not answered in time
    Column("warned_at", UtcDateTime),  # staff were told that the answer is due soon
    Column("outcome", String(12)),  # corrected | published | explained
    Column("answer", Text),
    Column("answered_at", UtcDateTime),
    to("answered_by", "staff"),
    Index(
        "ix_disclosure_asks_open",
        "due_at",
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
    of_those_with("disclosure_asks", "answered", "answered_at"),
)
