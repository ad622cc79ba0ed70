"""What the community publishes (居务公开), and what residents ask or object about it."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, String, Table, Text, UniqueConstraint, text

from storage.tables.base import metadata, of_those_with, own_id, to
from storage.types import Json, UtcDateTime

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
    Column("happened_on", Date),  # of an important matter: since then its days run (DI-01)
    Column("unwatched", Text),  # why it was published before the supervision committee had read the quarter
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

# The quarter's way to the board: each step with who and until when.
disclosure_steps = Table(
    "disclosure_steps",
    metadata,
    own_id(),
    to("community_id", "communities", null=False),
    Column("quarter", String(6), nullable=False),
    Column("step", String(12), nullable=False),  # knowledge.disclosure_calendar
    Column("due_at", UtcDateTime, nullable=False),
    to("owner_id", "staff"),
    Column("done_at", UtcDateTime),
    to("done_by", "staff"),
    Column("note", Text),
    Column("objected_at", UtcDateTime),  # the supervision committee has an objection that is not settled
    Column("objection", Text),
    Column("warned_at", UtcDateTime),
    Column("level", Integer),
    UniqueConstraint("community_id", "quarter", "step"),
    Index("ix_disclosure_steps_due", "due_at"),
)

boards = Table(  # where sheets are put up: at the office, where people gather, in a cluster of buildings
    "boards",
    metadata,
    own_id(),
    to("community_id", "communities", null=False, index=True),
    Column("name", Text, nullable=False),
    Column("kind", String(12), nullable=False),  # office | gathering | cluster
    Column("buildings", Json, nullable=False),  # whose residents pass it; none: everybody's
    Column("ended_at", UtcDateTime),
)

disclosure_postings = Table(
    "disclosure_postings",
    metadata,
    own_id(),
    to("board_id", "boards", null=False),
    to("item_id", "disclosure_items", null=False, index=True),
    Column("posted_at", UtcDateTime, nullable=False),
    to("posted_by", "staff", null=False),
    to("photo_id", "blobs"),
    Column("down_at", UtcDateTime),
    to("down_by", "staff"),
    Column("note", Text),  # why it came down before its days were over
    Index(
        "ix_disclosure_postings_up",
        "board_id",
        "item_id",
        unique=True,
        sqlite_where=text("down_at IS NULL"),
        postgresql_where=text("down_at IS NULL"),
    ),
)

disclosure_files = Table(
    "disclosure_files",
    metadata,
    own_id(),
    to("item_id", "disclosure_items", null=False, index=True),
    to("blob_id", "blobs", null=False),
    Column("name", Text, nullable=False),
    Column("looked", String(8), nullable=False),  # text | some | name: how far the privacy gate could see
    Column("at", UtcDateTime, nullable=False),
    to("added_by", "staff", null=False),
)
