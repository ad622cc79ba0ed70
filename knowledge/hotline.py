"""What a caller's words, as the operator types them, already say: danger, matter, place, answer, what is still to ask.

Pure, and the same thinking as in the chat: `forms`, `turns`, `extract`, `emergencies`, and the matcher where there is
one. Fragments are welcome - every pause asks anew, nothing here remembers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from knowledge import forms
from knowledge.answers import Answer, Answerer
from knowledge.calendar import CHINA
from knowledge.catalogue import Category
from knowledge.circumstances import wants_secrecy
from knowledge.danger import spot
from knowledge.emergencies import Emergency, by_a_child, emergency
from knowledge.extract import weigh
from knowledge.folding import fold
from knowledge.forms import Answers
from knowledge.hotline_notes import Noted, kinds
from knowledge.hotline_rules import shipped
from knowledge.matcher import Guess, Reading
from knowledge.places import place
from knowledge.privacy import privacy_notice
from knowledge.profile import Profile
from knowledge.questions import Question
from knowledge.turns import NAMELESS

_SENTENCE = re.compile(r"[,.!?;，。！？；\s]+")
_ENDS = re.compile(r"(?<=[。！？；\n])|(?<=[.!?;] )")
_PHOTO = re.compile(r"照片|拍照|photo", re.I)
WORTH_READING = 0.15
"""The least score of a question of policy whose answer is offered to be read out beside something likelier."""
WORTH_SHOWING = 0.05
"""The least score of a matter that is shown as a guess: a wrong number is no dispute."""
ASKS_HOW_IT_STANDS = 0.3
"""The score from which they ask about something they have said before."""


class Reader(Protocol):
    """Whatever understands a resident's words (knowledge.matcher.Matcher)."""

    def read(self, text: str, *, limit: int = 5) -> Reading: ...


@dataclass(frozen=True, slots=True)
class Hearing:
    """What was heard. ``kind`` is the operator's choice or the best guess, ``guessed`` whether it is only that; ``answers``
    are a form's, ready to be filed; ``asks`` are the category's questions that are still open."""

    danger: Emergency | None
    rule: str
    child: bool
    kind: str
    guessed: bool
    others: Sequence[str]
    urgency: str
    why: str
    answers: Answers
    asks: Sequence[Question]
    lacks: Sequence[str]
    answer: Answer | None
    sure: bool
    sensitive: str
    asks_status: bool
    secrecy: bool

    @property
    def category(self) -> Category | None:
        return kinds().get(self.kind)


def hear(
    note: Noted,
    *,
    now: datetime,
    language: str = "zh",
    reader: Reader | None = None,
    answerer: Answerer | None = None,
    profile: Profile | None = None,
) -> Hearing:
    """Everything at once; without a ``reader`` rules alone speak: danger, urgency, place."""
    reading = reader.read(note.words) if reader and note.words.strip() else None
    scored = [one for one in reading.guesses if one.score >= WORTH_SHOWING] if reading else []
    guesses = list(dict.fromkeys(_kinds_of(scored)))
    kind = note.kind or (guesses[0] if guesses else "")
    settled = forms.settle(_answers(note, kind, now))
    known, rule = _danger(note, reading, settled.danger)
    if known is not None and not note.kind:  # what the words are like counts little beside what they tell of
        kind = f"service_request:{shipped().kinds.get(known.kind, shipped().kinds['other'])}"
        settled = forms.settle(_answers(note, kind, now))
    sensitive = "" if known else _sensitive(kind, language)  # EM-04: a danger waits for no consent
    weighed = weigh(note.words)
    answers = settled.answers | {"urgency": _urgency(note, known, settled.answers)}
    return Hearing(
        danger=known,
        rule=rule,
        child=note.child or by_a_child(note.words),
        kind=kind,
        guessed=not note.kind,
        others=[one for one in guesses if one != kind][:3],
        urgency=str(answers["urgency"]),
        why=weighed.reason,
        answers=answers,
        asks=_asks(answers),
        lacks=_lacks(note, answers, sensitive, profile),
        answer=_answer(note, reading, answerer, language, now),
        sure=bool(reading and reading.sure and reading.guesses[0].label.route == "faq"),
        sensitive=sensitive,
        asks_status=any(one.label.route == "ticket_status" and one.score >= ASKS_HOW_IT_STANDS for one in scored),
        secrecy=wants_secrecy(note.words),
    )


def _kinds_of(guesses: Sequence[Guess]) -> list[str]:
    found = [f"{guess.label.route}:{guess.label.category or ''}" for guess in guesses]
    return [kind for kind in found if kind in kinds()]


def _answers(note: Noted, kind: str, now: datetime) -> Answers:
    """A form's answers: what the words say, and over it what the operator wrote into the fields. Where somebody may listen
    no number is written down, and how to be in touch stands with the words (EM-07)."""
    route, _, category = (kind or "service_request:").partition(":")
    answers = forms.begin(note.words, route=route, category=category or None, told_at=now)
    if note.place:
        taken = forms.accept(answers, "place", note.place)
        answers = taken if not isinstance(taken, forms.Problem) else answers | {"place_note": note.place}
    over = {"phone": note.number, "for": note.behalf, "details": dict(note.asked)}
    answers |= {name: value for name, value in over.items() if value}
    if note.safe_way:
        answers["description"] = "\n".join((str(answers.get("description", "")), note.safe_way)).strip()
    if note.quiet:
        answers = {name: value for name, value in answers.items() if name != "phone"} | {"no_call_back": True}
    answers |= {name: True for name in ("confidential", "anonymous", "no_call_back") if getattr(note, name)}
    return answers | ({"name": note.name} if note.name else {})


