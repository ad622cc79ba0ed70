"""Tickets of which nothing may be deleted while somebody needs them - a court, an inspection, a complaint - and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select

from storage import staff
from storage.access import NotThere, member_for
from storage.stepping_aside import may_see
from storage.tables import legal_holds, tickets
from storage.tables import staff as staff_table
from storage.transaction import Tx

SHOWN = 200
GONE = "〔已删除 / deleted〕"


@dataclass(frozen=True, slots=True)
class Hold:
    id: int
    number: str
    reason: str
    who: str
    at: datetime
    lifted_at: datetime | None
    lifted_reason: str | None


def held(ticket_id: ColumnElement[int]) -> ColumnElement[bool]:
    """True of a ticket nothing of which may go."""
    return ticket_id.in_(select(legal_holds.c.ticket_id).where(legal_holds.c.lifted_at.is_(None)))


def is_held(tx: Tx, ticket_id: int) -> bool:
    running = (legal_holds.c.ticket_id == ticket_id) & legal_holds.c.lifted_at.is_(None)
    return tx.first(select(legal_holds.c.id).where(running)) is not None


def place(tx: Tx, number: str, *, reason: str, staff_id: int) -> bool:
    """Hold a ticket; False while it is held already. NotThere for one that is none, or none of this member's."""
    member_for(tx, staff_id, "retention", "act")
    ticket_id = tx.scalar(select(tickets.c.id).where(tickets.c.number == number))
    if ticket_id is None or not may_see(tx, int(ticket_id), staff_id=staff_id):
        raise NotThere
    if is_held(tx, int(ticket_id)):
        return False
    tx.insert(legal_holds, ticket_id=int(ticket_id), reason=reason, staff_id=staff_id, at=tx.now)
    staff.note(tx, staff_id, "place_hold", number, reason=reason)
    return True


def lift(tx: Tx, hold_id: int, *, reason: str, staff_id: int) -> bool:
    """From now on its time runs out as everything's does; False when it was lifted before."""
    member_for(tx, staff_id, "retention", "act")
    running = (legal_holds.c.id == hold_id) & legal_holds.c.lifted_at.is_(None)
    values = {"lifted_at": tx.now, "lifted_by": staff_id, "lifted_reason": reason}
    done = tx.scalar(legal_holds.update().where(running).values(values).returning(legal_holds.c.ticket_id))
    if done is None:
        return False
    number = tx.scalar(select(tickets.c.number).where(tickets.c.id == done))
    staff.note(tx, staff_id, "lift_hold", str(number), reason=reason)
    return True


def forget(tx: Tx, ticket_id: int) -> None:
    """Why a ticket was held may name whoever filed it."""
    gone = {"reason": GONE, "lifted_reason": GONE}
    tx.execute(legal_holds.update().where(legal_holds.c.ticket_id == ticket_id).values(gone))


def listed(tx: Tx) -> list[Hold]:
    """Those that run first, then the newest."""
    names = ("id", "reason", "at", "lifted_at", "lifted_reason")
    query = select(*(legal_holds.c[name] for name in names), tickets.c.number, staff_table.c.name.label("who"))
    query = query.join(tickets, tickets.c.id == legal_holds.c.ticket_id)
    query = query.join(staff_table, staff_table.c.id == legal_holds.c.staff_id)
    rows = tx.all(query.order_by(legal_holds.c.lifted_at.is_not(None), legal_holds.c.id.desc()).limit(SHOWN))
    return [Hold(**row) for row in rows]
