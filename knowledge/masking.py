"""Takes out of a message what says nothing about the matter: which flat it is, telephone numbers, figures."""

from __future__ import annotations

import re
from functools import lru_cache

FLAT, DOOR = "§", "¤"
"""Stand where a building, unit or floor was named, and where a door was: what is said of a door is of somebody's flat,
what is said of a building is mostly of what all share."""
BARE_DOOR = r"^(?!1(?:10|19|20|22)\b|1(?:10|19|20|22)\D)\d{3,4}(?= ?[漏渗没停门灯厕马厨卫客卧阳窗墙吵闹跳堵坏])"
"""A number before what is the matter, at the very beginning: a door ("801漏水")."""
_PHONE = re.compile(r"1\d{10}|\d{3,4}-?\d{7,8}")
PLACE = (
    r"(?:[a-h甲乙丙丁东西南北] ?(?:区|组团|期) ?)?"
    r"(?:(?<![一二三四五六七八九十\d])(?:\d+|[一二三四五六七八九十]+) ?"
    r"(?:号楼|栋|幢|座|单元|楼|层|室|#|号(?![线码店])) ?-?)+"
    r"(?:\d{1,4}(?:[ -]\d{1,3})*|[〇零一二两三四五六七八九幺]{3,4}(?![十个楼层栋]))?"
    r"|(?<!\d)\d{1,2}[ -]\d{1,2}[ -]\d{1,4}(?!\d)"
)
"""Of a folded or normal form, what names a building, unit, floor or door."""
_FLAT = re.compile(f"{PLACE}|{BARE_DOOR}")
_TO_THE_DOOR = re.compile(r"(?:\d{3}|\d[ -]\d{1,2}|室|号 ?-?|[〇零一二两三四五六七八九幺]{3,4})$")
_NUMBER = re.compile(r"\d+")
_SAID = re.compile(r"[^\W\d_在我你们住家屋头是的有到这那里边了呢啊吧嘛就]")


@lru_cache(maxsize=8)
def masked(plain: str) -> str:
    """A folded or normal form in which every flat, telephone and number looks like every other."""
    return _NUMBER.sub("0", _FLAT.sub(_mark, _PHONE.sub(" ", plain)))


def anywhere(plain: str) -> str:
    """The same, where a door is a place like any other: in danger people name what they can."""
    return masked(plain).replace(DOOR, FLAT)


def _mark(found: re.Match[str]) -> str:
    return f" {DOOR if _TO_THE_DOOR.search(found[0].strip()) else FLAT} "


def says_something(plain: str) -> bool:
    """More than a flat, a telephone or a number, and more than that somebody lives or is there."""
    return _SAID.search(masked(plain)) is not None


def masked_name(name: str) -> str:
    """李*明, 李*, A** B**: enough to compare with a paper in one's hand, too little to learn a name from."""
    words = name.split()
    if len(words) > 1 or name.isascii():
        return " ".join(f"{word[:1]}**" for word in words)
    return f"{name[:1]}*{name[2:][-1:]}"
