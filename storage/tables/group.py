"""The staff group on Telegram: a topic for each ticket, what stands there for words said elsewhere, what is untold."""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table, Text, UniqueConstraint

from storage.tables.base import metadata, own_id, to
from storage.types import Id, UtcDateTime

# Where a ticket is spoken of in the group. In a group without topics it is the card alone, and replies to it.
topics = Table(
    "topics",
    metadata,
    own_id(),
    to("chat_id", "chats", null=False),
    to("ticket_id", "tickets", null=False, index=True),
    Column("thread", Id),  # Telegram's message_thread_id; null: not made yet, or lost
    Column(
        "state", String(8), nullable=False, server_default="open"
    ),  # open | closed | left (another group has it now) | gone (nobody speaks there again)
    Column("title", Text, nullable=False),
    Column("card_id", Id),  # our message; no foreign key, for messages point here
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("chat_id", "ticket_id"),
    Index("ix_topics_thread", "chat_id", "thread"),
)

# A message that says in one chat what was said in another: a resident's words in the topic, a colleague's to a resident.
relays = Table(
    "relays",
    metadata,
    own_id(),
    to("source_id", "messages", null=False, index=True),
    to("copy_id", "messages", null=False, index=True),
    Column("head", Text, nullable=False, server_default=""),  # what stands above the words there
    UniqueConstraint("source_id", "copy_id"),
)

# What happened to a ticket and the group has not been told; a row goes when it was put to words.
group_news = Table(
    "group_news",
    metadata,
    own_id(),
    to("ticket_id", "tickets", null=False, index=True),
    to("event_id", "ticket_events"),
    Column("at", UtcDateTime, nullable=False),
)
