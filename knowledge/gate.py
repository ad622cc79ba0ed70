"""Whether a message is none of the known matters: a logistic decision over what speaks for and against it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

STEPS = 60
RIDGE = 0.1


@dataclass(frozen=True, slots=True)
class Evidence:
    """``outside``: the margin of the reject class; ``best`` and ``second``: of the best two matters; ``likeness`` of the
    nearest phrase, 0 to 1."""

    outside: float
    best: float
    second: float
    likeness: float

    def row(self) -> tuple[float, ...]:
        return (self.outside, self.best, self.second, self.likeness, 1.0)


@dataclass(frozen=True, slots=True)
class Gate:
    """``pulls`` weigh the evidence, the last one alone: positive sums mean outside."""

    pulls: tuple[float, ...]

    def chance(self, evidence: Evidence) -> float:
        """The probability that a message is outside; from one half on it is declined."""
        pull = sum(weight * value for weight, value in zip(self.pulls, evidence.row(), strict=True))
        return 1 / (1 + math.exp(-min(max(pull, -30.0), 30.0)))


def fit(evidence: Sequence[Evidence], outside: Sequence[bool], *, most_wrong: float) -> Gate:
    """A gate from held-out messages; of those inside at most the share ``most_wrong`` is declined.

    Logistic regression by Newton's method, both kinds weighing the same; then the threshold is moved to where the bound
    holds and, within it, the mean of both kinds' shares judged rightly is largest.
    """
    rows = np.array([one.row() for one in evidence])
    wanted = np.array(outside, dtype=float)
    pulls = _newton(rows, wanted)
    return Gate((*pulls[:-1].tolist(), float(pulls[-1]) - _threshold(rows @ pulls, wanted > 0, most_wrong)))


def _newton(rows: npt.NDArray[np.float64], wanted: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    pulls = np.zeros(rows.shape[1])
    share = wanted.mean()
    counts = np.where(wanted > 0, 0.5 / max(share, 1e-9), 0.5 / max(1 - share, 1e-9))
    for _ in range(STEPS):
        chance = 1 / (1 + np.exp(-np.clip(rows @ pulls, -30, 30)))
        slope = rows.T @ (counts * (chance - wanted)) + RIDGE * pulls
        curve = (rows * (counts * chance * (1 - chance))[:, None]).T @ rows + RIDGE * np.eye(len(pulls))
        step = np.linalg.solve(curve, slope)
        pulls = pulls - step
        if np.abs(step).max() < 1e-8:
            break
    return pulls


def _threshold(pulls: npt.NDArray[np.float64], outside: npt.NDArray[np.bool_], most_wrong: float) -> float:
    inside, beyond = np.sort(pulls[~outside]), np.sort(pulls[outside])
    if not len(inside) or not len(beyond):
        return 0.0
    tried = np.unique(pulls)
    wrong = 1 - np.searchsorted(inside, tried, side="left") / len(inside)
    found = 1 - np.searchsorted(beyond, tried, side="left") / len(beyond)
    good = np.where(wrong <= most_wrong, found - wrong, -1.0)
    return float(tried[int(good.argmax())]) if good.max() > -1 else float(tried[-1])
