"""What goes with a matter besides itself (WO-21): for whom somebody speaks, whether it stays secret,
when one may come, and whether an answer is wanted at all (WO-15).

Pure; every function takes any text and answers None or False when the text does not say. How people say it is
``data/circumstances.yaml``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from knowledge.datafiles import DATA, read
from knowledge.folding import fold
from knowledge.moments import Moment, when
from knowledge.patterns import compiled, word_lists

LONGEST_NAME = 12


@dataclass(frozen=True, slots=True)
class Wordings:
    """What the data file holds."""

    for_whom: re.Pattern[str]
    quarrel: re.Pattern[str]
    english: re.Pattern[str]
    secret: re.Pattern[str]
    nameless: re.Pattern[str]
    then: re.Pattern[str]
    not_then: re.Pattern[str]
    no_reply: re.Pattern[str]
    no_call_back: re.Pattern[str]


@cache
def wordings() -> Wordings:
    """The shipped wordings, read once."""
    return load_wordings(DATA / "circumstances.yaml")


def load_wordings(path: Path) -> Wordings:
    """`DataError` for anything wrong: a list nobody knows, a pattern that is none."""
    root = read(path).only("words", "behalf", "secrecy", "visit", "no_need")
    words = word_lists(root["words"])
    parts = {
        name: compiled(field, words)
        for section, names in _SECTIONS.items()
        for name, field in root[section].only(*names).fields().items()
    }
    no_need = {f"no_{name}": compiled(field, words) for name, field in root["no_need"].fields().items()}
    return Wordings(**parts, **no_need)


_SECTIONS = {
    "behalf": ("for_whom", "quarrel", "english"),
    "secrecy": ("secret", "nameless"),
    "visit": ("then", "not_then"),
}


NOBODY_IN_PARTICULAR = frozenset({"人家", "别人", "别个", "大家", "哪个"})
""" "给人家先换房": somebody else, and nobody one asks for."""


def on_behalf(text: str) -> str | None:
    """For whom somebody else asks, as they called them: 我妈, 隔壁张婆婆, my mother."""
    plain = fold(text)
    english = wordings().english.search(plain)
    if english:
        return english["who"] or english["at"]
    found = wordings().for_whom.search(plain)
    if found is None or (found["who"] is None and wordings().quarrel.search(plain)):
        return None
    who = str(found["who"] or found["at"] or found["is"])
    return None if who in NOBODY_IN_PARTICULAR else who[:LONGEST_NAME]


def wants_secrecy(text: str) -> bool:
    """They ask that nobody learns who spoke (GB/T 33358: then it must be so)."""
    return wants_no_name(text) or wordings().secret.search(fold(text)) is not None


def wants_no_name(text: str) -> bool:
    return wordings().nameless.search(fold(text)) is not None


def says_only_secrecy(text: str) -> bool:
    """The whole message is that wish; nothing of it belongs to the matter."""
    return wants_secrecy(text) and len(fold(text)) <= 18


def visit(text: str, now: datetime) -> Moment | None:
    """When somebody may come, where the words say so: "明天下午在家"; nothing that is over, and not when they are out."""
    plain = fold(text)
    if not wordings().then.search(plain) or wordings().not_then.search(plain):
        return None
    return next((moment for moment in when(text, now) if moment.end > now), None)


def wants_no_reply(text: str) -> bool:
    """They only want it known: nobody need answer (WO-15)."""
    return wordings().no_reply.search(fold(text)) is not None


def wants_no_call_back(text: str) -> bool:
    """Nobody need telephone afterwards to ask whether it is solved (WO-15)."""
    return wordings().no_call_back.search(fold(text)) is not None


def says_only_no_need(text: str) -> bool:
    """The whole message is such a wish; nothing of it belongs to the matter."""
    return (wants_no_reply(text) or wants_no_call_back(text)) and len(fold(text)) <= 18
