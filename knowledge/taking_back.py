"""Which words of a colleague's may be taken back. Pure; what is refused is told with what to do instead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from knowledge.life import Refusal

WITHIN = timedelta(hours=24)
"""Telegram lets a bot delete its messages for 48 hours; half of that leaves a queue its time."""
HOURS = int(WITHIN.total_seconds() // 3600)
WORDS_ONLY = frozenset({"answer", "ask_back"})
"""Steps that are nothing but words. Whatever else a step did stands, and its words with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What decides. ``action``: the step the words belong to, None of further pictures; ``mine``: the asker said it,
    ``held``: looks after the ticket; ``to_many``: an incident's answer; ``reachable``: stands where it can be changed."""

    at: datetime
    action: str | None
    mine: bool
    held: bool
    to_many: bool
    merged: bool
    reachable: bool


def refused(said: Said, now: datetime) -> Refusal | None:
    """None where it may be taken back."""
    found = next((code for code, stops in _stops(said, now) if stops), None)
    return REFUSALS[found] if found else None


def _stops(said: Said, now: datetime) -> tuple[tuple[str, bool], ...]:
    return (
        ("merged", said.merged),
        ("many", said.to_many),
        ("step", said.action is not None and said.action not in WORDS_ONLY),
        ("whose", not (said.mine or said.held)),
        ("late", now - said.at > WITHIN),
        ("text", not said.reachable),
    )


def _because(kind: str, zh: str, en: str) -> Refusal:
    return Refusal(kind, zh, en)


REFUSALS: Mapping[str, Refusal] = {
    "nothing": _because(
        "order",
        "没有可以收回的话：要收回的，得是发给居民的答复。",
        "There is nothing to take back: only an answer to the resident can be.",
    ),
    "merged": _because(
        "over",
        "这张已经并进别的工单，并之前说的话不能收回。要更正，请在那一张里再答复一次。",
        "This was merged into another ticket; what was said before stays. Put it right there, in another answer.",
    ),
    "many": _because(
        "order",
        "这是事件里发给好多人的话，不能从一张工单收回。要更正，请在事件页再答复所有人一次。",
        "This went to everybody in an incident and is not taken back from one ticket. Answer all once more.",
    ),
    "step": _because(
        "order",
        "这句话是跟着一步办理发的，那一步已经算数，不能收回。要更正，请再答复一次。",
        "These words went with a step, which stands. Put them right in another answer.",
    ),
    "whose": _because(
        "party",
        "这不是您说的，工单也不在您手上。请说的人，或者办这张工单的人收回。",
        "You neither said this nor look after the ticket. Whoever did can take it back.",
    ),
    "late": _because(
        "order",
        f"过了 {HOURS} 小时，不能收回了。要更正，请再答复一次。",
        f"More than {HOURS} hours ago: it stays. Put it right in another answer.",
    ),
    "text": _because(
        "order",
        "这句话是当短信发出去的，收不回来。请再答复一次，或打电话更正。",
        "This went out as a text message and cannot be called back. Answer again, or ring.",
    ),
}
