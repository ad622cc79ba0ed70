"""The course of a mediation from its first appointment on: sessions, more time, agreements, performance, the papers.

Whatever is put to a side and answered by it is a row of ``mediation_asks``, whoever asked what.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Index, Integer, String, Table, Text, UniqueConstraint, text

from storage.tables.base import metadata, own_id, to
from storage.types import Json, UtcDateTime

mediation_sessions = Table(  # one proposed time; another time is another row
    "mediation_sessions",
    metadata,
    own_id(),
    to("mediation_id", "mediations", null=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
    Column("place", Text, nullable=False),
    Column("state", String(8), nullable=False),  # asked | agreed | moved | dropped | held
    to("moved_from", "mediation_sessions"),
    to("proposed_by", "staff", null=False),
    Column("proposed_at", UtcDateTime, nullable=False),
    Column("reminded", Integer, nullable=False, server_default="0"),  # how many of its reminders went
    Column("present", Json),  # who came: sides, and others by name (ME-04)
    Column("open_door", Boolean, nullable=False, server_default=text("false")),  # held in public (ME-06)
    Column("record", Text),
    Column("outcome", String(12)),  # agreed | again | no_agreement | not_held
    to("recorded_by", "staff"),
    Column("recorded_at", UtcDateTime),
)

mediation_extensions = Table(
    "mediation_extensions",
    metadata,
    own_id(),
    to("mediation_id", "mediations", null=False, index=True),
    Column("until", UtcDateTime, nullable=False),
    Column("reason", Text, nullable=False),
    Column("state", String(8), nullable=False),  # asked | granted | refused | void
    to("asked_by", "staff", null=False),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime),
)

mediation_agreements = Table(  # one version; another wording is another row, so that no confirmation outlives a change
    "mediation_agreements",
    metadata,
    own_id(),
    to("mediation_id", "mediations", null=False),
    Column("version", Integer, nullable=False),
    Column("form", String(8), nullable=False),  # written | oral
    Column("content", Json, nullable=False),  # knowledge.agreements.packed
    Column("state", String(12), nullable=False),  # draft | put | confirmed | in_force | replaced
    to("written_by", "staff", null=False),
    Column("written_at", UtcDateTime, nullable=False),
    Column("put_at", UtcDateTime),
    Column("confirmed_at", UtcDateTime),
    Column("signed_applicant", Date),
    Column("signed_respondent", Date),
    Column("signed_mediator", Date),
    Column("sealed", Date),
    to("scan_blob_id", "blobs"),
    Column("in_force_on", Date),  # the day of the last signature or seal; of an oral one the day it was agreed
    Column("in_force_at", UtcDateTime),  # when that was entered here
    Column("court_applied_on", Date),
    Column("court_confirmed_on", Date),
    UniqueConstraint("mediation_id", "version"),
)

mediation_visits = Table(  # performance followed up (ME-12)
    "mediation_visits",
    metadata,
    own_id(),
    to("mediation_id", "mediations", null=False, index=True),
    to("agreement_id", "mediation_agreements", null=False, index=True),
    Column("term", Integer, nullable=False),  # which of the agreement's, from 1
    Column("due_at", UtcDateTime, nullable=False),
    Column("asked_at", UtcDateTime),
    Column("outcome", String(12)),  # performed | not_yet | trouble
    Column("how", Text),
    Column("satisfied", String(12)),
    Column("trouble", Text),
    Column("steps", Text),
    to("visited_by", "staff"),
    Column("visited_at", UtcDateTime),
    Index("ix_mediation_visits_due", "due_at"),
)

mediation_asks = Table(  # what was put to a side, and its answer
    "mediation_asks",
    metadata,
    own_id(),
    to("mediation_id", "mediations", null=False, index=True),
    Column("kind", String(12), nullable=False),  # session | extension | agreement | visit
    Column("about_id", Integer, nullable=False),  # the row of that kind
    Column("side", String(12), nullable=False),
    to("chat_id", "chats", index=True),  # null: reached on paper or by telephone alone
    to("message_id", "messages", index=True),
    Column("asked_at", UtcDateTime, nullable=False),
    Column("answer", String(12)),
    Column("words", Text),  # as it was said
    Column("answered_at", UtcDateTime),
    Column("via", String(8)),  # button | words | phone | visit
    to("staff_id", "staff"),  # who wrote it down
    Column("closed_at", UtcDateTime),  # it is asked no more
    UniqueConstraint("kind", "about_id", "side"),
)

mediation_papers = Table(  # append-only: a paper of the file, as a scan or on paper in the folder
    "mediation_papers",
    metadata,
    own_id(),
    to("mediation_id", "mediations", null=False, index=True),
    Column("document", String(16), nullable=False),  # a key of data/mediation_file.yaml
    to("blob_id", "blobs", index=True),
    Column("note", Text),
    to("filed_by", "staff", null=False),
    Column("filed_at", UtcDateTime, nullable=False),
)

mediation_reminders = Table(  # append-only: what was told because time went by, each once
    "mediation_reminders",
    metadata,
    own_id(),
    to("mediation_id", "mediations", null=False),
    Column("kind", String(16), nullable=False),
    Column("about_id", Integer, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("mediation_id", "kind", "about_id"),
)
