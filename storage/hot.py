"""Statements every message goes through, compiled once.

On SQLite SQLAlchemy's own share of a small statement is several times SQLite's; here it is paid once, when a statement is
first run: afterwards the text goes to the driver as it is, and only values that need it are converted. On PostgreSQL, where
the way to the server costs more than either, statements run as usual.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import Dialect, Executable, Table
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import dialect as sqlite_dialect
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.sql.compiler import SQLCompiler

if TYPE_CHECKING:
    from storage.transaction import Tx

Convert = Callable[[Any], Any]


class Hot:
    """One statement; its parameters are its bind parameters, all of which must be given.

    ``postgresql`` is what runs there instead, where the two must be written differently. An ``IN`` list cannot be used: its
    text depends on its values.
    """

    def __init__(self, statement: Any, *, postgresql: Any = None, columns: tuple[str, ...] = ()) -> None:
        self._columns = list(columns) or None
        self._sqlite = statement
        self._elsewhere = statement if postgresql is None else postgresql
        self._compiled: _Compiled | None = None

    def all(self, tx: Tx, /, **values: Any) -> list[Any]:
        """Every row, as the values of its columns."""
        if tx.sqlite is None:
            return list(tx.connection.execute(self._elsewhere, values))
        compiled = self._compiled or self._compile()
        return compiled.rows(compiled.run(tx.sqlite, values))

    def first(self, tx: Tx, /, **values: Any) -> Any:
        """The first row, or None."""
        found = self.all(tx, **values)
        return found[0] if found else None

    def scalar(self, tx: Tx, /, **values: Any) -> Any:
        """The first column of the first row, or None."""
        found = self.all(tx, **values)
        return found[0][0] if found else None

    def changed(self, tx: Tx, /, **values: Any) -> int:
        """Run a change that returns no rows; the number of rows it touched."""
        if tx.sqlite is None:
            return tx.connection.execute(self._elsewhere, values).rowcount
        return (self._compiled or self._compile()).run(tx.sqlite, values).rowcount

    def _compile(self) -> _Compiled:
        self._compiled = _Compiled(self._sqlite, self._columns)
        return self._compiled


class Insert(Hot):
    """One row; its ``scalar`` is the new id, or None where nothing was inserted."""

    def scalar(self, tx: Tx, /, **values: Any) -> Any:
        if tx.sqlite is None:
            return super().scalar(tx, **values)
        # The driver knows the new rowid: RETURNING would cost as much again as the insert itself.
        cursor = (self._compiled or self._compile()).run(tx.sqlite, values)
        return cursor.lastrowid if cursor.rowcount == 1 else None


@cache
def insert_of(table: Table, columns: tuple[str, ...]) -> Insert:
    """One row with these columns."""
    return Insert(table.insert(), postgresql=table.insert().returning(table.c.id), columns=columns)


def insert_new(table: Table, unique: tuple[str, ...], columns: tuple[str, ...]) -> Insert:
    """One row with these columns, unless there is one with the same ``unique`` ones."""
    return Insert(
        sqlite_insert(table).on_conflict_do_nothing(index_elements=unique),
        postgresql=postgres_insert(table).on_conflict_do_nothing(index_elements=unique).returning(table.c.id),
        columns=columns,
    )


class _Compiled:
    """The text for SQLite, the order of its parameters, and what must be converted on the way in and out."""

    def __init__(self, statement: Any, columns: list[str] | None) -> None:
        dialect: Dialect = sqlite_dialect()
        compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=columns)
        names = tuple(compiled.positiontup or ())
        fixed = {name: bind.value for name, bind in compiled.binds.items() if not bind.required}
        self.text = _with_constants(str(compiled), names, fixed)
        self._into = [(name, _bind(compiled.binds[name].type, dialect)) for name in names if name not in fixed]
        self._out = _converters(statement, dialect)

    def run(self, connection: sqlite3.Connection, given: Mapping[str, Any]) -> sqlite3.Cursor:
        values = [given[name] if convert is None else convert(given[name]) for name, convert in self._into]
        return connection.execute(self.text, values)

    def rows(self, cursor: sqlite3.Cursor) -> list[Any]:
        found = cursor.fetchall()
        return [self._converted(row) for row in found] if self._out else found

    def _converted(self, row: Sequence[Any]) -> list[Any]:
        values = list(row)
        for place, convert in self._out:
            if values[place] is not None:
                values[place] = convert(values[place])
        return values


def _with_constants(text: str, names: Sequence[str], fixed: Mapping[str, Any]) -> str:
    """The text with its constants written out: SQLite plans anew whenever a parameter that chose a partial index is set."""
    first, *rest = text.split("?")
    return first + "".join(
        (_constant(fixed[name]) if name in fixed else "?") + piece for name, piece in zip(names, rest, strict=True)
    )


def _constant(value: str | float | None) -> str:
    if value is None:
        return "NULL"
    return "'{}'".format(value.replace("'", "''")) if isinstance(value, str) else f"{value:d}"


def _bind(type_: Any, dialect: Dialect) -> Convert | None:
    convert: Convert | None = type_.dialect_impl(dialect).bind_processor(dialect)
    if convert is None:
        return None
    nothing = convert(None)  # of JSON columns the most common value by far
    return lambda value: nothing if value is None else convert(value)


def _converters(statement: Executable, dialect: Dialect) -> tuple[tuple[int, Convert], ...]:
    """By place, for those columns of the result that need one."""
    columns = getattr(statement, "selected_columns", None) or getattr(statement, "_returning", None) or ()
    found = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
    return tuple((place, convert) for place, convert in enumerate(found) if convert is not None)
