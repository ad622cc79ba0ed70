"""What somebody wants with their own data, told by their words: see, correct, export, delete, leave, a proxy, a new phone.

Pure and sure rather than clever: only wordings that can mean nothing else count (``data/own_data.yaml``), so that "what
papers do I need" or "how do I leave the flat" stay the questions they are. Whatever is not caught here, the menu reaches.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from knowledge.datafiles import DATA, Field, read
from knowledge.folding import fold
from knowledge.places import Place, place
from knowledge.private_data import phone

Kind = Literal["see", "correct", "export", "delete", "withdraw", "notice", "leave", "give_proxy", "be_proxy", "move"]
About = Literal["name", "phone", "place"]
KINDS: Mapping[str, Kind] = {kind: kind for kind in get_args(Kind)}
ABOUT: Mapping[str, About] = {about: about for about in get_args(About)}

LONGEST = 60
"""A wish about one's data is short; in a story the same words stand for something else."""
_PART = re.compile(r"<([a-z_]+)>")
_NAME = re.compile(r"[\u4e00-\u9fff·]{1,5}|[A-Za-z][A-Za-z .'-]{0,30}")
_QUESTION = re.compile(r"[?？]|怎么|如何|什么|哪|吗|多久|要不要|how|what|where", re.I)


@dataclass(frozen=True, slots=True)
class Wish:
    """``about`` and ``value`` of a correction, as far as they were said; ``relation`` of a proxy."""

    kind: Kind
    about: About | None = None
    value: str | None = None
    relation: str | None = None


@dataclass(frozen=True, slots=True)
class Wordings:
    """What the data file holds."""

    wishes: tuple[tuple[Kind, re.Pattern[str]], ...]
    corrections: tuple[tuple[About, re.Pattern[str]], ...]
    relations: tuple[tuple[str, re.Pattern[str]], ...]


def wish(text: str) -> Wish | None:
    """What is wished, when the whole message is nothing else."""
    plain = fold(text)
    if not plain or len(plain) > LONGEST or "\n" in plain:
        return None
    for kind, pattern in wordings().wishes:
        if pattern.fullmatch(plain):
            return Wish(kind, relation=relation(plain) if kind.endswith("_proxy") else None)
    return _correction(plain)


def relation(text: str) -> str | None:
    """Who is meant, as one of the relations a proxy can have."""
    return next((name for name, pattern in wordings().relations if pattern.search(text)), None)


def _correction(plain: str) -> Wish | None:
    """A correction counts when what comes behind it is the new value, or nothing."""
    for about, pattern in wordings().corrections:
        found = pattern.fullmatch(plain)
        if found is None:
            continue
        value = found["value"].strip(" ,，。.!！了:：")
        if not value:
            return None if _QUESTION.search(plain) else Wish("correct", about)
        if fitting(about, value) is not None:
            return Wish("correct", about, value)
    return None


def fitting(about: About, value: str) -> str | Place | None:
    """The value as it will be kept; None when it is none of its kind."""
    if about == "phone":
        return phone(value)
    if about == "place":
        found = place(value)
        return found if found is not None and found.building else None
    words = value.strip()
    if not _NAME.fullmatch(words) or _QUESTION.search(words):
        return None
    return words.title() if words.isascii() and words.islower() else words


@cache
def wordings() -> Wordings:
    """The shipped wordings, read once."""
    return load_wordings(DATA / "own_data.yaml")


def load_wordings(path: Path) -> Wordings:
    """`DataError` for anything wrong: an unknown kind, a part nobody knows, a pattern that is none."""
    root = read(path).only("parts", "wishes", "relations", "corrections")
    relations = {name: field.text() for name, field in root["relations"].fields().items()}
    parts = {name: field.text() for name, field in root["parts"].fields().items()}
    known = {name: _whole(text, parts) for name, text in parts.items()} | {"who": "|".join(relations.values())}
    wishes = root["wishes"].only(*(kind for kind in KINDS if kind != "correct")).fields()
    corrections = root["corrections"].only(*ABOUT).fields()
    return Wordings(
        tuple((KINDS[kind], _pattern(field, known, r"[\s.。!！?？~～]*")) for kind, field in wishes.items()),
        tuple((ABOUT[about], _pattern(field, known, r"(?P<value>.*)")) for about, field in corrections.items()),
        tuple((name, re.compile(text, re.I)) for name, text in relations.items()),
    )


def _whole(text: str, parts: Mapping[str, str]) -> str:
    """A part may be made of other parts."""
    return _PART.sub(lambda found: parts[found[1]], text)


def _pattern(field: Field, parts: Mapping[str, str], ending: str) -> re.Pattern[str]:
    return re.compile(rf"(?:{'|'.join(_lines(field, parts))}){ending}", re.I)


def _lines(field: Field, parts: Mapping[str, str]) -> Sequence[str]:
    lines = []
    for item in field.items():
        try:
            lines.append(_whole(item.text(), parts))
            re.compile(lines[-1])
        except (KeyError, re.error) as problem:
            item.fail(f"this pattern does not work: {problem}")
    return lines
