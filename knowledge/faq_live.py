"""The FAQ as residents get it now, and how a matcher that knows what ships is made true to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from knowledge.faq import Entry, load_entries
from knowledge.local_facts import LocalFacts
from knowledge.matcher import Matcher
from knowledge.normalise import normalise
from knowledge.phrases import Label

Led = Mapping[str, Label]
"""Each wording of an entry, and what it stands for."""


@dataclass(frozen=True, slots=True)
class Live:
    """``silent``: names of retired entries, whose questions nobody else may answer in their place; ``taught``: phrases that
    were taught to mean something, whatever an entry says."""

    entries: tuple[Entry, ...]
    silent: frozenset[str] = frozenset()
    taught: frozenset[str] = frozenset()

    @property
    def spoken(self) -> tuple[Entry, ...]:
        """Those that answer."""
        return tuple(entry for entry in self.entries if entry.id not in self.silent)


def shipped() -> Live:
    return Live(load_entries())


def led(entries: Iterable[Entry]) -> Led:
    """Of two entries with the same wording the first counts."""
    found: dict[str, Label] = {}
    for entry in entries:
        for text in (entry.question.zh, *entry.examples, entry.question.en):
            found.setdefault(text, Label("faq", clause=entry.clause))
    return found


def apply(live: Live, matcher: Matcher, before: Led) -> Led:
    """Make it read what is live; ``before``: what led where until now. What leads where from now on."""
    now = led(live.entries)
    taught = frozenset(map(_plain, live.taught))
    gone = [text for text in before if text not in now]
    if gone:
        left = frozenset(map(_plain, now))
        for text in gone:
            if _plain(text) not in left | taught:
                matcher.change(text, None)
    for text, label in now.items():
        if before.get(text) != label and _plain(text) not in taught:
            matcher.change(text, label)
    matcher.know(LocalFacts(live.spoken))
    return now


@lru_cache(maxsize=1 << 14)
def _plain(text: str) -> str:
    """A few thousand phrases are looked at with every change, and most of them stay."""
    return normalise(text)
