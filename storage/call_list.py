"""The call-back list: whom staff should call because reminders brought no word, and what a call leads to.

So many calls that nobody took close a ticket as "not confirmed", which is not "solved" (WO-16). An open question of staff
is never closed for silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, func, or_, select

from knowledge import closing, life
from knowledge.closing import Closed, Verdict
from knowledge.life import Refusal, State
from storage import call_backs, clocks, ringing, staff
from storage.call_backs import Attempt
from storage.offices import office_for
from storage.sight import handler
from storage.staff import MayNot
from storage.stepping_aside import open_to
from storage.tables import residents, tickets
from storage.tickets import record
from storage.transaction import Tx
from storage.verdicts import Judged, closed, hold, later, redone


@dataclass(frozen=True, slots=True)
class ToCall:
    """One line of the list: about what, who it is, and what was tried in this round."""

    ticket: RowMapping
    caller: str | None
    attempts: list[Attempt]


@dataclass(frozen=True, slots=True)
class Call:
    """What a member of staff heard, or that nobody answered (WO-16). ``again_at``: they asked to be rung then."""

    contacted: bool
    solved: str | None = None
    satisfied: str | None = None
    reason: str | None = None
    again_at: datetime | None = None

    @property
    def raw(self) -> dict[str, Any]:
        """As it is kept (WO-16)."""
        return {name: getattr(self, name) for name in ("contacted", "solved", "satisfied", "reason")}


@dataclass(frozen=True, slots=True)
class Called:
    """What a call led to: ``tried``, ``answered``, ``later``, or what ``judged`` says."""

    kind: str
    judged: Judged | None = None


def listed(tx: Tx, *, staff_id: int) -> list[ToCall]:
    """Whom to call now, longest waiting first."""
    query = select(tickets, residents.c.name.label("caller")).join(residents, residents.c.id == tickets.c.resident_id)
    rows = tx.all(query.where(_due(tx), open_to(staff_id)).order_by(tickets.c.call_at, tickets.c.id))
    return [ToCall(row, row["caller"], _phoned(tx, row)) for row in rows]


def _phoned(tx: Tx, row: RowMapping) -> list[Attempt]:
    return [one for one in call_backs.of_ticket(tx, row["id"]) if one.via == "phone" and one.round == row["redos"]]


def access_line(tx: Tx, number: str, *, staff_id: int) -> None:
    """LookupError for a ticket this member may not meet, MayNot for one they may not act on."""
    row = hold(tx, and_(tickets.c.number == number, open_to(staff_id)))
    if handler(staff.get(tx, staff_id), row) is None:
        raise MayNot


def waiting(tx: Tx, *, staff_id: int) -> int:
    """How many stand on the list this member sees."""
    return int(tx.scalar(select(func.count()).select_from(tickets).where(_due(tx), open_to(staff_id))))


def _due(tx: Tx) -> ColumnElement[bool]:
    """Whoever wants no call afterwards gets none (WO-15); what staff have asked somebody must be answered all the same."""
    return (tickets.c.call_at <= tx.now) & or_(
        tickets.c.needs_call_back.is_(True), tickets.c.waiting_resident.is_(True)
    )


def unasked(tx: Tx, *, limit: int = 50) -> list[RowMapping]:
    """What ends without a call, for whoever wants none: closed as not confirmed when they would have been called."""
    quiet = (tickets.c.needs_call_back.is_(False), tickets.c.state == State.CALLING_BACK, tickets.c.call_at <= tx.now)
    query = select(tickets).where(*quiet, tickets.c.waiting_resident.is_(False)).order_by(tickets.c.id).limit(limit)
    rows = tx.all(query.with_for_update(skip_locked=True))
    return [closed(tx, row, Closed.NOT_CONFIRMED, actor="bot").ticket for row in rows]


def called(tx: Tx, number: str, *, staff_id: int, revision: int, call: Call) -> Called | Refusal | None:
    """Write down a call and act on it; None when the ticket has changed since, or is on no list.

    Raises MayNot for a role that only looks, LookupError where there is no such ticket.
    """
    row = hold(tx, and_(tickets.c.number == number, open_to(staff_id)))
    member = handler(staff.get(tx, staff_id), row)
    if member is None:
        raise MayNot
    line = ringing.of_ticket(number)
    if row["revision"] != revision or row["call_at"] is None or ringing.other(tx, line, staff_id=staff_id) is not None:
        return None
    if (refusal := _refusal(row, member.role)) is not None:
        return refusal
    ringing.end(tx, line)
    call_backs.keep(tx, row, via="phone", staff_id=staff_id, **call.raw)
    if call.again_at is not None:
        return _at_another_time(tx, row, staff_id, call)
    if not call.contacted:
        return _in_vain(tx, row, staff_id)
    if row["state"] != State.CALLING_BACK or call.solved is None:
        return _answered(tx, row, staff_id, call.reason)
    judged = _judged(tx, row, call, staff_id)
    return Called(judged.kind, judged)


def _refusal(row: RowMapping, role: str) -> Refusal | None:
    """Only the desk confirms: nobody their own work. What staff asked the resident may be asked by whoever acts."""
    if row["state"] != State.CALLING_BACK:
        return None
    found = life.step(row["state"], "close", role)
    return found if isinstance(found, Refusal) else None


def _judged(tx: Tx, row: RowMapping, call: Call, staff_id: int) -> Judged:
    if call.solved == Verdict.SOLVED:
        return closed(tx, row, Closed.SOLVED, actor="staff", staff_id=staff_id)
    if call.solved == Verdict.NOT_SOLVED:
        return redone(tx, row, reason=call.reason, actor="staff", staff_id=staff_id)
    return later(tx, row, actor="staff", staff_id=staff_id)


def _answered(tx: Tx, row: RowMapping, staff_id: int, said: str | None) -> Called:
    """Reached, without a verdict: what they said is kept; the clock of an answered question goes on."""
    waited = row["state"] == State.CALLING_BACK
    values = clocks.not_seen(row, tx) if waited else clocks.answered(row, tx) | {"waiting_resident": False}
    tx.execute(tickets.update().where(tickets.c.id == row["id"]).values(values | {"revision": row["revision"] + 1}))
    _write(tx, row, staff_id, "called", said)
    return Called("answered")


def _at_another_time(tx: Tx, row: RowMapping, staff_id: int, call: Call) -> Called:
    """Not now: they are rung when it suits them, which is no try in vain."""
    values = {"call_at": call.again_at, "revision": row["revision"] + 1}
    tx.execute(tickets.update().where(tickets.c.id == row["id"]).values(values))
    _write(tx, row, staff_id, "called", call.reason)
    return Called("later")


def _in_vain(tx: Tx, row: RowMapping, staff_id: int) -> Called:
    """Nobody answered: again after a while; after the last try it is closed as not confirmed."""
    rules = closing.shipped()
    if call_backs.failed(tx, row) >= rules.tries and row["state"] == State.CALLING_BACK:
        return Called(Closed.NOT_CONFIRMED, closed(tx, row, Closed.NOT_CONFIRMED, actor="staff", staff_id=staff_id))
    again = rules.call_again_after.after(tx.now, office_for(tx, row), "WO-16").due_at
    values = {"call_at": again, "revision": row["revision"] + 1}
    tx.execute(tickets.update().where(tickets.c.id == row["id"]).values(values))
    _write(tx, row, staff_id, "no_answer", None)
    return Called("tried")


def _write(tx: Tx, row: RowMapping, staff_id: int, action: str, note: str | None) -> None:
    state, ticket_id = str(row["state"]), int(row["id"])
    record(tx, ticket_id, actor="staff", staff_id=staff_id, action=action, from_state=state, to_state=state, note=note)
    tx.wake("desk")
