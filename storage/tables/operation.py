"""What whoever runs the service keeps of it: processes, backups, how long data stays, and what people ask about theirs."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, String, Table, Text

from storage.tables.base import metadata, own_id, to
from storage.types import Json, UtcDateTime

processes = Table(  # a line each running service renews; one that is silent has stopped
    "processes",
    metadata,
    Column("owner", String(64), primary_key=True),
    Column("version", String(32), nullable=False),
    Column("started_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Column("ticked_at", UtcDateTime),  # when its scheduler last looked at the clock
    Column("free", BigInteger),  # bytes on the disk its data folder is on
    Column("total", BigInteger),
    Column("database", BigInteger),  # bytes the database takes
)

backup_runs = Table(  # each backup and each rehearsal, from wish to outcome
    "backup_runs",
    metadata,
    own_id(),
    Column("kind", String(16), nullable=False),  # night | hand | rehearsal
    Column("state", String(16), nullable=False),  # wanted | running | verified | failed
    Column("at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("owner", String(64)),  # the process, and with it the machine the file is on
    Column("file", String(80)),
    Column("size", BigInteger),
    Column("rows", BigInteger),
    Column("tables", Integer),
    Column("trouble", Text),
    Column("gone_at", UtcDateTime),  # its file's time is over
    to("of_id", "backup_runs"),  # a rehearsal's backup
    to("staff_id", "staff"),
)

retention_terms = Table(  # append-only; the newest of a kind holds
    "retention_terms",
    metadata,
    own_id(),
    Column("kind", String(32), nullable=False, index=True),
    Column("days", Integer),  # null: as shipped
    Column("reason", Text, nullable=False),
    to("staff_id", "staff", null=False),
    Column("at", UtcDateTime, nullable=False),
)

retention_runs = Table(  # each hourly run that found something, and one a day that did not
    "retention_runs",
    metadata,
    own_id(),
    Column("at", UtcDateTime, nullable=False),
    Column("counts", Json, nullable=False),
)

legal_holds = Table(  # a ticket nothing of which may be deleted while somebody needs it
    "legal_holds",
    metadata,
    own_id(),
    to("ticket_id", "tickets", null=False, index=True),
    Column("reason", Text, nullable=False),
    to("staff_id", "staff", null=False),
    Column("at", UtcDateTime, nullable=False),
    Column("lifted_at", UtcDateTime),
    to("lifted_by", "staff"),
    Column("lifted_reason", Text),
)

data_requests = Table(  # somebody asks about their own data (PI-12), however it reached us
    "data_requests",
    metadata,
    own_id(),
    Column("number", String(24), nullable=False, unique=True),
    Column("kind", String(16), nullable=False),  # see | correct | copy | delete | object
    Column("came_by", String(16), nullable=False),  # phone | walk_in | letter | chat
    Column("received_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("remind_at", UtcDateTime),  # whoever answers it is told then; null: everybody was
    Column("level", Integer),  # knowledge.escalation.Level that was told it is late
    Column("name", Text),
    Column("contact", Text),
    Column("words", Text),
    to("resident_id", "residents", index=True),
    Column("identity", String(16)),  # how it was seen that it is they
    Column("identity_note", Text),
    to("identity_by", "staff"),
    Column("identity_at", UtcDateTime),
    Column("state", String(16), nullable=False),  # open | decided | done | withdrawn
    Column("decision", String(16)),  # granted | partly | refused
    Column("reason", Text),
    to("decided_by", "staff"),
    Column("decided_at", UtcDateTime),
    Column("proof", Text),
    to("done_by", "staff"),
    Column("done_at", UtcDateTime),
    to("staff_id", "staff", null=False),
    Column("revision", Integer, nullable=False, server_default="0"),
    Index("ix_data_requests_state", "state", "due_at"),
)

data_request_events = Table(  # append-only
    "data_request_events",
    metadata,
    own_id(),
    to("request_id", "data_requests", null=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    to("staff_id", "staff"),
    Column("action", String(32), nullable=False),
    Column("note", Text),
)
