"""Understanding a message: danger first, then what it is, how sure that is, and what else it might be.

Danger has rules and a model of its own (``danger``); everything else is weighed by the ``engine``. A near-exact phrase
decides alone, so a phrase added while the service runs works at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from knowledge.courtesy import matter
from knowledge.danger import Danger, leaning, spot, tired_of_a_form
from knowledge.engine import EXACT, Engine, Example, Weighed
from knowledge.faq_wording import LOCAL
from knowledge.gate import Gate
from knowledge.linear import Linear
from knowledge.local_facts import LocalFacts
from knowledge.nearest import Index
from knowledge.normalise import normalise
from knowledge.phrases import Label

SURE_ROUTE = 0.5
SURE_LABEL = 0.33
AGAINST = -0.3
"""The engine's margin from which a faint danger is taken back: in tests/understanding 3 false alarms of 8, none true."""
DANGER_ALONE, DANGER_MARGIN, DANGER_WORDS = 0.8, -0.05, -1.2
"""From this probability, this margin and words that lean no further away (log odds) the engine alone raises an alarm.
Of the emergencies in tests/understanding it hears 3 of those that ``danger`` misses, without a false alarm; a place alone
("在3栋楼下") is none."""
WORTH_LOOKING = 1e-3
"""A clause that much less likely than the best is not looked into for an answer."""
FAINT, STRANGE = 0.4, 0.2
"""A best matter below the first, with a chance of being outside above the second, is none. Nothing is declined for it: the
guesses are offered, as whenever it is not sure."""
ALARMED = 0.9
"""The least score of a danger."""
OUTSIDE, EMERGENCY = Label("out_of_scope"), Label("emergency")
HERE = Label("faq", clause=LOCAL)
"""What holds here and stands in no clause."""
GATE = Gate((8.0, -8.0, 0.0, 0.0, -0.8))
"""Outside from a margin 0.1 above the best matter's: of a quarter of our phrases held out, near misses included, 89 % of
what is outside is declined, and 4 % of the rest."""


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

    def clauses(self, label: Label) -> dict[str, float]:
        """Where the answer to a question taken for ``label`` may stand: each clause with how likely it is.

        The others count only when ``label`` is the best guess: one that was chosen is meant.
        """
        if label.clause in (None, LOCAL) or label != self.guesses[0].label:
            return {label.clause: 1.0} if label.clause else {}
        asked = [(guess.label.clause, guess.score) for guess in self.guesses if guess.label.clause]
        least = self.guesses[0].score * WORTH_LOOKING
        return {clause: score for clause, score in asked if score >= least}


class AlreadyMeans(ValueError):
    """A phrase that means something else already: ``text`` as it is known, ``label`` what it means."""

    def __init__(self, text: str, label: Label) -> None:
        super().__init__(f"this phrase already means {label}")
        self.text, self.label = text, label


class Matcher:
    """Reads messages; phrases may be added and removed at any time."""

    def __init__(self, labels: Sequence[Label], model: Linear, examples: Iterable[Example[Label]], made: Index) -> None:
        """``made``: the examples' index, of exactly their normal forms in their order."""
        self._engine = Engine(labels, model, examples, OUTSIDE, GATE, made=made)
        self._local = LocalFacts()

    def twin(self) -> Matcher:
        """Another that reads alike, for looking at what a change would do."""
        other = Matcher.__new__(Matcher)
        other._engine, other._local = self._engine.twin(), self._local
        return other

    def know(self, local: LocalFacts) -> None:
        """The facts that hold here and stand in no clause, from now on."""
        self._local = local

    def known(self, text: str) -> Label | None:
        """What a whole phrase stands for; None when it is not known."""
        found = self._engine.known(text)
        return found[1] if found else None

    def add(self, text: str, label: Label) -> None:
        """A phrase from now on; AlreadyMeans when it stands for something else, ValueError when it has no word in it."""
        if not normalise(text):
            raise ValueError("there is no word in it")
        known = self._engine.known(text)
        if known is not None and known[1] != label:
            raise AlreadyMeans(*known)
        self._engine.add(text, label)

    def remove(self, text: str) -> bool:
        """Forget a phrase; False when it was not known."""
        return self._engine.remove(text)

    def change(self, text: str, label: Label | None) -> None:
        """Give a phrase this meaning, whatever it meant before; None takes it away."""
        self._engine.remove(text)
        if label is not None:
            self._engine.add(text, label)

    def read(self, text: str, *, limit: int = 5) -> Reading:
        """What ``text`` is. Bounded: of a very long text the beginning and the end are read."""
        weighed = self._weighed(text)
        scores = self._engine.scores(weighed)
        danger = _heard(text, weighed) or _unlike_all_else(text, weighed, scores)
        if danger is None:
            scores = _without_danger(scores)
        guesses = _guesses(scores, danger, declined=self._engine.declines(scores), limit=limit)
        sure = danger is not None or _is_sure(scores, guesses[0])
        if danger is None and (likeness := self._claimed(weighed, guesses[0], sure=sure)):
            guesses, sure = _of_here(guesses, likeness), True
        return Reading(text, guesses, sure, danger, _explained(weighed, danger))

    def _weighed(self, text: str) -> Weighed[Label]:
        """What is said between courtesies; a phrase that has them is that phrase all the same."""
        said = matter(text)
        if said == text or self._engine.known(text) is not None:
            return self._engine.weigh(text)
        return self._engine.weigh(said)

    def _claimed(self, weighed: Weighed[Label], best: Guess, *, sure: bool) -> float | None:
        """How like a local fact's question it is, where it is meant; what is surely something else stays that."""
        found = self._local.claim(weighed.plain)
        if found is None or best.label == HERE:
            return None
        beside = max((near.likeness for near in weighed.near if near.label != HERE), default=0.0)
        other = sure and best.label.route not in ("faq", OUTSIDE.route)
        return found.likeness if beside < EXACT and found.beats(beside, sure=other) else None


