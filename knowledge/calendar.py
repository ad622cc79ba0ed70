"""Working time: official holidays, make-up working days (调休) and office hours in Asia/Shanghai.

Deadlines come back as absolute UTC instants. Years whose holidays are not announced yet are counted as plain
weekdays, and everything that touched such a day says so (`provisional`): recompute it when the year arrives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from types import MappingProxyType
from zoneinfo import ZoneInfo

import chinese_calendar

CHINA = ZoneInfo("Asia/Shanghai")
Hours = tuple[tuple[time, time], ...]
WEEKDAY_HOURS: Hours = ((time(9), time(12)), (time(14), time(18)))
_FURTHEST = 3700  # days searched before concluding that the office never opens


def in_order(hours: Hours) -> bool:
    """Whether these can be opening hours: at least one span, each ending after it begins, none overlapping."""
    moments = [moment for span in hours for moment in span]
    return bool(moments) and all(earlier < later for earlier, later in pairwise(moments))


@dataclass(frozen=True, slots=True)
class Promise:
    """When something is due (aware UTC), by which rule, and whether unannounced holidays may still move it."""

    due_at: datetime
    rule: str
    provisional: bool = False


@dataclass(frozen=True, slots=True)
class OfficeCalendar:
    """When this office works.

    `hours` are local spans in order, none crossing midnight, and `changed` those that hold from a day on; `overrides` are
    an admin's own days (True: open), which beat the official calendar and are never provisional.
    """

    hours: Hours = WEEKDAY_HOURS
    overrides: Mapping[date, bool] = field(default_factory=lambda: MappingProxyType({}))
    changed: Mapping[date, Hours] = field(default_factory=lambda: MappingProxyType({}))

    def __post_init__(self) -> None:
        for hours in (self.hours, *self.changed.values()):
            if not in_order(hours):
                raise ValueError("office hours must be spans in order, each ending after it begins")

    def hours_on(self, day: date) -> Hours:
        """The opening hours of a day, were it worked."""
        since = max((begun for begun in self.changed if begun <= day), default=None)
        return self.hours if since is None else self.changed[since]

    def is_working_day(self, day: date) -> bool:
        """By the override, else the official calendar, else Monday to Friday."""
        if day in self.overrides:
            return self.overrides[day]
        announced = _official(day)
        return day.weekday() < 5 if announced is None else announced

    def is_provisional(self, day: date) -> bool:
        """True when nobody has announced yet whether `day` is worked."""
        return day not in self.overrides and _official(day) is None

    def is_open(self, now: datetime) -> bool:
        """Whether somebody is at the desk at `now` (aware)."""
        return any(opens <= now < closes for opens, closes in self._spans(_local_day(now)))

    def next_opening(self, now: datetime) -> datetime:
        """`now` itself while open, else the next moment the office opens; UTC."""
        opens, _ = next(self._open_after(now))
        return opens

    def add_working_days(self, now: datetime, days: int, *, rule: str = "") -> Promise:
        """The closing time of the `days`-th working day after `now`'s local day, which itself is not counted."""
        if days < 1:
            raise ValueError(f"at least one working day, not {days}")
        day, left, provisional = _local_day(now), days, False
        while left:
            day += timedelta(days=1)
            provisional |= self.is_provisional(day)
            left -= self.is_working_day(day)
        return Promise(self._spans(day)[-1][1], rule or f"{days} working days", provisional)

    def add_working_hours(self, now: datetime, hours: float, *, rule: str = "") -> Promise:
        """`now` plus `hours` of open office, lunch and nights left out."""
        if hours <= 0:
            raise ValueError(f"more than no time, not {hours}")
        left = timedelta(hours=hours)
        for opens, closes in self._open_after(now):
            if left <= closes - opens:
                return Promise(opens + left, rule or f"{hours:g} working hours", self._provisional_between(now, opens))
            left -= closes - opens
        raise AssertionError("unreachable: _open_after is endless or raises")

    def add_hours(self, now: datetime, hours: float, *, rule: str = "") -> Promise:
        """Plain clock time, day and night."""
        return Promise((now + timedelta(hours=hours)).astimezone(UTC), rule or f"{hours:g} hours")

    def closing(self, day: date) -> datetime | None:
        """When the office closes that day (UTC); None on a day nobody works."""
        spans = self._spans(day)
        return spans[-1][1] if spans else None

    def open_between(self, start: datetime, end: datetime) -> timedelta:
        """How long the office is open between two instants (aware)."""
        total, day, last = timedelta(), _local_day(start), _local_day(end)
        while day <= last:
            shared = (min(closes, end) - max(opens, start) for opens, closes in self._spans(day))
            total += sum((part for part in shared if part > timedelta()), timedelta())
            day += timedelta(days=1)
        return total

    def day_length(self, on: datetime | None = None) -> timedelta:
        """How long a working day is open, by the hours of the day it is `on`."""
        hours = self.hours if on is None else self.hours_on(_local_day(on))
        return sum((_length(span) for span in hours), timedelta())

    def spans_after(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The stretches of open office from `now` on, the first one cut where `now` is; UTC, without end."""
        return self._open_after(now)

    def was_open_within(self, span: timedelta, now: datetime) -> bool:
        """Whether the office is open, or shut less than `span` ago."""
        return self.is_open(now) or self.next_opening(now - span) < now

    def _open_after(self, now: datetime) -> Iterator[tuple[datetime, datetime]]:
        today = _local_day(now)
        for offset in range(_FURTHEST):
            for opens, closes in self._spans(today + timedelta(days=offset)):
                if closes > now:
                    yield max(opens, now).astimezone(UTC), closes
        raise ValueError("this office never opens: check the calendar's overrides")

    def _spans(self, day: date) -> list[tuple[datetime, datetime]]:
        if not self.is_working_day(day):
            return []
        return [(_at(day, opens), _at(day, closes)) for opens, closes in self.hours_on(day)]

    def _provisional_between(self, first: datetime, last: datetime) -> bool:
        day, end = _local_day(first), _local_day(last)
        while day <= end:
            if self.is_provisional(day):
                return True
            day += timedelta(days=1)
        return False


OFFICE = OfficeCalendar()


def add_working_days(now: datetime, days: int, *, office: OfficeCalendar = OFFICE, rule: str = "") -> Promise:
    """See `OfficeCalendar.add_working_days`."""
    return office.add_working_days(now, days, rule=rule)


def add_working_hours(now: datetime, hours: float, *, office: OfficeCalendar = OFFICE, rule: str = "") -> Promise:
    """See `OfficeCalendar.add_working_hours`."""
    return office.add_working_hours(now, hours, rule=rule)


def is_open(now: datetime, *, office: OfficeCalendar = OFFICE) -> bool:
    """See `OfficeCalendar.is_open`."""
    return office.is_open(now)


def next_opening(now: datetime, *, office: OfficeCalendar = OFFICE) -> datetime:
    """See `OfficeCalendar.next_opening`."""
    return office.next_opening(now)


def announced_until() -> int:
    """The last year whose holidays are known."""
    return max(int(day.year) for day in chinese_calendar.holidays)


def official(day: date) -> bool | None:
    """What is announced of a day; None where its year is not."""
    return _official(day)


def _official(day: date) -> bool | None:
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:  # the year is not announced (or long past)
        return None


def _local_day(now: datetime) -> date:
    if now.tzinfo is None:
        raise ValueError("time must be aware")
    return now.astimezone(CHINA).date()


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, CHINA).astimezone(UTC)


def _length(span: tuple[time, time]) -> timedelta:
    return datetime.combine(date.min, span[1]) - datetime.combine(date.min, span[0])
