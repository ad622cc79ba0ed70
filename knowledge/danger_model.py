"""Weighs what the rules cannot say: is this message an emergency, judged by its words and by what the rules noticed?

A linear model over hashed character n-grams and the lines of `danger.yaml` that find something. Its weights are a
prepared file (`data/danger_weights.npz`, 16-bit), made by `python -m knowledge.danger_training`; nothing is fitted
while the service runs.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from knowledge.datafiles import DATA, DataError

BITS = 17
WEIGHTS = DATA / "danger_weights.npz"
_READ, _STEP = 240, 200  # characters weighed at once, and how far the next stretch is from it
_OVERLAP = _READ - _STEP
_CUE_WEIGHT = 0.4
_PRIMES = np.array(
    [0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93, 0xA0761D6478BD642F],
    dtype=np.uint64,
)


@dataclass(frozen=True, slots=True)
class Weights:
    """The fitted part: one weight for each hashed feature, and the score above which it is danger."""

    values: NDArray[np.float32]
    bias: float
    threshold: float

    def score(self, plain: str, cues: Collection[str]) -> float:
        """How far a folded message is on the danger side: 0 is the threshold, the unit is log odds."""
        return self.of_words(plain) + self.of_cues(cues)

    def of_words(self, plain: str) -> float:
        """What the words alone say. A long message is as dangerous as its most dangerous stretch."""
        starts = range(0, max(1, len(plain) - _OVERLAP), _STEP)
        return max(self._stretch(plain[at : at + _READ]) for at in starts) + self.bias - self.threshold

    def of_cues(self, cues: Collection[str]) -> float:
        """What the rules' cues add to the words."""
        return _CUE_WEIGHT * float(self.values[_named(cues)].sum())

    def _stretch(self, plain: str) -> float:
        grams = _grams(f" {plain} ")
        return float(self.values[grams].sum()) / math.sqrt(len(grams) + 1)


@cache
def shipped_weights() -> Weights:
    """The prepared weights, read once."""
    return load_weights(WEIGHTS)


def load_weights(path: Path) -> Weights:
    """Read a weight file. DataError when it is missing or not one."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return Weights(stored["values"].astype(np.float32), float(stored["bias"]), float(stored["threshold"]))
    except (OSError, ValueError, KeyError, BadZipFile, TypeError) as error:
        problem = "is not a file of weights; `python -m knowledge.danger_training` makes it"
        raise DataError(path, 1, problem) from error


def features(plain: str, cues: Collection[str]) -> tuple[NDArray[np.int64], NDArray[np.float32], int]:
    """Feature numbers, their amounts, and how many of the first ones are n-grams (the rest are cues)."""
    grams = _grams(f" {plain[:_READ]} ")
    named = _named(cues)
    amounts = np.concatenate([
        np.full(len(grams), 1 / np.sqrt(len(grams) + 1)), np.full(len(named), _CUE_WEIGHT)
    ])  # fmt: skip
    return np.concatenate([grams, named]), amounts.astype(np.float32), len(grams)


def _named(cues: Collection[str]) -> NDArray[np.int64]:
    return np.array([zlib.crc32(cue.encode()) & ((1 << BITS) - 1) for cue in sorted(cues)], dtype=np.int64)


def _grams(text: str) -> NDArray[np.int64]:
    codes = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32).astype(np.uint64)
    latin = np.count_nonzero(codes < 128) * 2 > len(codes)
    spread = [codes * prime for prime in _PRIMES[: 5 if latin else 3]]
    hashes = [_hashed(spread, offsets) for offsets in (_LATIN if latin else _CHINESE)]
    return np.unique(np.concatenate(hashes)).astype(np.int64)


_CHINESE = ((0,), (0, 1), (0, 1, 2), (0, 2))
_LATIN = ((0, 1), (0, 1, 2), (0, 1, 2, 3), (0, 1, 2, 3, 4), (0, 2))
_HALF, _REST = np.uint64(29), np.uint64(64 - BITS)


def _hashed(spread: list[NDArray[np.uint64]], offsets: tuple[int, ...]) -> NDArray[np.uint64]:
    """One hash for each place in the text, of the characters at `offsets` from it; `spread[i]` holds every character as
    the one at place i counts."""
    count = max(len(spread[0]) - offsets[-1], 0)
    mixed = np.full(1, len(offsets) * 31 + offsets[-1], dtype=np.uint64)
    for at, offset in enumerate(offsets):
        mixed = (spread[at][offset : offset + count] ^ mixed) * _PRIMES[0]
        mixed ^= mixed >> _HALF
    return mixed >> _REST
