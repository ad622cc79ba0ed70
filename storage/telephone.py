"""What the telephone system tells: a call rings, is answered, ends, was missed; and where its recording lies.

Each telling is taken once, by its own key. They may come in any order: what came late changes nothing that is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import RowMapping, Table, select

from storage import ring_backs
from storage.tables import calls, telephone_events
from storage.transaction import Tx

LAPSES, FORGOTTEN = timedelta(minutes=10), timedelta(hours=24)
"""So long nothing rings; and so long a call that was picked up waits for somebody to note it."""
Event = Literal["ringing", "answered", "ended", "missed", "recording"]
EVENTS: tuple[Event, ...] = ("ringing", "answered", "ended", "missed", "recording")


@dataclass(frozen=True, slots=True)
class Told:
    """One telling; ``call`` is the telephone system's own name of it, ``number`` None where it is withheld."""

    key: str
    call: str
    event: Event
    at: datetime
    number: str | None = None
    line: str | None = None
    recording: str | None = None


def take_in(tx: Tx, told: Told) -> bool:
    """False when it was taken before: nothing changes then."""
    if not first_told(tx, told.key):
        return False
    row = _call(tx, told)
    values = _known(row, told) | _changes(row, told)
    if values.get("state") == "missed":
        ring_backs.missed(tx, call_id=int(row["id"]), phone=row["number"] or told.number)
        values["done_at"] = tx.now
    tx.execute(calls.update().where(calls.c.id == row["id"]).values(values | {"updated_at": tx.now}))
    tx.wake("desk")
    return True


def first_told(tx: Tx, key: str) -> bool:
    """Keep that this was told; False when it was before."""
    return bool(tx.changed(_new(tx, telephone_events, "key", key=key, at=tx.now)))


def _new(tx: Tx, table: Table, unique: str, **row: Any) -> Any:
    """Put in unless it is there: two tellings at the same instant are one."""
    return tx.inserting(table).values(row).on_conflict_do_nothing(index_elements=[unique])


def _call(tx: Tx, told: Told) -> RowMapping:
    row = {"source": "phone", "external": told.call, "state": "ringing", "noted": {}}
    tx.execute(_new(tx, calls, "external", **row, began_at=told.at, updated_at=tx.now))
    found = tx.first(select(calls).where(calls.c.external == told.call).with_for_update())
    assert found is not None
    return found


def _known(row: RowMapping, told: Told) -> dict[str, Any]:
    """What it tells of the call, where that was not known; a call began when the first of it was heard."""
    given = {"number": told.number, "line": told.line}
    found: dict[str, Any] = {name: value for name, value in given.items() if value and row[name] is None}
    return found | {"recording": told.recording or row["recording"], "began_at": min(row["began_at"], told.at)}


def _changes(row: RowMapping, told: Told) -> dict[str, Any]:
    """What is being typed goes on being typed, whatever the telephone says; nobody answered and it ended: missed."""
    if told.event == "answered":
        was_missed = row["state"] == "missed"
        return {"answered_at": row["answered_at"] or told.at} | ({"state": "ringing"} if was_missed else {})
    if told.event not in ("ended", "missed"):
        return {}
    lost = row["state"] == "ringing" and row["answered_at"] is None
    return {"hung_up_at": row["hung_up_at"] or told.at} | ({"state": "missed"} if lost else {})


def lapse(tx: Tx) -> int:
    """Calls of which the telephone system told no end: what rang in vain was missed, what nobody noted is put away."""
    rings = (calls.c.state == "ringing") & (calls.c.staff_id.is_(None))
    lost = rings & calls.c.answered_at.is_(None) & (calls.c.began_at < tx.now - LAPSES)
    rows = tx.all(select(calls.c.id, calls.c.number).where(lost).with_for_update(skip_locked=True))
    over = {"done_at": tx.now, "updated_at": tx.now}
    for row in rows:
        ring_backs.missed(tx, call_id=int(row["id"]), phone=row["number"])
        missed = over | {"state": "missed", "hung_up_at": tx.now}
        tx.execute(calls.update().where(calls.c.id == row["id"]).values(missed))
    old = rings & (calls.c.began_at < tx.now - FORGOTTEN)
    unnoted = tx.changed(calls.update().where(old).values(over | {"state": "done", "outcome": "nothing"}))
    if rows or unnoted:
        tx.wake("desk")
    return len(rows) + unnoted
