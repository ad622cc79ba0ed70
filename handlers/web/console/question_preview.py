"""What teaching a phrase would change: real questions of late that would go elsewhere. On twins; no resident is touched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement

from handlers.web.parts import WebParts
from knowledge.answers import Answerer
from knowledge.faq_live import Live, apply, led
from knowledge.faq_preview import Asked, Move, where
from knowledge.matcher import Matcher
from knowledge.normalise import normalise
from knowledge.phrases import Label
from storage import faq_asked, faq_live
from storage.transaction import Tx

RELATED, MOST = 35.0, 60
"""rapidfuzz's ratio from which a question may be moved by a phrase, and how many are read."""


@dataclass(frozen=True, slots=True)
class Effects:
    """``mine``: what becomes of the phrase itself; ``moved``: the others that go elsewhere, of ``looked_at``."""

    mine: Move
    moved: tuple[Move, ...]
    looked_at: int


def effects(tx: Tx, parts: WebParts, text: str, to: str, theirs: ColumnElement[bool]) -> Callable[[], Effects] | None:
    """Begin where the running service is; what comes back does the work and may be called on another thread."""
    reader, answerer = parts.reader, parts.answerer
    if not isinstance(reader, Matcher) or answerer is None or not normalise(text):
        return None
    live, asked = faq_live.live(tx), faq_asked.asked(tx, theirs)
    before, after = reader.twin(), reader.twin()
    return lambda: _compare(before, after, answerer, live, text, to, asked)


def _compare(
    before: Matcher, after: Matcher, answerer: Answerer, live: Live, text: str, to: str, asked: list[Asked]
) -> Effects:
    plain = normalise(text)
    near = [one for one in asked if fuzz.ratio(plain, normalise(one.words)) >= RELATED][:MOST]
    new = _with(live, text, to)
    old_answers, new_answers = answerer.twin(live.entries, live.silent), answerer.twin(new.entries, new.silent)
    if to.startswith("="):
        apply(new, after, led(live.entries))
    else:
        route, _, category = to.partition("/")
        after.change(text, Label(route, category or None))

    def move(one: Asked) -> Move:
        return Move(one, where(before, old_answers, one.words), where(after, new_answers, one.words))

    moves = [move(one) for one in near]
    moved = tuple(one for one in moves if one.before != one.after and normalise(one.asked.words) != plain)
    return Effects(move(Asked(text)), moved, len(asked))


def _with(live: Live, text: str, to: str) -> Live:
    """With this phrase among the entry's."""
    if not to.startswith("="):
        return live
    entries = [
        replace(entry, examples=(*entry.examples, text)) if entry.id == to[1:] else entry for entry in live.entries
    ]
    return Live(tuple(entries), live.silent, live.taught - {text})
