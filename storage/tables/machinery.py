"""What the processes themselves keep."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from storage.tables.base import metadata
from storage.types import Json, UtcDateTime

leases = Table(  # who may do a thing only one process may do (poll Telegram, run the scheduler)
    "leases",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("owner", String(64), nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

facts = Table(  # small durable facts: the polling offset, the last backup, ...
    "facts",
    metadata,
    Column("name", String(48), primary_key=True),
    Column("value", Json, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
