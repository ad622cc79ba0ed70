"""The office's own time as it is kept: days an admin has entered, years entered whole, opening hours, own terms.

Whatever counts working time asks here, so that a day entered a moment ago counts at once, in every process.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from types import MappingProxyType

from sqlalchemy import RowMapping, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from knowledge import own_terms
from knowledge.calendar import Hours, OfficeCalendar, in_order
from knowledge.deadlines import Promises, Span, Terms
from knowledge.office_days import Day, overrides
from knowledge.own_terms import Change
from storage import staff
from storage.access import member_for
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
    """Single days, the newest word of each; with ``before``, as they stood then."""
    query = select(office_days.c.day, office_days.c.is_open).where(office_days.c.withdrawn_at.is_(None))
    if before is not None:
        query = query.where(office_days.c.made_at <= before)
    return {date.fromisoformat(day): bool(is_open) for day, is_open in tx.tuples(query.order_by(office_days.c.id))}


def days(tx: Tx, year: int) -> Sequence[RowMapping]:
    """The days of a year an admin has entered and not taken back."""
    this_year = office_days.c.day.like(f"{year}-%") & office_days.c.withdrawn_at.is_(None)
    return tx.all(select(office_days).where(this_year).order_by(office_days.c.day, office_days.c.id))


def hours(tx: Tx) -> Sequence[RowMapping]:
    """Every change of the opening hours, in the order they were made: of one day the newest holds."""
    return tx.all(select(office_hours).order_by(office_hours.c.id))


def set_day(tx: Tx, day: date, *, by: int, is_open: bool, reason: str) -> None:
    """An admin's word on one day. Promises that stand are not moved by it."""
    member_for(tx, by, "calendar", "act")
    _enter(tx, day, by=by, is_open=is_open, reason=reason)
    staff.note(tx, by, "office_day", day.isoformat(), open=is_open, reason=reason)
    tx.wake("desk")


def _enter(tx: Tx, day: date, *, by: int, is_open: bool, reason: str) -> None:
    values = {"day": day.isoformat(), "is_open": is_open, "reason": reason, "made_at": tx.now, "made_by": by}
    tx.insert(office_days, **values)


def take_back_day(tx: Tx, day: date, *, by: int) -> bool:
    """What is announced holds again; False where nothing was entered."""
    member_for(tx, by, "calendar", "act")
    current = (office_days.c.day == day.isoformat()) & office_days.c.withdrawn_at.is_(None)
    done = bool(tx.changed(office_days.update().where(current).values(withdrawn_at=tx.now)))
    if done:
        staff.note(tx, by, "office_day_back", day.isoformat())
        tx.wake("desk")
    return done


def enter_year(tx: Tx, year: int, found: Sequence[Day], *, by: int, source: str) -> None:
    """A year's announcement, whole: from now on nothing of it is provisional, and promises that were are counted anew."""
    member_for(tx, by, "calendar", "act")
    for one in found:
        _enter(tx, one.day, by=by, is_open=one.is_open, reason=one.name or source)
    make = postgres_insert if tx.connection.dialect.name == "postgresql" else sqlite_insert
    row = make(office_years).values(year=year, source=source, made_at=tx.now, made_by=by)
    tx.execute(
        row.on_conflict_do_update(index_elements=["year"], set_={"source": source, "made_at": tx.now, "made_by": by})
    )
    staff.note(tx, by, "office_year", str(year), days=len(found), source=source)
    tx.wake("desk")


def set_hours(tx: Tx, since: date, spans: Hours, *, by: int, reason: str) -> bool:
    """Opening hours from a day on; False for hours that cannot be."""
    member_for(tx, by, "calendar", "act")
    if not in_order(spans):
        return False
    kept = [[f"{opens:%H:%M}", f"{closes:%H:%M}"] for opens, closes in spans]
    values = {"since": since.isoformat(), "hours": kept, "reason": reason, "made_at": tx.now, "made_by": by}
    tx.insert(office_hours, **values)
    staff.note(tx, by, "office_hours", since.isoformat(), hours=kept, reason=reason)
    tx.wake("desk")
    return True


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


def decide(tx: Tx, change: Change, *, by: int, reason: str) -> bool:
    """Other terms from an instant on; False where that lies behind us: what was promised is not changed."""
    member_for(tx, by, "deadline", "act")
    if change.since < tx.now:
        return False
    terms = change.terms
    values = {"route": change.route, "category": change.category, "urgency": change.urgency, "since": change.since}
    spans = {
        "first_contact": terms.first_contact.kept() if terms else None,
        "close": terms.close.kept() if terms else None,
    }
    id = tx.insert(deadline_terms, **values, **spans, reason=reason, made_at=tx.now, made_by=by)
    kind = {name: values[name] for name in ("route", "category", "urgency")}
    staff.note(tx, by, "deadline", str(id), reason=reason, **kind, **spans)
    tx.wake("desk")
    return True
