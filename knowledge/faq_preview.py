"""What a change of an entry would do, before it is made: questions people really asked that it would gain, lose, or move.

Pure, and on twins of what is running: nothing of it reaches a resident. Only questions that are anything like the entry
are read; the others cannot move because of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from knowledge.answers import Answerer
from knowledge.faq import Entry
from knowledge.faq_live import Live, apply, led
from knowledge.matcher import Matcher
from knowledge.normalise import normalise
from knowledge.phrases import Label, name_of

RELATED = 45.0
"""rapidfuzz's ratio from which a question may be moved by a phrase."""
MOST = 60
UNSURE, SILENT, DANGER = "?", "-", "!"
ACTING = ("service_request", "dispute", "human", "ticket_status")
"""Routes on which a resident waits for somebody to do something."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question without anything personal, and how often it was asked."""

    words: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Move:
    """Where a question goes now and would go: an entry's name after ``=``, a label, or one of the signs above."""

    asked: Asked
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Preview:
    """``gained``: answered by this entry from then on; ``lost``: no more; ``moved``: between others."""

    gained: tuple[Move, ...]
    lost: tuple[Move, ...]
    moved: tuple[Move, ...]
    kept: tuple[Asked, ...]
    looked_at: int


@dataclass(frozen=True, slots=True)
class Clash:
    """A phrase that means something already: another entry's name after ``=``, a label, or a sign; "": no word in it."""

    text: str
    means: str


def clashes(matcher: Matcher, live: Live, one: Entry, phrases: Sequence[str]) -> list[Clash]:
    """Which of these phrases cannot simply lead to this entry.

    Of one nobody ever taught it is what is heard in it today, where the entry's own words share nothing with it: a burst
    pipe under the library's hours would get the hours.
    """
    leads = {normalise(text): entry.id for entry in live.spoken if entry.id != one.id for text in entry.examples}
    own = set().union(*(_words(text) for text in (one.question.zh, one.question.en, *one.keywords)))
    found = []
    for text in phrases:
        plain, known = normalise(text), matcher.known(text)
        if not plain:
            found.append(Clash(text, ""))
        elif plain in leads:
            found.append(Clash(text, f"={leads[plain]}"))
        elif known is not None:
            found += [Clash(text, name_of(known))] if known != Label("faq", clause=one.clause) else []
        elif not own & _words(text) and (means := _acts(matcher, text)):
            found.append(Clash(text, means))
    return found


def _words(text: str) -> set[str]:
    """Pairs of Chinese characters, and words of the others."""
    return set(re.findall(r"(?=([\u4e00-\u9fff]{2}))", text)) | set(re.findall(r"[a-z]{4,}", text.lower()))


def _acts(matcher: Matcher, text: str) -> str:
    """What something would surely be done about, had a resident said it now; "" for a question or a greeting."""
    reading = matcher.read(text)
    if reading.danger is not None:
        return DANGER
    label = reading.guesses[0].label if reading.sure and reading.guesses else None
    return name_of(label) if label is not None and label.route in ACTING else ""


def look(
    matcher: Matcher, answerer: Answerer, live: Live, changed: Entry, asked: Sequence[Asked]
) -> Callable[[], Preview]:
    """Begin where the running service is; what comes back does the work and may be called on another thread."""
    before, after, said = matcher.twin(), matcher.twin(), led(live.entries)
    others = tuple(changed if entry.id == changed.id else entry for entry in live.entries)
    entries = others if changed in others else (*others, changed)
    new = Live(entries, live.silent - {changed.id}, live.taught)
    old = next((entry for entry in live.entries if entry.id == changed.id), None)
    answers, would = answerer.twin(live.entries, live.silent), answerer.twin(new.entries, new.silent)

    def work() -> Preview:
        apply(new, after, said)
        near = related([changed, *filter(None, [old])], asked)
        moves = [Move(one, where(before, answers, one.words), where(after, would, one.words)) for one in near]
        return _sorted(moves, f"={changed.id}", len(asked))

    return work


def related(entries: Sequence[Entry], asked: Sequence[Asked]) -> list[Asked]:
    """Those that are anything like the entry, the likest first."""
    said = [normalise(text) for entry in entries for text in (entry.question.zh, entry.question.en, *entry.examples)]
    words = {plain for entry in entries for word in entry.keywords if len(plain := normalise(word)) > 1}
    scored = []
    for one in asked:
        plain = normalise(one.words)
        named = 30.0 if any(word in plain for word in words) else 0.0
        scored.append((max((fuzz.ratio(plain, other) for other in said), default=0.0) + named, one))
    scored.sort(key=lambda pair: -pair[0])
    return [one for score, one in scored if score >= RELATED][:MOST]


def where(matcher: Matcher, answerer: Answerer, words: str) -> str:
    """What would become of a message, in one word."""
    reading = matcher.read(words)
    if reading.danger is not None:
        return DANGER
    if not reading.sure or not reading.guesses:
        return UNSURE
    label = reading.guesses[0].label
    if label.route != "faq":
        return name_of(label)
    found = answerer.known(words, reading.clauses(label), "zh")
    return f"={found.entry_id}" if found else SILENT


def _sorted(moves: Sequence[Move], mine: str, looked_at: int) -> Preview:
    changed = [move for move in moves if move.before != move.after]
    return Preview(
        gained=tuple(move for move in changed if move.after == mine),
        lost=tuple(move for move in changed if move.before == mine),
        moved=tuple(move for move in changed if mine not in (move.before, move.after)),
        kept=tuple(move.asked for move in moves if move.before == move.after == mine),
        looked_at=looked_at,
    )
