"""The office's own time as it is kept: days an admin has entered, years entered whole, opening hours, own terms.

Whatever counts working time asks here, so that a day entered a moment ago counts at once, in every process.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time
from types import MappingProxyType

from sqlalchemy import ColumnElement, RowMapping, func, or_, select

from knowledge import own_terms
from knowledge.calendar import Hours, OfficeCalendar
from knowledge.deadlines import Promises, Span, Terms
from knowledge.office_days import overrides
from knowledge.own_terms import Change
from storage.tables import buildings, communities, deadline_terms, office_days, office_hours, office_years
from storage.transaction import Tx


def office(tx: Tx, community_id: int | None = None) -> OfficeCalendar:
    """The calendar that holds now: the house's days and hours, and over them this community's, where it has its own."""
    changed = {date.fromisoformat(row["since"]): _hours(row["hours"]) for row in _changes(tx, community_id)}
    found = overrides(years(tx), days_entered(tx, community_id))
    return OfficeCalendar(overrides=MappingProxyType(found), changed=MappingProxyType(changed))


def _hours(kept: Sequence[Sequence[str]]) -> Hours:
    return tuple((time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in kept)


def years(tx: Tx) -> list[int]:
    return [int(row[0]) for row in tx.tuples(select(office_years.c.year).order_by(office_years.c.year))]


def days_entered(tx: Tx, community_id: int | None = None, *, before: datetime | None = None) -> dict[date, bool]:
    """Single days, the newest word of each, a community's own over the house's; with ``before``, as they stood then."""
    whose, columns = office_days.c.community_id, (office_days.c.day, office_days.c.is_open)
    query = select(*columns).where(office_days.c.withdrawn_at.is_(None), or_(whose.is_(None), whose == community_id))
    if before is not None:
        query = query.where(office_days.c.made_at < before)
    rows = tx.tuples(query.order_by(whose.is_not(None), office_days.c.id))
    return {date.fromisoformat(day): bool(is_open) for day, is_open in rows}


def days(tx: Tx, since: date, until: date, community_id: int | None = None) -> Sequence[RowMapping]:
    """The days an admin has entered for the house, or for one community, and not taken back."""
    mine = _of(office_days.c.community_id, community_id) & office_days.c.withdrawn_at.is_(None)
    span = office_days.c.day.between(since.isoformat(), until.isoformat())
    return tx.all(select(office_days).where(mine, span).order_by(office_days.c.day, office_days.c.id))


def _of(whose: ColumnElement[int], community_id: int | None) -> ColumnElement[bool]:
    return whose.is_(None) if community_id is None else whose == community_id


def _changes(tx: Tx, community_id: int | None) -> list[RowMapping]:
    """A community's own hours beat the house's from the day they begin."""
    own = hours(tx, community_id) if community_id is not None else []
    begun = min((row["since"] for row in own), default="9999")
    return [*(row for row in hours(tx) if row["since"] < begun), *own]


def community_at(tx: Tx, building: str | None) -> int | None:
    """Whose a building of this name is; of none, and of one nobody knows: the office's own, the first. None before any."""
    named = select(func.min(buildings.c.community_id)).where(buildings.c.name == building).scalar_subquery()
    found = tx.scalar(select(func.coalesce(named, select(func.min(communities.c.id)).scalar_subquery())))
    return None if found is None else int(found)


def hours(tx: Tx, community_id: int | None = None) -> Sequence[RowMapping]:
    """Every change of the house's opening hours, or of one community's own, in order: of one day the newest holds."""
    mine = _of(office_hours.c.community_id, community_id)
    return tx.all(select(office_hours).where(mine).order_by(office_hours.c.id))


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


def promised(
    tx: Tx, route: str, category: str | None, urgency: str, opened_at: datetime, building: str | None = None
) -> Promises:
    """What is promised for a matter opened then, by the terms that hold here and the calendar that holds where it is."""
    here = office(tx, community_at(tx, building))
    return own_terms.promised(changes(tx), route, category, urgency, opened_at, office=here)
