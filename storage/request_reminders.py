"""Requests about personal data whose day is near or over: told once, and once to each level (PI-12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, select

from knowledge import data_requests as rules
from knowledge.escalation import Level
from knowledge.quiet import USUAL
from storage import staff
from storage.data_requests import OPEN
from storage.offices import Offices
from storage.tables import data_requests
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Owed:
    """One that is to be told of; ``level`` None: its day is near. ``who`` answers it; None: they work here no more."""

    number: str
    due_at: datetime
    who: str | None
    level: Level | None
    whose: int | None
    """the community of whoever asked"""


def owing(tx: Tx) -> ColumnElement[bool]:
    """By day: nobody is late at night."""
    states = () if USUAL.holds(tx.now) else OPEN
    return data_requests.c.state.in_(states) & (data_requests.c.remind_at <= tx.now)


def told(tx: Tx) -> list[Owed]:
    """Each is told once that it is near, and once to each level that it is late."""
    rows = tx.all(select(data_requests).where(owing(tx)).order_by(data_requests.c.id).with_for_update(skip_locked=True))
    return [_told(tx, row) for row in rows]


def _told(tx: Tx, row: RowMapping) -> Owed:
    rungs = list(zip(Level, _late_on(tx, row), strict=False))
    level = max((one for one, at in rungs if at <= tx.now), default=None)
    later = min((at for _, at in rungs if at > tx.now), default=None)
    this = data_requests.c.id == row["id"]
    tx.execute(data_requests.update().where(this).values(level=None if level is None else int(level), remind_at=later))
    member = staff.get(tx, row["decided_by"] or row["staff_id"])
    who = member.name if member is not None and member.disabled_at is None else None
    return Owed(row["number"], row["due_at"], who, level, Offices(tx).community_of_resident(row["resident_id"]))


def _late_on(tx: Tx, row: RowMapping) -> list[datetime]:
    office = Offices(tx).of_resident(row["resident_id"])
    days, due = rules.shipped().climb, row["due_at"]
    return [office.add_working_days(due, count).due_at if count else due for count in days]
