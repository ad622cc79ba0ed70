"""Household duty (包户, S-07) as rules: kinds of household, how often each is visited, when a missed visit climbs.

Pure, from ``data/households.yaml``. Days count to the office's closing; a day nobody works moves to the next one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from knowledge.calendar import OfficeCalendar
from knowledge.datafiles import DATA, Field, read
from knowledge.escalation import Level
from knowledge.notice import Words, words

CHINA = ZoneInfo("Asia/Shanghai")
EVENING = time(18)
WAYS = ("visit", "phone")
MET = ("seen", "not_in", "declined")
AGREED = ("written", "spoken", "guardian")
ENDS = ("wish", "moved", "better", "mistake")


@dataclass(frozen=True, slots=True)
class Kind:
    """``days`` from one visit to the next."""

    key: str
    name: Words
    days: int


@dataclass(frozen=True, slots=True)
class Rules:
    kinds: Mapping[str, Kind]
    longest: int
    not_met: int
    climb: tuple[timedelta, timedelta]
    look: timedelta
    wish: timedelta
    reasons: Mapping[str, Words]


@cache
def rules() -> Rules:
    return load(DATA / "households.yaml")


def load(path: Path) -> Rules:
    """`DataError` for anything missing, unknown or given twice."""
    root = read(path).only(
        "checked_on", "kinds", "longest_days", "not_met_days", "climb_days", "look_minutes", "wish_days", "reasons"
    )
    root["checked_on"].day()
    longest = root["longest_days"].integer(least=1)
    first, second = _climb(root["climb_days"])
    return Rules(
        kinds=_kinds(root["kinds"], longest),
        longest=longest,
        not_met=root["not_met_days"].integer(least=1),
        climb=(timedelta(days=first), timedelta(days=second)),
        look=timedelta(minutes=root["look_minutes"].integer(least=1)),
        wish=timedelta(days=root["wish_days"].integer(least=1)),
        reasons={key: words(field) for key, field in root["reasons"].fields().items()},
    )


def _kinds(field: Field, longest: int) -> Mapping[str, Kind]:
    found: dict[str, Kind] = {}
    for item in field.items():
        item.only("key", "name", "days")
        key = item["key"].text()
        if key in found:
            item.fail(f"kind {key!r} is given twice")
        found[key] = Kind(key, words(item["name"]), item["days"].integer(least=1, most=longest))
    return found


def _climb(field: Field) -> tuple[int, int]:
    days = [item.integer(least=1) for item in field.items()]
    if len(days) != 2 or days[0] >= days[1]:
        field.fail("expected two numbers of days, the second greater")
    return days[0], days[1]


def next_visit(kind: str, own_days: int | None, *, since: datetime, met: str, office: OfficeCalendar) -> datetime:
    """When somebody should have been there again."""
    rule = rules()
    days = own_days or rule.kinds[kind].days
    if met == "not_in":
        days = min(days, rule.not_met)
    return by_evening(since.astimezone(CHINA).date() + timedelta(days=days), office)


def by_evening(day: date, office: OfficeCalendar) -> datetime:
    """The end of that day, or of the next one somebody works."""
    while not office.is_working_day(day):
        day += timedelta(days=1)
    return datetime.combine(day, EVENING, CHINA)


def climbed(due_at: datetime, now: datetime) -> Level | None:
    """Who must have heard by now that nobody has been there; None before the day is over."""
    if now < due_at:
        return None
    first, second = rules().climb
    reached = Level.COMMITTEE if now >= due_at + first else Level.DESK
    return Level.SUBDISTRICT if now >= due_at + second else reached
