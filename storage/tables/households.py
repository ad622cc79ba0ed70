"""Household duty (包户) and heart cards (连心卡): the households looked after, who looks after them, visits, cards."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, text

from storage.tables.base import metadata, own_id, to
from storage.types import Id, UtcDateTime

# The file of a household in need (民生档案). Read by the two named on it and by admins, each look with its reason.
households = Table(
    "households",
    metadata,
    own_id(),
    to("community_id", "communities"),
    Column("kind", String(16), nullable=False),  # knowledge.households
    Column("building", Text),
    Column("unit", Text),
    Column("room", Text),
    Column("name", Text),  # as they are called
    Column("phone", Text),
    Column("situation", Text),  # what one must know before going there
    Column("agreed_how", String(12), nullable=False),  # written | spoken | guardian
    Column("agreed_by", Text),
    Column("agreed_at", UtcDateTime, nullable=False),
    to("worker_id", "staff", index=True),  # null: whoever it was has left, and nobody is named yet
    to("stand_in_id", "staff", index=True),
    Column("days", Integer),  # how often they are visited, where it is not what their kind says
    Column("state", String(8), nullable=False, server_default="active"),  # active | ended
    Column("created_at", UtcDateTime, nullable=False),
    to("created_by", "staff", null=False),
    Column("ended_at", UtcDateTime),
    to("ended_by", "staff"),
    Column("ended_why", String(12)),  # wish | moved | better | mistake
    Column("forgotten_at", UtcDateTime),  # since then nothing here leads to anybody
    Column("revision", Integer, nullable=False, server_default="1"),
)

# A visit that is to be made: one open for each household. What was planned in a month is counted from here.
household_plans = Table(
    "household_plans",
    metadata,
    own_id(),
    to("household_id", "households", null=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("state", String(8), nullable=False, server_default="open"),  # open | done | dropped
    Column("done_at", UtcDateTime),
    Column("reminded_at", UtcDateTime),
    Column("level", Integer),  # how high it has climbed since its day was over (knowledge.escalation)
    Index("ix_household_plans_due", "due_at"),
    Index(
        "ix_household_plans_current",
        "household_id",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)

household_visits = Table(  # append-only
    "household_visits",
    metadata,
    own_id(),
    to("household_id", "households", null=False, index=True),
    to("staff_id", "staff", null=False),
    Column("at", UtcDateTime, nullable=False),
    Column("way", String(8), nullable=False),  # visit | phone
    Column("met", String(8), nullable=False),  # seen | not_in | declined
    Column("seen", Text),
    Column("needs", Text),
    to("ticket_id", "tickets"),  # what was registered for it at once
)

household_looks = Table(  # append-only
    "household_looks",
    metadata,
    own_id(),
    to("household_id", "households", null=False),
    to("staff_id", "staff", null=False),
    Column("at", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    Index("ix_household_looks_of", "household_id", "staff_id", "at"),
)

# A card somebody carries: its code opens the chat and says nothing of whose it is.
heart_cards = Table(
    "heart_cards",
    metadata,
    own_id(),
    to("household_id", "households", null=False, index=True),
    Column("code", String(16), nullable=False, unique=True),
    to("worker_id", "staff"),  # who is named on it
    Column("state", String(8), nullable=False, server_default="made"),  # made | given | dead
    Column("made_at", UtcDateTime, nullable=False),
    to("made_by", "staff", null=False),
    Column("given_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("why", String(12)),  # lost | worker | ended | spoilt
)

card_chats = Table(
    "card_chats",
    metadata,
    Column("chat_id", Id, ForeignKey("chats.id"), primary_key=True, autoincrement=False),
    to("card_id", "heart_cards", null=False, index=True),
    Column("at", UtcDateTime, nullable=False),
)

household_words = Table(
    "household_words",
    metadata,
    own_id(),
    to("household_id", "households", null=False, index=True),
    to("chat_id", "chats", null=False, index=True),
    to("message_id", "messages"),
    Column("kind", String(8), nullable=False),  # word | end
    Column("words", Text),
    Column("at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("level", Integer),
    Column("done_at", UtcDateTime),
    to("done_by", "staff"),
)
