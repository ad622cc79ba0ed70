"""The quarter's way to the board: steps with their days, when a step climbs, and the catalogue's columns (DI-01 to DI-07).

Pure, from ``data/disclosure_calendar.yaml``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from knowledge.calendar import OFFICE, OfficeCalendar
from knowledge.datafiles import DATA, Field, read
from knowledge.disclosure import rules as matter_rules
from knowledge.escalation import Level
from knowledge.notice import Words, words
from knowledge.quarters import Quarter, due_on

CHINA = ZoneInfo("Asia/Shanghai")
EVENING = time(18)
Who = Literal["desk", "watch"]
WHO: Mapping[str, Who] = {"desk": "desk", "watch": "watch"}
WHEN = ("quarter", "at_once")
ORDER = ("collect", "check", "watch", "publish", "archive")


@dataclass(frozen=True, slots=True)
class Step:
    """``day`` of the month behind the quarter; ``who`` ticks it off."""

    key: str
    day: int
    who: Who
    name: Words
    says: Words


@dataclass(frozen=True, slots=True)
class Entry:
    """What the catalogue says of a matter beside its name (DI-06)."""

    basis: Words
    when: str
    by: Words
    focus: bool


@dataclass(frozen=True, slots=True)
class Rules:
    steps: Mapping[str, Step]
    remind: timedelta
    climb: tuple[timedelta, timedelta]
    at_once: timedelta
    posted: timedelta
    answer: timedelta
    catalogue: Mapping[str, Entry]


@cache
def rules() -> Rules:
    return load(DATA / "disclosure_calendar.yaml")


def load(path: Path) -> Rules:
    """`DataError` for anything missing, unknown, out of order, or a matter without its columns."""
    spans = ("remind_days", "at_once_days", "posted_days", "answer_days")
    root = read(path).only("checked_on", "steps", "climb_days", "catalogue", *spans)
    root["checked_on"].day()
    remind, at_once, posted, answer = (timedelta(days=root[name].integer(least=1)) for name in spans)
    climb = [timedelta(days=item.integer(least=1)) for item in root["climb_days"].items()]
    if len(climb) != 2 or climb[0] >= climb[1]:
        root["climb_days"].fail("expected two numbers of days, the second greater")
    return Rules(
        _steps(root["steps"]), remind, (climb[0], climb[1]), at_once, posted, answer, _catalogue(root["catalogue"])
    )


def _steps(field: Field) -> Mapping[str, Step]:
    found = {step.key: step for step in map(_step, field.items())}
    if tuple(found) != ORDER or sorted(found.values(), key=lambda one: one.day) != list(found.values()):
        field.fail(f"expected the steps {', '.join(ORDER)}, each with a later day than the one before")
    return found


def _step(item: Field) -> Step:
    item.only("key", "day", "who", "name", "says")
    day = item["day"].integer(least=1, most=28)
    return Step(item["key"].text(), day, item["who"].choice(WHO), words(item["name"]), words(item["says"]))


def _catalogue(field: Field) -> Mapping[str, Entry]:
    matters = matter_rules().matters
    found = {key: _entry(item) for key, item in field.only(*matters).fields().items()}
    return {key: found[key] for key in matters}


def _entry(item: Field) -> Entry:
    item.only("basis", "when", "by", "focus")
    when = item["when"].choice({one: one for one in WHEN})
    return Entry(words(item["basis"]), when, words(item["by"]), item["focus"].flag())


def due_at(quarter: Quarter, step: str, office: OfficeCalendar = OFFICE) -> datetime:
    """The end of a step's last day. Publishing keeps the notice's day; before it days move back, the archive's on."""
    if step == "publish":
        return _evening(due_on(quarter, office))
    after = quarter.following
    day = date(after.year, after.number * 3 - 2, rules().steps[step].day)
    return _evening(_worked(day, office, forward=step == "archive"))


def _worked(day: date, office: OfficeCalendar, *, forward: bool) -> date:
    """A working day of the same month: before it where there is one, behind it else."""
    found = day
    while not office.is_working_day(found):
        found += timedelta(days=1 if forward else -1)
    return found if found.month == day.month or forward else _worked(day, office, forward=True)


def over_at(quarter: Quarter) -> datetime:
    """When a quarter is over."""
    after = quarter.following
    return datetime(after.year, after.number * 3 - 2, 1, tzinfo=CHINA)


def _evening(day: date) -> datetime:
    return datetime.combine(day, EVENING, CHINA)


def climbed(due: datetime, now: datetime) -> Level | None:
    """Who must have heard by now that a step is late; None before its day is over."""
    if now < due:
        return None
    first, second = rules().climb
    reached = Level.COMMITTEE if now >= due + first else Level.DESK
    return Level.SUBDISTRICT if now >= due + second else reached


def before(step: str) -> str | None:
    """The step that comes first."""
    place = ORDER.index(step)
    return ORDER[place - 1] if place else None


def late_at_once(happened_on: date, published_at: datetime) -> bool:
    """Whether an important matter was published later than it should have been (DI-01)."""
    return published_at.astimezone(CHINA).date() > happened_on + rules().at_once
