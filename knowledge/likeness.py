"""How likely two tickets are one matter, and what speaks for it (WO-18): a suggestion for staff, with its reasons.

Pure. Points and their limits are data (``data/matters.yaml``); words are compared by the pairs the search cuts them into.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from knowledge.datafiles import DATA, Field, read
from knowledge.folding import fold
from knowledge.notice import Words
from knowledge.searching import grams

FILE = DATA / "matters.yaml"
REASONS = ("person", "building", "unit", "topic", "category", "near", "words", "elsewhere")
SHARED_WORDS = 3
"""Words two tickets have in common that are named to staff."""
_CHINESE = re.compile(r"[\u3400-\u9fff]+|[a-z]{4,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What a ticket is compared by; ``said`` is its title and its resident's words."""

    id: int
    resident_id: int
    category: str | None
    topic: str | None
    building: str | None
    unit: str | None
    said: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Likeness:
    """``reasons`` are of ``REASONS``, the weightiest first; ``words`` are those both say."""

    points: float
    reasons: tuple[str, ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rules:
    """All of the file but what is said of incidents."""

    span: timedelta
    near: timedelta
    least: float
    shown: int
    points: Mapping[str, float]
    often: int
    links: Mapping[str, Words]


@cache
def shipped() -> Rules:
    root = read(FILE).only("checked_on", "likeness", "often", "links", "incidents")
    told = root["likeness"].only("days", "near_hours", "least", "shown", "points")
    return Rules(
        span=timedelta(days=told["days"].integer(least=1)),
        near=timedelta(hours=told["near_hours"].integer(least=1)),
        least=told["least"].number(),
        shown=told["shown"].integer(least=1),
        points={name: field.number() for name, field in told["points"].only(*REASONS).fields().items()},
        often=root["often"].integer(least=2),
        links=named(root["links"]),
    )


def named(field: Field) -> dict[str, Words]:
    """A table of names in both languages."""
    return {key: Words(one["zh"].text(), one["en"].text()) for key, one in field.fields().items()}


def likeness(one: Facts, other: Facts) -> Likeness | None:
    """None where they are too far apart in time, or too little speaks for it."""
    rules = shipped()
    apart = abs(one.opened_at - other.opened_at)
    if one.id == other.id or apart > rules.span:
        return None
    part, words = _words(one.said, other.said)
    weights = dict.fromkeys(_shared(one, other, apart <= rules.near), 1.0) | ({"words": part} if part else {})
    points = {name: rules.points[name] * weight for name, weight in weights.items()}
    total = sum(points.values())
    if total < rules.least:
        return None
    reasons = sorted((name for name, value in points.items() if value > 0), key=lambda name: -points[name])
    return Likeness(total, tuple(name for name in reasons if name != "words" or words), words)


def _shared(one: Facts, other: Facts, near: bool) -> Iterable[str]:
    """What both have, besides words."""
    same = {name: getattr(one, name) is not None and getattr(one, name) == getattr(other, name) for name in _COMPARED}
    yield from (_COMPARED[name] for name, shared in same.items() if shared and (name != "unit" or same["building"]))
    if one.building and other.building and not same["building"]:
        yield "elsewhere"
    if near:
        yield "near"


_COMPARED = {
    "resident_id": "person",
    "building": "building",
    "unit": "unit",
    "topic": "topic",
    "category": "category",
}


def _words(one: str, other: str) -> tuple[float, tuple[str, ...]]:
    """Which part of the shorter one's words the other has as well, and the longest of them."""
    mine, theirs = (set(map(_plain, grams(text))) for text in (one, other))
    if not mine or not theirs:
        return 0.0, ()
    shared = mine & theirs
    return len(shared) / min(len(mine), len(theirs)), tuple(_longest(one, shared))


def _plain(gram: str) -> str:
    return gram.lstrip("*")


def _longest(text: str, shared: set[str]) -> list[str]:
    """Stretches of the text that the other has too: neighbouring pairs are one word again."""
    runs = [run for piece in _CHINESE.findall(fold(text, keep_gaps=True)) for run in _runs(piece, shared)]
    whole = [run for run in dict.fromkeys(runs) if not any(run != other and run in other for other in runs)]
    return sorted(whole, key=lambda run: -len(run))[:SHARED_WORDS]


def _runs(piece: str, shared: set[str]) -> list[str]:
    if piece.isascii():
        return [piece] if grams(piece) <= shared else []
    found, begin = [], None
    for place in range(len(piece)):
        together = piece[place : place + 2] in shared
        if together and begin is None:
            begin = place
        if not together and begin is not None:
            found.append(piece[begin : place + 1])
            begin = None
    return found
