"""Whom to ring: a missed call, somebody who asked for it, an answer nobody has read; each try is kept as it was.

One number waits once. After so many tries that nobody took it is over as "not reached", which the list shows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, case, false, func, or_, select

from knowledge.hotline_rules import shipped
from storage import ringing
from storage.access import NotThere, member_for
from storage.offices import Offices
from storage.stepping_aside import open_to
from storage.tables import calls, faq_entries, faq_versions, ring_back_tries, ring_backs, tickets
from storage.tables import staff as staff_table
from storage.tickets import OPEN
from storage.transaction import Tx

Tried = Literal["reached", "no_answer", "busy", "absent", "later", "wrong_number"]
TRIED: tuple[Tried, ...] = ("reached", "no_answer", "busy", "absent", "later", "wrong_number")
"""``absent``: somebody else took it, and was told nothing; ``later``: they asked to be rung at another time."""
LATEST = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Try:
    at: datetime
    staff: str | None
    outcome: str
    note: str | None


@dataclass(frozen=True, slots=True)
class RingBack:
    """One line of the list, with what was tried; ``number`` and ``secret`` are of the ticket it is about, ``entry`` the
    answer that has changed; ``rang``: how often the number rang in vain since; ``urgent``: something urgent of it is open.
    """

    id: int
    reason: str
    call_id: int | None
    phone: str | None
    name: str | None
    wish: str | None
    state: str
    outcome: str | None
    due_at: datetime
    tries: int
    revision: int
    created_at: datetime
    done_at: datetime | None
    number: str | None
    secret: bool | None
    entry: str | None
    rang: int
    urgent: bool
    tried: Sequence[Try] = ()


def missed(tx: Tx, *, call_id: int, phone: str | None) -> int | None:
    """A call nobody answered; None where there is no number to ring. The same number waits once; at night until opening."""
    if phone is None:
        return None
    due = Offices(tx).of_call(ticket_id=None, chat_id=None, phone=phone).next_opening(tx.now)
    waiting = (ring_backs.c.state == "open") & (ring_backs.c.phone == phone) & (ring_backs.c.reason == "missed")
    found = tx.scalar(select(ring_backs.c.id).where(waiting))
    if found is not None:
        again = {"call_id": call_id, "due_at": due, "revision": ring_backs.c.revision + 1}
        tx.execute(ring_backs.update().where(ring_backs.c.id == found).values(again))
        return int(found)
    return ask_for(tx, reason="missed", phone=phone, due_at=due, call_id=call_id)


def ask_for(tx: Tx, *, reason: str, phone: str | None, due_at: datetime, **more: Any) -> int:
    """One more on the list; ``more``: call_id, chat_id, message_id, ticket_id, name, wish,
    version_id."""
    tx.wake("desk")
    return tx.insert(ring_backs, reason=reason, phone=phone, due_at=due_at, created_at=tx.now, **more)


def listed(tx: Tx, *, staff_id: int) -> list[RingBack]:
    """Whom to ring now: who has something urgent open first, then a time that was agreed, then longest due."""
    agreed = case((ring_backs.c.reason == "asked", 0), else_=1)
    order = (_URGENT.desc(), agreed, ring_backs.c.due_at, ring_backs.c.id)
    query = _QUERY.where(_due(tx), _reached(staff_id)).order_by(*order).limit(200)
    return _with_tries(tx, [RingBack(*row) for row in tx.tuples(query)])


def lately(tx: Tx, *, staff_id: int, limit: int = 20) -> list[RingBack]:
    """What became of the last ones."""
    over = (ring_backs.c.state == "done", _reached(staff_id))
    query = _QUERY.where(*over).order_by(ring_backs.c.done_at.desc(), ring_backs.c.id.desc()).limit(limit)
    return _with_tries(tx, [RingBack(*row) for row in tx.tuples(query)])


def soon(tx: Tx, *, staff_id: int, limit: int = 20) -> list[RingBack]:
    """Those who are not due yet, the next first."""
    later = (ring_backs.c.state == "open") & (ring_backs.c.due_at > tx.now)
    query = _QUERY.where(later, _reached(staff_id)).order_by(ring_backs.c.due_at, ring_backs.c.id).limit(limit)
    return [RingBack(*row) for row in tx.tuples(query)]


def withheld(tx: Tx, *, since: datetime) -> int:
    """Calls in vain that showed no number: nobody can be rung, but they are counted."""
    lost = (calls.c.state == "missed") & calls.c.number.is_(None) & (calls.c.began_at >= since)
    return int(tx.scalar(select(func.count()).where(lost)))


def called_again(tx: Tx, number: str | None) -> int:
    """Whoever was to be rung back about a missed call has got through; how many lines that ends."""
    if number is None:
        return 0
    mine = (ring_backs.c.state == "open") & (ring_backs.c.phone == number) & (ring_backs.c.reason == "missed")
    values = {"state": "done", "outcome": "called_again", "done_at": tx.now, "revision": ring_backs.c.revision + 1}
    return tx.changed(ring_backs.update().where(mine).values(values))


def waiting(tx: Tx, *, staff_id: int) -> int:
    query = select(func.count()).select_from(ring_backs.outerjoin(tickets, tickets.c.id == ring_backs.c.ticket_id))
    return int(tx.scalar(query.where(_due(tx), _reached(staff_id))))


def _due(tx: Tx) -> ColumnElement[bool]:
    return (ring_backs.c.state == "open") & (ring_backs.c.due_at <= tx.now)


def _reached(staff_id: int) -> ColumnElement[bool]:
    """About a ticket: only those who may meet that ticket (WO-24). The telephone itself is the whole office's."""
    return or_(ring_backs.c.ticket_id.is_(None), open_to(staff_id))


