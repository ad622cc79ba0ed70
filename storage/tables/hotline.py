"""The telephone and the counter: calls as they come in, whom to ring back, and what was tried."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, text

from storage.tables.base import metadata, of_those_with, own_id, to
from storage.types import Json, UtcDateTime

# One conversation at the telephone or the counter. What is typed stands here from the first pause on.
calls = Table(
    "calls",
    metadata,
    own_id(),
    Column("source", String(8), nullable=False),  # phone | walk_in
    Column("external", String(80), unique=True),  # the telephone system's own name of it
    Column("line", String(20)),  # on which extension
    Column("number", Text),  # the caller's
    Column("state", String(8), nullable=False),  # ringing | open | done | missed
    Column("outcome", String(12)),  # ticket | answered | added | nothing, once done
    Column("began_at", UtcDateTime, nullable=False),
    Column("answered_at", UtcDateTime),
    Column("hung_up_at", UtcDateTime),
    to("staff_id", "staff", index=True),  # who fills it in: one at a time
    Column("taken_at", UtcDateTime),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("noted", Json, nullable=False),  # what was typed so far
    Column("page", String(24)),  # which open page wrote that last
    Column("typed", Integer, nullable=False, server_default="0"),  # how often it was written
    Column("transfers", Json),  # [{at, to, outcome, who}]: calls passed on to 110 and others (WO-26)
    Column("looked", Boolean, nullable=False, server_default=text("false")),  # what is known of the caller was opened
    Column("looked_for", String(16)),  # what that was, as a digest: the next thing is a look of its own
    to("chat_id", "chats", index=True),
    to("ticket_id", "tickets", index=True),
    to("alarm_id", "alarms"),
    Column("recording", Text),  # its address with the telephone system
    Column("entry", Text),  # the answer that was read out
    Column("clause", Text),
    Column("version", Integer),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    Index("ix_calls_began", "began_at"),
    of_those_with("calls", "number", "number"),
    Index(
        "ix_calls_now",
        "id",
        sqlite_where=text("state IN ('ringing','open')"),
        postgresql_where=text("state IN ('ringing','open')"),
    ),
)

# Whom to ring: a missed call, somebody who asked for it, an answer that nobody has read.
ring_backs = Table(
    "ring_backs",
    metadata,
    own_id(),
    Column("reason", String(8), nullable=False),  # missed | asked | unread | lost | changed
    to("call_id", "calls", index=True),
    to("chat_id", "chats", index=True),
    to("message_id", "messages"),  # the first that was not read
    to("ticket_id", "tickets", index=True),
    Column("phone", Text),
    Column("name", Text),
    Column("wish", Text),  # what they asked to be rung about, or when it suits
    to("version_id", "faq_versions"),  # which change of an answer they are told of
    Column("state", String(8), nullable=False, server_default="open"),  # open | done
    Column("outcome", String(12)),  # reached | not_reached | wrong_number | called_again | read | texted | overtaken
    Column("due_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime),
    to("done_by", "staff"),
    Index("ix_ring_backs_due", "due_at", sqlite_where=text("state = 'open'"), postgresql_where=text("state = 'open'")),
)

ring_back_tries = Table(  # append-only
    "ring_back_tries",
    metadata,
    own_id(),
    to("ring_back_id", "ring_backs", null=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    to("staff_id", "staff"),
    Column("outcome", String(12), nullable=False),  # reached | no_answer | busy | wrong_number
    Column("note", Text),
)

ringing_now = Table(  # who is ringing whom this minute, so that nobody is rung by two
    "ringing_now",
    metadata,
    Column("line", String(40), primary_key=True),  # ring:ID or ticket:NUMBER
    to("staff_id", "staff", null=False),
    Column("until", UtcDateTime, nullable=False),
)

telephone_events = Table(  # what the telephone system has told us, so that nothing is taken twice
    "telephone_events",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)
