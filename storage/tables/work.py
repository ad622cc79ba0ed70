"""Who works on a ticket: units, what they were given and signed for, more time that was asked for, what was handed over."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, text

from storage.tables.base import metadata, of_those_with, own_id, to
from storage.types import Json, UtcDateTime

units = Table(
    "units",
    metadata,
    own_id(),
    Column("key", String(32), unique=True),  # an owner of the catalogue; null: one the community added
    Column("zh", Text, nullable=False),
    Column("en", Text, nullable=False),
    Column("phone", Text),
    Column("contact", Text),  # whom to ask for, where, when
    Column(
        "house", Boolean, nullable=False, server_default=text("false")
    ),  # of the community itself: sees what it sees
    Column("made_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),  # nothing is given to it any more
)

# What a unit was given of a ticket, and what became of it. One main unit at a time, and any number that assist (WO-12).
ticket_units = Table(
    "ticket_units",
    metadata,
    own_id(),
    to("ticket_id", "tickets", null=False, index=True),
    to("unit_id", "units", null=False),
    Column("part", String(8), nullable=False),  # main | assist
    to("given_by", "staff"),
    Column("given_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),  # the ticket's promise as it was given (WO-05)
    Column("return_by", UtcDateTime, nullable=False),  # until then it may ask to send it back (WO-10)
    Column("sign_by", UtcDateTime),  # next asked why nobody signed; null once it is signed for
    Column("sign_asked", Integer, nullable=False, server_default="0"),
    Column("designated", Boolean, nullable=False, server_default=text("false")),  # it may not send it back
    Column("returns", Integer, nullable=False, server_default="0"),  # how often it asked to
    Column("signed_at", UtcDateTime),
    to("signed_by", "staff"),
    Column("signed_word", Text),  # who said so, where the desk signs on a unit's behalf
    Column("reported_at", UtcDateTime),  # an assisting unit's part is done
    Column("report", Text),
    Column("ended_at", UtcDateTime),
    of_those_with("ticket_units", "sign_by", "sign_by"),
    Index(
        "ix_ticket_units_now",
        *("unit_id", "ticket_id"),
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
)

extension_asks = Table(  # more time that was asked for, and what the desk said (WO-13)
    "extension_asks",
    metadata,
    own_id(),
    to("ticket_id", "tickets", null=False, index=True),
    to("unit_id", "units"),
    to("asked_by", "staff", null=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("reason", Text),
    to("decided_by", "staff"),
    Column("decided_at", UtcDateTime),
    Column("granted", Boolean),
)

# What was handed to whom: the matter is theirs to do, and still ours to answer for (WO-08).
hand_overs = Table(
    "hand_overs",
    metadata,
    own_id(),
    to("ticket_id", "tickets", null=False, index=True),
    to("unit_id", "units"),  # or, where it is none of ours,
    Column("body", Text),  # its name: 12345, a bureau
    Column("way", String(8), nullable=False),  # phone | paper | online
    Column("fields", Json, nullable=False),  # what was handed over
    Column("why_caller", Text),  # why a confidential caller had to be named
    Column("agreed", String(8)),  # how their resident said yes to it: filed | chat | phone | counter | danger
    Column("note", Text),
    to("by", "staff", null=False),
    Column("at", UtcDateTime, nullable=False),
    Column("their_number", Text),  # what the other side files it under
    Column("ask_at", UtcDateTime),  # from when on somebody asks how it stands
    Column("confirmed_at", UtcDateTime),
    Column("confirmed_word", Text),  # who there said that they have it
    Column("answered_at", UtcDateTime),
    Column("answer", Text),
    Column("taken_back_at", UtcDateTime),
    of_those_with("hand_overs", "ask_at", "ask_at"),
)
