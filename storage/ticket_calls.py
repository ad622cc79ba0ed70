"""What was spoken about a ticket by telephone or face to face: who, when, with whom, what came of it.

Nothing here reaches a resident. Somebody reached is a first contact; what staff had asked and was answered by word of
mouth sets the ticket's clock going again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import RowMapping, select

from storage import clocks, search
from storage.desk_acts import Done, held_by
from storage.tables import staff as staff_table
from storage.tables import ticket_calls, tickets
from storage.tickets import OPEN, record
from storage.transaction import Tx

WAYS = ("phone_out", "phone_in", "walk_in", "visit")
WHOM = ("resident", "proxy", "other")
OUTCOMES = ("reached", "no_answer", "wrong")
TOWARDS = frozenset({"resident", "proxy"})
EARLIEST = timedelta(days=31)
"""So far back may be when it was."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """One call or talk as it is written down; ``answered``: they answered what staff had asked."""

    at: datetime
    way: str
    whom: str
    outcome: str
    note: str
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Call(Spoken):
    """The same with whose it was; a line of the thread."""

    staff: str = ""


def write_down(tx: Tx, ticket_id: int, spoken: Spoken, *, staff_id: int) -> Done:
    """Keep it; sent twice it stands once. MayNot, LookupError; ValueError for what cannot be meant."""
    if (spoken.way, spoken.whom, spoken.outcome) not in _KNOWN or not tx.now - EARLIEST < spoken.at <= tx.now:
        raise ValueError(f"no such call: {spoken}")
    member, row = held_by(tx, ticket_id, staff_id=staff_id)
    if _was_the_last(tx, ticket_id, spoken, staff_id):
        return Done(row["state"], again=True)
    heard = spoken.outcome == "reached" and spoken.whom in TOWARDS
    answered = heard and spoken.answered and bool(row["waiting_resident"])
    given = {name: getattr(spoken, name) for name in ("at", "way", "whom", "outcome", "note")}
    tx.insert(
        ticket_calls, ticket_id=ticket_id, staff_id=member.id, written_at=tx.now, answered=answered, **given
    )  # fmt: skip
    if values := _values(tx, row, spoken, heard=heard, answered=answered):
        tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(values))
    search.said(tx, ticket_id, spoken.note)
    kept = {"actor": "staff", "staff_id": member.id, "from_state": row["state"], "to_state": row["state"]}
    record(tx, ticket_id, action="spoke" if heard else "tried_call", **kept)
    tx.wake("desk")
    return Done(row["state"])


def _values(tx: Tx, row: RowMapping, spoken: Spoken, *, heard: bool, answered: bool) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if heard and row["first_contact_at"] is None and row["state"] in OPEN:
        values["first_contact_at"] = max(spoken.at, row["opened_at"])
    if answered:
        values |= clocks.answered(row, tx)
        values |= {"waiting_resident": False, "revision": row["revision"] + 1}
    return values


def _was_the_last(tx: Tx, ticket_id: int, spoken: Spoken, staff_id: int) -> bool:
    """The form was sent twice: all but the instant is the same, and that by less than a minute."""
    query = select(ticket_calls).where(ticket_calls.c.ticket_id == ticket_id).order_by(ticket_calls.c.id.desc())
    last = tx.first(query.limit(1))
    same = ("way", "whom", "outcome", "note")
    return (
        last is not None
        and last["staff_id"] == staff_id
        and all(last[name] == getattr(spoken, name) for name in same)
        and abs(last["at"] - spoken.at) < timedelta(minutes=1)
    )


def of_ticket(tx: Tx, ticket_id: int) -> list[Call]:
    columns = [ticket_calls.c[name] for name in ("at", "way", "whom", "outcome", "note", "answered")]
    query = select(*columns, staff_table.c.name).join(staff_table, staff_table.c.id == ticket_calls.c.staff_id)
    found = tx.tuples(query.where(ticket_calls.c.ticket_id == ticket_id).order_by(ticket_calls.c.id))
    return [Call(*row) for row in found]


_KNOWN = {(way, whom, outcome) for way in WAYS for whom in WHOM for outcome in OUTCOMES}
