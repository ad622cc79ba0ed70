"""How well the matcher hears a voice it has not learnt from: ``python -m knowledge.voices``.

For each voice in turn (or those named) the engine is fitted on the phrases of all others and judged on its phrases. That is
harder than life, where every voice was learnt from; it shows where phrases are missing. Danger is not judged here: it has
rules of its own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence

from knowledge.datafiles import DataError
from knowledge.engine import Engine
from knowledge.features import features
from knowledge.linear import fit
from knowledge.matcher import EMERGENCY, GATE, OUTSIDE
from knowledge.phrases import VOICES, Label, Phrase, load_phrases
from knowledge.report import Judged, text

GUESSES = 5


def judged(phrases: Sequence[Phrase], voice: str) -> Iterator[Judged]:
    """Each phrase of ``voice``, as an engine takes it that was fitted on the others."""
    engine = _fitted([phrase for phrase in phrases if phrase.voice != voice])
    for phrase in phrases:
        if phrase.voice == voice and phrase.label != EMERGENCY:
            yield Judged(phrase.label, voice, _guesses(engine, phrase.text))


def _fitted(phrases: Sequence[Phrase]) -> Engine[Label]:
    labels = sorted({phrase.label for phrase in phrases}, key=str)
    number = {label: place for place, label in enumerate(labels)}
    model = fit([features(p.text) for p in phrases], [number[p.label] for p in phrases], classes=len(labels))
    return Engine(labels, model, ((phrase.text, phrase.label, None) for phrase in phrases), OUTSIDE, GATE)


def _guesses(engine: Engine[Label], said: str) -> tuple[Label, ...]:
    scores = engine.scores(engine.weigh(said))
    if engine.declines(scores):
        return (OUTSIDE, *[label for label in scores if label != OUTSIDE][:GUESSES])
    return tuple([label for label in scores if label not in (OUTSIDE, EMERGENCY)][:GUESSES]) or (OUTSIDE,)


def main(voices: Sequence[str]) -> int:
    """Exit code 2 for a voice nobody has, or a phrase file that cannot be read."""
    if unknown := sorted(set(voices) - VOICES):
        print(f"no voice is called {', '.join(unknown)}; there are: {', '.join(sorted(VOICES))}")  # noqa: T201
        return 2
    try:
        phrases = load_phrases()
    except DataError as problem:
        print(problem, file=sys.stderr)  # noqa: T201
        return 2
    found = [one for voice in voices or sorted(VOICES) for one in judged(phrases, voice)]
    for line in text(found):
        print(line)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
