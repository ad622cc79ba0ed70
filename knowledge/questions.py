"""What a category asks, what its words already answer, and the turns that change a matter's path (WO-06, WO-09).

Data, read with the catalogue; patterns are regular expressions over the folded message, as in danger.yaml. Whatever the
words say is not asked; an answer pressed or typed stands above what the words seemed to say.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from knowledge.danger_rules import KINDS, Kind
from knowledge.datafiles import Field
from knowledge.folding import fold
from knowledge.notice import Words, words
from knowledge.patterns import compiled

URGENCIES = {"P1": "P1", "P2": "P2"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A button: what it says, the value it stands for, and the words that say the same."""

    value: str
    label: Words
    words: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Something worth knowing. Without choices the resident writes freely.

    `ask`: asked before filing unless the words answer it; the others can be answered on the summary. `first`: before
    the place, for it may be about danger. `about`: only when the words match. `after`: only after this answer.
    `calm`: only while the matter is not urgent, for it could change nothing then. `short` names it on the summary.
    """

    key: str
    prompt: Words
    choices: tuple[Choice, ...] = ()
    short: Words | None = None
    ask: bool = False
    first: bool = False
    calm: bool = False
    about: re.Pattern[str] | None = None
    after: tuple[str, str] | None = None

    def answered_by(self, text: str) -> str | None:
        """The choice these words stand for: its own label, or a pattern of its words."""
        plain = fold(text)
        for choice in self.choices:
            if plain in (fold(choice.label.zh), fold(choice.label.en)):
                return choice.value
        return next((one.value for one in self.choices if one.words and one.words.search(plain)), None)

    def concerns(self, plain: str, answers: Mapping[str, str], urgency: str) -> bool:
        """Whether it makes sense to ask here."""
        if self.about is not None and not self.about.search(plain):
            return False
        if self.after is not None and answers.get(self.after[0]) != self.after[1]:
            return False
        return not (self.calm and urgency in ("P0", "P1"))


@dataclass(frozen=True, slots=True)
class Effects:
    """What a stopper brings about besides its words.

    `ends`: another door is the right one, and the resident says whether we register it all the same (PI-11). `passes`: it
    is passed on from here, although others decide.
    """

    urgency: str | None = None
    confidential: bool = False
    category: str | None = None
    danger: Kind | None = None
    ends: bool = False
    passes: bool = False
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stopper:
    """A turn of the path, recognised by words or by an answer, and what is said then."""

    when: str
    says: Words
    words: re.Pattern[str] | None = None
    answer: tuple[str, str] | None = None
    then: Effects = Effects()

    def applies(self, plain: str, answers: Mapping[str, str]) -> bool:
        if self.answer is not None and answers.get(self.answer[0]) == self.answer[1]:
            return True
        return self.words is not None and self.words.search(plain) is not None


@dataclass(frozen=True, slots=True)
class Topic:
    """What everybody may know a matter is about; `shared`: it is, even when somebody names their flat."""

    id: str
    name: Words
    words: re.Pattern[str]
    shared: bool


def heard(questions: tuple[Question, ...], text: str) -> dict[str, str]:
    """The answers the words give already."""
    plain = fold(text)
    found: dict[str, str] = {}
    for question in questions:
        value = next((one.value for one in question.choices if one.words and one.words.search(plain)), None)
        if value is not None:
            found[question.key] = value
    return found


# -- reading ---------------------------------------------------------------------------------------------------------
def read_question(field: Field) -> Question:
    field.only("key", "prompt", optional=("choices", "short", "ask", "first", "calm", "about", "after"))
    return Question(
        key=field["key"].text(),
        prompt=words(field["prompt"]),
        choices=tuple(map(_choice, _items(field, "choices"))),
        short=words(short) if (short := field.get("short")) else None,
        ask=_flag(field, "ask"),
        first=_flag(field, "first"),
        calm=_flag(field, "calm"),
        about=_pattern(field, "about"),
        after=_answer(field, "after"),
    )


def _choice(field: Field) -> Choice:
    field.only("value", "zh", "en", optional=("words",))
    return Choice(field["value"].text(), Words(field["zh"].text(), field["en"].text()), _pattern(field, "words"))


def read_stopper(field: Field) -> Stopper:
    field.only("when", "zh", "en", optional=("words", "answer", "then"))
    if field.get("words") is None and field.get("answer") is None:
        field.fail("a stopper needs words or an answer that call for it")
    return Stopper(
        when=field["when"].text(),
        says=Words(field["zh"].text(), field["en"].text()),
        words=_pattern(field, "words"),
        answer=_answer(field, "answer"),
        then=_effects(field.get("then")),
    )


def _effects(field: Field | None) -> Effects:
    if field is None:
        return Effects()
    field.only(optional=("urgency", "confidential", "category", "danger", "ends", "passes", "details"))
    given: dict[str, Any] = {}
    if urgency := field.get("urgency"):
        given["urgency"] = urgency.choice(URGENCIES)
    if category := field.get("category"):
        given["category"] = category.text()
    if danger := field.get("danger"):
        given["danger"] = danger.choice({kind: kind for kind in KINDS})
    if details := field.get("details"):
        given["details"] = {key: value.text() for key, value in details.fields().items()}
    return Effects(
        **given, confidential=_flag(field, "confidential"), ends=_flag(field, "ends"), passes=_flag(field, "passes")
    )


def read_topic(id: str, field: Field) -> Topic:
    field.only("zh", "en", "words", optional=("shared",))
    return Topic(id, Words(field["zh"].text(), field["en"].text()), compiled(field["words"]), _flag(field, "shared"))


def _items(field: Field, key: str) -> tuple[Field, ...]:
    found = field.get(key)
    return found.items() if found else ()


def _flag(field: Field, key: str) -> bool:
    found = field.get(key)
    return found.flag() if found else False


def _pattern(field: Field, key: str) -> re.Pattern[str] | None:
    found = field.get(key)
    return compiled(found) if found else None


def _answer(field: Field, key: str) -> tuple[str, str] | None:
    """`{part: own}` as ("part", "own")."""
    found = field.get(key)
    if found is None:
        return None
    given = found.fields()
    if len(given) != 1:
        found.fail("exactly one answer, as {question: value}")
    return next((name, value.text()) for name, value in given.items())
