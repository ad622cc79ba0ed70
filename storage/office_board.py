"""The office's time as the desk sees it: a year day by day, what is not announced, every deadline in one table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import RowMapping, func, select

from knowledge import closing, own_terms
from knowledge.calendar import CHINA, Hours, OfficeCalendar, announced_until, official
from knowledge.closing import Rules
from knowledge.own_terms import Line
from storage import office_time, staff
from storage.access import member_for
from storage.tables import tickets
from storage.tickets import OPEN
from storage.transaction import Tx

SOON = timedelta(days=60)
"""So long before a year begins it should be known."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A year whose holidays nobody has announced, and how many open promises reach into it."""

    year: int
    promises: int


def unknown(tx: Tx) -> Unknown | None:
    """The year that should be known by now; None while none is missed."""
    year, entered = announced_until() + 1, set(office_time.years(tx))
    while year in entered:
        year += 1
    reach = tickets.c.due_provisional & tickets.c.state.in_(OPEN)
    count = int(tx.scalar(select(func.count()).select_from(tickets).where(reach)))
    near = datetime(year, 1, 1, tzinfo=CHINA) - tx.now < SOON
    return Unknown(year, count) if near or count else None


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day that is not what its weekday says, or that an admin has entered; `reason`: the admin's."""

    day: date
    is_open: bool
    reason: str | None
    by: str | None


@dataclass(frozen=True, slots=True)
class Year:
    year: int
    known: bool
    """announced, or entered whole"""
    days: list[CalendarDay]
    hours: Hours
    changes: Sequence[RowMapping]
    """of the opening hours"""
    unknown: Unknown | None


def year(tx: Tx, staff_id: int, number: int) -> Year:
    member_for(tx, staff_id, "calendar", "see")
    office, names = office_time.office(tx), staff.names(tx)
    first, last = date(number, 1, 1), date(number, 12, 31)
    entered = {date.fromisoformat(row["day"]): row for row in office_time.days(tx, first, last)}
    dates = [first + DAY * count for count in range((last - first).days + 1)]
    days = [_day(office, day, entered.get(day), names) for day in dates if day in entered or _odd(office, day)]
    known = official(first) is not None or number in office_time.years(tx)
    today = tx.now.astimezone(CHINA).date()
    return Year(number, known, days, office.hours_on(today), office_time.hours(tx), unknown(tx))


def _odd(office: OfficeCalendar, day: date) -> bool:
    return office.is_working_day(day) != (day.weekday() < 5)


def _day(office: OfficeCalendar, day: date, row: RowMapping | None, names: dict[int, str]) -> CalendarDay:
    by = names.get(row["made_by"]) if row else None
    return CalendarDay(day, office.is_working_day(day), str(row["reason"]) if row else None, by)


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Everything that is promised, and everything that happens around it."""

    lines: list[Line]
    decisions: Sequence[RowMapping]
    rules: Rules
    names: dict[int, str]


def deadlines(tx: Tx, staff_id: int) -> Deadlines:
    member_for(tx, staff_id, "deadline", "see")
    lines = own_terms.table(office_time.changes(tx), tx.now)
    return Deadlines(lines, office_time.decisions(tx), closing.shipped(), staff.names(tx))
