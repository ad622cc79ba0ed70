"""Families of words that mean much the same to a hotline, so that a word no phrase has used yet still counts.

The families stand in ``data/concepts.yaml``. Looking them up takes time in proportion to the text, not to the list.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TypeVar

from knowledge.datafiles import DATA, read
from knowledge.normalise import normalise

FILE = DATA / "concepts.yaml"
LONGEST_WORD = 6
"""Characters of a Chinese word, or words of an English expression, that are looked at together."""
K = TypeVar("K", str, tuple[str, ...])


def concepts(plain: str) -> set[str]:
    """The families named in a text in its normal form."""
    chinese, latin = _shipped()
    return {*_named(chinese, plain.replace(" ", "")), *_named(latin, tuple(plain.split()))}


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
def _shipped() -> tuple[dict[str, frozenset[str]], dict[tuple[str, ...], frozenset[str]]]:
    return load()


def _named(families: Mapping[K, frozenset[str]], parts: K) -> Iterator[str]:
    for size in range(1, LONGEST_WORD + 1):
        for at in range(len(parts) - size + 1):
            yield from families.get(parts[at : at + size], ())
