"""Units (承办单位) that tickets are given to: which may lead a matter, how soon they sign, why something is not accepted.

Pure, from ``data/units.yaml``; the units themselves are rows that an admin edits, seeded from the catalogue's owners.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from knowledge.catalogue import OWNERS, Category, Owner, owner_name, span_of
from knowledge.datafiles import DATA, Field, read
from knowledge.deadlines import TERMS, Span
from knowledge.folding import fold
from knowledge.life import Refusal
from knowledge.notice import Words, words
from knowledge.patterns import compiled


@dataclass(frozen=True, slots=True)
class Declining:
    """One reason of WO-06: its name for staff, what the resident reads, and the right door where one is known."""

    id: str
    name: Words
    says: Words
    door: Words | None


@dataclass(frozen=True, slots=True)
class Rules:
    """All of ``units.yaml``."""

    house: frozenset[Owner]
    community: frozenset[Owner]
    last: Owner
    about: Mapping[str, tuple[Owner, re.Pattern[str]]]
    sign: Mapping[str, Span]
    ask_after: Mapping[str, Span]
    archive_after_days: int
    supervise_after_redos: int
    follow_up_at_most_days: int
    declining: Mapping[str, Declining]


@dataclass(frozen=True, slots=True)
class Seed:
    """A unit as it is when a community begins."""

    key: Owner
    name: Words
    house: bool


def seeds() -> Iterator[Seed]:
    """One for every owner of the catalogue."""
    for owner in OWNERS.values():
        yield Seed(owner, Words(owner_name(owner), owner_name(owner, "en")), owner in shipped().house)


def suggested(kind: Category | None) -> tuple[Owner, ...]:
    """Who would lead a matter of this kind, the likeliest first; the last is whoever takes what is nobody's (WO-08)."""
    likely = (kind.owner, *kind.then) if kind else ("committee",)
    return tuple(dict.fromkeys((*likely, shipped().last)))


def complained_of(kind: Category | None, about: str | None, told: str) -> frozenset[Owner]:
    """The units a complaint is about: it is never given to them (WO-24)."""
    if kind is None or not (about or kind.hidden_from):
        return frozenset()
    plain, found = fold(told), set(kind.hidden_from)
    for answer, (owner, spoken) in shipped().about.items():
        if about == answer or (about is not None and spoken.search(plain)):
            found.add(owner)
    return frozenset(found)


def may_lead(key: str | None, kind: Category | None) -> Refusal | None:
    """None where this unit may be the main one: nobody makes the community lead what is not on its duty list (WO-09)."""
    if kind is None or kind.duty == "ours" or key not in shipped().community or key == kind.owner:
        return None
    return Refusal(
        "duty",
        f"“{kind.name.zh}”不在社区职责清单上，社区不能做主办，只能协办。",
        f"“{kind.name.en}” is not on the community's duty list: the community may assist, not lead.",
    )


@cache
def shipped() -> Rules:
    return load(DATA / "units.yaml")


def load(path: Path) -> Rules:
    """`DataError` for anything wrong."""
    root = read(path).only(
        *("checked_on", "house", "community", "last", "about", "sign", "ask_after", "archive_after_days"),
        *("supervise_after_redos", "follow_up_at_most_days", "declining"),
    )
    root["checked_on"].day()
    return Rules(
        house=_owners(root["house"]),
        community=_owners(root["community"]),
        last=root["last"].choice(OWNERS),
        about=MappingProxyType({id: _about(item) for id, item in root["about"].fields().items()}),
        sign=_by_urgency(root["sign"]),
        ask_after=_by_urgency(root["ask_after"]),
        archive_after_days=root["archive_after_days"].integer(least=1, most=365),
        supervise_after_redos=root["supervise_after_redos"].integer(least=1, most=9),
        follow_up_at_most_days=root["follow_up_at_most_days"].integer(least=1, most=730),
        declining=MappingProxyType({item["id"].text(): _declining(item) for item in root["declining"].items()}),
    )


def _owners(field: Field) -> frozenset[Owner]:
    return frozenset(item.choice(OWNERS) for item in field.items())


def _about(field: Field) -> tuple[Owner, re.Pattern[str]]:
    given = field.only("unit", "words")
    return given["unit"].choice(OWNERS), compiled(given["words"])


def _by_urgency(field: Field) -> Mapping[str, Span]:
    given = field.only(*TERMS)
    return MappingProxyType({urgency: span_of(given[urgency]) for urgency in TERMS})


def _declining(field: Field) -> Declining:
    given = field.only("id", "zh", "en", "says", optional=("door",))
    door = given.get("door")
    name = Words(given["zh"].text(), given["en"].text())
    return Declining(given["id"].text(), name, words(given["says"]), words(door) if door else None)
