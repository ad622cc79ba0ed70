"""Labels for texts: a linear model fitted on examples, corrected by the nearest example, and a gate for what is neither.

Nothing here knows residents: ``matcher`` uses it for their messages, ``evaluate`` for any labelled set. An example added
or removed counts at once, through the nearest one; only the linear model waits for the next fit.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from operator import itemgetter
from typing import Generic, TypeVar

from knowledge.features import features
from knowledge.folding import clip
from knowledge.gate import Evidence, Gate
from knowledge.linear import Linear
from knowledge.masking import says_something
from knowledge.nearest import Index, Nearest
from knowledge.normalise import normalise

L = TypeVar("L", bound=Hashable)

Example = tuple[str, L, str | None]
"""A text, its label, and its normal form where that is known: making thousands of them takes a while."""
EXACT = 0.93
"""Likeness from which one example decides alone."""
KIN = 0.6
"""What the nearest examples together add to a margin; 0.4 to 1.0 gained a point of accuracy in cross-validation."""
NEIGHBOURS = 8
SHARPNESS = 8.0
"""Makes shares of margins that can be believed: on a quarter of our phrases held out, scores and accuracy of the route
differ by 3.5 % on average (expected calibration error; 9 % at 5, 4.5 % at 10)."""
NOTHING_SAID = 0.4
"""The score of a message of nothing but a flat or a number: outside, and not for sure."""
NEVER_FITTED = -1.0
"""The margin of a label that came after the last fit."""


@dataclass(frozen=True, slots=True)
class Near(Generic[L]):
    """An example that reads much like the message; ``likeness`` from 0 to 1."""

    text: str
    label: L
    likeness: float


@dataclass(frozen=True, slots=True)
class Weighed(Generic[L]):
    """What speaks for each label: ``margins`` (higher is likelier; none when nothing is said) and the nearest examples."""

    plain: str
    margins: dict[L, float]
    near: tuple[Near[L], ...]

    @property
    def exact(self) -> Near[L] | None:
        """An example that is the message, or nearly."""
        return self.near[0] if self.near and self.near[0].likeness >= EXACT else None

    def evidence(self, outside: L) -> Evidence:
        others = dict(self.margins)
        margin = others.pop(outside, -1.0)
        best, second, *_ = [*sorted(others.values(), reverse=True)[:2], -1.0, -1.0]
        return Evidence(margin, best, second, self.near[0].likeness if self.near else 0.0)


class Engine(Generic[L]):
    """``outside`` is the label of examples that are none of the known matters.

    ``made``: the examples' index, of exactly their normal forms in their order, where it was made beforehand.
    """

    def __init__(
        self,
        labels: Sequence[L],
        model: Linear,
        examples: Iterable[Example[L]],
        outside: L,
        gate: Gate,
        *,
        made: Index | None = None,
    ):
        self.labels, self.outside, self.gate = tuple(labels), outside, gate
        self._model = model
        self._nearest = Nearest(made)
        self._means: dict[int, tuple[str, L]] = {}
        if made is not None:
            self._means = {number: (text, label) for number, (text, label, _) in enumerate(examples)}
            return
        for text, label, plain in examples:
            self.add(text, label, plain)

    def twin(self) -> Engine[L]:
        """Another that reads alike, for looking at what a change would do."""
        other: Engine[L] = Engine.__new__(Engine)
        other.labels, other.outside, other.gate = self.labels, self.outside, self.gate
        other._model, other._nearest, other._means = self._model, _twin_of(self._nearest), dict(self._means)
        return other

    def known(self, text: str) -> tuple[str, L] | None:
        """The example that is exactly this text, as it was written, and what it stands for."""
        number = self._nearest.id_of(normalise(text))
        return None if number is None else self._means[number]

    def add(self, text: str, label: L, plain: str | None = None) -> None:
        """An example from now on; the first meaning of a text stays. ``plain``: its normal form, where that is known."""
        if plain := normalise(text) if plain is None else plain:
            self._means.setdefault(self._nearest.add(plain), (text, label))

    def remove(self, text: str) -> bool:
        """Forget an example; False when it was not known."""
        number = self._nearest.remove(normalise(text))
        return number is not None and self._means.pop(number, None) is not None

    def weigh(self, text: str) -> Weighed[L]:
        """Bounded: of a very long text the beginning and the end are read."""
        clipped = clip(text)
        plain = normalise(clipped)
        near = tuple(Near(*self._means[number], likeness) for number, likeness in self._nearest.near(plain, NEIGHBOURS))
        if not says_something(plain):
            return Weighed(plain, {}, near)
        margins = dict(zip(self.labels, self._model.margins(features(clipped, plain)).tolist(), strict=True))
        for label, vote in _votes(near).items():
            margins[label] = margins.get(label, NEVER_FITTED) + KIN * vote
        return Weighed(plain, margins, near)

    def scores(self, weighed: Weighed[L]) -> dict[L, float]:
        """A probability for every label, best first; the outside's is the gate's, the others share the rest."""
        if weighed.exact is not None:
            return {weighed.exact.label: weighed.exact.likeness}
        if not weighed.margins:
            return {self.outside: NOTHING_SAID if weighed.plain else 1.0}
        chance = self.gate.chance(weighed.evidence(self.outside))
        inside = dict(weighed.margins)
        inside.pop(self.outside, None)
        found = _shares(inside, 1 - chance)
        found[self.outside] = chance
        return dict(sorted(found.items(), key=itemgetter(1), reverse=True))  # equals stay in the labels' order

    def declines(self, scores: dict[L, float]) -> bool:
        return scores.get(self.outside, 0.0) >= 0.5


def _twin_of(nearest: Nearest) -> Nearest:
    """Another of the same phrases; what is added to one or taken from it, the other does not know. It stands here because
    whatever changes in ``nearest`` means a new fit."""
    twin = copy(nearest)
    twin._texts, twin._ids = dict(nearest._texts), dict(nearest._ids)
    twin._postings = {gram: set(numbers) for gram, numbers in nearest._postings.items()}
    return twin


def _votes(near: Sequence[Near[L]]) -> dict[L, float]:
    """Each label's share of the nearest examples, the likest counting most, times how like the likest is."""
    votes: dict[L, float] = {}
    for one in near:
        votes[one.label] = votes.get(one.label, 0.0) + one.likeness**4
    scale = near[0].likeness / (sum(votes.values()) or 1.0) if near else 0.0
    return {label: vote * scale for label, vote in votes.items()}


def _shares(margins: dict[L, float], whole: float) -> dict[L, float]:
    """``whole`` divided among the labels, the higher margins getting more by far. Plain numbers: they are few."""
    highest = max(margins.values(), default=0.0)
    raised = {label: math.exp(SHARPNESS * (margin - highest)) for label, margin in margins.items()}
    part = whole / (sum(raised.values()) or 1.0)
    return {label: part * value for label, value in raised.items()}
