"""Tickets as rows for whoever takes them out of the console: those they reach, and of each what they may read in bulk.

Personal data only where it is free to their role; of what is confidential, and of disputes, everybody gets number, kind,
state and times. Who works on a ticket is in no row: nobody is counted by it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true

from knowledge import reach
from knowledge.periods import Period
from storage import export, figures
from storage.export import Page
from storage.figures import EVERYWHERE, Narrow
from storage.staff import Member
from storage.stepping_aside import open_to
from storage.tables import tickets, units
from storage.transaction import Tx

OUTLINE = (
    *("number", "source", "route", "category", "urgency", "confidential", "state", "outcome", "redos", "extensions"),
    *("opened_at", "first_contact_due", "first_contact_at", "due_at", "closed_at"),
)
PLACED = ("building", "lead_unit")
PERSONAL = ("title", "description", "unit", "floor", "room", "place_note", "phone", "on_behalf")
BY_SIGHT: Mapping[str, Sequence[str]] = {
    "free": (*OUTLINE, *PLACED, *PERSONAL),
    "reason": (*OUTLINE, *PLACED),
    "never": OUTLINE,
}
CALLER = ("unit", "floor", "room", "place_note", "phone", "on_behalf")
"""Left out where somebody wants to be nobody."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Of which days, which place, and whether open or over; ``which``: all | open | over."""

    period: Period
    narrow: Narrow = EVERYWHERE
    which: str = "all"


def columns(member: Member) -> Sequence[str]:
    return BY_SIGHT[reach.shipped().limit(member.role).personal]


def count(tx: Tx, wanted: Wanted, member: Member) -> int:
    return int(tx.scalar(select(func.count()).select_from(tickets).where(_which(tx, wanted, member))))


def page(tx: Tx, wanted: Wanted, member: Member, after: tuple[Any, ...] | None) -> Page:
    query = _rows(columns(member)).where(_which(tx, wanted, member))
    return export.page_of(tx, query, (tickets.c.id,), after)


def _which(tx: Tx, wanted: Wanted, member: Member) -> ColumnElement[bool]:
    opened = and_(tickets.c.opened_at >= wanted.period.begins, tickets.c.opened_at < wanted.period.ends)
    still = {"open": tickets.c.next_due.is_not(None), "over": tickets.c.next_due.is_(None)}.get(wanted.which, true())
    here = figures.place_of(tx, tickets.c.building, wanted.narrow)
    if wanted.narrow:  # where a confidential one is, is told to nobody who asks for a place
        here = and_(here, tickets.c.confidential.is_(False))
    return and_(opened, still, here, open_to(member.id))


def _rows(names: Sequence[str]) -> Select[Any]:
    found = select(*(_column(name) for name in names)).select_from(tickets)
    return found.outerjoin(units, units.c.id == tickets.c.lead_unit_id)


def _column(name: str) -> ColumnElement[Any]:
    column: ColumnElement[Any] = units.c.zh if name == "lead_unit" else tickets.c[name]
    if name in OUTLINE:
        return column.label(name)
    hidden = or_(tickets.c.confidential.is_(True), tickets.c.route == "dispute")
    if name in CALLER:
        hidden = or_(hidden, tickets.c.anonymous.is_(True))
    return case((hidden, None), else_=column).label(name)
