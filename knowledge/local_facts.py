"""Questions about local facts, which no fit has seen: found by their own phrases and keywords, from the moment they stand.

A fact is meant where a message is likelier to be one of its phrases than anything else that is known, or names its keyword
and asks somewhat like one of them. What speaks of a trouble, or surely of something else without asking, stays that.

Of 31 questions about five invented facts, none of which is one of their phrases, 27 are found; of the 2,069 labelled
messages of tests/understanding, none of which is about them, one is taken (tests/test_knowledge_local_facts.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from knowledge.faq import Entry
from knowledge.faq_wording import LOCAL
from knowledge.normalise import normalise

ALIKE, NAMED, ASKED = 0.72, 0.6, 0.35
"""Likeness to its nearest phrase from which a fact is meant; where its keyword is named; where the message asks, too."""
AHEAD, BEHIND = 0.03, 0.25
"""So much likelier than what is nearest beside it a fact must be, or at most so much less where its keyword is named."""
SHORTEST_KEYWORD = 2
ASKS = re.compile(
    r"[吗么不没]$|没得$|(.)不\1|多少|好多|几|哪|谁|什么|啥|怎么|咋|多久|好久|能不能|可不可以|有没有|要不要|还开不开|"
    r"\b(?:what|how|who|when|which|where|is|are|can|do|does|until|opening|hours)\b"
)
TROUBLE = re.compile(
    r"坏|漏|堵|吵|骂|投诉|修|烂了|掉|臭|脏|断了|没反应|不亮|打不开|报修|举报|建议|希望|报名|管不管|着火|冒烟|"
    r"\b(?:broken|repair|fix|complain|leak|noise|suggest)"
)
"""Whatever it asks, it is no question about opening hours."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that seems to ask for a local fact. ``likeness`` to the nearest of its phrases; ``named``: its keyword."""

    entry_id: str
    likeness: float
    named: bool
    asks: bool

    @property
    def strong(self) -> bool:
        return self.likeness >= ((ASKED if self.asks else NAMED) if self.named else ALIKE)

    def beats(self, beside: float, *, sure: bool) -> bool:
        """Whether it is meant. ``beside``: likeness of the nearest phrase of anything else; ``sure``: it is taken for some
        other matter, and surely."""
        ahead = self.likeness >= (beside - BEHIND if self.named else beside + AHEAD)
        return self.strong and ahead and (self.asks or not sure)


class LocalFacts:
    """The phrases and keywords of the entries that stand in no clause."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        facts = [entry for entry in entries if entry.clause == LOCAL]
        said = [(entry.id, plain) for entry in facts for plain in _wordings(entry)]
        self._ids, self._plains = [entry_id for entry_id, _ in said], [plain for _, plain in said]
        words = ((entry.id, normalise(word)) for entry in facts for word in entry.keywords)
        self._keywords = [(entry_id, word) for entry_id, word in words if len(word) >= SHORTEST_KEYWORD]

    def claim(self, plain: str) -> Claim | None:
        """The fact that is nearest to a message in its normal form; one whose keyword is named goes first."""
        if not self._plains or TROUBLE.search(plain):
            return None
        asks = ASKS.search(plain) is not None
        named = {entry_id for entry_id, word in self._keywords if word in plain}
        scored = process.extract(plain, self._plains, scorer=fuzz.ratio, limit=None)
        found = [Claim(self._ids[at], score / 100, self._ids[at] in named, asks) for _, score, at in scored]
        return max(found, key=lambda one: (one.strong, one.likeness + (0.2 if one.named else 0.0)))


def _wordings(entry: Entry) -> list[str]:
    said = (normalise(text) for text in (entry.question.zh, entry.question.en, *entry.examples))
    return [plain for plain in dict.fromkeys(said) if plain]
