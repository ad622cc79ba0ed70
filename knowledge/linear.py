"""A linear model over hashed features: one support vector machine for each label against all others. numpy only.

Fitted by dual coordinate descent (Hsieh et al., ICML 2008; squared hinge), one example for all labels at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.features import SIZE, Features

Floats = npt.NDArray[np.float32]

COST = 6.0
"""What a margin missed costs against a larger weight; flat between 3 and 10 in cross-validation over voices."""
EPOCHS = 15
SETTLED = 1e-3


@dataclass(frozen=True, slots=True)
class Linear:
    """``weights`` has a row for each bucket and a column for each label."""

    weights: npt.NDArray[np.floating]
    bias: Floats

    def margins(self, found: Features) -> Floats:
        """For each label how far on its side the message lies: at +1 its own phrases, at -1 everybody else's."""
        buckets, values = found
        margins: Floats = values @ self.weights[buckets].astype(np.float32) + self.bias
        return margins


def fit(examples: Sequence[Features], labels: Sequence[int], *, classes: int, epochs: int = EPOCHS) -> Linear:
    """Fit; the same input gives the same model. Examples have length 1."""
    descent = _Descent(len(examples), classes)
    order = np.random.default_rng(13)
    for _ in range(epochs):
        for at in order.permutation(len(examples)):
            descent.step(int(at), examples[at], labels[at])
    return Linear(descent.weights, descent.bias)


class _Descent:
    """The dual variables of every example and label, and the weights they add up to."""

    def __init__(self, examples: int, classes: int) -> None:
        self.weights = np.zeros((SIZE, classes), np.float32)
        self.bias = np.zeros(classes, np.float32)
        self._dual = np.zeros((examples, classes), np.float32)
        self._soft = np.float32(1 / (2 * COST))

    def step(self, at: int, example: Features, label: int) -> None:
        buckets, values = example
        rows, dual = self.weights[buckets], self._dual[at]
        side = np.full(len(dual), -1, np.float32)
        side[label] = 1
        slope = side * (values @ rows + self.bias) - 1 + self._soft * dual
        moved = np.maximum(dual - slope / (2 + self._soft), 0) - dual  # 2: the example's own length and the bias
        if np.abs(moved).max() < SETTLED:
            return
        self._dual[at] = dual + moved
        moved *= side
        self.weights[buckets] = rows + values[:, None] * moved
        self.bias += moved
