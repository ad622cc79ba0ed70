"""What was taken out of the console: by whom, why, how many rows, how far it is, and whether all of it arrived.

Nothing of what is taken out is kept here. One that has not moved for a while was cut off, whatever became of its process.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from storage import staff
from storage.tables import exports
from storage.tables import staff as staff_table
from storage.transaction import Tx

LOST_AFTER = timedelta(minutes=2)
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Export:
    id: int
    who: str
    what: str
    format: str
    reason: str
    rows_all: int
    rows_done: int
    state: str
    begun_at: datetime


def begin(tx: Tx, *, staff_id: int, what: str, format: str, reason: str, rows: int) -> int:
    """Before the first row leaves: the audit knows, even where nothing arrives."""
    staff.note(tx, staff_id, "export", what, format=format, reason=reason, rows=rows)
    row = {"what": what, "format": format, "reason": reason, "rows_all": rows, "state": "running"}
    tx.wake("desk")
    return tx.insert(exports, staff_id=staff_id, begun_at=tx.now, moved_at=tx.now, **row)


def moved(tx: Tx, export_id: int, rows: int) -> None:
    this = (exports.c.id == export_id) & (exports.c.state == "running")
    tx.execute(exports.update().where(this).values(rows_done=rows, moved_at=tx.now))
    tx.wake("desk")


def end(tx: Tx, export_id: int, *, state: str, rows: int) -> None:
    """``done`` or ``cut``: with how many rows."""
    this = (exports.c.id == export_id) & (exports.c.state == "running")
    values = {"state": state, "rows_done": rows, "moved_at": tx.now, "ended_at": tx.now}
    staff_id = tx.scalar(exports.update().where(this).values(values).returning(exports.c.staff_id))
    if staff_id is not None:
        staff.note(tx, int(staff_id), f"export_{state}", str(export_id), rows=rows)
        tx.wake("desk")


def latest(tx: Tx, *, staff_id: int | None) -> list[Export]:
    """The newest first; of one member, or of everybody."""
    query = select(
        *(exports.c.id, staff_table.c.name, exports.c.what, exports.c.format, exports.c.reason, exports.c.rows_all),
        *(exports.c.rows_done, exports.c.state, exports.c.begun_at, exports.c.moved_at),
    ).join(staff_table, staff_table.c.id == exports.c.staff_id)
    if staff_id is not None:
        query = query.where(exports.c.staff_id == staff_id)
    return [_shown(tx, *row) for row in tx.tuples(query.order_by(exports.c.id.desc()).limit(SHOWN))]


def _shown(
    tx: Tx,
    id: int,
    who: str,
    what: str,
    format: str,
    reason: str,
    rows_all: int,
    rows_done: int,
    state: str,
    begun_at: datetime,
    moved_at: datetime,
) -> Export:
    lost = state == "running" and moved_at < tx.now - LOST_AFTER
    return Export(id, who, what, format, reason, rows_all, rows_done, "cut" if lost else state, begun_at)
