"""Promises as time goes by: staff hear before one passes, and one that passes climbs a level and is made anew.

Each promise is warned of once and missed once; the database holds to that, however many processes look at the clock.
While staff wait for the resident's answer, or for their verdict, the clock is not ours. What passed while nobody looked is
noticed at the first look; at night only what is urgent (P0, P1), the rest in the morning.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, or_, select

from knowledge import closing
from knowledge.calendar import OfficeCalendar, Promise
from knowledge.deadlines import ON_THE_CLOCK, TERMS
from knowledge.escalation import Level, higher
from knowledge.life import State, is_open
from knowledge.mediation import State as MediationState
from knowledge.quiet import USUAL
from storage import clocks
from storage.offices import Offices, office_for
from storage.tables import mediations, promise_notices, ticket_events, tickets
from storage.tickets import listeners, record
from storage.transaction import Tx

FIRST_CONTACT, RESULT = "first_contact", "result"
OURS = tuple(state.value for state in State if is_open(state) and state is not State.CALLING_BACK)


@dataclass(frozen=True, slots=True)
class Passing:
    """A promise that is near (``made`` None) or has passed, and what took its place."""

    ticket: RowMapping
    promise: str
    due_at: datetime
    level: Level
    made: Promise | None = None
    why: str | None = None
    """What staff said last about why it takes long (the reason of an extension)."""
    chats: tuple[int, ...] = ()
    """Where its resident hears of it."""


def soon(tx: Tx) -> list[Passing]:
    """Promises that pass before long and have not been warned of; each is warned of once."""
    offices = Offices(tx)
    near = {key: _near(tx.now, offices.of(key)) for key in (None, *offices.communities())}
    furthest = max(at for found in near.values() for at in found.values())
    return [
        Passing(row, promise, due_at, Level(row["level"]))
        for row, promise, due_at in _pending(tx, furthest)
        if tx.now < due_at <= near[offices.whose(row)][promise, row["urgency"]]
        and _note(tx, row, promise, due_at, "soon")
    ]


def _near(now: datetime, office: OfficeCalendar) -> dict[tuple[str, str], datetime]:
    """Until when a promise of each kind counts as near, by the hours of one community."""
    spans = closing.shipped().soon
    kinds = product((FIRST_CONTACT, RESULT), TERMS)
    return {kind: spans.of(*kind).after(now, office, "WO-17").due_at for kind in kinds}


def late(tx: Tx) -> list[Passing]:
    """Promises that have passed: the ticket climbs one level, and a new promise is made; a result that is late is
    supervised from then on (WO-17)."""
    return [
        _missed(tx, row, promise, due_at)
        for row, promise, due_at in _pending(tx, tx.now)
        if due_at <= tx.now and _note(tx, row, promise, due_at, "late")
    ]


def _pending(tx: Tx, until: datetime) -> Iterator[tuple[RowMapping, str, datetime]]:
    """The promise that counts next of each open ticket: first contact where an answer is wanted (WO-15), then the result.
    One a ticket."""
    first = and_(
        tickets.c.first_contact_at.is_(None), tickets.c.first_contact_due <= until, tickets.c.needs_reply.is_(True)
    )
    due: ColumnElement[bool] = or_(first, tickets.c.due_at <= until)
    query = select(tickets).where(tickets.c.state.in_(OURS), tickets.c.waiting_resident.is_(False), due, ~_MEDIATED)
    if USUAL.holds(tx.now):  # whoever looks after a late bulb, and whoever waits for it, may sleep
        query = query.where(tickets.c.urgency.in_(ON_THE_CLOCK))
    for row in tx.all(query.order_by(tickets.c.due_at).with_for_update(skip_locked=True)):
        awaited = row["needs_reply"] and row["first_contact_at"] is None
        contact_owed = awaited and row["first_contact_due"] < row["due_at"]
        promise = FIRST_CONTACT if contact_owed else RESULT
        yield row, promise, row["first_contact_due"] if contact_owed else row["due_at"]


def _note(tx: Tx, row: RowMapping, promise: str, due_at: datetime, notice: str) -> bool:
    """Keep that this was noticed; False when it was before."""
    same = promise_notices.c.ticket_id == row["id"], promise_notices.c.promise == promise
    known = select(promise_notices.c.id).where(*same, promise_notices.c.due_at == due_at)
    if tx.scalar(known.where(promise_notices.c.notice == notice)) is not None:
        return False
    values = {"ticket_id": int(row["id"]), "promise": promise, "due_at": due_at, "notice": notice}
    tx.insert(promise_notices, at=tx.now, level=row["level"], **values)
    return True


def _missed(tx: Tx, row: RowMapping, promise: str, due_at: datetime) -> Passing:
    level, ticket_id, state = higher(row["level"]), int(row["id"]), str(row["state"])
    span = closing.shipped().anew(promise, row["urgency"], row["level"])
    made = span.after(tx.now, office_for(tx, row), f"WO-17 late {span.words('en')}")
    values = {"level": int(level), "revision": row["revision"] + 1} | _anew(row, promise, made)
    watched = promise == RESULT and row["supervised_at"] is None
    values |= {"supervised_at": tx.now} if watched else {}
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(values))
    record(tx, ticket_id, actor="bot", action=f"late_{promise}", from_state=state, to_state=state)
    if watched:
        record(tx, ticket_id, actor="bot", action="supervise_late", from_state=state, to_state=state)
    tx.wake("desk")
    return Passing(row, promise, due_at, level, made, _why(tx, ticket_id), tuple(listeners(tx, ticket_id)))


def _anew(row: RowMapping, promise: str, made: Promise) -> dict[str, Any]:
    """The new promise's columns; a result is never due before the first contact."""
    if promise == RESULT:
        return clocks.promised(made)
    return {"first_contact_due": made.due_at} | (clocks.promised(made) if made.due_at > row["due_at"] else {})


def _why(tx: Tx, ticket_id: int) -> str | None:
    mine = (ticket_events.c.ticket_id == ticket_id) & (ticket_events.c.action == "extend")
    found: str | None = tx.scalar(select(ticket_events.c.note).where(mine).order_by(ticket_events.c.id.desc()).limit(1))
    return found


_MEDIATED = tickets.c.id.in_(select(mediations.c.ticket_id).where(mediations.c.state != MediationState.APPLIED.value))
"""An accepted mediation has a clock of its own (ME-07)."""
