"""Takes out of a message what says nothing about the matter: which flat it is, telephone numbers, figures."""

from __future__ import annotations

import re
from functools import lru_cache

FLAT = "§"
"""Stands where a building, unit, floor or room was named."""
_PHONE = re.compile(r"1\d{10}|\d{3,4}-?\d{7,8}")
_FLAT = re.compile(
    r"(?:[a-h甲乙丙丁东西南北] ?(?:区|组团|期) ?)?"
    r"(?:(?<![一二三四五六七八九十\d])(?:\d+|[一二三四五六七八九十]+) ?"
    r"(?:号楼|栋|幢|座|单元|楼|层|室|#|号(?![线码店])) ?-?)+"
    r"(?:\d{1,4}(?:[ -]\d{1,3})*)?|(?<!\d)\d{1,2}-\d{1,2}-\d{1,4}(?!\d)"
)
_NUMBER = re.compile(r"\d+")
_SAID = re.compile(r"[^\W\d_在我你们住家屋头是的有到这那里边了呢啊吧嘛就]")


@lru_cache(maxsize=8)
def masked(plain: str) -> str:
    """A folded or normal form in which every flat, telephone and number looks like every other."""
    return _NUMBER.sub("0", _FLAT.sub(f" {FLAT} ", _PHONE.sub(" ", plain)))


def says_something(plain: str) -> bool:
    """More than a flat, a telephone or a number, and more than that somebody lives or is there."""
    return _SAID.search(masked(plain)) is not None


def masked_name(name: str) -> str:
    """李*明, 李*, A** B**: enough to compare with a paper in one's hand, too little to learn a name from."""
    words = name.split()
    if len(words) > 1 or name.isascii():
        return " ".join(f"{word[:1]}**" for word in words)
    return f"{name[:1]}*{name[2:][-1:]}"
