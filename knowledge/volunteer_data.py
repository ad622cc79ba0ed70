"""What ``data/volunteers.yaml`` holds: how people offer their time and ask about it, and the figures of volunteering."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from knowledge.catalogue import CATEGORIES
from knowledge.datafiles import DATA, Field, read
from knowledge.quiet import Quiet

Part = Literal["am", "pm", "eve"]
PARTS: tuple[Part, ...] = get_args(Part)
Age = Literal["under14", "under18", "adult", "senior"]
AGES: Mapping[str, Age] = {age: age for age in get_args(Age)}
Wish = Literal["hours", "certificate", "pause", "resume", "leave", "mine"]
WISHES: Mapping[str, Wish] = {wish: wish for wish in get_args(Wish)}
Change = Literal["times", "skills"]
CHANGES: Mapping[str, Change] = {change: change for change in get_args(Change)}
_PART = re.compile(r"<([a-z_]+)>")
Pattern = re.Pattern[str]


@dataclass(frozen=True, slots=True)
class SignUpWords:
    """How a sign-up is heard: patterns, and what each stands for."""

    kinds: Mapping[str, Pattern]
    skills: tuple[Pattern, ...]
    days: tuple[tuple[Pattern, tuple[int, ...]], ...]
    one_day: Pattern
    english_day: Pattern
    parts_of_day: tuple[tuple[Pattern, tuple[Part, ...]], ...]
    busy: Pattern
    reach_all: Pattern
    reach_own: Pattern
    reach_named: Pattern
    years: Pattern
    ages: tuple[tuple[Pattern, Age], ...]
    guardian: Pattern
    with_child: Pattern
    confirm: Pattern


@dataclass(frozen=True, slots=True)
class ClaimWords:
    """How a missing entry is heard; ``spans`` are whole months or weeks back from now."""

    asks: Pattern
    about: Pattern
    hours: Pattern
    clocks: Pattern
    spans: tuple[tuple[Pattern, Literal["month", "week"], int], ...]


@dataclass(frozen=True, slots=True)
class Limits:
    longest_entry_minutes: int
    claim_back_days: int
    skills_letters: int
    open_claims: int


@dataclass(frozen=True, slots=True)
class Points:
    """What each thing that fits is worth; ``rested``: days since they were last asked, most first."""

    kind: int
    kind_open: int
    time: int
    time_unknown: int
    near: int
    rested: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class VolunteerData:
    sign_up: SignUpWords
    wishes: tuple[tuple[Wish, Pattern], ...]
    changes: tuple[tuple[Change, Pattern], ...]
    claim: ClaimWords
    limits: Limits
    quiet: Quiet
    points: Points


@cache
def shipped() -> VolunteerData:
    """The shipped data, read once."""
    return load(DATA / "volunteers.yaml")


def load(path: Path) -> VolunteerData:
    """`DataError` with its line for anything wrong."""
    root = read(path).only(
        "parts", "kinds", "skills", "days", "one_day", "english_day", "parts_of_day", "busy", "reach", "ages",
        "guardian", "with_child", "confirm", "wishes", "change", "claim", "limits", "quiet", "fit",
    )  # fmt: skip
    known = {name: field.text() for name, field in root["parts"].fields().items()}
    wishes, change = root["wishes"].only(*WISHES).fields(), root["change"].only(*CHANGES).fields()
    quiet = root["quiet"].only("from", "until")
    return VolunteerData(
        sign_up=_sign_up(root),
        wishes=tuple((WISHES[name], _lines(field, known, r"[\s.。!！?？~～]*")) for name, field in wishes.items()),
        changes=tuple((CHANGES[name], _lines(field, known, r"(?P<value>.*)")) for name, field in change.items()),
        claim=_claim(root["claim"]),
        limits=_limits(root["limits"]),
        quiet=Quiet(*(time(quiet[name].integer(least=0, most=23)) for name in ("from", "until"))),
        points=_points(root["fit"]),
    )


def _pattern(field: Field) -> Pattern:
    try:
        return re.compile(field.text(), re.I)
    except re.error as problem:
        field.fail(f"this pattern does not work: {problem}")


def _lines(field: Field, parts: Mapping[str, str], ending: str) -> Pattern:
    """The lines of one wish as one pattern; a part may be made of other parts."""
    lines = []
    for item in field.items():
        text = item.text()
        try:
            while _PART.search(text):
                text = _PART.sub(lambda found: parts[found[1]], text)
            lines.append(text)
            re.compile(text)
        except (KeyError, re.error) as problem:
            item.fail(f"this pattern does not work: {problem}")
    return re.compile(rf"(?:{'|'.join(lines)}){ending}", re.I)


def _sign_up(root: Field) -> SignUpWords:
    kinds = root["kinds"].only(*CATEGORIES["volunteer"]).fields()
    reach, ages = root["reach"].only("all", "own", "named"), root["ages"].only("years", "groups")
    return SignUpWords(
        kinds={kind: _pattern(field) for kind, field in kinds.items()},
        skills=tuple(map(_pattern, root["skills"].items())),
        days=tuple((_pattern(item["says"]), _days(item["days"])) for item in root["days"].items()),
        one_day=_pattern(root["one_day"]),
        english_day=_pattern(root["english_day"]),
        parts_of_day=tuple((_pattern(item["says"]), _parts(item["parts"])) for item in root["parts_of_day"].items()),
        busy=_pattern(root["busy"]),
        reach_all=_pattern(reach["all"]),
        reach_own=_pattern(reach["own"]),
        reach_named=_pattern(reach["named"]),
        years=_pattern(ages["years"]),
        ages=tuple((_pattern(item["says"]), item["age"].choice(AGES)) for item in ages["groups"].items()),
        guardian=_pattern(root["guardian"]),
        with_child=_pattern(root["with_child"]),
        confirm=_pattern(root["confirm"]),
    )


def _days(field: Field) -> tuple[int, ...]:
    return tuple(item.integer(least=0, most=6) for item in field.items())


def _parts(field: Field) -> tuple[Part, ...]:
    known: Mapping[str, Part] = {part: part for part in PARTS}
    return tuple(item.choice(known) for item in field.items())


def _claim(root: Field) -> ClaimWords:
    root.only("asks", "about", "hours", "clocks", "spans")
    return ClaimWords(
        _pattern(root["asks"]),
        _pattern(root["about"]),
        _pattern(root["hours"]),
        _pattern(root["clocks"]),
        tuple(map(_span, root["spans"].items())),
    )


def _span(field: Field) -> tuple[Pattern, Literal["month", "week"], int]:
    unit: Literal["month", "week"] = "month" if field.get("month") else "week"
    return _pattern(field["says"]), unit, field[unit].integer(least=-12, most=0)


def _limits(root: Field) -> Limits:
    names = tuple(Limits.__dataclass_fields__)
    return Limits(**{name: field.integer(least=1) for name, field in root.only(*names).fields().items()})


def _points(root: Field) -> Points:
    names = ("kind", "kind_open", "time", "time_unknown", "near")
    root.only(*names, "rested")
    rested = tuple((item["days"].integer(least=1), item["points"].integer(least=0)) for item in root["rested"].items())
    return Points(**{name: root[name].integer(least=0) for name in names}, rested=rested)
