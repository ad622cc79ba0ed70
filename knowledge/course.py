"""The days of a mediation's course: the court's thirty, when performance is asked after, before a session.

Pure. Every instant is absolute (aware UTC) and comes with the rule it follows; days are days of Asia/Shanghai.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

from knowledge.calendar import CHINA, OFFICE, OfficeCalendar
from knowledge.datafiles import DATA, read

MORNING = time(9)
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Course:
    """What ``data/agreements.yaml`` says of days, hours and months."""

    remind_court: int
    last_court: int
    after_due: int
    lasting: tuple[int, ...]
    again: int
    before_session: tuple[timedelta, ...]
    answer_session: timedelta


@cache
def shipped() -> Course:
    root = read(DATA / "agreements.yaml")
    court, visits, sessions = (root[name] for name in ("court", "visits", "sessions"))
    return Course(
        remind_court=court["remind"].integer(least=1),
        last_court=court["last"].integer(least=1),
        after_due=visits["after_due"].integer(least=1),
        lasting=tuple(one.integer(least=1) for one in visits["lasting"].items()),
        again=visits["again"].integer(least=1),
        before_session=tuple(timedelta(hours=one.integer(least=1)) for one in sessions["before"].items()),
        answer_session=timedelta(hours=sessions["answer"].integer(least=1)),
    )


def day_of(moment: datetime) -> date:
    """The day it is in Chongqing."""
    return moment.astimezone(CHINA).date()


def morning(day: date) -> datetime:
    """Nine o'clock of a day."""
    return datetime.combine(day, MORNING, CHINA).astimezone(UTC)


def end_of(day: date) -> datetime:
    """Midnight at the end of a day."""
    return datetime.combine(day + A_DAY, time(), CHINA).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Court:
    """The way to court confirmation: ``remind_at`` both are reminded; ``last_day`` is the thirtieth, ``go_by`` the last
    day on or before it on which a court works; ``provisional`` while its holidays are not announced (ME-13)."""

    remind_at: datetime
    last_day: date
    go_by: date
    provisional: bool

    @property
    def last_call_at(self) -> datetime:
        return morning(self.go_by)

    @property
    def over_at(self) -> datetime:
        return end_of(self.last_day)


def court(in_force_on: date, *, office: OfficeCalendar = OFFICE) -> Court:
    """Both together, within thirty days of taking effect; the day it took effect is not counted."""
    last = in_force_on + shipped().last_court * A_DAY
    go_by = last
    while not office.is_working_day(go_by):
        go_by -= A_DAY
    provisional = any(office.is_provisional(go_by + n * A_DAY) for n in range((last - go_by).days + 1))
    return Court(morning(in_force_on + shipped().remind_court * A_DAY), last, go_by, provisional)


def visits(due: Iterable[date | None], in_force_on: date, *, office: OfficeCalendar = OFFICE) -> list[list[datetime]]:
    """For each duty of an agreement when both sides are asked whether it was done (ME-12): the working day after its own
    day of performance; what lasts (None) after a week and after a month."""
    return [_asked(day, in_force_on, office) for day in due]


def _asked(due: date | None, in_force_on: date, office: OfficeCalendar) -> list[datetime]:
    if due is not None:
        return [_on_working_day(max(due, in_force_on), shipped().after_due, office)]
    return [_from(in_force_on + days * A_DAY, office) for days in shipped().lasting]


def ask_again(now: datetime, *, office: OfficeCalendar = OFFICE) -> datetime:
    """When "not yet" is asked after once more."""
    return _from(day_of(now) + shipped().again * A_DAY, office)


def soonest(now: datetime, *, office: OfficeCalendar = OFFICE) -> datetime:
    """The first morning from tomorrow on: what was due before it was entered is asked after then."""
    return _from(day_of(now) + A_DAY, office)


def _on_working_day(day: date, count: int, office: OfficeCalendar) -> datetime:
    while count:
        day += A_DAY
        count -= office.is_working_day(day)
    return morning(day)


def _from(day: date, office: OfficeCalendar) -> datetime:
    """The morning of that day, or of the first working day after it."""
    while not office.is_working_day(day):
        day += A_DAY
    return morning(day)
