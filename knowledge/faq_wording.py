"""What an FAQ entry says and on what it rests: looked over before anybody gets it, compared, and merged three ways.

Pure. What is wrong is told as a code and what it is about; the words for people stand in the message catalogues.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from knowledge.faq import Entry, placeholder_names, template_fault
from knowledge.notice import Words, clauses

LOCAL = "本地"
"""In place of a clause: what holds here and stands in no clause of the notice."""
LONGEST = {"question": 80, "answer": 1500, "source": 120}
PIECES = ("question.zh", "question.en", "answer.zh", "answer.en", "clause", "source.zh", "source.en")
"""What can be changed by itself."""


NOWHERE = Words("", "")


@dataclass(frozen=True, slots=True)
class Wording:
    """``clause`` None: a local fact, with a ``source`` of its own. English may be missing: then Chinese stands for it."""

    question: Words
    answer: Words
    clause: str | None = None
    source: Words = NOWHERE

    @property
    def place(self) -> str:
        """The clause it is found under."""
        return self.clause or LOCAL

    @property
    def translated(self) -> bool:
        return bool(self.question.en and self.answer.en)

    def kept(self) -> dict[str, str | None]:
        """As it is kept, by the names of ``PIECES``."""
        return {name: self.piece(name) for name in PIECES}

    def piece(self, name: str) -> str | None:
        part, _, language = name.partition(".")
        if not language:
            return self.clause
        said: Words = getattr(self, part)
        return said.zh if language == "zh" else said.en


def wording(kept: Mapping[str, Any]) -> Wording:
    """From what was kept; what is missing is empty."""
    both = {part: Words(*(str(kept.get(f"{part}.{one}") or "") for one in ("zh", "en"))) for part in LONGEST}
    return Wording(both["question"], both["answer"], kept.get("clause") or None, both["source"])


def of_entry(entry: Entry) -> Wording:
    return Wording(entry.question, entry.answer, entry.clause)


@dataclass(frozen=True, slots=True)
class Fault:
    """``code`` names the words that say what is wrong, ``piece`` where, ``about`` what it is about (a value, a number)."""

    code: str
    piece: str
    about: str = ""


def faults(one: Wording) -> list[Fault]:
    """What keeps it from being published; nothing is wrong with a draft that lacks English."""
    found = [*_missing(one), *_too_long(one)]
    for language in ("zh", "en"):
        fault = template_fault(one.answer.zh if language == "zh" else one.answer.en)
        if fault is not None:
            found.append(Fault(fault.code, f"answer.{language}", fault.about))
        if "{" in (one.question.zh if language == "zh" else one.question.en):
            found.append(Fault("blank_in_question", f"question.{language}"))
    return found


def _missing(one: Wording) -> Iterator[Fault]:
    if not one.question.zh:
        yield Fault("no_question", "question.zh")
    if not one.answer.zh:
        yield Fault("no_answer", "answer.zh")
    if one.clause is None and not one.source.zh:
        yield Fault("no_source", "source.zh")
    if one.clause is not None and one.clause not in clauses():
        yield Fault("no_clause", "clause", one.clause)
    for part, missing in (("question", one.answer.en), ("answer", one.question.en)):
        if missing and not one.piece(f"{part}.en"):
            yield Fault("half_translated", f"{part}.en")


def _too_long(one: Wording) -> Iterator[Fault]:
    for name in PIECES:
        most = LONGEST.get(name.partition(".")[0], 20)
        if len(one.piece(name) or "") > most:
            yield Fault("too_long", name, str(most))


def warnings(one: Wording) -> list[Fault]:
    """What whoever publishes should know: no English, values that only one language names."""
    if not one.translated:
        return [Fault("not_translated", "answer.en")]
    zh, en = placeholder_names(one.answer.zh), placeholder_names(one.answer.en)
    return [Fault("uneven_values", "answer.en", "、".join(sorted(zh ^ en)))] if zh != en else []


def changed(before: Wording, after: Wording) -> list[str]:
    """The pieces that differ."""
    return [name for name in PIECES if before.piece(name) != after.piece(name)]


@dataclass(frozen=True, slots=True)
class Merged:
    """Mine with what only they changed; ``both``: pieces both changed, where mine stays until somebody decides."""

    wording: Wording
    both: tuple[str, ...]


def merge(base: Wording, mine: Wording, theirs: Wording) -> Merged:
    """Three ways, piece by piece."""
    taken = {name for name in changed(base, theirs) if mine.piece(name) == base.piece(name)}
    both = [name for name in changed(base, theirs) if name not in taken and mine.piece(name) != theirs.piece(name)]
    pieces = {name: (theirs if name in taken else mine).piece(name) for name in PIECES}
    return Merged(wording(pieces), tuple(both))


def as_entry(
    one: Wording,
    *,
    key: str,
    version: int,
    checked_on: date,
    examples: tuple[str, ...] = (),
    keywords: tuple[str, ...] = (),
    general: bool = False,
) -> Entry:
    """What the answerer takes; where English is missing the Chinese words stand for it."""
    return Entry(
        id=key,
        clause=one.place,
        question=replace(one.question, en=one.question.en or one.question.zh),
        answer=replace(one.answer, en=one.answer.en or one.answer.zh),
        examples=examples,
        keywords=keywords,
        general=general and one.clause is not None,
        version=version,
        checked_on=checked_on,
        source=replace(one.source, en=one.source.en or one.source.zh) if one.clause is None else None,
    )
