"""What kinds of occasions there are and what each needs, and every span of time they are watched by: data.

``data/occasions.yaml``; `DataError` names file and line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from knowledge.datafiles import DATA, Field, read
from knowledge.notice import Words, words

Kind = Literal["shift", "event"]
KINDS: Mapping[str, Kind] = {"shift": "shift", "event": "event"}


@dataclass(frozen=True, slots=True)
class Category:
    """A kind of occasion and what it needs; ``risks`` are told before (VO-04)."""

    id: str
    kind: Kind
    name: Words
    heard: re.Pattern[str]
    pair: bool
    insured: bool
    family: bool
    least_age: int
    risks: Words | None


@dataclass(frozen=True, slots=True)
class Limits:
    most_places: int
    most_party: int
    longest: timedelta
    furthest: timedelta
    listed: timedelta


@dataclass(frozen=True, slots=True)
class Clocks:
    """Spans before the start or after the end, and the hours nobody is reminded before."""

    day_before: int
    day_before_at: time
    soon: timedelta
    soon_not_before: time
    check_in: timedelta
    check_out: timedelta
    too_few: timedelta
    not_alone: timedelta
    late: timedelta
    ask_attendance: timedelta


@dataclass(frozen=True, slots=True)
class Rules:
    categories: Mapping[str, Category]
    """By kind and id, as in "shift:order"."""
    limits: Limits
    clocks: Clocks


def category(kind: str, name: str) -> Category:
    """KeyError for one that does not exist."""
    return shipped().categories[f"{kind}:{name}"]


@cache
def shipped() -> Rules:
    return load(DATA / "occasions.yaml")


def load(path: Path) -> Rules:
    """`DataError` for anything wrong."""
    root = read(path).only("shifts", "events", "limits", "clocks")
    groups: Sequence[tuple[Kind, str]] = (("shift", "shifts"), ("event", "events"))
    kinds = [_category(kind, name, item) for kind, key in groups for name, item in root[key].fields().items()]
    return Rules({f"{one.kind}:{one.id}": one for one in kinds}, _limits(root["limits"]), _clocks(root["clocks"]))


def _category(kind: Kind, name: str, item: Field) -> Category:
    item.only("name", "words", optional=("pair", "insured", "family", "least_age", "risks"))
    flags = {key: found.flag() if (found := item.get(key)) else False for key in ("pair", "insured", "family")}
    risks, age = item.get("risks"), item.get("least_age")
    if kind == "shift" and risks is None:
        item.fail("the risks of a shift must be told (VO-04)")
    return Category(
        id=name, kind=kind, name=words(item["name"]), heard=_pattern(item["words"]), **flags,
        least_age=age.integer(least=0, most=99) if age else 0, risks=words(risks) if risks else None,
    )  # fmt: skip


def _pattern(field: Field) -> re.Pattern[str]:
    try:
        return re.compile(field.text(), re.I)
    except re.error as problem:
        field.fail(f"this pattern does not work: {problem}")


def _limits(field: Field) -> Limits:
    names = ("most_places", "most_party", "longest_hours", "furthest_days", "listed_days")
    field.only(*names)
    places, party, hours, furthest, listed = (field[name].integer(least=1) for name in names)
    return Limits(places, party, timedelta(hours=hours), timedelta(days=furthest), timedelta(days=listed))


def _clocks(field: Field) -> Clocks:
    names = ("remind_day", "remind_soon", "check_in", "check_out", "too_few", "not_alone", "late", "ask_attendance")
    field.only(*names)
    day, soon, opens, closes, few, alone, late, ask = (field[name] for name in names)
    for one in (day, soon, opens, closes, few, alone, late, ask):
        one["rule"].text()
    return Clocks(
        day_before=day["days"].integer(least=1), day_before_at=_hour(day["at"]),
        soon=_span(soon, "minutes"), soon_not_before=_hour(soon["not_before"]), check_in=_span(opens, "opens"),
        check_out=_span(closes, "waits"), too_few=_span(few, "hours"), not_alone=_span(alone, "minutes"),
        late=_span(late, "hours"), ask_attendance=_span(ask, "minutes"),
    )  # fmt: skip


def _span(field: Field, key: str) -> timedelta:
    amount = field[key].integer(least=1)
    return timedelta(hours=amount) if key == "hours" else timedelta(minutes=amount)


def _hour(field: Field) -> time:
    try:
        return time.fromisoformat(field.text())
    except ValueError:
        field.fail(f"{field.text()!r} is not a time like 18:00")
