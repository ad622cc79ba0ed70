"""Forms: what must be known before a matter can be filed, what is still missing, and how an answer is taken in.

Pure. A draft's answers are a plain mapping that is kept as JSON: ``route``, ``category``, ``description`` (the
resident's own words), ``building``/``unit``/``floor``/``room``/``place_note``, ``phone``, ``blobs``, ``urgency``,
``told_at`` (when they first told us, ISO 8601), ``for`` (on whose behalf), ``confidential``, ``anonymous``, ``visit``
(when somebody may come), ``door`` (why another door is the right one), and what `knowledge.turns` keeps of questions and
turns. Whatever was said once is not asked again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from knowledge import catalogue
from knowledge.circumstances import (
    LONGEST_NAME,
    on_behalf,
    says_only_no_need,
    says_only_secrecy,
    visit,
    wants_no_call_back,
    wants_no_reply,
)
from knowledge.concepts import concepts
from knowledge.extract import urgency
from knowledge.folding import fold
from knowledge.normalise import normalise
from knowledge.orders import Command, command
from knowledge.places import Place, place
from knowledge.private_data import phone, without_numbers, without_secrets
from knowledge.real_buildings import renamed
from knowledge.replies import choice, with_answer
from knowledge.turns import Answers, Settled, answered, keep_secret, kind_of, known, next_question, settle, topic

__all__ = [
    "FORMS", "Answers", "Command", "Problem", "Settled", "accept", "add_words", "answered", "at_place", "begin",
    "category_named",
    "choice", "command", "has_place", "keep_secret", "kind_of", "known", "missing", "on_behalf", "says_only",
    "says_only_secrecy", "settle", "title", "topic", "where",
]  # fmt: skip
FORMS = ("service_request", "dispute", "suggestion", "praise", "activity", "disclosure")
"""Routes that can be filed. The last four need nothing but the resident's words."""
PLACE_PARTS = ("building", "unit", "floor", "room")
LONGEST_TITLE = 30
SHORTEST_DESCRIPTION = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """An answer that cannot be taken as it is; ``key`` names the words that say so."""

    key: str


def begin(text: str, *, route: str, category: str | None, told_at: datetime, blobs: Sequence[int] = ()) -> Answers:
    """The answers one message already gives."""
    answers: Answers = {
        "route": route,
        "category": category,
        "told_at": told_at.isoformat(),
        "blobs": list(blobs),
        "urgency": urgency(text) if text else "P2",
    }
    if text.strip():
        answers["description"] = without_secrets(text.strip())
        answers |= _place_parts(place(text)) | _visit(text, told_at)
        if number := phone(text):
            answers["phone"] = number
    return answers


def missing(answers: Mapping[str, Any]) -> str:
    """What is asked next: ``category``, ``door``, ``description``, ``q:<key>``, ``place``, ``building``, ``for``, or
    ``confirm`` when nothing is left. A ``brief`` form (a text message) asks only what nobody can do without."""
    if answers["route"] in ("service_request", "dispute") and not answers.get("category"):
        return "category"
    if answers.get("door"):
        return "door"
    if not answers.get("description"):
        return "description"
    if question := next_question(answers, first=True):
        return f"q:{question.key}"
    if needs_place(answers) and not has_place(answers):
        return "place"
    if answers.get("near"):
        return "building"
    if answers.get("brief"):
        return "confirm"
    if question := next_question(answers, first=False):
        return f"q:{question.key}"
    return "for" if "for" not in answers and known(answers).get("who") == "other" else "confirm"


def needs_place(answers: Mapping[str, Any]) -> bool:
    """Somebody has to go there: by its kind, or because it is about somebody else (WO-21)."""
    kind = kind_of(answers)
    return kind is not None and (kind.needs_place or (kind.id == "care" and bool(answers.get("for"))))


def has_place(answers: Mapping[str, Any]) -> bool:
    return bool(answers.get("building") or answers.get("place_note"))


def accept(answers: Mapping[str, Any], step: str, text: str, *, now: datetime | None = None) -> Answers | Problem:
    """The answers with what was typed at ``step``, or what is wrong with it."""
    words = text.strip()
    if not words:
        return Problem("form.empty")
    new: Answers = {**answers}
    if step == "place":
        return _with_place(new, words)
    if step == "building":
        return renamed(new, words) or Problem("form.place_unclear")
    if step == "phone":
        return _with_phone(new, words)
    if step == "for":
        return new | {"for": without_secrets(words[:LONGEST_NAME])}
    if step == "visit":
        return new | (_visit(f"{words}在家", now or _told(new)) or {"visit": {"words": without_secrets(words[:40])}})
    if step.startswith("q:"):
        return with_answer(new, step[2:], words)
    return _with_description(new, words) if step == "description" else add_words(new, words, now=now)


