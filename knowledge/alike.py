"""Which short questions are one question: what is left of them without the words any question has, compared by rapidfuzz.

Pure; the words and the limit are data (``data/alike.yaml``), with what was measured for them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz

from knowledge.datafiles import DATA, read
from knowledge.normalise import normalise

LONGEST = 120
"""Characters of a question that are compared."""


@dataclass(frozen=True, slots=True)
class Rules:
    fillers: re.Pattern[str]
    alike: float
    newest: int


@cache
def rules() -> Rules:
    root = read(DATA / "alike.yaml").only("checked_on", "alike", "newest", "fillers")
    words = sorted(root["fillers"].texts(), key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, words)))
    return Rules(pattern, root["alike"].integer(least=1, most=99), root["newest"].integer(least=1))


def core(text: str) -> str:
    """What a question is about, as far as letters tell; "" where nothing is said."""
    plain = normalise(text).replace(" ", "")[:LONGEST]
    return rules().fillers.sub("", plain) or plain


class Groups:
    """Groups of questions, each by the cores of its newest; a question joins the one it is most like, or none."""

    def __init__(self, known: Mapping[int, Iterable[str]]) -> None:
        """``known``: of each group the texts of its newest questions, the newest first."""
        self._cores = {group: [core(text) for text in texts][: rules().newest] for group, texts in known.items()}

    def nearest(self, text: str) -> int | None:
        about, best, found = core(text), rules().alike, None
        for group, cores in self._cores.items():
            likeness = sum(fuzz.ratio(about, other) for other in cores) / len(cores) if cores else 0.0
            if likeness >= best:
                best, found = likeness, group
        return found

    def put(self, text: str, group: int) -> None:
        """It belongs there: a group of its own, where there was none of that name."""
        self._cores[group] = [core(text), *self._cores.get(group, [])][: rules().newest]
