"""The numbers to ring and what to do first, for each kind of danger (EM-01 … EM-14).

Residents see these texts in the worst minutes of their lives: one short calm message each, approved by the operator,
never a diagnosis, a promise of secrecy or a lecture. Kept in `data/emergency.yaml`; `DataError` names file and line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

from knowledge.danger import KINDS
from knowledge.datafiles import DATA, Field, read
from knowledge.notice import Words, words
from knowledge.patterns import alternatives


@dataclass(frozen=True, slots=True)
class EmergencyLine:
    """A telephone number shown to residents (EM-01). `verified` is False until an operator has checked it."""

    number: str
    what_for: Words
    hours: Words
    checked_on: date
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to tick off before an alarm ends."""

    id: str
    text: Words
    rule: str


CHILD_DUTY = "EM-09"


@dataclass(frozen=True, slots=True)
class Emergency:
    """What to do about one kind of danger: which numbers, in order, what to say at once, and how to speak on."""

    kind: str
    name: Words
    numbers: tuple[str, ...]
    first_steps: Words
    asks: Words
    quiet: bool
    """answer only here: no call-back, no notice to a number somebody else may hold (EM-07)"""
    report_duty: str | None
    """the rule by which staff must report (EM-06, EM-09), or None"""
    private: bool
    """nothing of it stands in the staff group, and only whoever looks after it reads the words (EM-04, EM-07)"""
    care: bool
    """ending it needs a care note: who goes on looking after them (EM-03)"""
    checks: tuple[Check, ...]
    child_numbers: tuple[str, ...]
    child_steps: Words | None
    child_asks: Words | None

    def steps_for(self, *, child: bool) -> Words:
        """What is said at once; a child is spoken to in plain words (EM-11)."""
        return self.child_steps if child and self.child_steps else self.first_steps

    def numbers_for(self, *, child: bool) -> tuple[str, ...]:
        return self.child_numbers if child and self.child_numbers else self.numbers

    def asks_for(self, *, child: bool) -> Words:
        return self.child_asks if child and self.child_asks else self.asks

    def duty(self, *, child: bool) -> str | None:
        """The rule by which whoever takes it must report; a child that writes is reason enough (EM-09)."""
        return CHILD_DUTY if child and self.care else self.report_duty


def emergency(kind: str) -> Emergency:
    """What to do about a danger; a kind the file does not know is treated as `other`."""
    known = shipped_emergencies()
    return known.get(kind) or known["other"]


def emergency_line(kind: str) -> EmergencyLine:
    """The first number to ring for a danger of `kind`."""
    return emergency_lines(kind)[0]


def emergency_lines(kind: str) -> tuple[EmergencyLine, ...]:
    """Every number that fits a danger of `kind`, the most urgent first."""
    return tuple(lines()[number] for number in emergency(kind).numbers)


def first_steps(kind: str, language: str = "zh") -> str:
    """The one calm message that goes out at once for a danger of `kind`."""
    return emergency(kind).first_steps.get(language)


@cache
def lines() -> Mapping[str, EmergencyLine]:
    """Every number shown to residents, by number."""
    return _lines(read(DATA / "emergency.yaml"))


def by_a_child(text: str) -> bool:
    """True where the writer says, or lets one hear, that they are a child (EM-11)."""
    return _child_words().search(text) is not None


@cache
def _child_words() -> re.Pattern[str]:
    return re.compile(alternatives(read(DATA / "emergency.yaml")["child_writer"], {}), re.I)


@cache
def shipped_emergencies() -> Mapping[str, Emergency]:
    """What to do, by kind of danger."""
    return load_emergencies(DATA / "emergency.yaml")


def load_emergencies(path: Path) -> Mapping[str, Emergency]:
    """Read the emergency file; every number a kind names must be in its table of lines."""
    root = read(path)
    known = _lines(root)
    checks = {name: _check(name, field) for name, field in root["checks"].fields().items()}
    found = {kind: _emergency(kind, field, known, checks) for kind, field in root["kinds"].fields().items()}
    if missing := KINDS.keys() - found.keys():
        root["kinds"].fail(f"missing: {', '.join(sorted(missing))}")
    return MappingProxyType(found)


def _lines(root: Field) -> Mapping[str, EmergencyLine]:
    root.only("lines", "checks", "child_writer", "kinds")
    return MappingProxyType({number: _line(number, field) for number, field in root["lines"].fields().items()})


def _line(number: str, field: Field) -> EmergencyLine:
    field.only("what_for", "hours", "checked_on", "source", "verified")
    return EmergencyLine(
        number=number,
        what_for=words(field["what_for"]),
        hours=words(field["hours"]),
        checked_on=field["checked_on"].day(),
        source=field["source"].text(),
        verified=field["verified"].flag(),
    )


def _check(name: str, field: Field) -> Check:
    field.only("zh", "en", "rule")
    return Check(name, Words(field["zh"].text(), field["en"].text()), field["rule"].text())


_OPTIONAL = ("quiet", "report_duty", "private", "care", "child_numbers", "child_steps", "child_asks")


def _emergency(kind: str, field: Field, known: Mapping[str, EmergencyLine], checks: Mapping[str, Check]) -> Emergency:
    field.only("name", "numbers", "first_steps", "asks", "checks", optional=_OPTIONAL)
    duty, child_steps, child_asks = (field.get(name) for name in ("report_duty", "child_steps", "child_asks"))
    fewer = field.get("child_numbers")
    for item in (*field["numbers"].items(), *(fewer.items() if fewer else ())):
        if item.text() not in known:
            item.fail(f"{item.text()} is not in the table of lines")
    return Emergency(
        kind=kind,
        name=words(field["name"]),
        numbers=field["numbers"].texts(),
        first_steps=words(field["first_steps"]),
        asks=words(field["asks"]),
        quiet=_flag(field, "quiet"),
        report_duty=duty.text() if duty else None,
        private=_flag(field, "private"),
        care=_flag(field, "care"),
        checks=tuple(item.choice(checks) for item in field["checks"].items()),
        child_numbers=fewer.texts() if fewer else (),
        child_steps=words(child_steps) if child_steps else None,
        child_asks=words(child_asks) if child_asks else None,
    )


def _flag(field: Field, name: str) -> bool:
    found = field.get(name)
    return found.flag() if found else False
