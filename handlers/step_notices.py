"""What residents read of a step that staff take, each in their language, with the ticket's own buttons under it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import RowMapping

from handlers import ticket_words
from handlers.outcome import plain
from handlers.texts.catalogue import Catalogue, Texts
from handlers.texts.moments import spoken
from handlers.ticket_notices import VERDICT, ticket_buttons
from knowledge import emergencies
from knowledge import units as rules
from storage.desk_acts import Notice, Tell
from storage.step import Given
from storage.units import Unit

BUTTONS: Mapping[str, tuple[str, ...]] = {
    "answer": ("add",),
    "ask_back": ("show",),
    "finish": VERDICT,
    "check": VERDICT,
    "close": ("after_all", "no"),
    "decline": ("add",),
    "transfer": (),
    "withdraw": (),
}
"""Under each notice: the ticket's own buttons, which the residents' handlers know; else how it stands, and adding to it."""
SAID_AS = {"check": "finish"}
"""Steps that residents hear of in the words of another."""


class Speaker(Protocol):
    """The console's words and the residents': whoever takes a step speaks with both."""

    @property
    def residents(self) -> Catalogue: ...

    def words(self, language: str) -> Texts: ...


@dataclass(frozen=True, slots=True)
class Speaking:
    """The same outside the console."""

    texts: Catalogue
    residents: Catalogue

    def words(self, language: str) -> Texts:
        return self.texts[language]


@dataclass(frozen=True, slots=True)
class Step:
    """A step as its resident hears of it."""

    ticket: RowMapping
    action: str
    text: str = ""
    given: Given = Given()  # noqa: RUF009 - frozen, and nothing in it
    unit: Unit | None = None


def telling(speaker: Speaker, step: Step, now: datetime, *, unit_name: str = "") -> Tell:
    """``unit_name``: of somebody who is no unit of ours."""

    def tell(language: str, due_at: datetime) -> Notice:
        theirs, ticket = speaker.residents[language], step.ticket
        due = spoken(theirs, due_at, now=now)
        buttons = ticket_buttons(theirs, ticket, *BUTTONS.get(step.action, ("show", "add")))
        return Notice(
            _said(speaker, step, language, due, unit_name), plain(buttons), _public(speaker, step, language, due)
        )

    return tell


def _said(speaker: Speaker, step: Step, language: str, due: str, unit_name: str) -> str:
    theirs, action = speaker.residents[language], SAID_AS.get(step.action, step.action)
    values = {"number": step.ticket["number"], "title": step.ticket["title"], "text": step.text, "due": due}
    if not theirs.has(f"life.{action}"):
        return speaker.words(language)(f"resident.{action}", **values)
    chosen = _chosen(step, language)
    said = theirs(f"life.{action}", **values, **chosen | ({"unit": unit_name} if unit_name else {}))
    return "\n".join(line for line in said.split("\n") if line.strip())


def _chosen(step: Step, language: str) -> dict[str, str]:
    """What was chosen beside the words, as a resident reads it."""
    declined = rules.shipped().declining.get(step.given.reason)
    line = emergencies.lines().get(step.given.line)
    return {
        "unit": step.unit.name(language) if step.unit else "",
        "why": declined.says.get(language) if declined else "",
        "door": declined.door.get(language) if declined and declined.door else "",
        "line": line.number if line else "",
    }


def _public(speaker: Speaker, step: Step, language: str, due: str) -> str:
    """The same for neighbours who said "me too"; "" where the step is nothing to them."""
    words: Texts = speaker.words(language)
    key = f"resident.public_{SAID_AS.get(step.action, step.action)}"
    if not words.has(key) or step.ticket["topic"] is None:
        return ""
    return words(key, matter=ticket_words.public_matter(words, step.ticket), number=step.ticket["number"], due=due)
