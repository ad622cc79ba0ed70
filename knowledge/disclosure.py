"""What is published and how residents speak of it: four classes, their matters, objections and their terms (DI-01…06).

Pure, out of ``data/disclosure.yaml``. A matter is recognised by its own words, in a question as in an item's title.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from knowledge.datafiles import DATA, Field, read
from knowledge.folding import fold
from knowledge.notice import Words, words
from knowledge.patterns import compiled, word_lists
from knowledge.quarters import Quarter, asked_for

ItemKind = Literal["party", "government", "finance", "service"]
AskKind = Literal["content", "time", "form", "question"]
KINDS: tuple[ItemKind, ...] = ("party", "government", "finance", "service")
OBJECTIONS: tuple[AskKind, ...] = ("content", "time", "form")
ASK_KINDS: Mapping[str, AskKind] = {kind: kind for kind in (*OBJECTIONS, "question")}
OUTCOMES = ("corrected", "published", "explained")
LONGEST_ASK = 120
"""Characters: what goes on about an item that was just shown; a story is something of its own."""


@dataclass(frozen=True, slots=True)
class Matter:
    """A line of the catalogue (DI-06)."""

    key: str
    kind: ItemKind
    name: Words
    content: Words
    says: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class Terms:
    """How long an answer may take."""

    days: timedelta
    above: timedelta
    soon: timedelta
    question: timedelta

    def of(self, kind: str) -> timedelta:
        return self.question if kind == "question" else self.days


@dataclass(frozen=True, slots=True)
class Rules:
    """All of the data file."""

    terms: Terms
    kinds: Mapping[str, Words]
    matters: Mapping[str, Matter]
    asks: re.Pattern[str]
    unless: re.Pattern[str]
    objects: Mapping[AskKind, re.Pattern[str]]
    questions: re.Pattern[str]


class Shown(Protocol):
    """An item, as far as it is looked for."""

    @property
    def kind(self) -> str: ...
    @property
    def matter(self) -> str | None: ...
    @property
    def title(self) -> str: ...
    @property
    def body(self) -> str: ...


Item = TypeVar("Item", bound=Shown)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to see, as far as they said: a class, a matter, a quarter."""

    text: str
    kind: str | None = None
    matter: str | None = None
    quarter: Quarter | None = None


def wants_to_see(text: str) -> bool:
    """Surely a wish to see what was published, and nothing else."""
    plain, known = fold(text), rules()
    if not 2 <= len(plain) <= LONGEST_ASK or known.unless.search(plain):
        return False
    return known.asks.search(plain) is not None


def wanted(text: str, today: date) -> Wanted:
    """What is looked for in these words; the matter named first counts."""
    plain, known = fold(text), rules()
    named = [(found.start(), matter) for matter in known.matters.values() if (found := matter.says.search(plain))]
    matter = min(named, key=lambda each: each[0])[1] if named else None
    kind = matter.kind if matter else next((kind for kind, name in known.kinds.items() if name.zh in plain), None)
    return Wanted(plain, kind, matter.key if matter else None, asked_for(text, today))


def fitting(items: Sequence[Item], look: Wanted) -> list[Item]:
    """Of these items those that were asked for: of the matter, by their own words, else of the class."""
    if look.matter is not None:
        says = rules().matters[look.matter].says
        by_title = [item for item in items if item.matter == look.matter or says.search(fold(item.title))]
        return by_title or [item for item in items if says.search(fold(item.body))]
    if look.kind is not None:
        return [item for item in items if item.kind == look.kind]
    return []


def objection(text: str) -> AskKind | None:
    """What kind of objection these words are, said of an item that stands on the screen."""
    plain = fold(text)
    if len(plain) > LONGEST_ASK:
        return None
    return next((kind for kind, pattern in rules().objects.items() if pattern.search(plain)), None)


def is_question(text: str) -> bool:
    plain = fold(text)
    return len(plain) <= LONGEST_ASK and rules().questions.search(plain) is not None


def shares_words(text: str, item: Shown) -> bool:
    """Whether a message speaks of something that stands in the item: two characters side by side, or one English word."""
    spoken, there = fold(text), fold(f"{item.title}\n{item.body}")
    pairs = {pair for run in re.findall(r"[\u4e00-\u9fff]+", spoken) for pair in map("".join, pairwise(run))}
    common = {
        "为什",
        "什么",
        "怎么",
        "么会",
        "是什",
        "多少",
        "这个",
        "那个",
        "可以",
        "我们",
        "你们",
        "没有",
        "请问",
        "一下",
        "社区",
    }
    english = {
        word for word in re.findall(r"[a-z]{4,}", spoken) if word not in ("what", "that", "this", "does", "have")
    }
    return any(pair in there for pair in pairs - common) or any(word in there for word in english)


def missing(published: Iterable[Shown]) -> list[Matter]:
    """The matters of the catalogue nothing was published about."""
    have = {item.matter for item in published}
    return [matter for matter in rules().matters.values() if matter.key not in have]


@cache
def rules() -> Rules:
    return load(DATA / "disclosure.yaml")


def load(path: Path) -> Rules:
    """`DataError` for anything missing, unknown or given twice."""
    root = read(path).only(
        "checked_on", "answers", "shown_days", "kinds", "matters", "words", "asks", "unless", "objects", "questions"
    )
    root["checked_on"].day()
    root["shown_days"].integer(least=1)
    lists = word_lists(root["words"])
    kinds = root["kinds"].only(*KINDS).fields()
    objects = root["objects"].only(*OBJECTIONS).fields()
    return Rules(
        terms=_terms(root["answers"]),
        kinds={kind: words(field) for kind, field in kinds.items()},
        matters=_matters(root["matters"]),
        asks=compiled(root["asks"], lists),
        unless=compiled(root["unless"], lists),
        objects={ASK_KINDS[kind]: compiled(field) for kind, field in objects.items()},
        questions=compiled(root["questions"]),
    )


def _terms(field: Field) -> Terms:
    field.only("days", "above_days", "soon_hours", "question_days")
    days, above = (timedelta(days=field[name].integer(least=1)) for name in ("days", "above_days"))
    question = timedelta(days=field["question_days"].integer(least=1))
    return Terms(days, above, timedelta(hours=field["soon_hours"].integer(least=1)), question)


def _matters(field: Field) -> Mapping[str, Matter]:
    found: dict[str, Matter] = {}
    for item in field.items():
        item.only("key", "kind", "name", "content", "says")
        key = item["key"].text()
        if key in found:
            item.fail(f"matter {key!r} is given twice")
        kind = item["kind"].choice({kind: kind for kind in KINDS})
        found[key] = Matter(key, kind, words(item["name"]), words(item["content"]), compiled(item["says"]))
    return found
