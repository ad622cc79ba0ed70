"""Tickets and what hangs on them."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Computed, Index, Integer, String, Table, Text, UniqueConstraint, text

from storage.tables.base import metadata, of_those_with, own_id, to
from storage.types import Json, UtcDateTime

OPEN_STATES = ", ".join(
    f"'{state}'"
    for state in (
        *("received", "accepted", "assigned", "return_asked", "signed"),
        *("handling", "extension_asked", "fed_back", "calling_back"),
    )
)
_OWED = "CASE WHEN first_contact_at IS NULL THEN first_contact_due ELSE due_at END"
NEXT_DUE = f"CASE WHEN state IN ({OPEN_STATES}) THEN {_OWED} END"
"""The promise that counts next: first contact, then the result. Nothing, once the ticket is over."""
OVER = text("closed_at IS NOT NULL")
TO_ARCHIVE = "closed_at IS NOT NULL AND state <> 'archived'"
"""Over and not put away yet: a month's worth, however many are."""
_BY_URGENCY = ("urgency", "next_due", "id")


def of_open(name: str, *columns: str, where: str = "") -> Index:
    """An index of the open tickets, or of some of them: a few thousand, however many are over."""
    held = text(f"next_due IS NOT NULL AND {where}" if where else "next_due IS NOT NULL")
    return Index(f"ix_tickets_{name}", *columns, sqlite_where=held, postgresql_where=held)


ticket_days = Table(
    "ticket_days",
    metadata,
    Column("day", String(6), primary_key=True),  # YYMMDD, Asia/Shanghai
    Column("last", Integer, nullable=False),
)

tickets = Table(
    "tickets",
    metadata,
    own_id(),
    Column("number", String(24), nullable=False, unique=True),
    Column("claim_code", String(16), nullable=False),
    to("chat_id", "chats", null=False, index=True),
    to("resident_id", "residents", null=False, index=True),
    Column("source", String(12), nullable=False),  # telegram | web | phone | walk_in
    Column("route", String(24), nullable=False),  # service_request | dispute | suggestion | ...
    Column("category", String(24)),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),  # the resident's own words
    Column("building", Text),
    Column("unit", Text),
    Column("floor", Text),
    Column("room", Text),
    Column("place_note", Text),
    Column("phone", Text),
    Column("details", Json),  # answers to the category's own questions
    Column("urgency", String(2), nullable=False),
    Column("confidential", Boolean, nullable=False, server_default=text("false")),
    Column("state", String(16), nullable=False),
    Column("waiting_resident", Boolean, nullable=False, server_default=text("false")),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("first_contact_due", UtcDateTime, nullable=False),
    Column("first_contact_at", UtcDateTime),
    Column("due_at", UtcDateTime, nullable=False),
    Column("due_rule", Text, nullable=False),
    Column("due_provisional", Boolean, nullable=False, server_default=text("false")),
    to("assigned_to", "staff"),  # an index of the open ones is enough: of one of all, PostgreSQL and SQLite are tempted
    Column("closed_at", UtcDateTime),
    Column("unread", Integer, nullable=False, server_default="0"),  # residents' messages staff have not seen
    Column("topic", String(24)),  # what it is about in public: lift, gate, waste, ...
    Column("on_behalf", Text),  # for whom somebody else asks (WO-21)
    Column("anonymous", Boolean, nullable=False, server_default=text("false")),
    Column("needs_reply", Boolean, nullable=False, server_default=text("true")),  # WO-15
    Column("needs_call_back", Boolean, nullable=False, server_default=text("true")),
    Column("visit_words", Text),  # when somebody may come, as it was said
    Column("visit_from", UtcDateTime),
    Column("visit_until", UtcDateTime),
    Column("level", Integer, nullable=False, server_default="0"),  # how high it has climbed (knowledge.escalation)
    Column("redos", Integer, nullable=False, server_default="0"),  # how often it was not solved; each is a new round
    Column("extensions", Integer, nullable=False, server_default="0"),
    Column("outcome", String(16)),  # solved | not_confirmed, once closed
    Column("waiting_since", UtcDateTime),  # when staff asked the resident something still unanswered
    Column("ask_at", UtcDateTime),  # when the resident is next asked: for the verdict, or for the answer
    Column("reminders", Integer, nullable=False, server_default="0"),  # since the resident last said anything about it
    Column("call_at", UtcDateTime),  # from when on a person should call: the call-back list
    to("lead_unit_id", "units"),  # who leads it now (主办); null: the desk itself
    Column("supervised_at", UtcDateTime),  # since when it is under supervision (WO-17)
    to("community_id", "communities"),  # that took it over (ticket_passes); null: that of its building
    Column("follow_up_at", UtcDateTime),  # cannot be solved for now: when it is looked at again (WO-13)
    Column("next_due", UtcDateTime, Computed(NEXT_DUE, persisted=True)),
    Index("ix_tickets_queue", "state", "due_at"),
    of_those_with("tickets", "place", "building", "opened_at"),
    of_open("open", *_BY_URGENCY),
    of_open("due", "next_due", "id"),
    of_open("held", "assigned_to", *_BY_URGENCY),
    of_open("unread", *_BY_URGENCY, where="unread > 0"),
    of_open("climbed", *_BY_URGENCY, where="level > 0"),
    of_open("lead", "lead_unit_id", *_BY_URGENCY, where="lead_unit_id IS NOT NULL"),
    of_open("supervised", *_BY_URGENCY, where="supervised_at IS NOT NULL"),
    of_open("follow_up", "follow_up_at", "id", where="follow_up_at IS NOT NULL"),
    of_those_with("tickets", "over", "closed_at", "id"),
    Index("ix_tickets_over_in", "building", "closed_at", "id", sqlite_where=OVER, postgresql_where=OVER),
    Index(
        "ix_tickets_to_archive",
        "closed_at",
        sqlite_where=text(TO_ARCHIVE),
        postgresql_where=text(TO_ARCHIVE),
    ),
    of_those_with("tickets", "ask_at", "ask_at"),
    of_those_with("tickets", "call_at", "call_at"),
)

