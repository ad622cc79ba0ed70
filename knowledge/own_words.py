"""Which texts residents read an admin may change, and what each must keep: its blanks, and every emergency number."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter
from types import MappingProxyType

from knowledge.datafiles import DATA, read
from knowledge.notice import Words, words

LONGEST = 1500
MENU, NUMBERS = "own.menu", "own.service_numbers"
NOTHING = "-"
"""How a text says that it says nothing."""
LONGEST_CHIP, MOST_CHIPS = 12, 8
CHIPS = "page.chips"
EMERGENCY = ("110", "119", "120", "122")
"""They cannot be edited away (EM-01): where the shipped words name one, so do an admin's."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """All of ``own_words.yaml``. ``local``: the texts a community may say in its own way."""

    groups: Mapping[str, tuple[str, ...]]
    local: frozenset[str]
    optional: frozenset[str]
    short: Mapping[str, int]
    menu: tuple[str, ...]
    stays: frozenset[str]
    samples: Mapping[str, Words]

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key for keys in self.groups.values() for key in keys)


@dataclass(frozen=True, slots=True)
class Problem:
    """``code``: of the console's texts (``own_words.wrong_…``); ``what``: the blank or number it is about."""

    code: str
    what: str = ""


def wrong(key: str, text: str, shipped: str) -> Problem | None:
    """Why these words cannot stand for the shipped ones; None where they can."""
    if not text:
        return None if key in allowed().optional else Problem("empty")
    if len(text) > (most := allowed().short.get(key, LONGEST)):
        return Problem("long", str(most))
    if key == MENU:
        return _menu(text)
    if key == CHIPS:
        return _chips(text)
    return _blanks(text, shipped) or _numbers(text, shipped)


def _blanks(text: str, shipped: str) -> Problem | None:
    known = set(blanks(shipped))
    try:
        used = blanks(text)
    except ValueError:
        return Problem("braces")
    if strange := [name for name in used if name not in known]:
        return Problem("strange", f"{{{strange[0]}}}")
    missing = [name for name in blanks(shipped) if name not in used]
    return Problem("missing", f"{{{missing[0]}}}") if missing else None


def blanks(text: str) -> Sequence[str]:
    """In the order they stand; ValueError for a brace that opens nothing, or is formatted."""
    found = list[str]()
    for _, name, spec, conversion in Formatter().parse(text):
        if name is None:
            continue
        if not re.fullmatch(r"[a-z_]+", name) or spec or conversion:
            raise ValueError(name)
        found.append(name)
    return list(dict.fromkeys(found))


def _numbers(text: str, shipped: str) -> Problem | None:
    gone = [number for number in EMERGENCY if names(shipped, number) and not names(text, number)]
    return Problem("emergency", "、".join(gone)) if gone else None


def names(text: str, number: str) -> bool:
    return re.search(rf"(?<!\d){number}(?!\d)", text) is not None


def _menu(text: str) -> Problem | None:
    entries = text.split()
    if len(set(entries)) != len(entries) or not set(entries) <= set(allowed().menu):
        return Problem("menu")
    missing = [entry for entry in allowed().menu if entry in allowed().stays and entry not in entries]
    return Problem("menu_stays", missing[0]) if missing else None


def _chips(text: str) -> Problem | None:
    chips = [chip for chip in text.split("\n") if chip.strip()]
    if len(chips) > MOST_CHIPS:
        return Problem("chips", str(MOST_CHIPS))
    far = [chip for chip in chips if len(chip) > LONGEST_CHIP * (1 if re.search(r"[\u4e00-\u9fff]", chip) else 3)]
    return Problem("chip_long", far[0][:20]) if far else None


@cache
def allowed() -> Allowed:
    return load(DATA / "own_words.yaml")


def load(path: Path) -> Allowed:
    """`DataError` for anything wrong."""
    root = read(path).only("groups", "local", "optional", "short", "menu", "stays", "samples")
    groups = {name: keys.texts() for name, keys in root["groups"].fields().items()}
    known = {name: name for name in groups}
    local = [name.choice(known) for name in root["local"].items()]
    return Allowed(
        groups=MappingProxyType(groups),
        local=frozenset(key for name in local for key in groups[name]),
        optional=frozenset(root["optional"].texts()),
        short=MappingProxyType({key: most.integer(least=1) for key, most in root["short"].fields().items()}),
        menu=root["menu"].texts(),
        stays=frozenset(root["stays"].texts()),
        samples=MappingProxyType({name: words(field) for name, field in root["samples"].fields().items()}),
    )
