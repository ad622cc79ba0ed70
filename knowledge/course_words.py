"""A side's answer in words to what it was asked in its mediation. Pure; the wordings are ``data/course_words.yaml``.

Sure rather than clever: the whole message has to be an answer. A bare yes or no counts only right after the question.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from knowledge.datafiles import DATA, Field, read
from knowledge.folding import fold
from knowledge.moments import when
from knowledge.patterns import alternatives

LONGEST = 30
"""Characters of a message that can be an answer; a longer one is for the mediator to read."""
ByAnswer = Mapping[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class Answers:
    """What the data file holds: by question and answer."""

    plain: Mapping[str, ByAnswer]
    own: Mapping[str, ByAnswer]
    asks: ByAnswer


def could_be(text: str, now: datetime) -> bool:
    """True when this may be an answer to some question: a cheap look before anything is read."""
    plain = fold(text)
    if not plain or len(plain) > LONGEST:
        return False
    known = (*answers().plain.values(), *answers().own.values())
    return any(pattern.fullmatch(plain) for of in known for pattern in of.values()) or bool(when(text, now))


def meant(kind: str, text: str, now: datetime, *, just_asked: bool) -> str | None:
    """The answer to a question of this kind; None where it is none. Of a session, a day or an hour is another time."""
    plain = fold(text)
    if not plain or len(plain) > LONGEST:
        return None
    found = _found(answers().own[kind], plain) or (_found(answers().plain[kind], plain) if just_asked else None)
    return found or ("other" if kind == "session" and when(text, now) else None)


def _found(known: ByAnswer, plain: str) -> str | None:
    return next((answer for answer, pattern in known.items() if pattern.fullmatch(plain)), None)


def wanted(text: str) -> str | None:
    """What a side wants to hear again: ``when`` they meet, or the ``agreement``; None where it is something else."""
    plain = fold(text)
    return _found(answers().asks, plain) if plain and len(plain) <= LONGEST else None


@cache
def answers() -> Answers:
    return load_answers(DATA / "course_words.yaml")


def load_answers(path: Path) -> Answers:
    root = read(path).only("tail", "parts", "plain", "own", "asks")
    tail = root["tail"].text()
    parts = {name: f"(?:{one.text()})" for name, one in root["parts"].fields().items()}
    return Answers(_all(root["plain"], tail, parts), _all(root["own"], tail, parts), _each(root["asks"], tail, parts))


def _all(field: Field, tail: str, parts: Mapping[str, str]) -> dict[str, ByAnswer]:
    return {kind: _each(listed, tail, parts) for kind, listed in field.fields().items()}


def _each(field: Field, tail: str, parts: Mapping[str, str]) -> dict[str, re.Pattern[str]]:
    return {answer: _pattern(listed, tail, parts) for answer, listed in field.fields().items()}


def _pattern(field: Field, tail: str, parts: Mapping[str, str]) -> re.Pattern[str]:
    try:
        return re.compile(alternatives(field, parts) + tail, re.I)
    except re.error as problem:
        field.fail(f"this pattern does not work: {problem}")