def _with_tries(tx: Tx, found: Sequence[RingBack]) -> list[RingBack]:
    columns = (ring_back_tries.c.ring_back_id, ring_back_tries.c.at, staff_table.c.name)
    query = select(*columns, ring_back_tries.c.outcome, ring_back_tries.c.note)
    query = query.outerjoin(staff_table, staff_table.c.id == ring_back_tries.c.staff_id)
    mine = ring_back_tries.c.ring_back_id.in_([one.id for one in found])
    kept: dict[int, list[Try]] = {}
    for ring_back_id, *line in tx.tuples(query.where(mine).order_by(ring_back_tries.c.id)):
        kept.setdefault(ring_back_id, []).append(Try(*line))
    known = [name for name in RingBack.__dataclass_fields__ if name != "tried"]
    return [RingBack(**{name: getattr(one, name) for name in known}, tried=kept.get(one.id, ())) for one in found]


def access_line(tx: Tx, ring_back_id: int, *, staff_id: int) -> None:
    """NotThere for a line this member does not reach, or that is over."""
    query = _QUERY.where(ring_backs.c.id == ring_back_id, ring_backs.c.state == "open", _reached(staff_id))
    if tx.first(query) is None:
        raise NotThere


def phone_of(tx: Tx, ring_back_id: int, *, staff_id: int) -> str | None:
    query = select(ring_backs.c.phone).outerjoin(tickets, tickets.c.id == ring_backs.c.ticket_id)
    found: str | None = tx.scalar(query.where(ring_backs.c.id == ring_back_id, _reached(staff_id)))
    return found


def tried(
    tx: Tx,
    ring_back_id: int,
    *,
    staff_id: int,
    revision: int,
    outcome: Tried,
    note: str = "",
    at: datetime | None = None,
) -> str | None:
    """Write down a try; ``again``, ``later`` (``at``), or what it ended as; None when the line changed since the page was
    made, or a colleague is ringing it."""
    member_for(tx, staff_id, "call_back", "act")
    query = _QUERY.where(ring_backs.c.id == ring_back_id, _reached(staff_id))
    row = next((RingBack(*found) for found in tx.tuples(query.with_for_update(of=ring_backs))), None)
    if row is None:
        raise NotThere
    line = ringing.of_ring_back(ring_back_id)
    if row.revision != revision or row.state != "open" or ringing.other(tx, line, staff_id=staff_id) is not None:
        return None
    ringing.end(tx, line)
    tx.insert(
        ring_back_tries, ring_back_id=ring_back_id, at=tx.now, staff_id=staff_id, outcome=outcome, note=note or None
    )
    ended: str | None = outcome if outcome in ("reached", "wrong_number") else None
    agreed = outcome == "later"
    if ended is None and not agreed and row.tries + 1 >= shipped().tries:
        ended = "not_reached"
    _after(tx, row, ended, staff_id, at=at if agreed else None)
    tx.wake("desk")
    return ended or ("later" if agreed else "again")


def _after(tx: Tx, row: RingBack, ended: str | None, staff_id: int, *, at: datetime | None) -> None:
    """What was agreed is no try in vain."""
    values: dict[str, Any] = {"tries": row.tries + int(at is None), "revision": row.revision + 1}
    if at is not None:
        values |= {"due_at": at, "reason": "asked"}
    elif ended is None:
        whose = select(ring_backs.c.ticket_id, ring_backs.c.chat_id, ring_backs.c.phone).where(
            ring_backs.c.id == row.id
        )
        [(ticket_id, chat_id, phone)] = tx.tuples(whose)
        here = Offices(tx).of_call(ticket_id=ticket_id, chat_id=chat_id, phone=phone)
        values["due_at"] = shipped().again_after.after(tx.now, here, "WO-16").due_at
    else:
        values |= {"state": "done", "outcome": ended, "done_at": tx.now, "done_by": staff_id}
    tx.execute(ring_backs.update().where(ring_backs.c.id == row.id).values(values))


_LINE = [ring_backs.c[name] for name in list(RingBack.__dataclass_fields__)[:-6]]
_RANG = (
    select(func.count())
    .where(calls.c.number == ring_backs.c.phone, calls.c.state == "missed", calls.c.done_at >= ring_backs.c.created_at)
    .correlate(ring_backs)
    .scalar_subquery()
)
_URGENT_NUMBERS = select(tickets.c.phone).where(
    tickets.c.state.in_(OPEN), tickets.c.urgency.in_(("P0", "P1")), tickets.c.phone.is_not(None)
)
_URGENT = func.coalesce(ring_backs.c.phone.in_(_URGENT_NUMBERS), false())
_ENTRY = (
    select(faq_entries.c.key)
    .join(faq_versions, faq_versions.c.entry_id == faq_entries.c.id)
    .where(faq_versions.c.id == ring_backs.c.version_id)
    .correlate(ring_backs)
    .scalar_subquery()
)
_QUERY = select(*_LINE, tickets.c.number, tickets.c.confidential, _ENTRY, _RANG, _URGENT).outerjoin(
    tickets, tickets.c.id == ring_backs.c.ticket_id
)
