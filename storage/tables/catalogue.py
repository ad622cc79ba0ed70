"""What an admin changed of the service catalogue; the file ships the rest."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table, Text, UniqueConstraint

from storage.tables.base import metadata, own_id, to
from storage.types import Json, UtcDateTime

catalogue_versions = Table(  # append-only; the newest of each category stands
    "catalogue_versions",
    metadata,
    own_id(),
    Column("category", String(24), nullable=False),
    Column("version", Integer, nullable=False),
    Column("edits", Json, nullable=False),  # by field; empty: as it ships
    Column("shipped", Json, nullable=False),  # what the edited fields said when they were edited
    Column("reason", Text, nullable=False),
    to("staff_id", "staff", null=False),
    Column("at", UtcDateTime, nullable=False),
    UniqueConstraint("category", "version", name="uq_catalogue_versions_category"),
)
