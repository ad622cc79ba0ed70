"""Fits the weights of `danger_model`: `python -m knowledge.danger_training` rewrites `data/danger_weights.npz`.

Learns from the training phrases (`phrases/`) and from `data/danger_examples.txt`. Cues of the rules are hidden at
random while learning, so that the words must carry the decision where the rules fall silent. Several fits in different
orders are averaged: of one alone, borderline dangers came and went with every new phrase. Same files, same weights.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.danger_model import BITS, WEIGHTS, Weights, features
from knowledge.danger_rules import shipped_rules
from knowledge.datafiles import DATA
from knowledge.features import spelt
from knowledge.masking import anywhere

PHRASES = Path(__file__).parent / "phrases"
EXAMPLES = DATA / "danger_examples.txt"
_ROUNDS, _RATE, _SHRINK, _HIDDEN, _SEED, _FITS = 20, 0.3, 1e-5, 0.6, 20261123, 8
_EVENED = 0.8  # a missed danger costs this much of all others together, however many phrases the others have
_THRESHOLD = -0.5
LONGEST_SPELT = 16
"""Characters of an example that is learned as it is typed in pinyin, too."""
_Row = tuple[NDArray[np.int64], NDArray[np.float32], int]


@dataclass(frozen=True, slots=True)
class Example:
    """A message and whether it is an emergency."""

    text: str
    danger: bool


def examples() -> Iterator[Example]:
    """Every training phrase and example the package ships."""
    for path in sorted(PHRASES.rglob("*.txt")):
        yield from (Example(line.split("\t")[-1], path.stem == "emergency") for line in _lines(path))
    for line in _lines(EXAMPLES):
        mark, _, text = line.partition("\t")
        yield Example(text, mark == "danger")


def typed(given: Iterable[Example]) -> Iterator[Example]:
    """The short ones as they are typed in pinyin."""
    for example in given:
        pinyin = spelt(example.text) if len(example.text) <= LONGEST_SPELT else None
        if pinyin is not None:
            yield Example(pinyin, example.danger)


def fit(given: Iterable[Example]) -> Weights:
    """Logistic regression by AdaGrad, averaged over ``_FITS`` orders; a missed danger costs several false alarms."""
    learned = list(given)
    rows = [_row(example.text) for example in learned]
    fits = [_once(learned, rows, seed) for seed in range(_SEED, _SEED + _FITS)]
    values = np.mean([values for values, _ in fits], axis=0)
    return Weights(values.astype(np.float32), float(np.mean([bias for _, bias in fits])), _THRESHOLD)


def _once(learned: list[Example], rows: list[_Row], seed: int) -> tuple[NDArray[np.float64], float]:
    values, slopes, bias = np.zeros(1 << BITS), np.full(1 << BITS, 1e-2), 0.0
    chance = np.random.default_rng(seed)
    dangers = sum(example.danger for example in learned)
    cost = _EVENED * (len(learned) - dangers) / max(dangers, 1)
    for _ in range(_ROUNDS):
        for at in chance.permutation(len(rows)):
            ids, whole, grams = rows[int(at)]
            amounts = _partly_hidden(whole, grams, chance)
            error = _error(float(values[ids] @ amounts) + bias, learned[at].danger, cost)
            slope = error * amounts + _SHRINK * values[ids]
            slopes[ids] += slope * slope
            values[ids] -= _RATE * slope / np.sqrt(slopes[ids])
            bias -= 0.02 * error
    return values, bias


def save(weights: Weights, path: Path) -> None:
    """Write the weights in 16 bits, compressed; about 100 KB."""
    values, bias, threshold = weights.values.astype(np.float16), np.float32(weights.bias), np.float32(weights.threshold)
    np.savez_compressed(path, values=values, bias=bias, threshold=threshold)


def _error(score: float, danger: bool, cost: float) -> float:
    probability = 1 / (1 + np.exp(-score))
    return float((probability - 1) * cost) if danger else float(probability)


def _row(text: str) -> _Row:
    heard = shipped_rules().hear(text)
    return features(anywhere(heard.plain), heard.cues)


def _partly_hidden(amounts: NDArray[np.float32], grams: int, chance: np.random.Generator) -> NDArray[np.float32]:
    shown = amounts.copy()
    kept = 0.0 if chance.random() < _HIDDEN else 1 - _HIDDEN / 2
    shown[grams:] *= chance.random(len(shown) - grams) < kept
    return shown


def _lines(path: Path) -> Iterator[str]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            yield line


def main() -> None:
    """Fit on everything shipped and write the weights."""
    written = list(examples())
    given = [*written, *typed(written)]
    save(fit(given), WEIGHTS)
    sys.stdout.write(f"{len(given)} examples, {sum(e.danger for e in given)} of them dangers → {WEIGHTS.name}\n")


if __name__ == "__main__":
    main()
