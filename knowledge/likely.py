"""Which of somebody's own matters a sentence means: "那个水管修好没得" is the pipe, not the lift.

Pure: shared families of words, shared pairs of characters, and the place count; a tie is no answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.concepts import concepts
from knowledge.normalise import normalise
from knowledge.places import place

FAMILY, PAIR, BUILDING, ELSEWHERE = 2.0, 1.0, 3.0, -6.0
LEAST = 1.0
GENERAL = frozenset(
    {
        *("broken", "leak_between", "noise", "mend", "hello", "please", "person", "progress", "complaint"),
        *("when", "where", "who", "how", "how_many", "why"),
    }
)
"""Families that any matter may be spoken of with."""
PROGRESS = re.compile(
    r"(?:修|弄|搞|整|办|处理|解决|通|换)(?:好|得|完)?(?:了)?(?:没|没得|没有|莫得|吗|嘛|不)[\s。?？!！]*$|进度|到哪(?:一)?步|怎么样了|啷个样了|咋样了"
    r"|(?:什么时候|啥(?:子)?时候|好久|多久|几时|哪天)(?:才)?(?:来|能|修|弄|好|得|处理|解决)|(?:怎么|啷个|咋个?)(?:还|都)(?:没|不)|(?:还|都)没(?:得)?人?来|催"
    r"|\b(?:any news|progress|status|when will|when is|is it (?:fixed|done)|fixed yet|done yet|how far)\b",
    re.I,
)
"""Words that ask how a matter stands."""
_COMMON = re.compile(
    r"工单|进度|怎么样|修好|好没|没得|什么|时候|我的|那个|这个|一下|报的?|登记|查|问|上次|之前|师傅|来修|解决|处理|我们|家里?|屋头"
)


@dataclass(frozen=True, slots=True)
class Matter:
    """One of somebody's matters: what was said about it, and its building."""

    id: int
    words: str
    building: str | None = None


def asks_how_it_stands(text: str) -> bool:
    return PROGRESS.search(text) is not None


def likely(text: str, matters: Sequence[Matter]) -> int | None:
    """The one matter that `text` plainly means; None when none is, or two are as likely."""
    ranked = sorted(((_likeness(text, matter), matter.id) for matter in matters), reverse=True)
    if not ranked or ranked[0][0] < LEAST:
        return None
    tie = len(ranked) > 1 and ranked[1][0] >= ranked[0][0]
    return None if tie else ranked[0][1]


def about_another(text: str, matter: Matter) -> bool:
    """True when `text` names a thing, or a building, that `matter` has nothing to do with."""
    named = concepts(normalise(text)) - GENERAL
    return _place(text, matter) < 0 or bool(named and not named & concepts(normalise(matter.words)))


def _likeness(text: str, matter: Matter) -> float:
    said, known = normalise(text), normalise(matter.words)
    families = len((concepts(said) & concepts(known)) - GENERAL) * FAMILY
    return families + len(_pairs(said) & _pairs(known)) * PAIR + _place(text, matter)


def _place(text: str, matter: Matter) -> float:
    named = place(text)
    if named is None or not named.building or not matter.building:
        return 0.0
    return BUILDING if named.building == matter.building else ELSEWHERE


def _pairs(plain: str) -> set[str]:
    """Neighbouring characters, and whole Latin words, without what every such sentence says."""
    rest = _COMMON.sub(" ", plain.replace(" ", "") if not plain.isascii() else plain)
    chinese = {rest[at : at + 2] for at in range(len(rest) - 1) if rest[at] >= "\u4e00" and rest[at + 1] >= "\u4e00"}
    return chinese | {
        word for word in re.findall(r"[a-z]{4,}", rest) if word not in ("have", "with", "that", "this", "when", "fixed")
    }
