"""What the knowledge base would answer to a resident's words, for staff to use or not; below the threshold nothing.

Pure: a reader and an answerer are given. The words are a resident's; whoever sends the answer is a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rapidfuzz import fuzz

from knowledge.answers import Answerer
from knowledge.hotline import Reader

SAME, KIN = 97.0, 45.0
"""Likeness (rapidfuzz) of what was sent to what was put into the composer: from the first it was used as it is, below the
second it was written anew."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An answer with its source; ``like`` the known phrase the words are nearest to, ``score`` from 0 to 1."""

    entry: str
    title: str
    text: str
    source: str
    clause: str
    version: int
    like: str
    score: float

    @property
    def whole(self) -> str:
        return f"{self.text}\n\n{self.source}"


def suggest(
    reader: Reader, answerer: Answerer, words: str, language: str, *, today: date | None = None
) -> Suggestion | None:
    """None unless the words are surely a question about something the knowledge base answers."""
    reading = reader.read(words) if words.strip() else None
    if reading is None or reading.danger is not None or not reading.sure or not reading.guesses:
        return None
    best = reading.guesses[0]
    if best.label.route != "faq":
        return None
    found = answerer.known(words, reading.clauses(best.label), language, today=today)
    if found is None:
        return None
    entry, nearest = answerer.entry(found.entry_id), reading.reason.nearest
    return Suggestion(
        entry=found.entry_id,
        title=entry.question.get(language) if entry else "",
        text=found.text,
        source=found.source,
        clause=found.clause,
        version=found.version,
        like=nearest[0][0] if nearest else "",
        score=best.score,
    )


def outcome(put_in: str, sent: str) -> str | None:
    """What became of a text that was put into the composer: ``used``, ``edited``, or None where it was thrown away."""
    if put_in.strip() and put_in.strip() in sent:
        return "used"
    likeness = fuzz.partial_ratio(put_in, sent) if put_in and sent else 0.0
    return "used" if likeness >= SAME and len(sent) >= len(put_in) else "edited" if likeness >= KIN else None
