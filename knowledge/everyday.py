"""Short things people say in the middle of anything: who they are, where they live, "has nobody come yet?".

Pure, and sure rather than clever: only a message that is nothing else counts. How people say it is ``data/everyday.yaml``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from knowledge.datafiles import DATA, read
from knowledge.disclosure_people import lists, names_somebody
from knowledge.folding import fold
from knowledge.patterns import Later, compiled, lines, word_lists
from knowledge.places import Place, place

AfterFiling = Literal["how_far", "still", "take_back"]
AFTER_FILING: Sequence[AfterFiling] = ("how_far", "still", "take_back")
LONGEST = 40
_PAUSES = re.compile(r"[,，。.;；!！]+\s*|(?<=[\u4e00-\u9fff])\s+")


@dataclass(frozen=True, slots=True)
class Introduced:
    """What somebody said of themselves; at least one of the two."""

    name: str | None = None
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Wordings:
    """What the data file holds."""

    name: tuple[Later, ...]
    no_name: re.Pattern[str]
    place: re.Pattern[str]
    after_filing: tuple[tuple[AfterFiling, re.Pattern[str]], ...]
    no_person: re.Pattern[str]


@cache
def wordings() -> Wordings:
    """The shipped wordings, read once."""
    return load_wordings(DATA / "everyday.yaml")


def load_wordings(path: Path) -> Wordings:
    """`DataError` for anything wrong: a list nobody knows, a pattern that is none."""
    root = read(path).only("words", "name", "no_name", "place", *AFTER_FILING, "no_person")
    words = word_lists(root["words"])
    return Wordings(
        name=lines(root["name"], words),
        no_name=compiled(root["no_name"], words),
        place=compiled(root["place"], words),
        after_filing=tuple((kind, compiled(root[kind], words)) for kind in AFTER_FILING),
        no_person=compiled(root["no_person"], words),
    )


def introduced(text: str) -> Introduced | None:
    """ "我叫李秀英，住7栋1204": a name, a place, or both, when the message says nothing else."""
    if not text or len(text) > LONGEST:
        return None
    parts = [part for part in _PAUSES.split(fold(text, keep_gaps=True).strip()) if part]
    names = [name for part in parts if (name := _name(part))]
    rest = " ".join(part for part in parts if not _name(part))
    where = place(rest) if wordings().place.fullmatch(rest) else None
    if len(names) > 1 or (rest and where is None) or not (names or where):
        return None
    return Introduced(names[0] if names else None, where)


def _name(part: str) -> str | None:
    found = next((m for line in wordings().name if (m := line.pattern.fullmatch(part))), None)
    if found is None:
        return None
    name = found["name"].strip()
    if wordings().no_name.search(name):
        return None
    if name.isascii():
        return name.title()
    known = name in lists().surnames if len(name) == 1 else names_somebody(name)
    return name if known else None


def after_filing(text: str) -> AfterFiling | None:
    """What somebody who has filed a matter says about it in passing."""
    plain = fold(text).strip()
    if len(plain) > LONGEST:
        return None
    return next((kind for kind, pattern in wordings().after_filing if pattern.fullmatch(plain)), None)


def wants_no_person(text: str) -> bool:
    """ "不用了" to a time that is kept for them."""
    return wordings().no_person.fullmatch(fold(text).strip()) is not None
