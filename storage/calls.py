"""Calls and visits: begun, taken by one person, filled in, ended. What is typed is kept from the first pause on.

One person fills a call: whoever takes it over ends the other's writing, and a page that is behind changes nothing. A
hang-up in the middle keeps what was typed; so does a crash.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, RowMapping, select

from storage import ring_backs, staff
from storage.access import NotThere, member_for
from storage.tables import calls
from storage.tables import staff as staff_table
from storage.transaction import Tx

Outcome = Literal["ticket", "answered", "added", "later", "nothing"]


@dataclass(frozen=True, slots=True)
class Call:
    """One call; ``number`` is the caller's, ``noted`` what was typed, ``holder`` who fills it in."""

    id: int
    source: str
    line: str | None
    number: str | None
    state: str
    outcome: str | None
    began_at: datetime
    answered_at: datetime | None
    hung_up_at: datetime | None
    staff_id: int | None
    revision: int
    noted: dict[str, Any]
    looked: bool
    looked_for: str | None
    chat_id: int | None
    ticket_id: int | None
    alarm_id: int | None
    recording: str | None
    done_at: datetime | None
    typed: int
    transfers: list[dict[str, Any]] | None
    holder: str | None


def begin(tx: Tx, *, staff_id: int, source: str, number: str | None = None) -> int:
    """A call nobody announced, or a visit: taken by whoever opens it."""
    member_for(tx, staff_id, "call", "act")
    if source not in ("phone", "walk_in"):
        raise ValueError(f"no such source: {source}")
    tx.wake("desk")
    row: dict[str, Any] = {"source": source, "number": number, "state": "open", "staff_id": staff_id, "noted": {}}
    when = dict.fromkeys(("began_at", "answered_at", "taken_at", "updated_at"), tx.now)
    return tx.insert(calls, **row, **when)


def get(tx: Tx, call_id: int) -> Call | None:
    return next(iter(_listed(tx, calls.c.id == call_id)), None)


def now(tx: Tx) -> list[Call]:
    """Those ringing and those being filled in, oldest first."""
    return _listed(tx, calls.c.state.in_(("ringing", "open")))


def lately(tx: Tx, *, since: datetime, limit: int = 30) -> list[Call]:
    """Those over, newest first."""
    over = calls.c.state.in_(("done", "missed")) & (calls.c.began_at >= since)
    return _listed(tx, over, newest=True, limit=limit)


def _listed(tx: Tx, which: ColumnElement[bool], *, newest: bool = False, limit: int = 100) -> list[Call]:
    query = select(*_CALL).outerjoin(staff_table, staff_table.c.id == calls.c.staff_id).where(which).limit(limit)
    return [Call(*row) for row in tx.tuples(query.order_by(calls.c.id.desc() if newest else calls.c.id))]


def take(tx: Tx, call_id: int, *, staff_id: int, over: bool = False) -> bool:
    """Fill it in from now on; ``over``: from the colleague who has it. False when somebody else was first, or it is over.

    Whoever had it can write nothing into it any more.
    """
    member_for(tx, staff_id, "call", "act")
    row = _locked(tx, call_id)
    free = row["state"] == "ringing" or (row["state"] == "open" and (over or row["staff_id"] in (None, staff_id)))
    if not free:
        return False
    if row["staff_id"] == staff_id:
        return True
    if row["staff_id"] is not None:
        staff.note(tx, staff_id, "take_over_call", str(call_id))
    values = {"state": "open", "staff_id": staff_id, "taken_at": tx.now, "revision": row["revision"] + 1}
    values["answered_at"] = row["answered_at"] or tx.now
    _change(tx, call_id, values)
    ring_backs.called_again(tx, row["number"])
    return True


def hold(tx: Tx, call_id: int, *, staff_id: int, revision: int | None = None) -> RowMapping | None:
    """The call for whoever fills it in, locked; None when a colleague has it by now, it is over, or the page is behind.

    NotThere where there is no such call.
    """
    member_for(tx, staff_id, "call", "act")
    row = _locked(tx, call_id)
    mine = row["state"] == "open" and row["staff_id"] == staff_id
    return row if mine and revision in (None, row["revision"]) else None


def _locked(tx: Tx, call_id: int) -> RowMapping:
    row = tx.first(select(calls).where(calls.c.id == call_id).with_for_update())
    if row is None:
        raise NotThere
    return row


@dataclass(frozen=True, slots=True)
class Page:
    """An open page of a call: its own name, and which writing it has seen."""

    name: str
    seen: int


Kept = Literal["kept", "gone", "behind"]


def save(
    tx: Tx, call_id: int, *, staff_id: int, revision: int, noted: Mapping[str, Any], page: Page | None = None
) -> Kept:
    """Keep what is typed. "gone": it is not this page's to write any more; "behind": another page of the same person has
    written since this one last saw it, and nothing is changed. A page is never behind itself: an answer may get lost.

    Saving makes no new revision: only another holder does, so that a pause being saved never bars the key pressed next.
    """
    row = hold(tx, call_id, staff_id=staff_id, revision=revision)
    if row is None:
        return "gone"
    if dict(noted) == row["noted"]:
        return "kept"
    if page is not None and page.name != row["page"] and page.seen != row["typed"]:
        return "behind"
    values: dict[str, Any] = {"noted": dict(noted), "typed": row["typed"] + 1, "page": page.name if page else None}
    if row["external"] is None:  # nobody announced it: the number is whatever was typed
        values["number"] = noted.get("number")
    _change(tx, call_id, values, wake=False)
    return "kept"


def give_up(tx: Tx, call_id: int, *, staff_id: int, revision: int) -> bool:
    """Left as it stands, for whichever colleague takes it."""
    row = hold(tx, call_id, staff_id=staff_id, revision=revision)
    if row is None:
        return False
    _change(
        tx,
        call_id,
        {"state": "ringing", "staff_id": None, "looked": False, "looked_for": None, "revision": revision + 1},
    )
    return True


def end(tx: Tx, call_id: int, outcome: Outcome, **more: Any) -> None:
    """It is over, with this outcome; what became a ticket stands there and not here as well (PI-04)."""
    kept: dict[str, Any] = {"noted": {}} if outcome in ("ticket", "added") else {}
    values = {"state": "done", "outcome": outcome, "done_at": tx.now, "revision": calls.c.revision + 1}
    _change(tx, call_id, values | kept | more)
    if outcome != "nothing":  # the number of a call nobody announced was typed while talking
        ring_backs.called_again(tx, tx.scalar(select(calls.c.number).where(calls.c.id == call_id)))


def _change(tx: Tx, call_id: int, values: Mapping[str, Any], *, wake: bool = True) -> None:
    tx.execute(calls.update().where(calls.c.id == call_id).values({**values, "updated_at": tx.now}))
    if wake:
        tx.wake("desk")


def set_chat(tx: Tx, call_id: int, *, chat_id: int, alarm_id: int | None = None) -> None:
    """The place where what they say is kept from now on; and the alarm that was raised."""
    _change(tx, call_id, {"chat_id": chat_id} | ({"alarm_id": alarm_id} if alarm_id else {}))


def ringing(tx: Tx) -> list[Call]:
    """Those nobody fills in yet, for the strip every page carries."""
    return _listed(tx, calls.c.state == "ringing")


_CALL = [calls.c[name] for name in list(Call.__dataclass_fields__)[:-1]] + [staff_table.c.name]
