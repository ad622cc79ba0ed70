"""A table's rows in one number: the same rows give the same one, in whatever order, from whichever database they are read.

It tells a copy that lost, changed or doubled a row from one that did not. It is no signature: whoever can change a file on
purpose can change the number in it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from sqlalchemy import Connection, Select, Table, select

BITS = 128
ROWS_AT_ONCE = 500
A_FEW = {"yield_per": ROWS_AT_ONCE}
OUR_NOTE = "lianxin_backup"
"""The table of a backup file that says what the file holds; no part of the data."""


@dataclass(slots=True)
class Tally:
    """Counts rows and adds up their hashes, so that the order they come in does not matter."""

    rows: int = 0
    total: int = 0

    def add(self, row: Iterable[Any]) -> None:
        mark = repr(tuple(_plain(value) for value in row)).encode("utf-8", "surrogatepass")
        self.rows += 1
        self.total = (self.total + int.from_bytes(blake2b(mark, digest_size=BITS // 8).digest())) % (1 << BITS)

    @property
    def sum(self) -> Sum:
        return Sum(self.rows, f"{self.total:0{BITS // 4}x}")


@dataclass(frozen=True, slots=True)
class Sum:
    """How many rows a table has, and their number."""

    rows: int
    mark: str


def _plain(value: Any) -> Any:
    """What both databases give for the same value."""
    if value is None or type(value) in (int, str, float):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return blake2b(value, digest_size=16).hexdigest()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, dict | list):
        return json.dumps(value, sort_keys=True)
    return value


def of_file(connection: sqlite3.Connection) -> Mapping[str, Sum]:
    """Of every table of a SQLite database, as its rows are kept."""
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    names = [name for (name,) in connection.execute(query).fetchall() if name != OUR_NOTE]
    return {name: _of(connection.execute(f'SELECT * FROM "{name}"')) for name in names}


def of_tables(connection: Connection, tables: Sequence[Table]) -> Mapping[str, Sum]:
    """Of our own tables in any database, as a program reads them."""
    sums = {}
    for table in tables:
        with connection.execute(written(table), execution_options=A_FEW) as rows:
            sums[table.name] = _of(rows)
    return sums


def written(table: Table) -> Select[Any]:
    """Of each row what was written into it; what the database computes from that is none of ours. Oldest first: a row may
    point at an earlier one of its own table."""
    return select(*(column for column in table.columns if column.computed is None)).order_by(*table.primary_key)


def _of(rows: Iterable[Iterable[Any]]) -> Sum:
    tally = Tally()
    for row in rows:
        tally.add(row)
    return tally.sum
