"""Staff, how they sign in, and what they did."""

from __future__ import annotations

from sqlalchemy import Column, String, Table, Text

from storage.tables.base import metadata, own_id, to
from storage.types import Json, UtcDateTime

staff = Table(
    "staff",
    metadata,
    own_id(),
    Column("name", Text, nullable=False, unique=True),
    Column("role", String(16), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
    Column("seen_at", UtcDateTime),  # when they last had the console before them
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
)
