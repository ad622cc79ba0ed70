"""Families of words that mean much the same to a hotline, so that a word no phrase has used yet still counts.

The families stand in ``data/concepts.yaml``. Looking them up takes time in proportion to the text, not to the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Generic, TypeVar

from knowledge.datafiles import DATA, read
from knowledge.normalise import normalise

FILE = DATA / "concepts.yaml"
LONGEST_WORD = 6
"""Characters of a Chinese word, or words of an English expression, that are looked at together."""
_LATIN = re.compile("[a-z]")
K = TypeVar("K", str, tuple[str, ...])


@dataclass(frozen=True, slots=True)
class Families(Generic[K]):
    """Words with their families, and how long the longest word is that begins with a character (or a Latin word)."""

    of: Mapping[K, frozenset[str]]
    longest: Mapping[str, int]

    def named(self, parts: K) -> Iterator[str]:
        for at, first in enumerate(parts):
            for size in range(1, self.longest.get(first, 0) + 1):
                yield from self.of.get(parts[at : at + size], ())


def concepts(plain: str) -> set[str]:
    """The families named in a text in its normal form."""
    chinese, latin = _shipped()
    found = set(chinese.named(plain.replace(" ", "")))
    return found.union(latin.named(tuple(plain.split()))) if _LATIN.search(plain) else found


def load(path: Path = FILE) -> tuple[dict[str, frozenset[str]], dict[tuple[str, ...], frozenset[str]]]:
    """Chinese words and English expressions, each with its families. DataError names file and line."""
    chinese: dict[str, set[str]] = {}
    latin: dict[tuple[str, ...], set[str]] = {}
    for family, listed in read(path).fields().items():
        for word in listed.items():
            plain = normalise(word.text())
            if not plain or len(plain.split() if plain.isascii() else plain) > LONGEST_WORD:
                word.fail(f"{word.text()!r} is no word, or too long for one")
            if plain.isascii() and not plain.isdigit():
                latin.setdefault(tuple(plain.split()), set()).add(family)
                latin.setdefault(tuple(f"{plain}s".split()), set()).add(family)
            else:
                chinese.setdefault(plain.replace(" ", ""), set()).add(family)
    return _frozen(chinese), _frozen(latin)


def _frozen(families: Mapping[K, set[str]]) -> dict[K, frozenset[str]]:
    return {word: frozenset(found) for word, found in families.items()}


@cache
def _shipped() -> tuple[Families[str], Families[tuple[str, ...]]]:
    chinese, latin = load()
    return _families(chinese), _families(latin)


def _families(of: Mapping[K, frozenset[str]]) -> Families[K]:
    longest: dict[str, int] = {}
    for word in of:
        longest[word[0]] = max(len(word), longest.get(word[0], 0))
    return Families(of, longest)
