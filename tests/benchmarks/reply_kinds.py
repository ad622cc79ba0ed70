"""What kind a reply of the bot's is, and whether that kind fits a message of a route: for counting, not for handling."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from handlers.texts.catalogue import load_catalogue

BY_BUTTON = {
    "emergency": r"e:",
    "person": r"[pb]:",  # a place in the line, or out of hours a time to be called back
    "consent": r"c:y",
    "answered": r"a:\d+:y",
    "form": r"d:",
    "volunteer": r"vo:",
    "activity": r"oc:(?!0:list)",
    "disclosure": r"dk:[iqt]:",
}
"""Kinds that are known by what a button carries."""
FITTING: Mapping[str, str] = {
    "faq": "answered",
    "human": "person",
    "emergency": "emergency",
    "greeting": "greeting",
    "out_of_scope": "declined",
    "ticket_status": "tickets",
    "activity": "activity",
    "volunteer": "volunteer",
    "disclosure": "disclosure",
    **{route: f"form: {route}" for route in ("service_request", "dispute", "suggestion")},
}
SAID = {
    "greeting": ("start.hello", "start.thanks", "start.bye"),
    "declined": ("answer.outside",),
    "guesses": ("answer.unsure",),
    "unknown": ("answer.unknown",),
    "tickets": ("ticket.none", "ticket.need_code", "ticket.bad_number"),
    "activity": ("answer.activity",),
    "disclosure": ("answer.disclosure",),
}
"""Kinds that are known by their first words."""
NOTHING_TOLD = ("none", "something else")


@dataclass(frozen=True, slots=True)
class Heard:
    """One message of the bot's: its words, and what its buttons carry."""

    text: str
    data: Sequence[str]


def kind_of(heard: Heard) -> str:
    """What kind of reply this is: by its buttons where they say so, else by its first words."""
    for kind, pattern in BY_BUTTON.items():
        if any(re.match(pattern, data) for data in heard.data):
            return kind
    return next((kind for kind, openings in OPENINGS.items() if heard.text.startswith(openings)), "something else")


def telling(said: Sequence[Heard], *, but: str = "") -> str:
    """The first kind among several messages that tells something, apart from ``but``."""
    kinds = [kind_of(one) for one in said]
    return next((kind for kind in kinds if kind not in (*NOTHING_TOLD, but)), NOTHING_TOLD[bool(kinds)])


def _openings(keys: Sequence[str]) -> tuple[str, ...]:
    """How these texts begin, up to the first blank that is filled in, in both languages."""
    texts = load_catalogue()
    said = [texts[language](key) for language in ("zh", "en") for key in keys if texts[language].has(key)]
    return tuple(text.split("{")[0][:12] for text in said)


OPENINGS = {kind: openings for kind, keys in SAID.items() if (openings := _openings(keys))}


def judge(route: str, kind: str) -> str:
    """Does this kind of reply fit a message of this route?"""
    if kind == FITTING[route]:
        return "fits"
    if kind in ("guesses", "unknown"):
        return "offers"
    return "none" if kind == "none" else "another"
