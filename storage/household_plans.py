"""Visits of households under care: planned by their kind, made and written down, reminded of, climbing when nobody came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, RowMapping, and_, or_, select

from knowledge import households as rule
from knowledge.calendar import OfficeCalendar
from knowledge.escalation import Level
from storage.offices import Offices
from storage.tables import household_plans, household_visits, household_words, households
from storage.transaction import Tx

DAY = timedelta(hours=10)
"""A visit's day begins so long before its evening: at eight."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visited:
    """What came of going there. ``on``: an earlier day; None: now."""

    way: str
    met: str
    seen: str = ""
    needs: str = ""
    on: date | None = None

    def at(self, now: datetime) -> datetime:
        """ValueError for a day that is still to come, or long past."""
        if self.way not in rule.WAYS or self.met not in rule.MET or (self.met == "seen" and not self.seen):
            raise ValueError("seen")
        if self.on is None or self.on == now.astimezone(rule.CHINA).date():
            return now
        if not now - timedelta(days=31) <= (there := datetime.combine(self.on, time(12), rule.CHINA)) <= now:
            raise ValueError("day")
        return there


def plan(
    tx: Tx, household_id: int, *, kind: str, own_days: int | None, since: datetime, office: OfficeCalendar
) -> None:
    """The next visit."""
    due_at = rule.next_visit(kind, own_days, since=since, met="seen", office=office)
    tx.insert(household_plans, household_id=household_id, due_at=due_at)


def current(tx: Tx, household_id: int) -> RowMapping | None:
    """The visit that is to be made."""
    mine = (household_plans.c.household_id == household_id) & (household_plans.c.state == "open")
    return tx.first(select(household_plans).where(mine))


def made(tx: Tx, row: RowMapping, visited: Visited, *, staff_id: int, office: OfficeCalendar) -> int:
    """Write a visit down; the planned one is done, unless nobody was in: then it is soon tried again."""
    at, household_id = visited.at(tx.now), int(row["id"])
    said = {"seen": visited.seen or None, "needs": visited.needs or None}
    id = tx.insert(
        household_visits, household_id=household_id, staff_id=staff_id, at=at, way=visited.way, met=visited.met, **said
    )
    open_ = (household_plans.c.household_id == household_id) & (household_plans.c.state == "open")
    if visited.met == "not_in":
        again = rule.next_visit(row["kind"], row["days"], since=at, met="not_in", office=office)
        later = household_plans.c.due_at < again
        tx.execute(household_plans.update().where(open_, later).values(due_at=again, reminded_at=None, level=None))
    else:
        tx.execute(household_plans.update().where(open_).values(state="done", done_at=at))
        plan(tx, household_id, kind=row["kind"], own_days=row["days"], since=at, office=office)
    tx.wake("desk")
    return id


def visits(tx: Tx, household_id: int, *, limit: int = 50) -> Sequence[RowMapping]:
    query = select(household_visits).where(household_visits.c.household_id == household_id)
    return tx.all(query.order_by(household_visits.c.at.desc(), household_visits.c.id.desc()).limit(limit))


def drop(tx: Tx, household_id: int) -> None:
    """It is not looked after any more."""
    open_ = (household_plans.c.household_id == household_id) & (household_plans.c.state == "open")
    tx.execute(household_plans.update().where(open_).values(state="dropped"))


# --- the clock --------------------------------------------------------------------------------------------------------
def owing(tx: Tx) -> ColumnElement[bool]:
    """True of planned visits somebody must be told of now."""
    first, second = rule.rules().climb
    told = household_plans.c.level
    nobody = household_plans.c.household_id.in_(
        select(households.c.id).where(households.c.worker_id.is_(None), households.c.state == "active")
    )
    return and_(
        household_plans.c.state == "open",
        or_(
            household_plans.c.reminded_at.is_(None) & (household_plans.c.due_at <= tx.now + DAY),
            told.is_(None) & (household_plans.c.due_at <= tx.now),
            (told < Level.COMMITTEE) & (household_plans.c.due_at <= tx.now - first),
            (told < Level.SUBDISTRICT) & (household_plans.c.due_at <= tx.now - second),
            nobody & or_(told.is_(None), told < Level.COMMITTEE),
        ),
    )


@dataclass(frozen=True, slots=True)
class Owed:
    """A visit to be told of; ``level`` None: its day has come. ``whose``: its community."""

    worker_id: int | None
    level: Level | None
    whose: int | None


def told(tx: Tx) -> list[Owed]:
    """Everything to be told now; each counts as told."""
    rows = tx.all(select(household_plans).where(owing(tx)).with_for_update(skip_locked=True))
    return [_tell(tx, row) for row in rows]


def _tell(tx: Tx, row: RowMapping) -> Owed:
    worker = tx.scalar(select(households.c.worker_id).where(households.c.id == row["household_id"]))
    level = rule.climbed(row["due_at"], tx.now)
    if worker is None:
        level = max(level or Level.COMMITTEE, Level.COMMITTEE)
    values = {"reminded_at": row["reminded_at"] or tx.now, "level": None if level is None else int(level)}
    tx.execute(household_plans.update().where(household_plans.c.id == row["id"]).values(values))
    tx.wake("desk")
    return Owed(worker, level, Offices(tx).owner(households, row["household_id"]))


def unanswered(tx: Tx) -> ColumnElement[bool]:
    """True of words nobody answered in time, that nobody was told of."""
    late = household_words.c.due_at <= tx.now
    return household_words.c.done_at.is_(None) & household_words.c.level.is_(None) & late


def late_words(tx: Tx) -> list[tuple[int | None, int | None]]:
    """Who should have answered words that are late, and the home's community; each is told once."""
    rows = tx.all(select(household_words).where(unanswered(tx)).with_for_update(skip_locked=True))
    found: list[tuple[int | None, int | None]] = []
    for row in rows:
        tx.execute(household_words.update().where(household_words.c.id == row["id"]).values(level=int(Level.COMMITTEE)))
        worker = tx.scalar(select(households.c.worker_id).where(households.c.id == row["household_id"]))
        found.append((worker, Offices(tx).owner(households, row["household_id"])))
    return found
