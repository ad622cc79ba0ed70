"""Staff, how they sign in, and what they did."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, String, Table, Text

from storage.tables.base import metadata, own_id, to
from storage.types import Json, UtcDateTime

staff = Table(
    "staff",
    metadata,
    own_id(),
    Column("name", Text, nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    to("unit_id", "units", index=True),  # whom they work for; null: the office itself
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("seen_at", UtcDateTime),  # when they last had the console before them
    Column("password_hash", Text),  # argon2; it opens nothing before the second factor is confirmed
    Column("password_at", UtcDateTime),
    Column("factor_secret", Text),  # what the authenticator app was given, sealed (storage.sealing)
    Column("factor_at", UtcDateTime),  # confirmed by a code of it; null: not yet in use
    Column("factor_step", Integer, nullable=False, server_default="0"),  # the last step a code was taken of: once each
)

# Where and for what somebody is responsible: one of the three in each row. No row of a place: everywhere; no subject: all.
staff_scopes = Table(
    "staff_scopes",
    metadata,
    own_id(),
    to("staff_id", "staff", null=False, index=True),
    to("community_id", "communities"),
    to("building_id", "buildings"),
    Column("subject", String(32)),  # a route, or a category of one
    Column("given_at", UtcDateTime, nullable=False),
    to("given_by", "staff"),
)

recovery_codes = Table(  # each opens the second lock once, when the telephone is lost; only hashes are kept
    "recovery_codes",
    metadata,
    own_id(),
    to("staff_id", "staff", null=False, index=True),
    Column("code_hash", String(64), nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

staff_devices = Table(  # browsers somebody has signed in with: strangers' guesses do not lock these out
    "staff_devices",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    to("staff_id", "staff", null=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)

sign_in_tries = Table(  # failed ones only; gone a day later, or with the first that succeeds
    "sign_in_tries",
    metadata,
    own_id(),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(8), nullable=False),  # account | address | device
    Column("key", String(64), nullable=False),  # a hash: neither names nor addresses are kept
    Index("ix_sign_in_tries_key", "kind", "key", "at"),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    to("staff_id", "staff", null=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    to("staff_id", "staff", null=False, index=True),
    Column("csrf", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("how", String(8), nullable=False, server_default="link"),  # link | password
    Column("seen_at", UtcDateTime),
    Column("address", String(64)),  # where it was last used from, and with what
    Column("device", Text),
    Column("other_address", String(64)),  # the place before that, where it was another one
    Column("other_device", Text),
    Column("other_at", UtcDateTime),
)

audit = Table(  # append-only
    "audit",
    metadata,
    own_id(),
    Column("at", UtcDateTime, nullable=False),
    to("staff_id", "staff"),
    Column("action", String(32), nullable=False),
    Column("object", Text),
    Column("detail", Json),
    Index("ix_audit_object", "object", "action", "staff_id"),
    Index("ix_audit_at", "at", "id"),
    Index("ix_audit_staff", "staff_id", "id"),
    Index("ix_audit_action", "action", "id"),
)
