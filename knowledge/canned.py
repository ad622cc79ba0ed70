"""Prepared answers: which fit a ticket, what their blanks become, and what is still open in a text.

A blank is a word in braces. Known ones (``variables`` of ``data/canned.yaml``, by name or Chinese name) are filled from
the ticket; every other one its writer fills by hand. A text with a blank in it is not sent: ``gaps`` names them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType

from knowledge.catalogue import CATEGORIES
from knowledge.datafiles import DATA, Field, read
from knowledge.notice import Words, clauses, notice, words

FILE = DATA / "canned.yaml"
BLANK = re.compile(r"[{｛]([^{}｛｝\n]{1,30})[}｝]")
STEPS = ("answer", "ask_back", "finish", "extend", "ask_extension", "redo", "reopen")
"""The steps of the desk whose words a prepared answer can be."""
LONGEST_TITLE, LONGEST = 40, 1500


@dataclass(frozen=True, slots=True)
class Wording:
    """What a prepared answer says. ``en`` may be empty: then there is none for who reads English."""

    title: Words
    text: Words
    steps: tuple[str, ...]
    categories: tuple[str, ...] = ()
    clause: str | None = None

    def for_language(self, language: str) -> str:
        """In the reader's language; in the other one where there is no such text."""
        return self.text.get(language) or self.text.zh or self.text.en

    def named(self, language: str) -> str:
        return self.title.get(language) or self.title.zh


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All of ``canned.yaml``: the shipped answers by key, the variables by name."""

    variables: Mapping[str, Words]
    policy: re.Pattern[str]
    answers: Mapping[str, Wording]


@dataclass(frozen=True, slots=True)
class Filled:
    """A text as it goes into the composer, and the blanks that stand open in it, by the words in them."""

    text: str
    gaps: tuple[str, ...]


def fill(text: str, values: Mapping[str, str], *, clause: str | None = None, language: str = "zh") -> Filled:
    """The text with what is known; what is not stays a blank. With a clause, its source stands below."""

    def value(found: re.Match[str]) -> str:
        known = values.get(variable(found[1]) or "")
        return known or "{" + found[1].strip() + "}"

    done = BLANK.sub(value, text)
    if clause:
        done = f"{done}\n{source(clause, language)}"
    return Filled(done, gaps(done))


def gaps(text: str) -> tuple[str, ...]:
    """The blanks in a text, each once, in order."""
    return tuple(dict.fromkeys(found.strip() for found in BLANK.findall(text) if found.strip()))


def variable(word: str) -> str | None:
    """The variable a blank means; None for one that is filled by hand."""
    return _by_word().get(word.strip().casefold())


def source(clause: str, language: str) -> str:
    number = notice().document.number
    return Words(f"（依据：{number} {clause}）", f"(Source: {number}, clause {clause})").get(language)


def needs_clause(*texts: str) -> bool:
    """True where a text speaks of policy: then it says where that stands."""
    return any(shipped().policy.search(text) for text in texts)


def fits(wording: Wording, *, category: str | None, step: str) -> tuple[bool, bool]:
    """For the order they are offered in: its step, and its kind of matter; what is for every kind fits each."""
    return step in wording.steps, not wording.categories or category in wording.categories


def wrong(wording: Wording) -> str | None:
    """Why it cannot be kept, as the key of the words that say so; None for one that can."""
    if not wording.title.zh:
        return "no_title"
    if not wording.text.zh:
        return "no_text"
    if len(wording.title.zh) > LONGEST_TITLE or len(wording.title.en) > LONGEST_TITLE:
        return "long_title"
    if max(len(wording.text.zh), len(wording.text.en)) > LONGEST:
        return "too_long"
    if wording.clause and wording.clause not in clauses():
        return "no_clause"
    if not wording.clause and needs_clause(wording.text.zh, wording.text.en):
        return "needs_clause"
    return None


@cache
def shipped() -> Catalogue:
    return load(FILE)


@cache
def _by_word() -> Mapping[str, str]:
    known = shipped().variables
    return MappingProxyType({name: name for name in known} | {said.zh: name for name, said in known.items()})


def load(path: Path) -> Catalogue:
    """`DataError` names file and line of what cannot be meant."""
    root = read(path).only("variables", "policy_words", "answers")
    policy = _pattern(root["policy_words"])
    answers: dict[str, Wording] = {}
    for field in root["answers"].items():
        key = field.only("key", "title", "steps", "text", optional=("categories", "clause"))["key"].text()
        if key in answers:
            field.fail(f"{key!r} is given twice")
        answers[key] = _wording(field, policy)
    variables = {name: words(field) for name, field in root["variables"].fields().items()}
    return Catalogue(MappingProxyType(variables), policy, MappingProxyType(answers))


def _pattern(field: Field) -> re.Pattern[str]:
    try:
        return re.compile(field.text(), re.I)
    except re.error as error:
        field.fail(f"is no pattern: {error}")


def _wording(field: Field, policy: re.Pattern[str]) -> Wording:
    clause, text = field.get("clause"), words(field["text"])
    if clause and clause.text() not in clauses():
        clause.fail(f"{clause.text()!r} is no clause of the notice")
    if not clause and (policy.search(text.zh) or policy.search(text.en)):
        field["text"].fail("it speaks of policy: name its clause")
    return Wording(
        title=words(field["title"]),
        text=text,
        steps=_known(field["steps"], STEPS),
        categories=_known(field.get("categories"), CATEGORIES["service_request"]),
        clause=clause.text() if clause else None,
    )


def _known(field: Field | None, allowed: Iterable[str]) -> tuple[str, ...]:
    choices = {name: name for name in allowed}
    return tuple(item.choice(choices) for item in field.items()) if field else ()
