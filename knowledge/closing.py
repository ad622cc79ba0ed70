"""From "it is done" to "it is solved": when a resident is asked, reminded, called; when a promise that passes is made anew.

The times are data an admin edits (``data/closing.yaml``); a file that is not whole is refused with its line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from types import MappingProxyType

from knowledge.catalogue import span_of
from knowledge.datafiles import DATA, Field, read
from knowledge.deadlines import TERMS, Span
from knowledge.escalation import Level
from knowledge.notice import Words

FILE = DATA / "closing.yaml"
MOST_TRIES = 20


class Verdict(StrEnum):
    """What a resident says of a matter that staff report as done. The values are what storage keeps."""

    SOLVED = "solved"
    NOT_SOLVED = "not_solved"
    NOT_SEEN = "not_seen"


class Closed(StrEnum):
    """How a matter ended: only its resident's word makes it solved."""

    SOLVED = "solved"
    NOT_CONFIRMED = "not_confirmed"


@dataclass(frozen=True, slots=True)
class Asking:
    """How long silence lasts before the one reminder, and after that before a person calls."""

    remind_after: Span
    call_after: Span


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """One answer of the scale; ``counts`` as satisfied in the rates (WO-19)."""

    value: str
    name: Words
    counts: bool


@dataclass(frozen=True, slots=True)
class ByPromise:
    """A span for each promise by urgency: first contact, result."""

    first_contact: Mapping[str, Span]
    result: Mapping[str, Span]

    def of(self, kind: str, urgency: str) -> Span:
        return (self.first_contact if kind == "first_contact" else self.result)[urgency]


@dataclass(frozen=True, slots=True)
class Rules:
    """All of ``closing.yaml``."""

    verdict: Asking
    ask_again_after: Span
    question: Asking
    tries: int
    call_again_after: Span
    late: ByPromise
    late_at_the_top: Span
    soon: ByPromise
    scale: tuple[Satisfaction, ...]

    def anew(self, kind: str, urgency: str, level: int) -> Span:
        """How long the promise is that takes a missed one's place, of a ticket that stood at `level`."""
        return self.late_at_the_top if level >= Level.SUBDISTRICT else self.late.of(kind, urgency)

    def answer(self, value: str) -> Satisfaction | None:
        """The scale's answer of this value."""
        return next((answer for answer in self.scale if answer.value == value), None)


@cache
def shipped() -> Rules:
    return load(FILE)


def load(path: Path) -> Rules:
    """Read the rules; ``DataError`` unless every one of them is there and makes sense."""
    root = read(path).only("checked_on", "verdict", "question", "calls", "late", "soon", "satisfaction")
    root["checked_on"].day()
    verdict = root["verdict"].only("remind_after", "call_after", "ask_again_after")
    question = root["question"].only("remind_after", "call_after")
    calls = root["calls"].only("tries", "again_after")
    return Rules(
        verdict=_asking(verdict),
        ask_again_after=span_of(verdict["ask_again_after"]),
        question=_asking(question),
        tries=calls["tries"].integer(least=1, most=MOST_TRIES),
        call_again_after=span_of(calls["again_after"]),
        late=_by_promise(root["late"].only("first_contact", "result", "at_the_top")),
        late_at_the_top=span_of(root["late"]["at_the_top"]),
        soon=_by_promise(root["soon"].only("first_contact", "result")),
        scale=_scale(root["satisfaction"]),
    )


def _asking(field: Field) -> Asking:
    return Asking(span_of(field["remind_after"]), span_of(field["call_after"]))


def _by_promise(field: Field) -> ByPromise:
    return ByPromise(_by_urgency(field["first_contact"]), _by_urgency(field["result"]))


def _by_urgency(field: Field) -> Mapping[str, Span]:
    listed = field.only(*TERMS).fields()
    return MappingProxyType({level: span_of(span) for level, span in listed.items()})


def _scale(field: Field) -> tuple[Satisfaction, ...]:
    found: dict[str, Satisfaction] = {}
    for item in field.items():
        item.only("value", "zh", "en", "counts")
        value = item["value"].text()
        if value in found:
            item.fail(f"{value!r} is given twice")
        found[value] = Satisfaction(value, Words(item["zh"].text(), item["en"].text()), item["counts"].flag())
    if not any(answer.counts for answer in found.values()) or all(answer.counts for answer in found.values()):
        field.fail("some answers must count as satisfied, and some must not")
    return tuple(found.values())
