"""Brings a message into the one form that rules and extraction read.

NFKC, lower case, simplified characters, no invisible characters, one space at most and none between Chinese
characters. Total: any string goes in; the result is cut to `LONGEST` characters (its beginning and its end), so that
every pattern works in bounded time.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Any

LONGEST = 6000
_INVISIBLE = re.compile(
    r"[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_HALF_A_CHARACTER = re.compile(r"[\ud800-\udfff]")
_BLANKS = re.compile(r"[^\S\n]+")
_BETWEEN_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")


@lru_cache(maxsize=8)
def fold(text: str, *, keep_gaps: bool = False) -> str:
    """`text` in its plain form; `keep_gaps` leaves the spaces people type instead of punctuation."""
    whole = _HALF_A_CHARACTER.sub("", clip(text))
    plain = _INVISIBLE.sub("", clip(unicodedata.normalize("NFKC", whole)).lower())  # one character may become 18
    plain = _BLANKS.sub(" ", str(_to_simplified().convert(plain))).strip()
    return plain if keep_gaps else _BETWEEN_CHINESE.sub("", plain)


def clip(text: str) -> str:
    """The first two thirds and the last third of `LONGEST` characters when `text` is longer than that."""
    if len(text) <= LONGEST:
        return text
    return f"{text[: LONGEST * 2 // 3]} {text[-LONGEST // 3 :]}"


@cache
def _to_simplified() -> Any:
    from opencc import OpenCC  # loading its tables takes 40 ms: only when a message is read

    return OpenCC("t2s")
