"""Changing the office's own time: a day, a whole year, opening hours, what is promised. Each with a reason, in the audit.

None of it moves a promise that was given, but for those that were provisional when their year arrives.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from knowledge.calendar import Hours, in_order
from knowledge.office_days import Day
from knowledge.own_terms import Change
from storage import staff, towns
from storage.access import member_for
from storage.tables import deadline_terms, office_days, office_hours, office_years
from storage.transaction import Tx


def _may(tx: Tx, by: int, community_id: int | None) -> None:
    member_for(tx, by, "calendar", "house" if community_id is None else "act")


def set_day(tx: Tx, day: date, *, by: int, is_open: bool, reason: str, community_id: int | None = None) -> None:
    """An admin's word on one day, for the house or one community. Promises that stand are not moved by it."""
    _may(tx, by, community_id)
    _enter(tx, day, by=by, is_open=is_open, reason=reason, community_id=community_id)
    staff.note(tx, by, "office_day", day.isoformat(), open=is_open, reason=reason, community=community_id)
    towns.changed(tx)


def _enter(tx: Tx, day: date, *, by: int, is_open: bool, reason: str, community_id: int | None = None) -> None:
    values = {"day": day.isoformat(), "is_open": is_open, "reason": reason, "made_at": tx.now, "made_by": by}
    tx.insert(office_days, community_id=community_id, **values)


def take_back_day(tx: Tx, day: date, *, by: int, community_id: int | None = None) -> bool:
    """What is announced, or of a community what holds for the house, holds again; False where nothing was entered."""
    _may(tx, by, community_id)
    whose = office_days.c.community_id
    mine = whose.is_(None) if community_id is None else whose == community_id
    current = mine & (office_days.c.day == day.isoformat()) & office_days.c.withdrawn_at.is_(None)
    done = bool(tx.changed(office_days.update().where(current).values(withdrawn_at=tx.now)))
    if done:
        staff.note(tx, by, "office_day_back", day.isoformat(), community=community_id)
        towns.changed(tx)
    return done


def enter_year(tx: Tx, year: int, found: Sequence[Day], *, by: int, source: str) -> None:
    """A year's announcement, whole: from now on nothing of it is provisional, and promises that were are counted anew."""
    _may(tx, by, None)
    for one in found:
        _enter(tx, one.day, by=by, is_open=one.is_open, reason=one.name or source)
    row = tx.inserting(office_years).values(year=year, source=source, made_at=tx.now, made_by=by)
    tx.execute(
        row.on_conflict_do_update(index_elements=["year"], set_={"source": source, "made_at": tx.now, "made_by": by})
    )
    staff.note(tx, by, "office_year", str(year), days=len(found), source=source)
    towns.changed(tx)


def set_hours(tx: Tx, since: date, spans: Hours, *, by: int, reason: str, community_id: int | None = None) -> bool:
    """Opening hours from a day on, of the house or of one community; False for hours that cannot be."""
    _may(tx, by, community_id)
    if not in_order(spans):
        return False
    kept = [[f"{opens:%H:%M}", f"{closes:%H:%M}"] for opens, closes in spans]
    values = {"since": since.isoformat(), "hours": kept, "reason": reason, "made_at": tx.now, "made_by": by}
    tx.insert(office_hours, community_id=community_id, **values)
    staff.note(tx, by, "office_hours", since.isoformat(), hours=kept, reason=reason, community=community_id)
    towns.changed(tx)
    return True


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
