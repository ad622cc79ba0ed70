"""Forms: what must be known before a matter can be filed, what is still missing, and how an answer is taken in.

Pure. A draft's answers are a plain mapping that is kept as JSON: ``route``, ``category``, ``description`` (the
resident's own words), ``building``/``unit``/``floor``/``room``/``place_note``, ``phone``, ``details``, ``blobs``,
``urgency``, ``told_at`` (when they first told us, ISO 8601). Whatever was said once is not asked again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from knowledge import catalogue
from knowledge.concepts import concepts
from knowledge.extract import urgency
from knowledge.normalise import normalise
from knowledge.places import Place, place
from knowledge.private_data import phone, without_secrets

Answers = dict[str, Any]
FORMS = ("service_request", "dispute", "volunteer", "suggestion", "activity", "disclosure")
"""Routes that can be filed. The last three need nothing but the resident's words."""
PLACE_PARTS = ("building", "unit", "floor", "room")
LONGEST_TITLE = 30
SHORTEST_DESCRIPTION = 2


@dataclass(frozen=True, slots=True)
class Problem:
    """An answer that cannot be taken as it is; ``key`` names the words that say so."""

    key: str


Command = Literal["confirm", "cancel", "back", "skip"]
_COMMANDS: tuple[tuple[Command, re.Pattern[str]], ...] = (
    (
        "confirm",
        re.compile(r"提交|确认|确定|嗯|对的?|是的?|好的?|要得|没问题|没错|可以|ok|yes|submit|confirm|correct", re.I),
    ),
    (
        "cancel",
        re.compile(r"取消|算了|不报了|不要了|不弄了|莫弄了|退出|不填了|cancel|stop|never ?mind|forget it", re.I),
    ),
    ("back", re.compile(r"返回|上一步|回去|后退|back|go back", re.I)),
    ("skip", re.compile(r"跳过|没有|不留|不用|无|skip|no|none", re.I)),
)
LONGEST_COMMAND = 12
_PAUSES = re.compile(r"[\s,，。.!！~]+")
_ENDINGS = re.compile(r"[\s,，。.!！~吧了嘛哈啊哦呢]+")


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
        answers |= _place_parts(place(text))
        if number := phone(text):
            answers["phone"] = number
    return answers


def missing(answers: Mapping[str, Any]) -> str:
    """What is asked next: ``category``, ``description``, ``place``, ``q:<key>``, or ``confirm`` when nothing is left."""
    if answers["route"] in ("service_request", "dispute") and not answers.get("category"):
        return "category"
    if not answers.get("description"):
        return "description"
    kind = catalogue.category(answers["route"], answers.get("category"))
    if kind is None:
        return "confirm"
    if kind.needs_place and not has_place(answers):
        return "place"
    asked = answers.get("details") or {}
    for question in kind.questions:
        if not question.optional and question.key not in asked:
            return f"q:{question.key}"
    return "confirm"


def has_place(answers: Mapping[str, Any]) -> bool:
    return bool(answers.get("building") or answers.get("place_note"))


def accept(answers: Mapping[str, Any], step: str, text: str) -> Answers | Problem:
    """The answers with what was typed at ``step``, or what is wrong with it."""
    words = text.strip()
    if not words:
        return Problem("form.empty")
    new: Answers = {**answers}
    if step == "place":
        return _with_place(new, words)
    if step == "phone":
        return _with_phone(new, words)
    if step.startswith("q:"):
        return with_detail(new, step[2:], words)
    return _with_description(new, words)


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


def with_detail(new: Answers, key: str, value: str) -> Answers:
    return new | {"details": {**(new.get("details") or {}), key: value}}


_BESIDE_A_NUMBER = re.compile(r"[\d\s\-+,，。:：]|我?的?(?:电话|手机|号码)|是|打|联系")


def add_words(answers: Mapping[str, Any], text: str) -> Answers:
    """More about the same matter: kept behind what was said; a place or telephone in it counts where none was known."""
    if (number := phone(text)) and len(_BESIDE_A_NUMBER.sub("", text)) <= 2:
        return {**answers, "phone": number}
    joined = f"{answers.get('description', '')}\n{text.strip()}".strip()
    taken = _with_description({**answers}, joined)
    return {**answers} if isinstance(taken, Problem) else taken


def _place_parts(found: Place | None) -> Answers:
    return {part: getattr(found, part) for part in PLACE_PARTS if getattr(found, part, None)}


def command(text: str) -> Command | None:
    """ "取消", "好的,提交", "上一步": an order to the form, when the whole message is one."""
    for plain in (_PAUSES.sub("", text), _ENDINGS.sub("", text)):
        for name, pattern in _COMMANDS:
            if plain and len(plain) <= LONGEST_COMMAND and not pattern.sub("", plain):
                return name
    return None


def title(answers: Mapping[str, Any], language: str = "zh") -> str:
    """One line that names the matter: its category and the beginning of the resident's words. Staff read it too."""
    kind = catalogue.category(answers["route"], answers.get("category"))
    words = " ".join(str(answers.get("description", "")).split())
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
