"""The matcher's engine on any labelled set: ``python -m knowledge.evaluate --train A.jsonl --test B.jsonl``.

A line is ``{"text": ..., "label": ...}``; a label of ``null`` or ``"oos"`` means out of scope. The gate and its threshold
come from the training side alone (cross-fitting); the test side is only read. A table is printed, then one JSON object.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from knowledge.engine import Engine
from knowledge.features import Features, features
from knowledge.gate import Evidence, Gate
from knowledge.gate import fit as fit_gate
from knowledge.linear import fit

OUTSIDE = ""
"""What a label of ``null`` or ``"oos"`` becomes."""
FOLDS = 3
UNKNOWN_SHARE = 6
"""Where no example is out of scope, every so many-th label is held out of a fold to stand for what is not known."""
OPEN = Gate((0.0, 0.0, 0.0, 0.0, -30.0))
"""Lets everything in."""


class BadSet(ValueError):
    """A labelled set that cannot be read; ``str()`` is ``file:line: what is wrong``."""


@dataclass(frozen=True, slots=True)
class Example:
    """A labelled text; ``label`` is ``OUTSIDE`` for one out of scope."""

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares from 0 to 1; None where the test side has no such messages."""

    train: int
    test: int
    labels: int
    accuracy_in_scope: float | None
    accuracy_in_scope_gated: float | None
    out_of_scope_declined: float | None
    in_scope_declined: float | None
    median_ms: float
    p99_ms: float
    fit_seconds: float
    memory_mb: float


def read_set(path: Path) -> list[Example]:
    """The examples of a file; BadSet names the line."""
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadSet(f"{path}: cannot be read as UTF-8 text ({type(error).__name__})") from error
    found = [_example(path, number, line) for number, line in enumerate(lines, 1) if line.strip()]
    if not found:
        raise BadSet(f"{path}: there is no example in it")
    return found


def _example(path: Path, number: int, line: str) -> Example:
    try:
        row = json.loads(line)
    except ValueError:
        raise BadSet(f"{path}:{number}: is not JSON") from None
    if not isinstance(row, dict) or not isinstance(row.get("text"), str) or "label" not in row:
        raise BadSet(f'{path}:{number}: expected {{"text": "...", "label": "..."}}')
    label = row["label"]
    if label is not None and not isinstance(label, str):
        raise BadSet(f"{path}:{number}: the label is neither a text nor null")
    return Example(row["text"], OUTSIDE if label in (None, "oos") else label)


def build(examples: Sequence[Example], gate: Gate = OPEN) -> Engine[str]:
    """An engine fitted on these examples."""
    return _engine(examples, [features(example.text) for example in examples], range(len(examples)), gate)


def _engine(examples: Sequence[Example], seen: Sequence[Features], chosen: Iterable[int], gate: Gate) -> Engine[str]:
    used = list(chosen)
    labels = sorted({examples[at].label for at in used})
    number = {label: place for place, label in enumerate(labels)}
    model = fit([seen[at] for at in used], [number[examples[at].label] for at in used], classes=len(labels))
    return Engine(labels, model, [(examples[at].text, examples[at].label, None) for at in used], OUTSIDE, gate)


def choose_gate(examples: Sequence[Example]) -> Gate:
    """A gate from the training side: each fold is judged by an engine that has not seen it."""
    seen = [features(example.text) for example in examples]
    fold_of = np.random.default_rng(7).integers(0, FOLDS, len(examples))
    found: list[tuple[Evidence, bool]] = []
    for fold in range(FOLDS):
        unknown = _unknown(examples, fold)
        taught = [at for at in range(len(examples)) if fold_of[at] != fold and examples[at].label not in unknown]
        engine = _engine(examples, seen, taught, OPEN)
        for at in range(len(examples)):
            if fold_of[at] == fold:
                label = examples[at].label
                evidence = engine.weigh(examples[at].text).evidence(OUTSIDE)
                found.append((evidence, label == OUTSIDE or label in unknown))
    return fit_gate([evidence for evidence, _ in found], [outside for _, outside in found], most_wrong=1.0)


def _unknown(examples: Sequence[Example], fold: int) -> set[str]:
    labels = sorted({example.label for example in examples})
    return set() if OUTSIDE in labels else set(labels[fold::UNKNOWN_SHARE])


def measure(train: Sequence[Example], test: Sequence[Example]) -> Figures:
    """Fit on one side, judge on the other."""
    started = time.perf_counter()
    engine = build(train, choose_gate(train))
    fitted = time.perf_counter() - started
    inside, gated, declined, outside, took = 0, 0, 0, 0, []
    for example in test:
        began = time.perf_counter()
        weighed = engine.weigh(example.text)
        scores = engine.scores(weighed)
        took.append(time.perf_counter() - began)
        refused = engine.declines(scores)
        if example.label == OUTSIDE:
            outside += refused
        else:
            right = (
                max((label for label in scores if label != OUTSIDE), key=scores.__getitem__, default="")
                == example.label
            )
            inside, gated, declined = inside + right, gated + (right and not refused), declined + refused
    beyond = sum(example.label == OUTSIDE for example in test)
    return Figures(
        train=len(train),
        test=len(test),
        labels=len({example.label for example in train} - {OUTSIDE}),
        accuracy_in_scope=_share(inside, len(test) - beyond),
        accuracy_in_scope_gated=_share(gated, len(test) - beyond),
        out_of_scope_declined=_share(outside, beyond),
        in_scope_declined=_share(declined, len(test) - beyond),
        median_ms=round(float(np.median(took)) * 1000, 3),
        p99_ms=round(float(np.quantile(took, 0.99)) * 1000, 3),
        fit_seconds=round(fitted, 1),
        memory_mb=round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
    )


def _share(some: int, of: int) -> float | None:
    return round(some / of, 4) if of else None


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 2 for a set that cannot be read."""
    parser = argparse.ArgumentParser(prog="python -m knowledge.evaluate", description=__doc__)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    given = parser.parse_args(arguments)
    try:
        figures = measure(read_set(given.train), read_set(given.test))
    except BadSet as problem:
        print(f"knowledge.evaluate: {problem}", file=sys.stderr)  # noqa: T201
        return 2
    for name, value in asdict(figures).items():
        print(f"{name:26} {'-' if value is None else value}")  # noqa: T201
    print(json.dumps(asdict(figures)))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