UNTALLIED = text("NOT tallied")
ticket_events = Table(  # append-only
    "ticket_events",
    metadata,
    own_id(),
    to("ticket_id", "tickets", null=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(8), nullable=False),  # resident | staff | bot
    to("staff_id", "staff"),
    Column("action", String(24), nullable=False),
    Column("from_state", String(16)),
    Column("to_state", String(16), nullable=False),
    Column("note", Text),
    to("message_id", "messages"),
    Column("tallied", Boolean, nullable=False, server_default=text("false")),  # counted in the figures
    Index("ix_ticket_events_untallied", "id", sqlite_where=UNTALLIED, postgresql_where=UNTALLIED),
)

ticket_blobs = Table(
    "ticket_blobs",
    metadata,
    own_id(),
    to("ticket_id", "tickets", null=False, index=True),
    to("blob_id", "blobs", null=False),
    UniqueConstraint("ticket_id", "blob_id"),
)

ticket_followers = Table(  # who else hears of a ticket: brought along with its claim code, or "me too"
    "ticket_followers",
    metadata,
    own_id(),
    to("ticket_id", "tickets", null=False, index=True),
    to("resident_id", "residents", null=False, index=True),
    to("chat_id", "chats", null=False),
    Column("kind", String(8), nullable=False, server_default="claim"),  # claim: all of it | me_too: its progress only
    Column("since", UtcDateTime, nullable=False),
    UniqueConstraint("ticket_id", "resident_id"),
)

ticket_barred = Table(  # who steps aside from a complaint: a role, or a colleague by name (WO-24)
    "ticket_barred",
    metadata,
    own_id(),
    to("ticket_id", "tickets", null=False, index=True),
    Column("role", String(16)),
    Column("name", Text),
)

redirects = Table(  # append-only: what was not ours to do, why, and the door that was named (WO-06)
    "redirects",
    metadata,
    own_id(),
    to("chat_id", "chats", null=False, index=True),
    to("message_id", "messages"),
    Column("at", UtcDateTime, nullable=False),
    Column("route", String(24), nullable=False),
    Column("category", String(24)),
    Column("reason", String(24), nullable=False),  # duty, or the stopper's name
    Column("outcome", String(8), nullable=False, server_default="told"),  # told | own_way | passed
    Index("ix_redirects_at", "at"),
)

# Every asking after the work and every answer, raw: residents' in the chat, and what staff heard by telephone.
call_backs = Table(  # append-only
    "call_backs",
    metadata,
    own_id(),
    to("ticket_id", "tickets", null=False, index=True),
    Column("round", Integer, nullable=False),  # the ticket's redos at that time
    Column("at", UtcDateTime, nullable=False),
    Column("via", String(8), nullable=False),  # button | words | phone
    to("chat_id", "chats"),
    to("staff_id", "staff"),
    Column("contacted", Boolean, nullable=False),
    Column("solved", String(12)),  # solved | not_solved | not_seen
    Column("satisfied", String(12)),  # a value of the scale
    Column("reason", Text),
)

# What staff and residents were told about a promise: each once for the same promise.
promise_notices = Table(  # append-only
    "promise_notices",
    metadata,
    own_id(),
    to("ticket_id", "tickets", null=False),
    Column("promise", String(16), nullable=False),  # first_contact | result
    Column("due_at", UtcDateTime, nullable=False),
    Column("notice", String(8), nullable=False),  # soon | late
    Column("at", UtcDateTime, nullable=False),
    Column("level", Integer, nullable=False),  # how high it stood then
    UniqueConstraint("ticket_id", "promise", "due_at", "notice"),
)

claim_tries = Table(  # guesses at claim codes, so that guessing is slow
    "claim_tries",
    metadata,
    own_id(),
    to("chat_id", "chats", null=False, index=True),
    Column("at", UtcDateTime, nullable=False),
)
