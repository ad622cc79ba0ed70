"""Week by week: how many questions were answered alone, how many answers helped, and the part of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, select

from knowledge.calendar import CHINA
from storage.tables import answers
from storage.transaction import Tx

WEEKS = 12


@dataclass(frozen=True, slots=True)
class Week:
    """``alone``: answered, and nobody wanted a person or found it no help. ``helped`` of ``judged``: who said what."""

    monday: date
    asked: int
    alone: int
    helped: int
    judged: int


def weeks(tx: Tx, *where: ColumnElement[bool], number: int = WEEKS) -> Sequence[Week]:
    """The oldest first, the last one as far as it has come. Weeks begin on Monday in Chongqing."""
    today = tx.now.astimezone(CHINA).date()
    monday = today - timedelta(days=today.weekday())
    return [_week(tx, monday - timedelta(weeks=back), *where) for back in reversed(range(number))]


def _week(tx: Tx, monday: date, *where: ColumnElement[bool]) -> Week:
    begins = datetime(monday.year, monday.month, monday.day, tzinfo=CHINA).astimezone(UTC)
    sure = answers.c.entry.is_not(None) & func.coalesce(answers.c.verdict, "").not_in(("not_helpful", "person"))
    columns = (
        func.count(),
        func.sum(case((sure, 1), else_=0)),
        func.sum(case((answers.c.verdict == "helpful", 1), else_=0)),
        func.sum(case((answers.c.verdict.is_not(None), 1), else_=0)),
    )
    then = and_(answers.c.given_at >= begins, answers.c.given_at < begins + timedelta(weeks=1))
    row = tx.tuples(select(*columns).where(then, *where))[0]
    return Week(monday, *(int(n or 0) for n in row))
