"""Who is ringing whom this minute, so that nobody is rung by two: taken with a press, seen by all, lapsing by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from storage.access import member_for
from storage.tables import ringing_now
from storage.tables import staff as staff_table
from storage.transaction import Tx

LASTS = timedelta(minutes=10)
"""Longer than a call-back takes; whoever forgot about it blocks nobody for longer."""


@dataclass(frozen=True, slots=True)
class Ringing:
    staff_id: int
    name: str
    until: datetime

    @property
    def since(self) -> datetime:
        return self.until - LASTS


def of_ring_back(ring_back_id: int) -> str:
    return f"ring:{ring_back_id}"


def of_ticket(number: str) -> str:
    return f"ticket:{number}"


def begin(tx: Tx, line: str, *, staff_id: int, over: bool = False) -> bool:
    """This member rings now; False while a colleague does, unless it is taken ``over`` from them."""
    member_for(tx, staff_id, "call_back", "act")
    if not over and other(tx, line, staff_id=staff_id) is not None:
        return False
    row = {"staff_id": staff_id, "until": tx.now + LASTS}
    put = tx.inserting(ringing_now).values(line=line, **row)
    free = (ringing_now.c.until <= tx.now) | (ringing_now.c.staff_id == staff_id)
    where = None if over else free
    done = tx.changed(put.on_conflict_do_update(index_elements=["line"], set_=row, where=where))
    tx.wake("desk")
    return bool(done)


def now(tx: Tx) -> dict[str, Ringing]:
    """By line."""
    query = select(ringing_now.c.line, ringing_now.c.staff_id, staff_table.c.name, ringing_now.c.until)
    query = query.join(staff_table, staff_table.c.id == ringing_now.c.staff_id)
    return {line: Ringing(*who) for line, *who in tx.tuples(query.where(ringing_now.c.until > tx.now))}


def other(tx: Tx, line: str, *, staff_id: int) -> Ringing | None:
    """The colleague who is ringing this one."""
    found = now(tx).get(line)
    return found if found is not None and found.staff_id != staff_id else None


def end(tx: Tx, line: str) -> None:
    """It was written down; what others left behind goes along."""
    gone = (ringing_now.c.line == line) | (ringing_now.c.until <= tx.now)
    tx.execute(ringing_now.delete().where(gone))
