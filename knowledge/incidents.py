"""Incidents: one happening that many report - which ticket belongs to which, and what must not be said to all.

Pure; kinds and spans are data (``data/matters.yaml``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from knowledge.datafiles import read
from knowledge.folding import fold
from knowledge.likeness import FILE, named
from knowledge.notice import Words

ROUTES = frozenset({"service_request", "suggestion"})
"""What can be of an incident; a dispute is between two."""


@dataclass(frozen=True, slots=True)
class Rules:
    reported_before: timedelta
    kinds: Mapping[str, Words]


@cache
def shipped() -> Rules:
    told = read(FILE)["incidents"].only("reported_before_days", "kinds")
    days = told["reported_before_days"].integer(least=0)
    return Rules(timedelta(days=days), named(told["kinds"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What and where; ``building`` None is everywhere, ``topic`` None is anything of the category."""

    category: str
    topic: str | None
    building: str | None
    unit: str | None
    since: datetime


def fits(
    happening: Happening,
    *,
    route: str,
    category: str | None,
    topic: str | None,
    building: str | None,
    unit: str | None,
    opened_at: datetime,
) -> bool:
    """A ticket may be one of its reports: a suggestion, whoever reads both decides."""
    about = topic == happening.topic if happening.topic else category == happening.category
    there = happening.building is None or building == happening.building
    same_unit = not happening.unit or not unit or unit == happening.unit
    lately = opened_at >= happening.since - shipped().reported_before
    return route in ROUTES and about and there and same_unit and lately


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whose words stand behind the answer; nothing of this may be in it."""

    name: str | None
    phone: str | None
    room: str | None


def names_somebody(text: str, people: Iterable[Person]) -> str | None:
    """The first name, telephone number or flat of a reporter that the text says; None where it says none."""
    plain, digits = fold(text, keep_gaps=True), re.sub(r"[^0-9]", "", fold(text))
    for one in people:
        if one.name and len(one.name) > 1 and fold(one.name) in plain:
            return one.name
        number = re.sub(r"\D", "", one.phone or "")
        if len(number) > 6 and number in digits:
            return str(one.phone)
        if one.room and len(one.room) > 2 and re.search(rf"(?<!\d){re.escape(one.room)}(?!\d)", plain):
            return one.room
    return None
