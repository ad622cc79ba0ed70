"""Which language somebody writes, and whether they ask for another one. Pure; unsure is None."""

from __future__ import annotations

import re
from typing import Literal

from knowledge.folding import fold

Language = Literal["zh", "en"]

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile(r"(?<![a-z0-9-])[a-z]{2,}(?:'[a-z]+)?(?![a-z0-9-])")
"""A word, not the letters of a code or a number: a code that had "to" in it was taken for English."""
_COMMON = frozenset(
    """the is are my we you it in of to and for on at not no do does can how what where who when why there please help
    need want have has with from this that about water broken""".split()  # noqa: SIM905 - easier to read so
)
_ASKED: tuple[tuple[Language, re.Pattern[str]], ...] = (
    (
        "en",
        re.compile(
            r"(?:in |use |speak |switch to |change to |please )*english(?: please)?|"
            r"do you (?:speak|know|understand) english|"
            r"(?:请|能|可以|会)*(?:说|用|讲|换成?|切换到?|改成)?(?:英文|英语)(?:版)?(?:吗|可以吗|回答|说)?"
        ),
    ),
    (
        "zh",
        re.compile(
            r"(?:in |use |speak |switch to |change to |please )*(?:chinese|mandarin)(?: please)?|"
            r"(?:请|能|可以|会)*(?:说|用|讲|换回?成?|切换到?|改成)?(?:中文|汉语|普通话)(?:版)?(?:吗|可以吗|回答|说)?"
        ),
    ),
)
_END = re.compile(r"[\s.。!！?？]+$")


def spoken(text: str) -> Language | None:
    """The language of a sentence; None for what is too short, mixed, or neither."""
    plain = fold(text)
    chinese, found = len(_CHINESE.findall(plain)), _WORD.findall(plain)
    if chinese >= 4 and chinese > 2 * len(found):
        return "zh"
    if chinese or len(found) < 3:
        return None
    return "en" if len(_COMMON.intersection(found)) >= 1 else None


def asked_for(text: str) -> Language | None:
    """The language somebody asks to be spoken to in, when the message is nothing else."""
    plain = _END.sub("", fold(text))
    return next((language for language, pattern in _ASKED if pattern.fullmatch(plain)), None)