def _of_here(guesses: tuple[Guess, ...], likeness: float) -> tuple[Guess, ...]:
    score = max(likeness, SURE_ROUTE)
    others = (Guess(guess.label, min(guess.score, score)) for guess in guesses if guess.label != HERE)
    return (Guess(HERE, score), *others)


def _heard(text: str, weighed: Weighed[Label]) -> Danger | None:
    """What ``danger`` hears, unless no rule is sure of it, the words only just say so, and the engine speaks against it."""
    heard = spot(text)
    faint = heard is not None and heard.faint
    return None if faint and weighed.margins.get(EMERGENCY, 0.0) < AGAINST else heard


def _unlike_all_else(text: str, weighed: Weighed[Label], scores: Mapping[Label, float]) -> Danger | None:
    if scores.get(EMERGENCY, 0.0) < DANGER_ALONE or weighed.margins.get(EMERGENCY, -1.0) < DANGER_MARGIN:
        return None
    return Danger("other", "model") if leaning(text) >= DANGER_WORDS and not tired_of_a_form(text) else None


def _without_danger(scores: Mapping[Label, float]) -> dict[Label, float]:
    """Danger is not the engine's to declare: where none was recognised, the other labels share its part."""
    left = dict(scores)
    left.pop(EMERGENCY, None)
    outside = left.pop(OUTSIDE, None)
    inside = sum(left.values())
    scale = (1 - (outside or 0.0)) / inside if inside else 0.0
    shared = {label: score * scale for label, score in left.items()}
    return shared if outside is None and shared else {**shared, OUTSIDE: 1.0 if outside is None else outside}


def _guesses(scores: Mapping[Label, float], danger: Danger | None, *, declined: bool, limit: int) -> tuple[Guess, ...]:
    """Route first, then the label within it; the others by their own score."""
    routes: dict[str, float] = {}
    for label, score in scores.items():
        routes[label.route] = routes.get(label.route, 0.0) + score
    route = "emergency" if danger else OUTSIDE.route if declined else _likeliest(routes)
    if not danger and routes.get(route, 0.0) < FAINT and scores.get(OUTSIDE, 0.0) > STRANGE:
        route = OUTSIDE.route
    ranked = sorted(scores, key=scores.__getitem__, reverse=True)
    best = next((label for label in ranked if label.route == route), Label(route))
    score = max(routes.get(route, 0.0), ALARMED if danger else 0.0)
    others = [label for label in ranked[: limit + 1] if label != best][:limit]
    return (Guess(best, min(score, 1.0)), *(Guess(label, min(scores[label], score)) for label in others))


def _likeliest(routes: Mapping[str, float]) -> str:
    inside = {route: score for route, score in routes.items() if route != OUTSIDE.route} or routes
    return max(inside, key=lambda route: (inside[route], route))


def _is_sure(scores: Mapping[Label, float], best: Guess) -> bool:
    within = scores.get(best.label, 0.0) / best.score if best.score else 0.0
    return best.score >= SURE_ROUTE and within >= SURE_LABEL


def _explained(weighed: Weighed[Label], danger: Danger | None) -> Explanation:
    shown = tuple((near.text, round(near.likeness, 3)) for near in weighed.near[:3])
    return Explanation(weighed.plain, shown, danger.rule if danger else None)


def load_matcher(data_dir: Path | str = "var") -> Matcher:
    """The matcher of the shipped phrases: from what ``knowledge.prepare`` kept, or fitted now (some seconds)."""
    from knowledge.prepare import prepared

    return prepared(Path(data_dir))
