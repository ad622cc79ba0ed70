"""The community, its buildings and flats, and phrases added while the service runs."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text, UniqueConstraint

from storage.tables.base import metadata, own_id, to
from storage.types import Json, UtcDateTime

communities = Table(
    "communities",
    metadata,
    own_id(),
    Column("name", Text, nullable=False),
    Column("profile", Json, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    to("estate_id", "estates"),
    Column("retired_at", UtcDateTime),
)

buildings = Table(
    "buildings",
    metadata,
    own_id(),
    to("community_id", "communities", null=False, index=True),
    Column("name", String(16), nullable=False),  # "7"
    Column("floors", Integer, nullable=False),
    Column("units", Integer, nullable=False),
    Column("retired_at", UtcDateTime),
    UniqueConstraint("community_id", "name"),
)

flats = Table(
    "flats",
    metadata,
    own_id(),
    to("building_id", "buildings", null=False),
    Column("unit", String(8), nullable=False),
    Column("floor", Integer, nullable=False),
    Column("room", String(8), nullable=False),  # "1204"
    Column("retired_at", UtcDateTime),
    UniqueConstraint("building_id", "unit", "room"),
)

# Phrases added while the service runs; the files in knowledge/ hold the rest.
phrases = Table(
    "phrases",
    metadata,
    own_id(),
    Column("text", Text, nullable=False, unique=True),
    Column("route", String(24), nullable=False),
    Column("category", String(24)),
    Column("clause", String(16)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("removed_at", UtcDateTime),
    to("staff_id", "staff"),
)
