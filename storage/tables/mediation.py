"""Mediation: a case beside the applicant's ticket, its two parties, what was said in each thread, and who looked.

What crosses from one thread to another is a row of ``mediation_releases``; nothing is ever copied across without one.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Integer, String, Table, Text, UniqueConstraint, text

from storage.tables.base import metadata, own_id, to
from storage.types import UtcDateTime

mediations = Table(
    "mediations",
    metadata,
    own_id(),
    to("ticket_id", "tickets", null=False),
    Column("kind", String(24), nullable=False),  # one of the eleven kinds of dispute
    Column("state", String(12), nullable=False),  # knowledge.mediation.State
    Column("year", Integer),  # of acceptance: the year's own sequence
    Column("sequence", Integer),
    Column("file_number", Text),  # (2026)望人调字第12号
    Column("opened_at", UtcDateTime, nullable=False),
    Column("accepted_at", UtcDateTime),
    Column("due_at", UtcDateTime),  # one month from acceptance (ME-07)
    Column("extended_until", UtcDateTime),
    to("mediator_id", "staff", index=True),
    Column("left_unnamed_at", UtcDateTime),  # its mediator went while it was open: somebody must be named
    Column("other_mediator_asked", String(12)),  # the side that asks for another mediator
    Column(
        "closed_session", Boolean, nullable=False, server_default=text("false")
    ),  # a party asked that nobody listens
    Column("contact_consent_at", UtcDateTime),  # the applicant's yes to our speaking with the other side
    to("counterpart_id", "mediations", index=True),  # the earlier application of the other side, which leads
    Column("ended_at", UtcDateTime),
    Column("ending", String(24)),
    Column("revision", Integer, nullable=False, server_default="1"),
    UniqueConstraint("ticket_id"),
    UniqueConstraint("year", "sequence"),
)

mediation_parties = Table(
    "mediation_parties",
    metadata,
    own_id(),
    to("mediation_id", "mediations", null=False),
    Column("side", String(12), nullable=False),  # applicant | respondent
    to("resident_id", "residents", index=True),
    to("chat_id", "chats", index=True),
    Column("name", Text),
    Column("phone", Text),
    Column("building", Text),
    Column("unit", Text),
    Column("room", Text),
    Column("place_note", Text),  # as it was said, where no flat is known
    Column("told_version", String(16)),  # which wording of rights and duties they were told (ME-05)
    Column("told_at", UtcDateTime),
    Column("willing", Boolean),
    Column("willing_at", UtcDateTime),
    Column("joint", Boolean),  # willing to speak in the joint thread
    Column("invited_at", UtcDateTime),
    Column("invited_by", String(8)),  # chat | code | call | visit | joined
    Column("invite_hash", String(64), unique=True),
    Column("invite_expires", UtcDateTime),
    Column("unread", Integer, nullable=False, server_default="0"),  # their words the mediator has not seen
    Column("awaited_at", UtcDateTime),  # the mediator wrote and waits for their answer
    Column("left_at", UtcDateTime),
    UniqueConstraint("mediation_id", "side"),
)

mediation_words = Table(  # append-only
    "mediation_words",
    metadata,
    own_id(),
    to("mediation_id", "mediations", null=False, index=True),
    Column("thread", String(12), nullable=False),  # applicant | respondent | joint | notes
    Column("author", String(12), nullable=False),  # applicant | respondent | staff | system
    to("staff_id", "staff"),
    Column("text", Text, nullable=False),
    Column("held", String(16)),  # it may name the other's number or illness: the mediator looks before it crosses
    Column("at", UtcDateTime, nullable=False),
    to("message_id", "messages"),
)

mediation_blobs = Table(  # files of a case: with a word, or filed by the mediator
    "mediation_blobs",
    metadata,
    own_id(),
    to("mediation_id", "mediations", null=False, index=True),
    to("word_id", "mediation_words", index=True),
    to("blob_id", "blobs", null=False, index=True),
)

mediation_releases = Table(  # append-only
    "mediation_releases",
    metadata,
    own_id(),
    to("word_id", "mediation_words", null=False),
    Column("to_thread", String(12), nullable=False),
    Column("by_side", String(12)),  # the writer's own side; null: the mediator
    to("staff_id", "staff"),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("word_id", "to_thread"),
)

mediation_events = Table(  # append-only
    "mediation_events",
    metadata,
    own_id(),
    to("mediation_id", "mediations", null=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(12), nullable=False),  # applicant | respondent | staff | system
    to("staff_id", "staff"),
    Column("action", String(24), nullable=False),
    Column("from_state", String(12)),
    Column("to_state", String(12), nullable=False),
    Column("note", Text),
    to("word_id", "mediation_words"),
)

mediation_seen = Table(  # append-only: who of staff opened a case's words
    "mediation_seen",
    metadata,
    own_id(),
    to("mediation_id", "mediations", null=False, index=True),
    to("staff_id", "staff", null=False),
    Column("at", UtcDateTime, nullable=False),
)

staff_homes = Table(  # where colleagues live, so that they step aside from their own household's disputes
    "staff_homes",
    metadata,
    own_id(),
    to("staff_id", "staff", null=False),
    Column("building", Text, nullable=False),
    Column("unit", Text),
    Column("room", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    UniqueConstraint("staff_id"),
)
