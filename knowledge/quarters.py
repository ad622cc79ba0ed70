"""Quarters, and when what happened in one must have been published (DI-01): the 15th of the month behind it.

A 15th nobody works is no excuse: then it is the last working day before it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from knowledge.calendar import OFFICE, OfficeCalendar
from knowledge.folding import fold
from knowledge.notice import notice

_WRITTEN = re.compile(r"(20\d\d)Q([1-4])")
_NUMBERED = re.compile(
    r"(?:(?P<year>20\d\d)年?|(?P<last>去年|last year'?s?) ?)?(?:第?(?P<zh>[一二三四1-4])个?季度|\bq(?P<en>[1-4])\b)"
)
_BEFORE = re.compile(r"上(?:一)?(?:个)?季(?:度)?|last quarter|previous quarter")
_DIGITS = {"一": 1, "二": 2, "三": 3, "四": 4}


@dataclass(frozen=True, slots=True, order=True)
class Quarter:
    """A quarter of a year; written 2026Q3."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year}Q{self.number}"

    @property
    def following(self) -> Quarter:
        return Quarter(self.year + self.number // 4, self.number % 4 + 1)

    @property
    def preceding(self) -> Quarter:
        return Quarter(self.year, self.number - 1) if self.number > 1 else Quarter(self.year - 1, 4)

    def words(self, language: str) -> str:
        """2026年第三季度; Q3 2026."""
        if language.startswith("en"):
            return f"Q{self.number} {self.year}"
        return f"{self.year}年第{'一二三四'[self.number - 1]}季度"


def written(text: str) -> Quarter:
    """A quarter from how it is kept; ValueError for anything else."""
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError(f"no quarter: {text!r}")
    return Quarter(int(found[1]), int(found[2]))


def quarter_of(day: date) -> Quarter:
    return Quarter(day.year, (day.month + 2) // 3)


def reported(today: date) -> Quarter:
    """The quarter that is over: the one to be read about now, or very soon."""
    return quarter_of(today).preceding


def due_on(quarter: Quarter, office: OfficeCalendar = OFFICE) -> date:
    """The last day on which it may be published."""
    after = quarter.following
    day = date(after.year, after.number * 3 - 2, notice().figure("disclosure_day").values[0])
    while not office.is_working_day(day):
        day -= timedelta(days=1)
    return day


def asked_for(text: str, today: date) -> Quarter | None:
    """The quarter somebody names: 上季度, 第三季度, 2026年一季度, Q3; the last such one that has begun."""
    plain = fold(text)
    if _BEFORE.search(plain):
        return reported(today)
    found = _NUMBERED.search(plain)
    if found is None:
        return None
    number = int(found["en"] or _DIGITS.get(found["zh"], 0) or found["zh"])
    if found["year"] or found["last"]:
        return Quarter(int(found["year"] or today.year - 1), number)
    here = Quarter(today.year, number)
    return here if here <= quarter_of(today) else Quarter(today.year - 1, number)
