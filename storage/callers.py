"""Who is calling: what a number or a flat is known by, and the place where a caller's words are kept.

A chat of kind ``phone`` stands for a caller: what is said to it goes out as text messages where those are on. A number
alone proves nobody: a caller never becomes the resident of somebody's chat by it, only by the claim code.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, RowMapping, false, func, or_, select

from knowledge.places import Place
from storage.sight import sight_of
from storage.stepping_aside import open_to
from storage.tables import calls, chats, residents, tickets
from storage.tickets import OPEN
from storage.transaction import Tx

CHANNEL = KIND = "phone"
MOST = 8
SIMILAR_FOR = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A ticket of this caller, or of this flat. ``caller`` is None where this reader may not see who it is."""

    ticket: RowMapping
    caller: str | None
    covered: bool


@dataclass(frozen=True, slots=True)
class Before:
    """An earlier call from this number."""

    at: datetime
    outcome: str | None
    state: str


def earlier(tx: Tx, *, staff_id: int, number: str | None = None, at: Place | None = None) -> list[Earlier]:
    """What is known by this number or this flat, what is open first; only tickets this member may meet."""
    which = [*_of_number(number), *_of_flat(at)]
    if not which:
        return []
    query = select(tickets, residents.c.name.label("caller")).join(residents, residents.c.id == tickets.c.resident_id)
    order = (tickets.c.state.in_(OPEN).desc(), tickets.c.id.desc())
    rows = tx.all(query.where(or_(*which), open_to(staff_id)).order_by(*order).limit(MOST))
    return [_seen(tx, row, staff_id) for row in rows]


def _of_number(number: str | None) -> list[ColumnElement[bool]]:
    """Landlines are kept as 023-12345678, the telephone tells digits only."""
    if not number:
        return []
    written = {number, *(f"{number[:at]}-{number[at:]}" for at in (3, 4) if number.startswith("0"))}
    by_phone = select(residents.c.id).where(residents.c.phone.in_(written))
    return [tickets.c.phone.in_(written), tickets.c.resident_id.in_(by_phone)]


def _of_flat(at: Place | None) -> list[ColumnElement[bool]]:
    if at is None or not (at.building and at.room):
        return []
    return [(tickets.c.building == at.building) & (tickets.c.room == at.room)]


def _seen(tx: Tx, row: RowMapping, staff_id: int) -> Earlier:
    covered = sight_of(tx, row, staff_id=staff_id) != "all"
    return Earlier(row, None if covered else row["caller"], covered)


def calls_of(tx: Tx, number: str | None, *, but: int, limit: int = 5) -> list[Before]:
    """When this number called before, and what came of it."""
    if not number:
        return []
    query = select(calls.c.began_at, calls.c.outcome, calls.c.state).where(calls.c.number == number, calls.c.id != but)
    return [Before(*row) for row in tx.tuples(query.order_by(calls.c.id.desc()).limit(limit))]


def similar(
    tx: Tx, *, staff_id: int, category: str | None, building: str | None, room: str | None = None
) -> list[RowMapping]:
    """Open tickets about the same kind of thing in the same building, lately, those of the same flat first: perhaps it is
    known (WO-18)."""
    if not (category and building):
        return []
    same = (tickets.c.category == category) & (tickets.c.building == building) & tickets.c.confidential.is_(False)
    lately = (tickets.c.opened_at > tx.now - SIMILAR_FOR) & tickets.c.state.in_(OPEN)
    nearest = func.coalesce(tickets.c.room == (room or ""), false()).desc(), tickets.c.id.desc()
    return list(tx.all(select(tickets).where(same, lately, open_to(staff_id)).order_by(*nearest).limit(4)))


def chat_for(tx: Tx, *, number: str | None, name: str | None) -> int:
    """Where this caller's words are kept: the same for the same number, unless it is somebody else's by name.

    Whoever gives no number has a place of their own, to which nothing goes out.
    """
    found = _known(tx, number, name) if number else None
    if found is not None:
        return found
    resident_id = tx.insert(residents, created_at=tx.now, phone=number, name=name)
    remote = -1 - secrets.randbits(60)  # no telephone number: that would name somebody for as long as the chat is there
    row = {"channel": CHANNEL, "kind": KIND, "remote": remote, "resident_id": resident_id, "created_at": tx.now}
    return tx.insert(chats, **row)


def _known(tx: Tx, number: str, name: str | None) -> int | None:
    """Whoever wants everything deleted, or does not agree any more, begins anew."""
    query = select(chats.c.id).join(residents, residents.c.id == chats.c.resident_id)
    theirs = (chats.c.kind == KIND) & (residents.c.phone == number) & residents.c.erase_wished_at.is_(None)
    same = or_(residents.c.name.is_(None), residents.c.name == name) if name else residents.c.id > 0
    found = tx.scalar(query.where(theirs, same, chats.c.left_at.is_(None)).order_by(chats.c.id.desc()).limit(1))
    return None if found is None else int(found)
