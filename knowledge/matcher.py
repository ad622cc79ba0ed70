"""Understanding a message: danger first, then what it is, how sure that is, and what else it might be.

Three witnesses: rules for danger, a linear model fitted on the phrases, and the nearest phrase. A near-exact phrase
decides alone, so a phrase added while the service runs works at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.danger import Danger, spot
from knowledge.features import features
from knowledge.linear import Linear
from knowledge.nearest import Nearest
from knowledge.normalise import normalise
from knowledge.phrases import Label, Phrase

EXACT = 0.93
"""Likeness from which one phrase decides alone."""
NEIGHBOURS_WEIGHT = 0.25
SURE_ROUTE = 0.5
SURE_LABEL = 0.33
DANGER_ALONE = 0.8
"""The model alone raises an alarm from this probability; with the rules' say-so nothing more is asked."""
OUTSIDE = Label("out_of_scope")


@dataclass(frozen=True, slots=True)
class Guess:
    """One thing a message may be; ``score`` from 0 to 1."""

    label: Label
    score: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why: the normal form, the nearest phrases with their likeness, the rule that fired."""

    normal: str = ""
    nearest: tuple[tuple[str, float], ...] = ()
    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message was understood to be. ``guesses``: the winner first, then the others, best first."""

    text: str
    guesses: tuple[Guess, ...]
    sure: bool
    danger: Danger | None = None
    reason: Explanation = field(default_factory=Explanation)


class AlreadyMeans(ValueError):
    """A phrase that means something else already; ``label`` is what it means."""

    def __init__(self, text: str, label: Label) -> None:
        super().__init__(f"this phrase already means {label}")
        self.text, self.label = text, label


class Matcher:
    """Reads messages; phrases may be added and removed at any time."""

    def __init__(self, labels: Sequence[Label], model: Linear, phrases: Sequence[Phrase]) -> None:
        self._labels = tuple(labels)
        self._model = model
        self._nearest = Nearest()
        self._means: dict[int, tuple[str, Label]] = {}
        for phrase in phrases:
            self._index(phrase.text, phrase.label)

    def add(self, text: str, label: Label) -> None:
        """A phrase from now on; AlreadyMeans when it stands for something else."""
        known = self._nearest.id_of(normalise(text))
        if known is not None and self._means[known][1] != label:
            raise AlreadyMeans(text, self._means[known][1])
        self._index(text, label)

    def remove(self, text: str) -> bool:
        """Forget a phrase; False when it was not known."""
        number = self._nearest.remove(normalise(text))
        return number is not None and self._means.pop(number, None) is not None

    def _index(self, text: str, label: Label) -> None:
        if plain := normalise(text):
            self._means.setdefault(self._nearest.add(plain), (text, label))

    def read(self, text: str, *, limit: int = 5) -> Reading:
        """What ``text`` is. Bounded: of a very long text the beginning and the end are read."""
        plain = normalise(text)
        near = self._nearest.near(plain) if plain else []
        scores = self._scores(text, plain, near)
        danger = self._danger(text, scores)
        guesses = self._guesses(scores, danger, limit)
        shown = tuple((self._means[number][0], round(likeness, 3)) for number, likeness in near[:3])
        reason = Explanation(plain, shown, danger.rule if danger else None)
        return Reading(text, guesses, danger is not None or _is_sure(scores, guesses), danger, reason)

    def _scores(self, text: str, plain: str, near: Sequence[tuple[int, float]]) -> dict[Label, float]:
        """A probability for every label."""
        if not plain:
            return {OUTSIDE: 1.0}
        if near and near[0][1] >= EXACT:
            return {self._means[near[0][0]][1]: near[0][1]}
        linear = dict(zip(self._labels, self._model.scores(features(text)).tolist(), strict=True))
        votes = self._votes(near)
        share = NEIGHBOURS_WEIGHT * near[0][1] if near else 0.0
        both = linear.keys() | votes.keys()
        return {label: (1 - share) * linear.get(label, 0.0) + share * votes.get(label, 0.0) for label in both}

    def _votes(self, near: Sequence[tuple[int, float]]) -> dict[Label, float]:
        votes: dict[Label, float] = {}
        for number, likeness in near:
            label = self._means[number][1]
            votes[label] = votes.get(label, 0.0) + likeness**4
        total = sum(votes.values()) or 1.0
        return {label: vote / total for label, vote in votes.items()}

    def _danger(self, text: str, scores: Mapping[Label, float]) -> Danger | None:
        heard = spot(text)
        if heard is not None:
            return heard
        chance = sum(score for label, score in scores.items() if label.route == "emergency")
        return Danger("other", "model") if chance >= DANGER_ALONE else None

    def _guesses(self, scores: Mapping[Label, float], danger: Danger | None, limit: int) -> tuple[Guess, ...]:
        """Route first, then the label within it; the others by their own score."""
        routes: dict[str, float] = {}
        for label, score in scores.items():
            routes[label.route] = routes.get(label.route, 0.0) + score
        route = "emergency" if danger else max(routes, key=lambda name: (routes[name], name))
        ranked = sorted(scores, key=lambda label: (-scores[label], str(label)))
        best = next((label for label in ranked if label.route == route), Label(route))
        score = max(routes.get(route, 0.0), 0.9 if danger else 0.0)
        rest = [Guess(label, min(scores[label], score)) for label in ranked if label != best]
        return (Guess(best, min(score, 1.0)), *rest[:limit])


def _is_sure(scores: Mapping[Label, float], guesses: Sequence[Guess]) -> bool:
    best = guesses[0]
    within = scores.get(best.label, 0.0) / best.score if best.score else 0.0
    return best.score >= SURE_ROUTE and within >= SURE_LABEL


def load_matcher(data_dir: Path | str = "var") -> Matcher:
    """The matcher of the shipped phrases: from what ``knowledge.prepare`` kept, or fitted now (some seconds)."""
    from knowledge.prepare import prepared

    return prepared(Path(data_dir))
