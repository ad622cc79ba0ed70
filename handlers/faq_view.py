"""What is shown of the FAQ, at the desk and in a colleague's own chat: how an answer reads in both languages, what differs,
and what a change would do."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

from knowledge.answers import Answerer, fill, source_line
from knowledge.calendar import CHINA
from knowledge.differences import Piece, differences
from knowledge.faq import ALWAYS_KNOWN, Entry
from knowledge.faq_live import Live
from knowledge.faq_preview import Clash, Preview, clashes, look
from knowledge.faq_wording import PIECES, Fault, Wording, as_entry, changed, faults, warnings
from knowledge.matcher import Matcher
from knowledge.notice import notice
from knowledge.profile import Profile
from knowledge.values import community_values
from storage import faq_asked, faq_live
from storage.engine import Storage
from storage.faq import Kept, phrases_of
from storage.tables import answers
from storage.transaction import Tx
from storage.within import chat_within


class Knows(Protocol):
    """Where the running service is at hand: the console's parts, or the residents' front desk."""

    @property
    def storage(self) -> Storage: ...

    @property
    def reader(self) -> object: ...

    @property
    def answerer(self) -> Answerer | None: ...

    @property
    def profile(self) -> Profile: ...


@dataclass(frozen=True, slots=True)
class Shown:
    """How it reads: the answer and its source in a language; ``bare``: the same where nothing optional is known."""

    language: str
    question: str
    answer: str
    bare: str
    source: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What is wrong, what to know, and how it would read; nothing is shown of what cannot be filled in."""

    faults: list[Fault]
    warnings: list[Fault]
    shown: list[Shown]


def looked_over(desk: Knows, one: Wording, *, version: int, checked_on: date) -> Looked:
    found = faults(one)
    broken = {fault.piece for fault in found}
    entry = as_entry(one, key="preview", version=version, checked_on=checked_on)
    read = {"zh": "answer.zh", "en": "answer.en" if one.answer.en else "answer.zh"}
    shown = [_shown(desk, entry, language) for language, piece in read.items() if piece not in broken]
    return Looked(found, warnings(one) if not found else [], shown)


def _shown(desk: Knows, entry: Entry, language: str) -> Shown:
    today = desk.storage.clock().astimezone(CHINA).date()
    known = community_values(desk.profile, notice(), today)[language]
    sure = {name: value for name, value in known.items() if name in ALWAYS_KNOWN}
    answer = entry.answer.get(language)
    line = source_line(entry, notice(), language)
    return Shown(language, entry.question.get(language), fill(answer, known), fill(answer, sure), line)


def marked(before: Wording | None, after: Wording) -> list[tuple[str, list[Piece]]]:
    """The pieces that differ, each with what is gone and what is new."""
    old = before or Wording(replace(after.question, zh="", en=""), replace(after.answer, zh="", en=""))
    return [(name, differences(old.piece(name) or "", after.piece(name) or "")) for name in changed(old, after)]


@dataclass(frozen=True, slots=True)
class Would:
    """What a change would do, and which phrases cannot simply be added; ``titles``: of every entry, by its name."""

    preview: Preview
    clashes: list[Clash]
    titles: dict[str, Any]


async def would(
    desk: Knows,
    one: Kept,
    wording: Wording,
    *,
    staff_id: int,
    more: Sequence[str] = (),
    keywords: Sequence[str] = (),
) -> Would | None:
    """None where nothing that reads is at hand."""
    reader, answerer = desk.reader, desk.answerer
    if not isinstance(reader, Matcher) or answerer is None:
        return None
    live, asked, entry = await desk.storage.read(_material, one, wording, staff_id)
    new = replace(entry, examples=(*entry.examples, *more), keywords=(*entry.keywords, *keywords))
    clash = clashes(reader, live, entry, more)
    found = await asyncio.to_thread(look(reader, answerer, live, new, asked))
    return Would(found, clash, {entry.id: entry.question for entry in live.entries} | {one.key: wording.question})


def _material(tx: Tx, one: Kept, wording: Wording, staff_id: int) -> tuple[Live, list[Any], Entry]:
    said = {kind: tuple(row.text for row in phrases_of(tx, one.key, kind)) for kind in ("example", "keyword")}
    entry = as_entry(
        wording,
        key=one.key,
        version=one.version,
        checked_on=one.checked_on,
        examples=said["example"],
        keywords=said["keyword"],
        general=one.general,
    )
    return faq_live.live(tx), faq_asked.asked(tx, chat_within(answers.c.chat_id, staff_id)), entry


__all__ = ["PIECES", "Looked", "Shown", "Would", "looked_over", "marked", "would"]
