"""What stands in the operator's form while somebody speaks: read from a form or from what was kept, and put together.

Two windows on one call may both have been written in: `together` loses a word of neither.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from knowledge import catalogue
from knowledge.catalogue import Category
from knowledge.circumstances import LONGEST_NAME
from knowledge.danger import KINDS
from knowledge.private_data import without_secrets

LONGEST_WORDS, LONGEST_LINE = 2000, 60
URGENCIES = ("P0", "P1", "P2", "P3")
CONSENTS = ("given", "refused")
WITH_KINDS = ("service_request", "dispute")
WITHOUT_KINDS = ("suggestion", "praise")
_NUMBER = re.compile(r"\+?[\d\s()\-]{3,24}")
FLAGS = ("confidential", "anonymous", "no_call_back", "sensitive_agreed", "child", "quiet")


@dataclass(frozen=True, slots=True)
class Noted:
    """What stands in the operator's form. ``kind`` is "route:category" or "" while nobody chose; ``urgency`` likewise.
    ``no_danger``: the kinds of danger that were misheard; another kind is heard all the same. ``child``, ``quiet``: what
    the operator's ear says, a child speaks, somebody may listen; ``safe_way``: how to be in touch then (EM-07)."""

    words: str = ""
    number: str = ""
    name: str = ""
    place: str = ""
    find: str = ""
    kind: str = ""
    urgency: str = ""
    behalf: str = ""
    consent: str = ""
    confidential: bool = False
    anonymous: bool = False
    no_call_back: bool = False
    sensitive_agreed: bool = False
    child: bool = False
    quiet: bool = False
    safe_way: str = ""
    no_danger: str = ""
    asked: Mapping[str, str] = field(default_factory=dict)

    def kept(self) -> dict[str, Any]:
        """As it is kept; what says nothing is left out."""
        return {name: value for name, value in asdict(self).items() if value}


def noted(given: Mapping[str, Any]) -> Noted:
    """From what was kept, or from a form's fields: cut, trimmed, secrets covered, what is no choice dropped."""
    known = {one.name for one in fields(Noted)}
    text = {name: _clean(name, str(value)) for name, value in given.items() if name in known - {"asked", *FLAGS}}
    flags = {name: given.get(name) in (True, "1", "on", "yes") for name in FLAGS}
    asked = dict(given.get("asked") or {}) or {
        name.removeprefix("q_"): str(value)[:LONGEST_LINE]
        for name, value in given.items()
        if name.startswith("q_") and value
    }
    return Noted(**text, **flags, asked=asked)  # type: ignore[arg-type]


def _clean(name: str, value: str) -> str:
    words = value.replace("\r\n", "\n").strip()
    if name == "words":
        return without_secrets(words[:LONGEST_WORDS])
    if name == "number":
        return number_of(words) or ""
    if name == "no_danger":
        return ",".join(kind for kind in words.split(",") if kind in KINDS)
    allowed = {"kind": tuple(kinds()), "urgency": URGENCIES, "consent": CONSENTS}
    if name in allowed:
        return words if words in allowed[name] else ""
    return without_secrets(" ".join(words.split())[: LONGEST_NAME if name == "name" else LONGEST_LINE])


def number_of(text: str) -> str | None:
    """A telephone number in digits, without the country's 86; None where it is none (withheld, "anonymous")."""
    if not _NUMBER.fullmatch(text.strip()):
        return None
    digits = re.sub(r"\D", "", text)
    local = re.sub(r"^(?:00)?86(?=1[3-9]\d{9}$)", "", digits)
    return local if 3 <= len(local) <= 20 else None


def kinds() -> dict[str, Category | None]:
    """Everything a call can become, by the value of its choice."""
    found: dict[str, Category | None] = {}
    for route in WITH_KINDS:
        found |= {f"{route}:{id}": kind for id, kind in catalogue.shipped(route).items()}
    return found | {f"{route}:": None for route in WITHOUT_KINDS}


def together(theirs: Noted, mine: Noted) -> Noted:
    """Of two forms of one call everything: both their words, and of a field what was written here, else there."""
    empty = {one.name: getattr(theirs, one.name) for one in fields(Noted) if not getattr(mine, one.name)}
    return replace(mine, **empty | {"words": _both(theirs.words, mine.words), "asked": {**theirs.asked, **mine.asked}})


def _both(theirs: str, mine: str) -> str:
    if mine in theirs:
        return theirs
    return mine if theirs in mine else f"{theirs}\n{mine}"


_LATIN, _CHINESE = re.compile("[A-Za-z]"), re.compile("[\u4e00-\u9fff]")


def other_language(words: str, language: str) -> str:
    """The language the caller speaks where it is not the operator's own, to read out in both; else ""."""
    latin, chinese = len(_LATIN.findall(words)), len(_CHINESE.findall(words))
    spoken = "en" if latin > 12 and latin > 3 * chinese else "zh" if chinese else language
    return "" if spoken == language else spoken
