"""What somebody wants about an occasion 活动, whom it is meant for, and how many come: told by their words. Pure.

Only sure wordings count (``data/occasion_words.yaml``); most of them mean something only where there is an occasion they
can mean (``meant``). Whatever is not caught here goes to the matcher, whose route for it is ``activity``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from knowledge.datafiles import DATA, Field, read
from knowledge.folding import fold
from knowledge.moments import when
from knowledge.numerals import value
from knowledge.occasions import Occasion, Party

Kind = Literal["mine", "here", "done", "swap", "leave", "list", "join", "party"]
KINDS: Mapping[str, Kind] = {kind: kind for kind in get_args(Kind)}
LONGEST = 60
"""A wish is short; in a story the same words stand for something else."""
_PART = re.compile(r"(?<!\(\?P)<([a-z_]+)>")
_SPELLED = {"a": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "俩": 2}
RULES = ("exactly", "household", "alone", "children", "child", "adults", "total", "relatives", "two")


@dataclass(frozen=True, slots=True)
class Wish:
    """``party`` as far as it was said; ``who`` is to stand in."""

    kind: Kind
    party: Party | None = None
    who: str | None = None


@dataclass(frozen=True, slots=True)
class Wordings:
    wishes: tuple[tuple[Kind, re.Pattern[str]], ...]
    people: Mapping[str, re.Pattern[str]]
    plain: re.Pattern[str]
    question: re.Pattern[str]
    propose: re.Pattern[str]
    general: re.Pattern[str]


def wish(text: str) -> Wish | None:
    """What is wished, when the whole message is nothing else."""
    plain = fold(text)
    if not plain or len(plain) > LONGEST or "\n" in plain:
        return None
    for kind, pattern in wordings().wishes:
        if (found := pattern.fullmatch(plain)) is not None and (heard := _wish(kind, plain, found)) is not None:
            return heard
    return None


def _wish(kind: Kind, plain: str, found: re.Match[str]) -> Wish | None:
    """A number of people that names none is none."""
    people = party(plain) if kind in ("join", "party") else None
    who = next((word for word in found.groupdict().values() if word), None)
    return None if kind == "party" and people is None else Wish(kind, people, who)


def asks(text: str) -> bool:
    """It asks for something to be told, and wants nothing done."""
    return wordings().question.search(fold(text)) is not None


def proposes(text: str) -> bool:
    """It wishes for an occasion that should be."""
    return wordings().propose.search(fold(text)) is not None


def in_general(text: str) -> bool:
    """It asks what there is at all."""
    return wordings().general.search(fold(text)) is not None


# --- how many ---------------------------------------------------------------------------------------------------------
def party(text: str) -> Party | None:
    """How many come, the speaker included; None where nothing was said of it."""
    plain = fold(text)
    for name, reading in (("exactly", _exactly), ("household", _household), ("alone", _alone)):
        if (found := wordings().people[name].search(plain)) is not None:
            return reading(found)
    return _added_up(plain)


def _exactly(found: re.Match[str]) -> Party:
    return Party(_number(found["adults"]), _number(found["children"]))


def _household(found: re.Match[str]) -> Party:
    everybody = _number(found["all"])
    return Party(min(2, everybody), max(0, everybody - 2))


def _alone(_: re.Match[str]) -> Party:
    return Party()


def _added_up(plain: str) -> Party | None:
    people = wordings().people
    children = people["children"].search(plain)
    young = _number(children["children"]) if children else int(people["child"].search(plain) is not None)
    if (total := people["total"].search(plain)) is not None:
        everybody = _number(total["all"])
        return Party(max(1, everybody - young), min(young, everybody - 1)) if everybody else None
    grown, named = people["adults"].search(plain), people["relatives"].findall(plain)
    beside = sum(2 if people["two"].fullmatch(one) else 1 for one in named)
    if not (young or grown or beside):
        return None
    return Party(max(1, _number(grown["adults"])) if grown else 1 + beside, young)


def _number(word: str) -> int:
    return _SPELLED.get(word) or value(word) or 0


# --- which one --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Meant:
    """Those that can be meant; whether one was called by its title, or its kind, and whether a time was said."""

    found: Sequence[Occasion]
    titled: bool
    named: bool
    timed: bool


def meant(text: str, among: Sequence[Occasion], now: datetime) -> Meant:
    """Which of these somebody speaks of: by what it is called, what kind it is, and when. Nothing said: none."""
    plain = fold(text)
    spans = when(text, now)
    then = [one for one in among if any(s.start < one.ends_at and one.starts_at < s.end for s in spans)]
    titled = [one for one in among if _shares_title(plain, fold(one.title))]
    named = titled or [one for one in among if one.rules.heard.search(plain)]
    found = [one for one in named if one in then] if named and spans else named or then
    return Meant(found, titled=bool(titled), named=bool(named), timed=bool(spans))


def _shares_title(plain: str, title: str) -> bool:
    """Two characters of the title that say something, one behind the other."""
    bare = wordings().plain.sub(" ", title)
    words = re.findall(r"[a-z0-9]{4,}", bare)
    pairs = [bare[at : at + 2] for at in range(len(bare) - 1)]
    return any(pair in plain for pair in pairs if _CHINESE.fullmatch(pair)) or any(word in plain for word in words)


_CHINESE = re.compile(r"[\u4e00-\u9fff]{2}")


# --- the file ---------------------------------------------------------------------------------------------------------
@cache
def wordings() -> Wordings:
    return load(DATA / "occasion_words.yaml")


def load(path: Path) -> Wordings:
    """`DataError` for anything wrong: an unknown kind, a part nobody knows, a pattern that is none."""
    root = read(path).only("parts", "wishes", "people", "plain_words", "question", "propose", "general")
    parts = {name: field.text() for name, field in root["parts"].fields().items()}
    wishes = root["wishes"].only(*KINDS).fields()
    people = root["people"].only("number", *RULES)
    number = {"number": people["number"].text()}
    return Wordings(
        tuple((KINDS[kind], _pattern(line, parts)) for kind, field in wishes.items() for line in field.items()),
        {name: _pattern(people[name], number) for name in RULES},
        *(_pattern(root[key], {}) for key in ("plain_words", "question", "propose", "general")),
    )


def _pattern(field: Field, parts: Mapping[str, str]) -> re.Pattern[str]:
    try:
        return re.compile(_PART.sub(lambda found: parts[found[1]], field.text()), re.I)
    except (KeyError, re.error) as problem:
        field.fail(f"this pattern does not work: {problem}")