def _danger(note: Noted, reading: Reading | None, settled: str | None) -> tuple[Emergency | None, str]:
    """The danger and what recognised it. What the operator set aside as misheard is none, whatever else is one."""
    found, rule = _heard(note, reading, settled)
    misheard = note.no_danger.split(",")
    return _another(note.words, misheard) if found is not None and found.kind in misheard else (found, rule)


def _another(words: str, misheard: Sequence[str]) -> tuple[Emergency | None, str]:
    """A danger of another kind in one of the sentences beside the misheard one."""
    found = [spot(part) for part in _SENTENCE.split(words)]
    other = next((one for one in found if one and not one.faint and one.kind not in misheard), None)
    return (emergency(other.kind), other.rule) if other else (None, "")


def _heard(note: Noted, reading: Reading | None, settled: str | None) -> tuple[Emergency | None, str]:
    if note.urgency == "P0":
        heard = spot(note.words)
        return emergency(heard.kind if heard else "other"), "operator"
    found = reading.danger if reading else spot(note.words)
    if found is None or (reading is None and found.faint):
        return (emergency(settled), "form") if settled else (None, "")
    return emergency(found.kind), found.rule


def _urgency(note: Noted, known: Emergency | None, answers: Answers) -> str:
    if note.urgency:
        return note.urgency
    if known is not None:
        return "P0"
    heard = str(answers.get("urgency") or "P2")
    return "P2" if heard == "P0" else heard


def _asks(answers: Answers) -> list[Question]:
    """The questions of the matter's kind nobody has answered yet, the ones before the place first."""
    kind, have, plain = forms.kind_of(answers), forms.known(answers), fold(str(answers.get("description") or ""))
    if kind is None:
        return []
    open_ones = [
        one
        for one in kind.questions
        if one.key not in have and one.key != "confidential" and one.concerns(plain, have, str(answers["urgency"]))
    ]
    return sorted(open_ones, key=lambda one: (not one.ask, not one.first))[:4]


def _lacks(note: Noted, answers: Answers, sensitive: str, profile: Profile | None) -> list[str]:
    """What keeps it from being filed well, most pressing first: names of texts."""
    place_missing = bool(answers.get("category")) and _somebody_goes_there(answers) and not forms.has_place(answers)
    found = {
        "words": len(note.words) < forms.SHORTEST_DESCRIPTION,
        "kind": forms.missing(answers) == "category",
        "place": place_missing,
        "no_such_building": unknown_building(answers, profile),
        "phone": not (answers.get("phone") or note.anonymous),
        "consent": not note.consent,
        "sensitive": bool(sensitive) and not note.sensitive_agreed,
    }
    return [name for name, lacking in found.items() if lacking]


def _somebody_goes_there(answers: Answers) -> bool:
    kind = forms.kind_of(answers)
    return kind is not None and kind.needs_place


def unknown_building(answers: Mapping[str, Any], profile: Profile | None) -> bool:
    """A building by number that the estate does not have; names that are no numbers are left to people."""
    building = str(answers.get("building") or "")
    known = [one.number for one in profile.buildings] if profile else []
    return bool(known) and building.isdigit() and building not in known


def _sensitive(kind: str, language: str) -> str:
    """What is sensitive in law about a matter of this kind; "" where nothing is (PI-06)."""
    found = privacy_notice().sensitive_in(kind.partition(":")[2])
    return found.get(language) if found else ""


def _answer(
    note: Noted, reading: Reading | None, answerer: Answerer | None, language: str, now: datetime
) -> Answer | None:
    """The answer to read out where a question of policy was heard, as the best guess or close behind it."""
    near = reading.guesses[:3] if reading else ()
    asked = [guess for guess in near if guess.label.route == "faq" and guess.score >= WORTH_READING]
    if answerer is None or reading is None or not asked:
        return None
    today = now.astimezone(CHINA).date()
    return answerer.known(note.words, reading.clauses(asked[0].label), language, today=today)


def may_be_filed(note: Noted, heard: Hearing) -> str | None:
    """What is missing before a ticket can be made of it; None when nothing is. A danger waits for no consent (EM-04)."""
    must = ("words", "kind", "place", "no_such_building") if heard.danger else heard.lacks
    blocking = [name for name in heard.lacks if name in must and name != "phone"]
    if note.consent == "refused":
        return "nameless" if (heard.kind.partition(":")[2] or "") not in NAMELESS and not heard.danger else None
    return blocking[0] if blocking else None


def nameless(answers: Answers) -> Answers:
    """Whoever does not agree is not written down: no name, no number, no flat (PI-03)."""
    gone = ("phone", "room", "unit", "floor", "name", "for")
    return {name: value for name, value in answers.items() if name not in gone} | {
        "anonymous": True,
        "confidential": True,
    }


def spotted(note: Noted) -> str:
    """The place the words name, in words; "" where they name none."""
    found = place(note.words)
    return forms.where({part: getattr(found, part) for part in forms.PLACE_PARTS}) if found else ""


READ_AT_ONCE = 90
"""Characters of an answer that are read out; the rest when they ask on."""


def read_out(text: str) -> tuple[str, str]:
    """An answer's first sentences, and the rest of it."""
    sentences = [one for one in _ENDS.split(text.strip()) if one]
    short = sentences[0] if sentences else ""
    at = 1
    while at < len(sentences) and len(short) + len(sentences[at]) <= READ_AT_ONCE:
        short += sentences[at]
        at += 1
    return short.strip(), "".join(sentences[at:]).strip()


def askable(prompt: str) -> str:
    """What is asked by voice: nobody sends a photo on the telephone; "" where nothing is left."""
    return "".join(one for one in _ENDS.split(prompt) if one and not _PHOTO.search(one)).strip()
