"""The nearest phrase: candidates by their rarest shared bigrams, re-scored by ``rapidfuzz.fuzz.ratio``.

A phrase added or removed counts at once; nothing is fitted.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

from rapidfuzz import fuzz, process

RAREST = 8
CANDIDATES = 60
LONGEST = 200


class Nearest:
    """Phrases in their normal form, each with what it stands for."""

    def __init__(self) -> None:
        self._texts: dict[int, str] = {}
        self._ids: dict[str, int] = {}
        self._postings: defaultdict[str, set[int]] = defaultdict(set)
        self._next = 0

    def __len__(self) -> int:
        return len(self._texts)

    def __contains__(self, plain: str) -> bool:
        return plain in self._ids

    def id_of(self, plain: str) -> int | None:
        return self._ids.get(plain)

    def add(self, plain: str) -> int:
        """Index a phrase; its id, also when it stood there before."""
        if plain in self._ids:
            return self._ids[plain]
        number, self._next = self._next, self._next + 1
        self._texts[number], self._ids[plain] = plain, number
        for gram in _bigrams(plain):
            self._postings[gram].add(number)
        return number

    def remove(self, plain: str) -> int | None:
        """Forget a phrase; its former id, None when it was not there."""
        number = self._ids.pop(plain, None)
        if number is not None:
            del self._texts[number]
            for gram in _bigrams(plain):
                self._postings[gram].discard(number)
        return number

    def near(self, plain: str, limit: int = 5) -> list[tuple[int, float]]:
        """Phrase ids with their likeness from 0 to 1, best first."""
        asked = plain[:LONGEST]
        likely = sorted(self._candidates(asked))  # the older of two that are as like goes first
        scored = process.extract(asked, [self._texts[number] for number in likely], scorer=fuzz.ratio, limit=limit)
        return [(likely[at], score / 100) for _, score, at in scored]

    def _candidates(self, plain: str) -> Iterable[int]:
        known = [gram for gram in _bigrams(plain) if self._postings.get(gram)]
        rarest = sorted(known, key=lambda gram: (len(self._postings[gram]), gram))[:RAREST]
        shared: Counter[int] = Counter()
        for gram in rarest:
            shared.update(self._postings[gram])
        return [number for number, _ in shared.most_common(CANDIDATES)]


def _bigrams(plain: str) -> set[str]:
    framed = f"^{plain}$"
    return {framed[at : at + 2] for at in range(len(framed) - 1)}
