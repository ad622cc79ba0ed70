"""What residents say around a mediation, and what in their words the mediator must look at before it crosses (DI-08).

Pure and sure rather than clever (``data/mediation_words.yaml``): whatever is not caught is understood as it always is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge.datafiles import DATA, Field, read
from knowledge.folding import fold
from knowledge.orders import without_endings
from knowledge.places import Place, place
from knowledge.private_data import phone, without_secrets

LONGEST_NOTE = 60
ENDING = r"[\s.。!！?？~～吧嘛哈啊呢哦]*"
_ROOM = re.compile(r"(?<![\d.:年])(\d{3,4})(?![\d.:]|元|块|点|年|月|号线|多)")
_CLAUSES = re.compile(r"[,，。;；\n.!！]+")


@dataclass(frozen=True, slots=True)
class Wordings:
    """What the data file holds."""

    asks: re.Pattern[str]
    not_asked: re.Pattern[str]
    wish: re.Pattern[str]
    who: re.Pattern[str]
    orders: Mapping[str, re.Pattern[str]]
    answers: Mapping[str, re.Pattern[str]]
    private: Mapping[str, re.Pattern[str]]


@dataclass(frozen=True, slots=True)
class Order:
    """A wish about one's own mediation; ``words`` is what the mediator is to hear, "" where it was not said yet."""

    kind: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Other:
    """The other side as somebody tells of it in a sentence, and what they wish of it."""

    where: Place | None
    note: str | None
    wish: str | None


def asks_for_mediation(text: str) -> bool:
    plain, known = fold(text), wordings()
    return known.asks.search(plain) is not None and known.not_asked.search(plain) is None


def wish_in(text: str) -> str | None:
    """What they wish for, where the words say so; that somebody mediates is not yet how they would like it settled."""
    wishes = (found[0].strip() for found in wordings().wish.finditer(fold(text, keep_gaps=True)))
    return next((without_secrets(wish) for wish in wishes if not asks_for_mediation(wish)), None)


def flat_named(text: str, *, own_room: str | None) -> str | None:
    """The words that say which flat the other side is, where a flat that is not their own is named."""
    clauses = (clause.strip() for clause in _CLAUSES.split(text))
    named = (clause for clause in clauses if _room_of(clause) not in (None, own_room))
    return next((without_secrets(clause)[:LONGEST_NOTE] for clause in named), None)


def _room_of(clause: str) -> str | None:
    found = place(clause) or _room_in(clause)
    return found.room if found else None


def order(text: str) -> Order | None:
    """What is wished of one's own mediation, when the whole message is nothing else."""
    plain = fold(text, keep_gaps=True)
    for kind, pattern in wordings().orders.items():
        if found := pattern.fullmatch(plain):
            said = next((words for words in found.groups() if words), "") if pattern.groups else ""
            return Order(kind, said.strip())
    return None


def answer(text: str) -> str | None:
    """ "yes", "later" or "no", when the whole message is one."""
    for plain in (fold(text).strip(" ,，。.!！~～"), without_endings(fold(text))):
        for value, pattern in wordings().answers.items():
            if plain and pattern.fullmatch(plain):
                return value
    return None


def other_side(text: str, *, home: str | None = None) -> Other:
    """Who the other side is and what is wished of it, from one sentence: "楼上1304，希望十点后别拖椅子".

    A room without a building is one of ``home``'s.
    """
    clauses = [clause.strip() for clause in _CLAUSES.split(text) if clause.strip()]
    about = [clause for clause in clauses if place(clause) or _room_in(clause) or wordings().who.search(fold(clause))]
    rest = [clause for clause in clauses if clause not in about]
    found = (place(" ".join(about)) or _room_in(" ".join(about))) if about else None
    if found is not None and found.room and not found.building and home:
        found = Place(building=home, unit=found.unit, floor=found.floor, room=found.room)
    note = without_secrets("，".join(about))[:LONGEST_NOTE] or None
    return Other(found, note, without_secrets("，".join(rest)) or None)


def _room_in(text: str) -> Place | None:
    """ "楼上1304", "隔壁1203室": a bare room, where nothing says that the figure is money or a time."""
    found = _ROOM.search(fold(text))
    return Place(room=found[1]) if found else None


def private_in(text: str) -> str | None:
    """What in a word may be nobody else's business: "phone", "illness", "record"; None where nothing is seen."""
    if phone(text) is not None:
        return "phone"
    plain = fold(text)
    return next((kind for kind, pattern in wordings().private.items() if pattern.search(plain)), None)


@cache
def wordings() -> Wordings:
    """The shipped wordings, read once."""
    return load_wordings(DATA / "mediation_words.yaml")


def load_wordings(path: Path) -> Wordings:
    """`DataError` for anything wrong: a missing part, an answer nobody asks for, a pattern that is none."""
    root = read(path).only("asks", "not_asked", "wish", "who", "orders", "answers", "private")
    orders = root["orders"].only("apply", "tell", "other_mediator", "close_session", "stop", "show").fields()
    answers = root["answers"].only("yes", "later", "no").fields()
    return Wordings(
        _any_of(root["asks"]),
        _any_of(root["not_asked"]),
        _any_of(root["wish"]),
        _any_of(root["who"]),
        {kind: _pattern(field, ENDING) for kind, field in orders.items()},
        {value: _pattern(field) for value, field in answers.items()},
        {kind: _pattern(field) for kind, field in root["private"].fields().items()},
    )


def _any_of(field: Field) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{_pattern(item).pattern})" for item in field.items()), re.I)


def _pattern(field: Field, ending: str = "") -> re.Pattern[str]:
    try:
        return re.compile(rf"(?:{field.text().replace('<words>', '(.*)')}){ending}", re.I | re.S)
    except re.error as problem:
        field.fail(f"this pattern does not work: {problem}")
