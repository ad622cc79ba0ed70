"""A month of household duty in figures: how many have a card, how many visits were planned and made. Nobody is ranked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from storage.households_of import households_of
from storage.tables import heart_cards, household_plans, household_visits, households
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Month:
    """Numerators and denominators, for one kind or (None) for all."""

    kind: str | None
    households: int
    with_card: int
    planned: int
    done: int
    in_time: int
    visits: int
    not_in: int
    needs: int


def month(tx: Tx, start: datetime, end: datetime, *, staff_id: int) -> list[Month]:
    """All together, then kind by kind; what was planned for the month and is not over yet counts as planned."""
    kinds = [str(one) for (one,) in tx.tuples(select(households.c.kind).where(households_of(staff_id)).distinct())]
    return [_one(tx, kind, start, end, staff_id) for kind in (None, *sorted(kinds))]


def _one(tx: Tx, kind: str | None, start: datetime, end: datetime, staff_id: int) -> Month:
    theirs = households_of(staff_id) if kind is None else and_(households_of(staff_id), households.c.kind == kind)
    then = and_(households.c.created_at < end, or_(households.c.ended_at.is_(None), households.c.ended_at >= end))
    carried = select(heart_cards.c.household_id).where(
        heart_cards.c.given_at < end, or_(heart_cards.c.ended_at.is_(None), heart_cards.c.ended_at >= end)
    )
    base = select(func.count(households.c.id)).where(theirs)
    due = _joined(household_plans.c.household_id, household_plans.c.id, theirs).where(
        household_plans.c.due_at >= start, household_plans.c.due_at < end, household_plans.c.state != "dropped"
    )
    done = due.where(household_plans.c.state == "done")
    made = _joined(household_visits.c.household_id, household_visits.c.id, theirs).where(
        household_visits.c.at >= start, household_visits.c.at < end
    )
    counted = {
        "households": base.where(then),
        "with_card": base.where(then, households.c.id.in_(carried)),
        "planned": due,
        "done": done,
        "in_time": done.where(household_plans.c.done_at <= household_plans.c.due_at),
        "visits": made,
        "not_in": made.where(household_visits.c.met == "not_in"),
        "needs": made.where(household_visits.c.needs.is_not(None)),
    }
    return Month(kind, **{name: int(tx.scalar(query) or 0) for name, query in counted.items()})


def _joined(link: ColumnElement[int], counted: ColumnElement[int], theirs: ColumnElement[bool]) -> Select[int]:
    return select(func.count(counted)).join(households, households.c.id == link).where(theirs)
