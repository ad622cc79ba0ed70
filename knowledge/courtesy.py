"""What people say around what they want: "您好，我是7栋1204的住户，麻烦问一下，… 谢谢".

It says nothing of the matter, and weighs as much as a short one: "你好，车库灯全黑" was taken for a greeting.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge.datafiles import DATA, read
from knowledge.folding import fold
from knowledge.masking import PLACE, says_something

FILE = DATA / "courtesies.yaml"
SHORTEST = 2
"""Characters of a matter: what is left of a greeting is none."""
_SIGN = r"[\s,，.。!！?？;；:：、~～…—]"
_SELF = (
    rf"(?:我们?|俺|本人)?(?:是|家?住在?|在) ?(?:{PLACE}) ?(?:的 ?)?(?:老?(?:住户|居民|租户|租客|业主|承租人|街坊))?"
    r"|(?:我|俺|本人)?(?:叫|姓|名叫|叫做)(?![他她它你人])[\u4e00-\u9fff]{1,4}"
    r"|(?:我的?)?(?:联系)?(?:电话|手机|号码|方式)(?:号码?)?(?:是|为|:)? ?\d[\d -]{5,14}"
)
"""Who they are and where they live, set apart from the matter; what else they are may be the matter ("我是残疾人")."""


@dataclass(frozen=True, slots=True)
class Courtesies:
    before: re.Pattern[str]
    after: re.Pattern[str]


def matter(text: str) -> str:
    """The words without the courtesies around them; all of them where nothing else is said."""
    plain, known = fold(text, keep_gaps=True), _shipped()
    inner = known.after.sub("", known.before.sub("", plain))
    return inner if len(inner) >= SHORTEST and says_something(inner) else text


def load(path: Path = FILE) -> Courtesies:
    """DataError names file and line."""
    root = read(path).only("before", "called", "after", "parting", "small")
    small = f"[{root['small'].text()}]*"
    before, called, after, parting = (_any_of(root[name].texts()) for name in ("before", "called", "after", "parting"))
    return Courtesies(
        re.compile(rf"^{_SIGN}*(?:(?:{before}|(?:{called}|{_SELF})(?={small}(?:{_SIGN}|$))){small}{_SIGN}*)+"),
        re.compile(rf"(?:(?:{_SIGN}*{after}|{_SIGN}+(?:{parting}|{_SELF})){small})+{_SIGN}*$"),
    )


def _any_of(words: Sequence[str]) -> str:
    """The longest first, so that none hides another that begins with it."""
    return rf"(?:{'|'.join(sorted((re.escape(fold(word)) for word in words), key=len, reverse=True))})"


@cache
def _shipped() -> Courtesies:
    return load()
