"""The office's own days: written as an announcement is, a year entered whole, and promises counted anew (design: Time)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from knowledge.calendar import OfficeCalendar, official

DAY = timedelta(days=1)
LONGEST = 40
"""Days of one line."""
_LINE = re.compile(
    r"(?P<first>\d{4}-\d{1,2}-\d{1,2})(?:\s*(?:~|至|到|—|–|-{1,2})\s*(?P<last>\d{4}-\d{1,2}-\d{1,2}))?"
    r"\s+(?P<what>休|放假|班|上班|off|work)(?:\s+(?P<name>.*))?"
)
_OPEN = {"休": False, "放假": False, "off": False, "班": True, "上班": True, "work": True}


class Unreadable(ValueError):
    """A line that is no day; `line` is its number, from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line} is no day")
        self.line = line


@dataclass(frozen=True, slots=True)
class Day:
    """One day of an announcement."""

    day: date
    is_open: bool
    name: str


def announced(text: str, year: int) -> list[Day]:
    """Days as they are announced, one line each: "2027-02-05~2027-02-11 休 春节", "2027-01-31 班". Unreadable."""
    found: dict[date, Day] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        for day in _days(line.strip(), number, year):
            if day.day in found and found[day.day].is_open != day.is_open:
                raise Unreadable(number)
            found[day.day] = day
    return sorted(found.values(), key=lambda one: one.day)


def _days(line: str, number: int, year: int) -> Iterator[Day]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise Unreadable(number)
    try:
        first, last = (_date(match[name] or match["first"]) for name in ("first", "last"))
    except ValueError as error:
        raise Unreadable(number) from error
    if first > last or (last - first).days >= LONGEST or first.year != year or last.year != year:
        raise Unreadable(number)
    for offset in range((last - first).days + 1):
        yield Day(first + DAY * offset, _OPEN[match["what"]], (match["name"] or "").strip()[:LONGEST])


def _date(written: str) -> date:
    year, month, day = map(int, written.split("-"))
    return date(year, month, day)


def whole_year(year: int) -> dict[date, bool]:
    """Every day of a year that was entered whole, as a plain week; its own days are laid over it."""
    first = date(year, 1, 1)
    days = (first + DAY * number for number in range((date(year + 1, 1, 1) - first).days))
    return {day: day.weekday() < 5 for day in days}


def overrides(years: Iterable[int], days: Mapping[date, bool]) -> dict[date, bool]:
    """What an admin has entered: years that are not announced elsewhere, and single days, which beat everything."""
    found: dict[date, bool] = {}
    for year in years:
        if official(date(year, 1, 1)) is None:
            found |= whole_year(year)
    return found | dict(days)


def as_it_was(office: OfficeCalendar, year: int, days: Mapping[date, bool]) -> OfficeCalendar:
    """The calendar while this year was not announced: plain weekdays, but for days an admin had entered by then."""
    return OfficeCalendar(office.hours, {**office.overrides, **whole_year(year), **days}, office.changed)


def counted_anew(due_at: datetime, *, since: datetime, then: OfficeCalendar, now: OfficeCalendar) -> datetime:
    """The promise with as much open time from `since` on as it was given, by the days as they are known now."""
    given = then.open_between(since, due_at)
    if not given:
        return due_at
    return now.add_working_hours(since, given.total_seconds() / 3600).due_at
