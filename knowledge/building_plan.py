"""Reads buildings as an admin writes them: "1–18 栋，每栋 2 单元 29 层 10 户" is eighteen buildings with all their flats.

One line is one kind of building. "10 户" is what a floor has, of all its units together; a name may have a letter in front
(B1–B6).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.folding import fold

MOST_BUILDINGS, MOST_UNITS, MOST_FLOORS, MOST_DOORS, MOST_FLATS = 200, 20, 60, 60, 60_000
LONGEST_NAME = 16


@dataclass(frozen=True, slots=True)
class Plan:
    """Buildings of one kind; ``doors``: flats on each floor, all units together."""

    names: tuple[str, ...]
    units: int
    floors: int
    doors: int

    @property
    def flats(self) -> int:
        return len(self.names) * self.floors * self.doors


class Unreadable(ValueError):
    """``line`` counts from 1; ``why`` is a key of the console's texts (``estates.plan_…``); ``what``: the words meant."""

    def __init__(self, line: int, why: str, what: str = "") -> None:
        super().__init__(f"{line}: {why} {what}")
        self.line, self.why, self.what = line, why, what


_RANGE = re.compile(r"([a-z]{0,2})(\d{1,3})(?:(?:栋|号楼|幢|座)?(?:-|至|到)\1(\d{1,3}))?(?:栋|号楼|幢|座|,|、|:|$)")
_COUNTED = {
    "units": re.compile(r"(\d+)(?:个)?单元|(\d+)\s*units?"),
    "floors": re.compile(r"(\d+)(?:层|楼(?!栋))|(\d+)\s*(?:floors?|storeys?)"),
    "doors": re.compile(r"(\d+)(?:户|套|间)|(\d+)\s*(?:flats?|homes?|doors?)"),
}
_MOST = {"units": MOST_UNITS, "floors": MOST_FLOORS, "doors": MOST_DOORS}


def read(text: str) -> list[Plan]:
    """Every line that says something; ``Unreadable`` for the first that does not say all."""
    found, seen = [], set[str]()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        plan = _line(number, line)
        for name in plan.names:
            if name in seen:
                raise Unreadable(number, "plan_twice", name)
            seen.add(name)
        found.append(plan)
    if len(seen) > MOST_BUILDINGS or sum(plan.flats for plan in found) > MOST_FLATS:
        raise Unreadable(1, "plan_too_many")
    return found


def _line(number: int, line: str) -> Plan:
    said = re.sub(r"[–—~～]", "-", fold(line)).replace(" ", "")
    head = re.split(r"每栋|每幢|each", said, maxsplit=1)[0]
    names = tuple(_names(number, head))
    if not names:
        raise Unreadable(number, "plan_names")
    counts = {what: _count(number, said, what) for what in _COUNTED}
    if counts["doors"] < counts["units"]:
        raise Unreadable(number, "plan_doors_fewer")
    return Plan(names, **counts)


def _names(number: int, head: str) -> Iterator[str]:
    for letters, first, last in _RANGE.findall(head):
        start, end = int(first), int(last or first)
        if end < start or end - start >= MOST_BUILDINGS:
            raise Unreadable(number, "plan_range", f"{first}-{last}")
        for one in range(start, end + 1):
            yield f"{letters.upper()}{one}"


def _count(number: int, said: str, what: str) -> int:
    found = _COUNTED[what].search(said)
    count = int(next(group for group in found.groups() if group)) if found else 0
    if found is None or not 1 <= count <= _MOST[what]:
        raise Unreadable(number, f"plan_{what}", str(count or ""))
    return count


def flats(plan: Plan) -> Iterator[tuple[str, int, str]]:
    """Unit, floor and room of every flat of one such building; each unit counts its rooms from 01."""
    share, more = divmod(plan.doors, plan.units)
    for unit in range(1, plan.units + 1):
        for floor in range(1, plan.floors + 1):
            for door in range(1, share + (unit <= more) + 1):
                yield str(unit), floor, f"{floor}{door:02d}"


def name_of(text: str) -> str | None:
    """A building's name as it is kept, "七栋" or "b12号楼" included; None where it cannot be one."""
    said = re.sub(r"(?:栋|号楼|幢|座)$", "", fold(text).replace(" ", "")).upper()
    return said if 0 < len(said) <= LONGEST_NAME and re.fullmatch(r"[0-9A-Z\u4e00-\u9fff-]+", said) else None
