"""What a resident is in the middle of: forms, answers, talks with a person, alarms, care, appointments."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Float, Index, Integer, String, Table, Text, text

from storage.tables.base import metadata, own_id, to
from storage.types import Json, UtcDateTime

drafts = Table(
    "drafts",
    metadata,
    own_id(),
    to("chat_id", "chats", null=False),
    Column("form", String(24), nullable=False),
    Column("answers", Json, nullable=False),
    Column("step", String(24), nullable=False),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("state", String(12), nullable=False, server_default="open"),  # open | held | filed | cancelled | expired
    to("prompt_id", "messages"),
    to("ticket_id", "tickets"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Index(
        "ix_drafts_current",
        "chat_id",
        unique=True,
        sqlite_where=text("state IN ('open','held')"),
        postgresql_where=text("state IN ('open','held')"),
    ),
)

answers = Table(
    "answers",
    metadata,
    own_id(),
    to("chat_id", "chats", null=False, index=True),
    to("question_id", "messages"),
    Column("entry", Text),  # the FAQ entry's stable id; null when nothing was found
    Column("clause", Text),
    Column("version", Integer),
    Column("score", Float, nullable=False),
    Column("given_at", UtcDateTime, nullable=False, index=True),
    Column("verdict", String(16)),  # helpful | not_helpful | person
    Column("judged_at", UtcDateTime),
    Index("ix_answers_entry", "entry", "given_at", "version", "chat_id"),  # who got which version of it, and when
)

# A person has, or is wanted for, a conversation.
conversations = Table(
    "conversations",
    metadata,
    own_id(),
    to("chat_id", "chats", null=False),
    Column("state", String(8), nullable=False),  # waiting | held | ended
    Column("reason", String(24), nullable=False),  # asked | emergency | not_understood | voice | failed
    Column("opened_at", UtcDateTime, nullable=False),
    to("taken_by", "staff"),
    Column("taken_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("ended_by", String(8)),  # resident | staff | bot | later (an appointment took its place)
    Column("queued_at", UtcDateTime),  # since when it stands in the line, where that is later than opened_at
    Column("first_taken_at", UtcDateTime),
    Column("waiting_since", UtcDateTime),  # held: the resident's oldest word nobody has answered
    Column("spoke_at", UtcDateTime),  # the last word of either side
    Column("nudged_at", UtcDateTime),  # staff were reminded that the resident waits for their word
    Column("level", Integer),  # how high the waiting has climbed (knowledge.escalation); null: nobody was told yet
    Column("told_first", Boolean, nullable=False, server_default=text("false")),
    Column("news", String(12)),  # what its resident has still to hear: released
    Index(
        "ix_conversations_current",
        "chat_id",
        unique=True,
        sqlite_where=text("state <> 'ended'"),
        postgresql_where=text("state <> 'ended'"),
    ),
)

alarms = Table(
    "alarms",
    metadata,
    own_id(),
    to("chat_id", "chats", null=False, index=True),
    to("message_id", "messages"),
    Column("kind", String(24), nullable=False),
    Column("rule", Text, nullable=False),  # what fired
    Column("place", Text),
    Column("raised_at", UtcDateTime, nullable=False),
    Column("repeats", Integer, nullable=False, server_default="0"),
    Column("next_at", UtcDateTime),  # when it repeats unless taken
    to("taken_by", "staff"),
    Column("taken_at", UtcDateTime),
    Column("ended_at", UtcDateTime),
    Column("outcome", String(16)),  # handled | false_alarm
    Column("level", Integer, nullable=False, server_default="0"),  # knowledge.escalation
    Column("child", Boolean, nullable=False, server_default=text("false")),  # the writer seems to be a child (EM-11)
    to("ended_by", "staff"),
    Column("note", Text),
    Column("checks", Json),  # the ids of what was ticked off (knowledge.emergencies)
    Column("report", String(16)),  # the duty to report (EM-06, EM-09): reported | not_due
    to(
        "ticket_id", "tickets", index=True
    ),  # rung for a ticket in which somebody may be in danger and nobody was in touch
)

# What is kept of somebody's worst days: read by whoever is named on it and by admins, each look in the audit (EM-03).
care_notes = Table(
    "care_notes",
    metadata,
    own_id(),
    to("alarm_id", "alarms", null=False, index=True),
    to("chat_id", "chats", null=False, index=True),
    to("written_by", "staff", null=False),
    to("named_to", "staff", null=False, index=True),  # who follows it up
    Column("written_at", UtcDateTime, nullable=False),
    Column("follow_up_at", UtcDateTime),
    Column("reminded_at", UtcDateTime),
    Column("closed_at", UtcDateTime),
    Column("sealed_at", UtcDateTime),  # whose it is had everything deleted: kept its time, opened by admins only
)

care_entries = Table(  # append-only
    "care_entries",
    metadata,
    own_id(),
    to("note_id", "care_notes", null=False, index=True),
    to("staff_id", "staff", null=False),
    Column("at", UtcDateTime, nullable=False),
    Column("people", Text),  # who took part
    Column("done", Text, nullable=False),
)

# A person is in touch at a time that suits: on the telephone or in the chat. One open in a chat.
appointments = Table(
    "appointments",
    metadata,
    own_id(),
    to("chat_id", "chats", null=False),
    Column("reason", String(24), nullable=False),  # as of a conversation
    Column("state", String(8), nullable=False, server_default="open"),  # open | done | dropped
    Column("step", String(8), nullable=False, server_default=""),  # what its resident may say next: time | phone | ""
    Column("way", String(8), nullable=False, server_default="here"),  # here | phone
    Column("phone", Text),
    Column("at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    to("asked_id", "messages"),  # the resident's message, or ours they pressed, that it was last spoken of with
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("level", Integer),  # how high it has climbed since it was due; null: nobody was told yet
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    to("done_by", "staff"),
    Column("note", Text),
    Index(
        "ix_appointments_current",
        "chat_id",
        unique=True,
        sqlite_where=text("state = 'open'"),
        postgresql_where=text("state = 'open'"),
    ),
)
