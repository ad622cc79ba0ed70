"""What others are told about an occasion, each in their language: moved up, changed, cancelled, a word to all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from handlers.occasion_cards import button, facts, people
from handlers.outcome import Rows, Say
from handlers.texts.catalogue import Catalogue, Texts
from knowledge.occasions import Occasion, is_late
from storage import messages
from storage.occasion_places import Entry


def moved_up(texts: Catalogue, occasion: Occasion | None, moved: Iterable[Entry], now: datetime) -> list[Say]:
    """A place was free and is theirs; giving it back is one press."""
    if occasion is None:
        return []
    return [_moved(texts[entry.language], occasion, entry, now) for entry in moved]


def _moved(words: Texts, occasion: Occasion, entry: Entry, now: datetime) -> Say:
    text = words("occasion.moved_up", people=people(words, entry.party), **facts(words, occasion, now))
    rows = [[button(words, "still_coming", occasion, "keep"), button(words, "back", occasion)]]
    return Say(text, rows, to=entry.chat_id, priority=messages.NOTICE)


def cancelled(texts: Catalogue, occasion: Occasion, entry: Entry, now: datetime) -> Say:
    """So near to its beginning that it goes out before everything else; "seen" takes them off the call list."""
    words = texts[entry.language]
    reason = occasion.reason or words("occasion.no_reason")
    text = words("occasion.cancelled_notice", reason=reason, **facts(words, occasion, now))
    urgent = messages.ALARM if is_late(occasion, now) else messages.NOTICE
    return Say(text, [[button(words, "seen", occasion)]], to=entry.chat_id, priority=urgent)


def changed(texts: Catalogue, occasion: Occasion, entry: Entry, now: datetime) -> Say:
    """Another time or place: who cannot come then says so with one press."""
    words = texts[entry.language]
    text = words("occasion.changed_notice", **facts(words, occasion, now))
    return Say(text, _coming_or_not(words, occasion), to=entry.chat_id, priority=messages.NOTICE)


def word_to(texts: Catalogue, occasion: Occasion, entry: Entry, text: str) -> Say:
    """What the organiser says to everybody who comes."""
    words = texts[entry.language]
    said = words("occasion.from_organiser", title=occasion.title, text=text)
    return Say(said, [[button(words, "see", occasion)]], to=entry.chat_id, priority=messages.NOTICE)


def removed(texts: Catalogue, occasion: Occasion, entry: Entry, now: datetime) -> Say:
    words = texts[entry.language]
    return Say(
        words("occasion.removed_notice", **facts(words, occasion, now)), to=entry.chat_id, priority=messages.NOTICE
    )


def reminder(texts: Catalogue, occasion: Occasion, entry: Entry, now: datetime, *, soon: bool) -> Say:
    """The evening before, or shortly before; whoever would be alone is told not to set out (VO-05)."""
    words = texts[entry.language]
    values = facts(words, occasion, now) | {"people": people(words, entry.party)}
    text = words("occasion.remind_soon" if soon else "occasion.remind_day", **values)
    if soon and occasion.rules.pair and occasion.taken < occasion.least:
        text = f"{text}\n{words('occasion.remind_alone')}"
    here = [[button(words, "here", occasion)]] if soon else []
    rows = [*here, *_coming_or_not(words, occasion)]
    return Say(text, rows, to=entry.chat_id, priority=messages.NOTICE)


def _coming_or_not(words: Texts, occasion: Occasion) -> Rows:
    swap = [button(words, "swap", occasion)] if occasion.kind == "shift" else []
    return [[button(words, "still_coming", occasion, "keep"), button(words, "leave", occasion)], swap]