def _told(answers: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(answers["told_at"])


def _visit(text: str, now: datetime) -> Answers:
    """When somebody may come, as kept in the answers; empty when the words do not say."""
    found = visit(text, now)
    if found is None:
        return {}
    return {"visit": {"words": found.words, "from": found.start.isoformat(), "until": found.end.isoformat()}}


def _with_place(new: Answers, words: str) -> Answers | Problem:
    found = place(words)
    if found is None and not _could_be_a_place(words):
        return Problem("form.place_unclear")
    for part in PLACE_PARTS:
        new.pop(part, None)
    new |= _place_parts(found)
    if found is None or not found.building:
        new["place_note"] = without_secrets(words[:60])
    else:
        new.pop("place_note", None)
    return new


def at_place(answers: Mapping[str, Any], said: Place) -> Answers:
    """The answers with a place that was said by itself: parts add up, another building replaces them all."""
    parts = _place_parts(said)
    stays = "building" not in parts or answers.get("building") in (None, parts["building"])
    gone = () if stays else PLACE_PARTS
    new = {key: value for key, value in answers.items() if key not in gone} | parts
    if new.get("building"):
        new.pop("place_note", None)
    return new


def _could_be_a_place(words: str) -> bool:
    """ "大门口" or "main gate" is a place without a building; keyboard mash is none."""
    plain = normalise(words)
    chinese = sum("\u4e00" <= letter <= "\u9fff" for letter in plain)
    return chinese >= 2 or len(plain.split()) >= 2 or bool(concepts(plain))


def _with_phone(new: Answers, words: str) -> Answers | Problem:
    number = phone(words)
    if number is None:
        return Problem("form.phone_unclear")
    return new | {"phone": number}


def _with_description(new: Answers, words: str) -> Answers | Problem:
    if len(words) < SHORTEST_DESCRIPTION:
        return Problem("form.description_short")
    new["description"] = without_secrets(words)
    new["urgency"] = min(str(new.get("urgency", "P2")), urgency(words))
    if not has_place(new):
        new |= _place_parts(place(words))
    if not new.get("phone") and (number := phone(words)):
        new["phone"] = number
    return new


_BESIDE_A_NUMBER = re.compile(r"[\d\s\-+,，。:：]|我?的?(?:电话|手机|号码)|是|打|联系")


def add_words(answers: Mapping[str, Any], text: str, *, now: datetime | None = None) -> Answers:
    """More about the same matter: kept behind what was said; a place or telephone in it counts where none was known."""
    if (number := phone(text)) and len(_BESIDE_A_NUMBER.sub("", text)) <= 2:
        return {**answers, "phone": number}
    if says_only_secrecy(text):
        return {**answers, "confidential": True}
    if says_only_no_need(text):
        return {**answers} | no_need(text)
    answers = {**answers} | _visit(text, now or _told(answers))
    joined = f"{answers.get('description', '')}\n{text.strip()}".strip()
    taken = _with_description({**answers}, joined)
    return {**answers} if isinstance(taken, Problem) else taken


def says_only(text: str) -> bool:
    """The whole message is a wish about how the matter is dealt with: in confidence, without an answer, without a call."""
    return says_only_secrecy(text) or says_only_no_need(text)


def no_need(text: str) -> Answers:
    """Which of an answer and a call afterwards nobody needs, as kept in the answers."""
    said = {"no_reply": wants_no_reply(text), "no_call_back": wants_no_call_back(text)}
    return {name: True for name, wished in said.items() if wished}


def _place_parts(found: Place | None) -> Answers:
    return {part: getattr(found, part) for part in PLACE_PARTS if getattr(found, part, None)}


def category_named(route: str, text: str) -> str | None:
    """The category whose name, or a part of it, the words are: "物业管理", "维修"."""
    plain = fold(text).strip(" 。.,，")
    names = {kind.id: (fold(kind.name.zh), fold(kind.name.en)) for kind in catalogue.shipped(route).values()}
    whole = next((id for id, known in names.items() if plain in known), None)
    return whole or next((id for id, (zh, _) in names.items() if len(plain) >= 2 and plain in zh), None)


def title(answers: Mapping[str, Any], language: str = "zh") -> str:
    """One line that names the matter: its category and the beginning of the resident's words. Staff read it too."""
    kind = kind_of(answers)
    words = " ".join(without_numbers(str(answers.get("description", ""))).split()).strip(" ,，;；、")
    short = words if len(words) <= LONGEST_TITLE else f"{words[: LONGEST_TITLE - 1]}…"
    return f"{kind.name.get(language)}：{short}" if kind else short


def where(answers: Mapping[str, Any], language: str = "zh") -> str:
    """The place in words: 7栋1204; "" when none was said."""
    zh = language.startswith("zh")
    room = answers.get("room")
    parts = [
        (answers.get("building"), "{}栋" if zh else "building {} "),
        (answers.get("unit"), "{}单元" if zh else "unit {} "),
        (None if room else answers.get("floor"), "{}楼" if zh else "floor {} "),
        (room, "{}" if zh else "flat {}"),
    ]
    said = "".join(pattern.format(value) for value, pattern in parts if value).strip()
    return " ".join(part for part in (said, answers.get("place_note")) if part)


def public_matter(building: str, name: str, language: str = "zh") -> str:
    """ "7栋电梯", "the lift, building 7": what neighbours may read."""
    return f"{building}栋{name}" if language.startswith("zh") else f"{name}, building {building}"
