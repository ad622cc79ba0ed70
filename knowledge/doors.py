"""The right door for what is not ours, where one is known (WO-06): ``data/doors.yaml``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge.datafiles import DATA, Field, read
from knowledge.folding import fold
from knowledge.notice import Words, words
from knowledge.patterns import compiled

_NUMBER = re.compile(r"\d{3,11}")


@dataclass(frozen=True, slots=True)
class Door:
    """A telephone line and what it is for."""

    number: str
    name: Words
    says: re.Pattern[str]


def door_for(text: str) -> Door | None:
    """The door a message names by its subject; None where nothing is known better than the general one."""
    plain = fold(text)
    return next((door for door in doors() if door.says.search(plain)), None)


@cache
def doors() -> Sequence[Door]:
    """The shipped doors, read once."""
    return load_doors(DATA / "doors.yaml")


def load_doors(path: Path) -> Sequence[Door]:
    """`DataError` for anything wrong."""
    root = read(path).only("checked_on", "doors")
    root["checked_on"].day()
    return tuple(map(_door, root["doors"].items()))


def _door(item: Field) -> Door:
    item.only("number", "name", "says")
    number = item["number"].text()
    if not _NUMBER.fullmatch(number):
        item["number"].fail(f"{number!r} is no telephone number")
    return Door(number, words(item["name"]), compiled(item["says"]))
