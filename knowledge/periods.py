"""Spans of days that people report on: this week, last month, a quarter, their own; days are those of Chongqing.

A span is added up from whole months where it holds them, and from single days at its edges.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from knowledge.calendar import CHINA
from knowledge.quarters import quarter_of

KINDS = ("this_week", "last_week", "this_month", "last_month", "quarter", "last_quarter", "own")
LONGEST = 800
"""Days: two years and a bit."""
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first to the last day, both counted."""

    first: date
    last: date

    def __contains__(self, day: str) -> bool:
        return self.first.isoformat() <= day <= self.last.isoformat()

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def begins(self) -> datetime:
        return _midnight(self.first)

    @property
    def ends(self) -> datetime:
        """The first instant behind it."""
        return _midnight(self.last + A_DAY)

    @property
    def whole_month(self) -> bool:
        return self == month_of(self.first)

    def spans(self) -> list[str]:
        """What it is added up from: months ``2026-11`` and days ``2026-11-23``, none twice, none left out."""
        return list(self._spans())

    def _spans(self) -> Iterator[str]:
        day = self.first
        while day <= self.last:
            month = month_of(day)
            if day == month.first and month.last <= self.last:
                yield month_key(day)
                day = month.last + A_DAY
            else:
                yield day.isoformat()
                day += A_DAY

    def day_keys(self) -> list[str]:
        return [(self.first + timedelta(days=number)).isoformat() for number in range(self.days)]

    def before(self) -> Period:
        """What it is compared with: the month before a month, otherwise as many days just before."""
        if self.whole_month:
            return month_of(self.first - A_DAY)
        return Period(self.first - timedelta(days=self.days), self.first - A_DAY)

    def a_year_before(self) -> Period:
        """The same month of last year; otherwise the same days, 52 weeks before."""
        if self.whole_month:
            return month_of(date(self.first.year - 1, self.first.month, 1))
        return Period(self.first - timedelta(weeks=52), self.last - timedelta(weeks=52))


def month_key(day: date) -> str:
    return f"{day:%Y-%m}"


def week_of(day: date) -> Period:
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=6))


def month_of(day: date) -> Period:
    first = day.replace(day=1)
    return Period(first, (first + timedelta(days=31)).replace(day=1) - A_DAY)


def month_named(written: str) -> Period:
    """``2026-11``; ValueError for anything else."""
    if len(written) != 7:
        raise ValueError(f"no month: {written!r}")
    return month_of(date.fromisoformat(f"{written}-01"))


def named(kind: str, today: date) -> Period:
    """One of ``KINDS`` but ``own``; KeyError for another name. What is running ends today."""
    if kind in ("quarter", "last_quarter"):
        return _quarter(today, last=kind == "last_quarter")
    first, earlier = {"week": (week_of, 7), "month": (month_of, 1)}[kind.partition("_")[2]]
    running = first(today)
    if kind.startswith("this"):
        return Period(running.first, today)
    return first(running.first - timedelta(days=earlier))


def _quarter(today: date, *, last: bool) -> Period:
    chosen = quarter_of(today).preceding if last else quarter_of(today)
    first = date(chosen.year, chosen.number * 3 - 2, 1)
    whole = Period(first, month_of(date(chosen.year, chosen.number * 3, 1)).last)
    return whole if last else Period(first, today)


def day_of(moment: datetime) -> date:
    return moment.astimezone(CHINA).date()


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA).astimezone(UTC)
