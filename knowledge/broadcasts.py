"""Whom a notice can be for, when a colleague has to read it first, and how long the rest of it takes.

Pure; the groups and their limits are data (``data/broadcasts.yaml``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from math import ceil
from pathlib import Path

from knowledge.datafiles import DATA, Field, read
from knowledge.notice import Words, words

KNOWN = ("volunteers", "watch", "heads", "committee", "partners", "open_tickets", "joined", "affected")
"""What storage can tell the people of."""
OF = {"none": "", "occasion": "occasion", "incident": "incident"}
ANSWERED = "answered"
"""Whoever was given an answer that has changed since: chosen where the change is looked at, not on the form."""
CHANGED = "answers"
"""The topic of these, which comes to whoever did not stop it."""


@dataclass(frozen=True, slots=True)
class Audience:
    """``of``: what has to be chosen with it; ``why``: the reason its people read."""

    audience: str
    of: str
    name: Words
    why: Words


@dataclass(frozen=True, slots=True)
class Rules:
    """All of the file."""

    audiences: Mapping[str, Audience]
    second_eyes_from: int
    shortest_reason: int
    pace_over: timedelta
    usual_per_minute: int
    asked_within: timedelta
    why_answered: Words

    def why(self, audience: str | None) -> Words | None:
        """Why somebody of this group gets it; None for whoever asked for its kind."""
        if audience == ANSWERED:
            return self.why_answered
        group = self.audiences.get(audience or "")
        return group.why if group else None

    def needs_second_eyes(self, recipients: int, *, urgent: bool, why: str) -> bool:
        """Many are written to and nobody else has read it; an urgent one whose sender says why does not wait."""
        return recipients >= self.second_eyes_from and not (urgent and self.is_reason(why))

    def is_reason(self, why: str) -> bool:
        return len("".join(why.split())) >= self.shortest_reason

    def minutes_left(self, waiting: int, *, sent: int, over: timedelta) -> int:
        """Minutes for these at the pace of the ``sent`` ones, that took so long; the usual one where nothing went."""
        minutes = over.total_seconds() / 60
        per_minute = sent / minutes if sent and minutes > 0 else self.usual_per_minute
        return ceil(waiting / per_minute) if waiting else 0


def load(path: Path) -> Rules:
    """DataError names the line of what cannot be meant."""
    limits = ("second_eyes_from", "shortest_reason", "pace_over_minutes", "usual_per_minute")
    root = read(path).only("checked_on", *limits, "audiences", "answered")
    answered = root["answered"].only("asked_within_days", "why")
    found: dict[str, Audience] = {}
    for item in root["audiences"].items():
        one = _audience(item)
        if one.audience in found:
            item["audience"].fail(f"{one.audience!r} is there twice")
        found[one.audience] = one
    return Rules(
        audiences=found,
        second_eyes_from=root["second_eyes_from"].integer(least=2),
        shortest_reason=root["shortest_reason"].integer(least=1),
        pace_over=timedelta(minutes=root["pace_over_minutes"].integer(least=1)),
        usual_per_minute=root["usual_per_minute"].integer(least=1),
        asked_within=timedelta(days=answered["asked_within_days"].integer(least=1)),
        why_answered=words(answered["why"]),
    )


def _audience(item: Field) -> Audience:
    item.only("audience", "name", "why", optional=("of",))
    name, of = item["audience"].choice({known: known for known in KNOWN}), item.get("of")
    return Audience(name, of.choice(OF) if of else "", words(item["name"]), words(item["why"]))


@cache
def rules() -> Rules:
    return load(DATA / "broadcasts.yaml")
