"""Hears where: building, unit, floor and room, as people in an estate say them.

'7栋1204', '3单元6楼', '9幢2单元17-3', '七栋十二楼四号', 'B区12#-3-5', '6棟2203', 'building 5 room 302', '5 dong',
'幺二零四'. Digits come back as ASCII; a zone letter stays in front of the building ('B区12').
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace

from knowledge.folding import fold
from knowledge.masking import BARE_DOOR
from knowledge.numerals import value, with_spoken_runs
from knowledge.spoken import with_plain_places


@dataclass(frozen=True, slots=True)
class Place:
    """What was said about where; None means not said. `room` is as on the door: '1204' or '17-3'."""

    building: str | None = None
    unit: str | None = None
    floor: str | None = None
    room: str | None = None

    def filled_from(self, other: Place) -> Place:
        """This place, with what it leaves open taken from `other`."""
        return replace(self, **{f.name: getattr(self, f.name) or getattr(other, f.name) for f in fields(self)})

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))


_N = r"(\d{1,3}|[一二两三四五六七八九十百零]{1,5})"
_DOOR = r"(\d{3,4}|\d{1,2}-\d{1,2})"
_NOT_MORE = r"(?![\d:点])"
_ZONE = r"(?:(?P<zone>[a-z]|[一二三四五六七八九\d]|[东西南北甲乙丙丁])(?:区|组团|期)[,，]?)?"
_BUILDING = re.compile(
    rf"{_ZONE}(?<![\d.有])(?P<letter>[a-h](?=\d))?(?!两[栋幢座]){_N}"
    r"(?:号?[栋幢座#橦]|号楼|号院楼| ?(?:hao ?lou|dong|zhuang)(?![a-z]))(?!门|东西|梁)"
    r"|(?<![a-z])(?P<tower>[a-h]) ?[栋幢座]"
    r"|\b(?:building|block|bldg\.?|tower|no\. ?) ?#?(?P<english>[a-h]?\d{1,3}|[a-h])\b"
)
_DASHED = re.compile(
    rf"(?<![\d\-]){_N}(?:(?:号?[栋幢座#]|号楼)[\-/]?|[\-/])(?P<unit>\d{{1,2}})[\-/]"
    rf"(?P<door>\d{{3,4}}|\d{{1,2}}-\d{{1,2}}){_NOT_MORE}(?!-)"
    rf"|(?<![\d\-])(?P<of>\d{{1,2}})-(?P<room>\d{{3,4}}){_NOT_MORE}(?![\-年月])"
)
_UNIT = re.compile(rf"{_N}(?:单元|门栋| ?dan ?yuan\b)|\bunit ?(?P<english>\d{{1,2}})\b")
_FLOOR = re.compile(
    rf"(?<!\d)(?P<minus>负|-|地下|(?<![a-z])b(?=\d))?{_N}(?:楼|层| ?(?:lou|ceng)\b)(?!下水|梯间|道)"
    r"|\b(?P<english>\d{1,2})(?:st|nd|rd|th)? floor|\bfloor (?P<after>\d{1,2})\b"
)
_ROOM = (
    re.compile(
        rf"(?:[栋幢座#楼]|单元|单元的|dong|building \w+,?)[\s,，\-的]*{_DOOR}{_NOT_MORE}(?![个块元天年月人户\d]|-\d)"
    ),
    re.compile(rf"(?:[楼层])[\s,，\-的]*{_N}号(?!楼|线|车)"),
    re.compile(rf"(?<![\d\-]){_DOOR}(?:号?房间?|室|号(?!楼|线|车)|寝室)"),
    re.compile(r"\b(?:room|flat|apt\.?|apartment|no\.?) ?#?(\d{3,4}|\d{1,2}-\d{1,2})\b"),
    re.compile(rf"(?:我家|我(?:家)?(?:是|住|在)|住在?|家住){_DOOR}{_NOT_MORE}(?![个块元天年月人户\-])"),
    re.compile(f"({BARE_DOOR})"),
)
_BARE = re.compile(r"\s*(\d{3,4}|\d{1,2}-\d{1,2})\s*")
_RUNG = ("110", "119", "120", "122")
"""Numbers in an emergency, said alone: no rooms."""
_HASH_DOOR = re.compile(rf"{_N}(?:#|栋|幢|号楼)-?(\d{{1,2}})-(\d{{1,2}}){_NOT_MORE}(?!-)")
_GAPS = re.compile(r"(?<=[栋幢座楼元区]) (?=\S)|(?<=\d) (?=[栋幢座楼单#号])")


def place(text: str) -> Place | None:
    """Where `text` says it is, or None when it says nothing of a place. The first of several places wins."""
    plain = _GAPS.sub("", with_spoken_runs(with_plain_places(fold(text, keep_gaps=True))))
    found = _dashed(plain) or Place()
    found = found.filled_from(Place(_building(plain), _numbered(_UNIT, plain), _floor(plain), _room(plain)))
    if found.room and "-" in found.room and not found.floor:
        found = replace(found, floor=found.room.split("-")[0])
    return found or None


def _dashed(plain: str) -> Place | None:
    """Shorthands of numbers and dashes: 9-2-1204, 9-2-17-3, 5-1103, B区12#-3-5."""
    if door := _HASH_DOOR.search(plain):
        return Place(_building(plain), room=f"{door[2]}-{door[3]}")
    found = _DASHED.search(plain)
    if found is None:
        return None
    if found["of"]:
        return Place(found["of"], room=found["room"])
    return Place(_number(found[1]), found["unit"], room=found["door"])


def _building(plain: str) -> str | None:
    found = _BUILDING.search(plain)
    if found is None:
        return None
    if lettered := found["tower"] or found["english"]:
        return lettered.upper()
    number = _number(found[3])
    zone = f"{found['zone'].upper()}区" if found["zone"] else (found["letter"] or "").upper()
    return f"{zone}{number}"


def _floor(plain: str) -> str | None:
    for found in _FLOOR.finditer(plain):
        if found["english"] or found["after"]:
            return found["english"] or found["after"]
        if plain[found.end(0) - 1] == "楼" and plain[: found.end(0)].endswith("号楼"):
            continue
        number = _number(found[2])
        return f"-{number}" if found["minus"] else number
    return None


def _room(plain: str) -> str | None:
    for pattern in _ROOM:
        if found := pattern.search(plain):
            return _number(found[1])
    bare = _BARE.fullmatch(plain)
    return bare[1] if bare and bare[1] not in _RUNG else None


def _numbered(pattern: re.Pattern[str], plain: str) -> str | None:
    found = pattern.search(plain)
    return (found["english"] or _number(found[1])) if found else None


def _number(said: str) -> str:
    number = value(said)
    return said if number is None or said.isdigit() else str(number)
