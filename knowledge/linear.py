"""A linear model over hashed features: one weight vector a label, softmax, fitted with Adagrad. numpy only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from knowledge.features import SIZE, Features

Weights = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Linear:
    """``weights`` has a row for each bucket and a column for each label; ``sharpness`` calibrates the scores."""

    weights: Weights
    bias: Weights
    sharpness: float = 1.0

    def scores(self, found: Features) -> npt.NDArray[np.float64]:
        """A probability for each label."""
        buckets, values = found
        margins = (values @ self.weights[buckets].astype(np.float32) + self.bias).astype(np.float64) * self.sharpness
        return softmax(margins)


def softmax(margins: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    raised = np.exp(margins - margins.max())
    shares: npt.NDArray[np.float64] = raised / raised.sum()
    return shares


def fit(
    examples: Sequence[Features],
    labels: Sequence[int],
    *,
    classes: int,
    epochs: int = 12,
    rate: float = 1.0,
    decay: float = 1e-6,
    weights: Sequence[float] | None = None,
    seed: int = 13,
) -> Linear:
    """Fit; ``weights`` lets an example count more or less. The same input gives the same model."""
    table, squares = np.zeros((SIZE, classes), np.float32), np.full((SIZE, classes), 1e-3, np.float32)
    bias, order = np.zeros(classes, np.float32), np.random.default_rng(seed)
    counts = weights or [1.0] * len(examples)
    for _ in range(epochs):
        for at in order.permutation(len(examples)):
            buckets, values = examples[at]
            rows = table[buckets]
            error = softmax((values @ rows + bias).astype(np.float64)).astype(np.float32)
            error[labels[at]] -= 1
            error *= counts[at]
            step = values[:, None] * error[None, :]
            if decay:
                step += decay * rows
            grown = squares[buckets] + step * step
            squares[buckets] = grown
            table[buckets] = rows - rate * step / np.sqrt(grown)
            bias -= 0.01 * error
    return Linear(table, bias)
