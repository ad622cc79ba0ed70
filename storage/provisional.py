"""Promises given before a year's holidays were known are counted anew when the year arrives (design: Time)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, RowMapping, select

from knowledge.calendar import CHINA, announced_until
from knowledge.deadlines import ON_THE_CLOCK
from knowledge.office_days import as_it_was, counted_anew
from storage.office_time import days_entered, years
from storage.offices import Offices
from storage.tables import tickets
from storage.tickets import OPEN, listeners, record
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Moved:
    """A promise that is another day now."""

    ticket: RowMapping
    was: datetime
    due_at: datetime
    chats: tuple[int, ...]


def due(tx: Tx) -> ColumnElement[bool]:
    """True of open tickets with a provisional promise whose year is known by now."""
    return tickets.c.due_provisional & tickets.c.state.in_(OPEN) & (tickets.c.due_at < _known_until(tx))


def _known_until(tx: Tx) -> datetime:
    """The first instant nobody has announced."""
    entered, year = set(years(tx)), announced_until() + 1
    while year in entered:
        year += 1
    return datetime.combine(date(year, 1, 1), datetime.min.time(), CHINA).astimezone(UTC)


def count_anew(tx: Tx) -> list[Moved]:
    """Each once: it is provisional no more. Those that are another day now, for their residents to be told."""
    rows = tx.all(select(tickets).where(due(tx)).with_for_update(skip_locked=True))
    return list(_moved(tx, rows))


def _moved(tx: Tx, rows: Sequence[RowMapping]) -> Iterator[Moved]:
    offices = Offices(tx)
    for row in rows:
        new = _anew(tx, row, offices, row["due_at"])
        values = {"due_at": new, "due_provisional": False, "revision": row["revision"] + 1}
        if row["first_contact_at"] is None and row["urgency"] not in ON_THE_CLOCK:
            values["first_contact_due"] = _anew(tx, row, offices, row["first_contact_due"])
        tx.execute(tickets.update().where(tickets.c.id == row["id"]).values(values))
        if new != row["due_at"]:
            record(tx, row["id"], actor="bot", action="counted_anew", from_state=row["state"], to_state=row["state"])
            tx.wake("desk")
            yield Moved(row, row["due_at"], new, tuple(listeners(tx, row["id"])))


def _anew(tx: Tx, row: RowMapping, offices: Offices, due_at: datetime) -> datetime:
    """As much open time as was given; a promise is not moved to a time that has passed."""
    year = row["due_at"].astimezone(CHINA).year
    now, whose = offices.of_ticket(row), offices.whose(row)
    then = as_it_was(now, year, days_entered(tx, whose, before=row["opened_at"]))
    found = counted_anew(due_at, since=row["opened_at"], then=then, now=now)
    return found if found > tx.now else due_at
