"""The numbers to ring and what to do first, for each kind of danger (EM-01 … EM-14).

Residents see these texts in the worst minutes of their lives: one short calm message each, approved by the operator,
never a diagnosis, a promise of secrecy or a lecture. Kept in `data/emergency.yaml`; `DataError` names file and line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from types import MappingProxyType

from knowledge.danger import KINDS
from knowledge.datafiles import DATA, Field, read
from knowledge.notice import Words, words


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


@cache
def shipped_emergencies() -> Mapping[str, Emergency]:
    """What to do, by kind of danger."""
    return load_emergencies(DATA / "emergency.yaml")


def load_emergencies(path: Path) -> Mapping[str, Emergency]:
    """Read the emergency file; every number a kind names must be in its table of lines."""
    root = read(path)
    known = _lines(root)
    found = {kind: _emergency(kind, field, known) for kind, field in root["kinds"].fields().items()}
    if missing := KINDS.keys() - found.keys():
        root["kinds"].fail(f"missing: {', '.join(sorted(missing))}")
    return MappingProxyType(found)


def _lines(root: Field) -> Mapping[str, EmergencyLine]:
    root.only("lines", "kinds")
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


def _emergency(kind: str, field: Field, known: Mapping[str, EmergencyLine]) -> Emergency:
    field.only("name", "numbers", "first_steps", "asks", optional=("quiet", "report_duty"))
    duty, quiet = field.get("report_duty"), field.get("quiet")
    for item in field["numbers"].items():
        if item.text() not in known:
            item.fail(f"{item.text()} is not in the table of lines")
    return Emergency(
        kind=kind,
        name=words(field["name"]),
        numbers=field["numbers"].texts(),
        first_steps=words(field["first_steps"]),
        asks=words(field["asks"]),
        quiet=quiet.flag() if quiet else False,
        report_duty=duty.text() if duty else None,
    )
