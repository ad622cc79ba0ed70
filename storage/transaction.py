"""What a unit of work is given, and what it may ask for.

A unit is a plain synchronous function ``unit(tx, ...)``. It is run whole, in one hop, inside one transaction: either all
of it has happened or none of it. It touches the database and nothing else - no network, no files, no clock of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, CursorResult, Executable, RowMapping
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as on_sqlite
from sqlalchemy.sql.schema import Table

from storage.hot import insert_of

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The wall clock, aware UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class Tx:
    """One open transaction.

    ``now`` is the same instant for everything the unit does. ``wake`` names a topic whose waiters are woken after the
    commit, and only then.
    """

    connection: Connection
    now: datetime
    wakes: set[str] = field(default_factory=set)
    sqlite: sqlite3.Connection | None = field(init=False)
    """The driver's own connection, for hot statements; None on PostgreSQL."""

    def __post_init__(self) -> None:
        raw: Any = self.connection.connection.driver_connection if self.connection.dialect.name == "sqlite" else None
        self.sqlite = raw

    def execute(self, statement: Executable, parameters: Any = None) -> CursorResult[Any]:
        return self.connection.execute(statement, parameters)

    def first(self, statement: Executable, parameters: Any = None) -> RowMapping | None:
        """The first row, or None."""
        return self.connection.execute(statement, parameters).mappings().first()

    def all(self, statement: Executable, parameters: Any = None) -> Sequence[RowMapping]:
        return self.connection.execute(statement, parameters).mappings().all()

    def tuples(self, statement: Executable, parameters: Any = None) -> list[tuple[Any, ...]]:
        """Every row as a plain tuple, in the order of the columns asked for."""
        return [tuple(row) for row in self.connection.execute(statement, parameters)]

    def scalar(self, statement: Executable, parameters: Any = None) -> Any:
        return self.connection.execute(statement, parameters).scalar()

    def insert(self, table: Table, **values: Any) -> int:
        """Insert one row and return its integer primary key."""
        return int(insert_of(table, tuple(values)).scalar(self, **values))

    def inserting(self, table: Table) -> postgresql.Insert | on_sqlite.Insert:
        """The database's own INSERT, which knows what to do where the row is there already (``on_conflict_…``)."""
        return on_sqlite.insert(table) if self.sqlite is not None else postgresql.insert(table)

    def changed(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> int:
        """Run an update or delete; the number of rows it touched."""
        return self.connection.execute(statement, parameters).rowcount

    def wake(self, topic: str) -> None:
        self.wakes.add(topic)
