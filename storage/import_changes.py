"""The rows of one import as SQL sees them: read, compared and put in place by statements, however many they are.

Fifty thousand rows one by one held every other writer for ten seconds; one statement over them takes half of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, func, select

from knowledge.sheets import Change
from storage.tables import import_rows
from storage.transaction import Tx

KEY = import_rows.c.key


@dataclass(frozen=True, slots=True)
class Changes:
    """``back``: the other way round, as it is taken back."""

    import_id: int
    back: bool = False

    @property
    def mine(self) -> ColumnElement[bool]:
        return import_rows.c.import_id == self.import_id

    def before(self, field: str) -> ColumnElement[Any]:
        """A value as it was, NULL where nothing was."""
        return self._side(field, self.back)

    def after(self, field: str) -> ColumnElement[Any]:
        return self._side(field, not self.back)

    def either(self, field: str) -> ColumnElement[Any]:
        """A part of the key, which is the same before and after."""
        return func.coalesce(self.before(field), self.after(field))

    def _side(self, field: str, last: bool) -> ColumnElement[Any]:
        value: ColumnElement[Any] = (import_rows.c.after if last else import_rows.c.before)[field].as_string()
        return value

    def new(self, key: str) -> ColumnElement[bool]:
        """``key``: a column that no record lacks."""
        return and_(self.mine, self.before(key).is_(None))

    def changed(self, key: str) -> ColumnElement[bool]:
        return and_(self.mine, self.before(key).is_not(None), self.after(key).is_not(None))

    def gone(self, key: str) -> ColumnElement[bool]:
        return and_(self.mine, self.after(key).is_(None))

    def count(self, tx: Tx) -> int:
        return int(tx.scalar(select(func.count()).select_from(import_rows).where(self.mine)))

    def listed(self, tx: Tx) -> list[Change]:
        """All of them, for lists of hundreds."""
        rows = tx.tuples(
            select(KEY, import_rows.c.before, import_rows.c.after).where(self.mine).order_by(import_rows.c.id)
        )
        found = (Change(*row) for row in rows)
        return [one.turned for one in found] if self.back else list(found)


def insert_into(tx: Tx, table: Table) -> Any:
    """An insert that knows ON CONFLICT and how many rows it made, of whichever database this is."""
    return tx.inserting(table).execution_options(preserve_rowcount=True)


def keys_of(tx: Tx, query: Any, most: int) -> Sequence[str]:
    return [str(key) for (key,) in tx.tuples(query.order_by(import_rows.c.id).limit(most))]
