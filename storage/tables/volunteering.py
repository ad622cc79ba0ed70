"""Volunteering 志愿服务: who offered their time, a ledger of the hours, what is claimed, certified and asked."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Index, Integer, String, Table, Text, UniqueConstraint, text

from storage.tables.base import metadata, of_those_with, own_id, to
from storage.types import Json, UtcDateTime

number_days = Table(  # the day's last number of each series (knowledge.series)
    "number_days",
    metadata,
    Column("series", String(4), primary_key=True),
    Column("day", String(6), primary_key=True),  # YYMMDD, Asia/Shanghai
    Column("last", Integer, nullable=False),
)

volunteers = Table(  # one row a resident; whoever left and comes back goes on with it
    "volunteers",
    metadata,
    own_id(),
    Column("number", String(24), nullable=False, unique=True),
    to("resident_id", "residents", null=False, index=True),
    to("chat_id", "chats", null=False, index=True),  # where they signed up
    Column("name", Text),  # as a certificate shall name them
    Column("phone", Text),
    Column("building", Text),  # where they live, as far as they said
    Column("categories", Json, nullable=False),  # of the notice's six kinds; empty: any
    Column("skills", Text, nullable=False, server_default=""),  # their own words
    Column("times", Json, nullable=False),  # [{"days": [5, 6], "parts": ["am"]}], empty: not said
    Column("reach", Json, nullable=False),  # buildings; empty: the whole estate
    Column("age", String(8)),  # under14 | under18 | adult | senior; null: not said
    Column("state", String(12), nullable=False),  # waiting (for a guardian) | active | paused | left
    Column("paused_until", UtcDateTime),
    Column("guardian_name", Text),
    Column("guardian_phone", Text),
    Column("guardian_yes_at", UtcDateTime),
    Column("guardian_via", String(8)),  # code | call | counter
    to("guardian_by", "staff"),  # who heard it
    Column("guardian_code", String(64)),  # the hash of a code that was given out and not used yet
    Column("guardian_code_until", UtcDateTime),
    Column("told_risks_at", UtcDateTime, nullable=False),  # VO-04
    Column("consent_version", Text, nullable=False),
    Column("consented_at", UtcDateTime, nullable=False),
    Column("joined_at", UtcDateTime, nullable=False),
    Column("left_at", UtcDateTime),
    Column("asked_at", UtcDateTime),  # when they were last asked to come
    Column("revision", Integer, nullable=False, server_default="1"),
    of_those_with("volunteers", "guardian_code", "guardian_code"),
    Index("ix_volunteers_state", "state"),
)

volunteer_events = Table(  # append-only
    "volunteer_events",
    metadata,
    own_id(),
    to("volunteer_id", "volunteers", null=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", String(8), nullable=False),  # resident | guardian | staff | time
    to("staff_id", "staff"),
    Column("action", String(24), nullable=False),
    Column("note", Text),
)

# Hours served: the sum of the minutes is all there is (VO-08). A correction is a new line that names the one it corrects.
volunteer_hours = Table(  # append-only
    "volunteer_hours",
    metadata,
    own_id(),
    to("volunteer_id", "volunteers", null=False, index=True),
    to("occasion_id", "occasions", index=True),
    to("claim_id", "volunteer_claims"),
    to("corrects_id", "volunteer_hours", index=True),
    Column("kind", String(16), nullable=False),  # served | claim_accepted | correction | reversed
    Column("minutes", Integer, nullable=False),  # of a correction or reversal: the difference
    Column("what", Text, nullable=False),
    Column("category", String(24)),
    Column("place", Text),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("breaks_minutes", Integer, nullable=False, server_default="0"),
    Column("reason", Text),
    to("staff_id", "staff", null=False),  # who recorded it
    Column("at", UtcDateTime, nullable=False),
    Index(  # the same occasion brings hours once
        "ix_volunteer_hours_once",
        "volunteer_id",
        "occasion_id",
        unique=True,
        sqlite_where=text("occasion_id IS NOT NULL AND corrects_id IS NULL"),
        postgresql_where=text("occasion_id IS NOT NULL AND corrects_id IS NULL"),
    ),
    Index(  # a claim brings hours once
        "ix_volunteer_hours_claim",
        "claim_id",
        unique=True,
        sqlite_where=text("claim_id IS NOT NULL AND corrects_id IS NULL"),
        postgresql_where=text("claim_id IS NOT NULL AND corrects_id IS NULL"),
    ),
)

volunteer_claims = Table(  # "I was there three hours and they are not in the book"
    "volunteer_claims",
    metadata,
    own_id(),
    to("volunteer_id", "volunteers", null=False, index=True),
    to("chat_id", "chats", null=False, index=True),
    Column("words", Text, nullable=False),
    Column("minutes", Integer, nullable=False),
    Column("from_at", UtcDateTime, nullable=False),  # the day, or the days among which it was
    Column("until_at", UtcDateTime, nullable=False),
    Column("state", String(12), nullable=False, server_default="open"),  # open | accepted | refused | withdrawn
    Column("created_at", UtcDateTime, nullable=False),
    to("decided_by", "staff"),
    Column("decided_at", UtcDateTime),
    Column("answer", Text),
    Column("revision", Integer, nullable=False, server_default="1"),
)

certificates = Table(  # what was certified, as it was then (VO-09)
    "certificates",
    metadata,
    own_id(),
    Column("number", String(24), unique=True),  # null: asked for and not issued yet
    to("volunteer_id", "volunteers", null=False, index=True),
    Column("state", String(12), nullable=False),  # asked | issued | declined | revoked
    Column("asked_at", UtcDateTime, nullable=False),
    Column("issued_at", UtcDateTime),
    to("issued_by", "staff"),
    Column("says", Json),  # the snapshot: name, number, hours, entries, who answers for it
    Column("minutes", Integer),
    Column("last_entry", Integer),  # the ledger's newest line it knows
    to("replaced_by", "certificates"),
    Column("revoked_at", UtcDateTime),
    to("revoked_by", "staff"),
    Column("reason", Text),  # why it was revoked or declined
    Index(  # one request at a time
        "ix_certificates_asked",
        "volunteer_id",
        unique=True,
        sqlite_where=text("state = 'asked'"),
        postgresql_where=text("state = 'asked'"),
    ),
)

volunteer_invitations = Table(  # asked to come: once an occasion, in hours that suit (VO-01: a no is fine)
    "volunteer_invitations",
    metadata,
    own_id(),
    to("volunteer_id", "volunteers", null=False),
    to("occasion_id", "occasions", null=False, index=True),
    to("staff_id", "staff", null=False),
    Column("at", UtcDateTime, nullable=False),
    Column("send_at", UtcDateTime, nullable=False),
    Column("sent_at", UtcDateTime),
    Column("dropped", Boolean, nullable=False, server_default=text("false")),  # nothing to send any more
    Column("answer", String(8)),  # yes | no
    Column("answered_at", UtcDateTime),
    UniqueConstraint("volunteer_id", "occasion_id"),
    Index(
        "ix_volunteer_invitations_due",
        "send_at",
        sqlite_where=text("sent_at IS NULL AND NOT dropped"),
        postgresql_where=text("sent_at IS NULL AND NOT dropped"),
    ),
)
