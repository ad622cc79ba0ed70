"""A building nobody knows: which of the real ones may be meant, and whether whoever said it stands by it.

Kept in a form's answers: ``near`` are the real ones that are offered, ``insisted`` is the name its resident stood by.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from knowledge.places import place

OFFERED = 4
UNCHECKED = "unchecked_building"
"""In a ticket's details: no such building is known, its resident stood by it."""
_INSISTS = re.compile(
    r"^(?:就是|确实是?|真的?是|没错|没写错|没说错|我说的就是|it (?:really )?is|that'?s right|i am sure)", re.I
)
_BARE = re.compile(r"(?:是|应该是|改成|to|it'?s)?\s*([a-h]?\d{1,3})\s*(?:号|栋|幢|座)?", re.I)


def is_unknown(building: str | None, known: Sequence[str]) -> bool:
    """Names that are no numbers are left to staff where all that are known are numbers."""
    if not building or not known or building in known:
        return False
    return building.isdigit() or not all(name.isdigit() for name in known)


def nearest(building: str, known: Sequence[str]) -> list[str]:
    """The likeliest slips first: what is written alike, then what stands close by."""

    def likeness(name: str) -> tuple[float, int]:
        both = name.isdigit() and building.isdigit()
        away = abs(int(name) - int(building)) if both else 0
        return -SequenceMatcher(None, building, name).ratio(), away

    return sorted(known, key=likeness)[:OFFERED]


def checked(answers: Mapping[str, Any], known: Sequence[str]) -> dict[str, Any]:
    """The answers, with what is offered in place of a building that is not there. An emergency waits for no such
    question: it goes on unchecked. A burst pipe is better asked about than looked for in the wrong building."""
    building = answers.get("building")
    rest = {key: value for key, value in answers.items() if key not in ("near", "insisted")}
    if not is_unknown(building, known):
        return rest
    if answers.get("insisted") == building or answers.get("urgency") == "P0":
        return rest | {"insisted": building}
    return rest | {"near": nearest(str(building), known)}


def insists(answers: Mapping[str, Any], text: str) -> bool:
    """ "就是99栋", or the same building said once more."""
    found = place(text)
    again = found is not None and found.building == answers.get("building")
    other = found is not None and found.building is not None and not again
    return again or (bool(_INSISTS.search(text.strip())) and not other)


def renamed(answers: Mapping[str, Any], text: str) -> dict[str, Any] | None:
    """The answers with the building that is said now, floor and door as before; None where none is."""
    found, bare = place(text), _BARE.fullmatch(text.strip())
    if found is not None and found.building:
        parts = {"building": found.building, "unit": found.unit, "floor": found.floor, "room": found.room}
        return {**answers, **{key: value for key, value in parts.items() if value}}
    return {**answers, "building": bare[1].upper()} if bare else None
