"""The nearest phrase: candidates by their rarest shared bigrams, re-scored by ``rapidfuzz.fuzz.ratio``.

A phrase added or removed counts at once; nothing is fitted. What ships comes as an ``Index`` made beforehand, of which only
the bigrams somebody writes are unpacked: building it for thousands of phrases took a third of a start.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz, process

RAREST = 8
CANDIDATES = 60
LONGEST = 200


Numbers = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Index:
    """Phrases in their normal form, none twice, numbered from 0; ``numbers[starts[i]:starts[i + 1]]`` hold ``grams[i]``."""

    plains: Sequence[str]
    grams: Sequence[str]
    starts: Numbers
    numbers: Numbers


def index(plains: Sequence[str]) -> Index:
    """For phrases none of which stands there twice."""
    found: defaultdict[str, list[int]] = defaultdict(list)
    for number, plain in enumerate(plains):
        for gram in _bigrams(plain):
            found[gram].append(number)
    grams = sorted(found)
    ends = np.cumsum([len(found[gram]) for gram in grams], dtype=np.int32)
    flat = [number for gram in grams for number in found[gram]]
    return Index(plains, grams, np.concatenate([[0], ends]).astype(np.int32), np.array(flat, np.int32))


class Nearest:
    """Phrases in their normal form, each with what it stands for."""

    def __init__(self, made: Index | None = None) -> None:
        self._made = made or index(())
        self._rows = {gram: row for row, gram in enumerate(self._made.grams)}
        self._sizes: list[int] = np.diff(self._made.starts).tolist()
        self._texts = dict(enumerate(self._made.plains))
        self._ids = {plain: number for number, plain in self._texts.items()}
        self._postings: dict[str, set[int]] = {}
        """Of the bigrams that were asked for, or that something was added to or taken from."""
        self._next = len(self._texts)

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
            self._unpacked(gram).add(number)
        return number

    def remove(self, plain: str) -> int | None:
        """Forget a phrase; its former id, None when it was not there."""
        number = self._ids.pop(plain, None)
        if number is not None:
            del self._texts[number]
            for gram in _bigrams(plain):
                self._unpacked(gram).discard(number)
        return number

    def near(self, plain: str, limit: int = 5) -> list[tuple[int, float]]:
        """Phrase ids with their likeness from 0 to 1, best first."""
        asked = plain[:LONGEST]
        likely = sorted(self._candidates(asked))  # the older of two that are as like goes first
        scored = process.extract(asked, [self._texts[number] for number in likely], scorer=fuzz.ratio, limit=limit)
        return [(likely[at], score / 100) for _, score, at in scored]

    def _candidates(self, plain: str) -> list[int]:
        """The phrases that share most of the rarest bigrams, the likeliest first."""
        counts = [(count, gram) for gram in _bigrams(plain) if (count := self._count(gram))]
        rarest = sorted(counts)[:RAREST]
        shared = Counter(chain.from_iterable(self._unpacked(gram) for _, gram in rarest))
        return sorted(shared, key=shared.__getitem__, reverse=True)[:CANDIDATES]

    def _count(self, gram: str) -> int:
        """How many phrases have it."""
        found = self._postings.get(gram)
        if found is not None:
            return len(found)
        row = self._rows.get(gram)
        return 0 if row is None else self._sizes[row]

    def _unpacked(self, gram: str) -> set[int]:
        found = self._postings.get(gram)
        if found is None:
            row = self._rows.get(gram)
            starts = self._made.starts
            numbers = () if row is None else self._made.numbers[starts[row] : starts[row + 1]].tolist()
            found = self._postings[gram] = set(numbers)
        return found


def _bigrams(plain: str) -> set[str]:
    framed = f"^{plain}$"
    return {framed[at : at + 2] for at in range(len(framed) - 1)}
