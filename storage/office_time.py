"""The office's own time as it is kept: days an admin has entered, years entered whole, opening hours, own terms.

Whatever counts working time asks here, so that a day entered a moment ago counts at once, in every process.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from types import MappingProxyType

from sqlalchemy import RowMapping, select

from knowledge import own_terms
from knowledge.calendar import Hours, OfficeCalendar
from knowledge.deadlines import Promises, Span, Terms
from knowledge.office_days import overrides
from knowledge.own_terms import Change
from storage.tables import deadline_terms, office_days, office_hours, office_years
from storage.transaction import Tx


def office(tx: Tx) -> OfficeCalendar:
    """The calendar that holds now."""
    changed = {date.fromisoformat(row["since"]): _hours(row["hours"]) for row in hours(tx)}
    found = overrides(years(tx), days_entered(tx))
    return OfficeCalendar(overrides=MappingProxyType(found), changed=MappingProxyType(changed))


def _hours(kept: Sequence[Sequence[str]]) -> Hours:
    return tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in kept)


def years(tx: Tx) -> list[int]:
    return [int(row[0]) for row in tx.tuples(select(office_years.c.year).order_by(office_years.c.year))]


def days_entered(tx: Tx, before: datetime | None = None) -> dict[date, bool]:
    """Single days, the newest word of each; with ``before``, as they stood just before."""
    query = select(office_days.c.day, office_days.c.is_open).where(office_days.c.withdrawn_at.is_(None))
    if before is not None:
        query = query.where(office_days.c.made_at < before)
    return {date.fromisoformat(day): bool(is_open) for day, is_open in tx.tuples(query.order_by(office_days.c.id))}


def days(tx: Tx, year: int) -> Sequence[RowMapping]:
    """The days of a year an admin has entered and not taken back."""
    this_year = office_days.c.day.like(f"{year}-%") & office_days.c.withdrawn_at.is_(None)
    return tx.all(select(office_days).where(this_year).order_by(office_days.c.day, office_days.c.id))


def hours(tx: Tx) -> Sequence[RowMapping]:
    """Every change of the opening hours, in the order they were made: of one day the newest holds."""
    return tx.all(select(office_hours).order_by(office_hours.c.id))


# --- own terms --------------------------------------------------------------------------------------------------------
def changes(tx: Tx) -> list[Change]:
    """Every decision about terms, in the order they were made."""
    return [_change(row) for row in tx.all(select(deadline_terms).order_by(deadline_terms.c.id))]


def decisions(tx: Tx) -> Sequence[RowMapping]:
    """The same as they are kept, with who and why, the newest first."""
    return tx.all(select(deadline_terms).order_by(deadline_terms.c.id.desc()))


def _change(row: RowMapping) -> Change:
    contact, close = row["first_contact"], row["close"]
    terms = Terms(Span(**contact), Span(**close)) if contact and close else None
    return Change(row["route"], row["category"], row["urgency"], terms, row["since"])


def promised(tx: Tx, route: str, category: str | None, urgency: str, opened_at: datetime) -> Promises:
    """What is promised for a matter opened then, by the terms and the calendar that hold here."""
    return own_terms.promised(changes(tx), route, category, urgency, opened_at, office=office(tx))
