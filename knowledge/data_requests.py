"""Requests about one's own data (PI-12): which there are, how it is seen who asks, by when they are answered. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Literal

from knowledge.datafiles import DATA, read

DECISIONS = ("granted", "partly", "refused")
Trouble = Literal[
    "over", "not_identified", "not_decided", "needs_reason", "nobody", "alarm", "not_granted", "bad_choice"
]


@dataclass(frozen=True, slots=True)
class Rules:
    working_days: int
    warn: timedelta
    climb: tuple[int, ...]
    """Working days after its day when the desk, the committee, the sub-district hear that it is late."""
    kinds: tuple[str, ...]
    ways: tuple[str, ...]
    identities: tuple[str, ...]


@cache
def shipped() -> Rules:
    return load(DATA / "data_requests.yaml")


def load(path: Path) -> Rules:
    """`DataError` for anything wrong."""
    data = read(path).only("working_days", "warn_days", "climb_days", "kinds", "ways", "identities")
    warn = timedelta(days=data["warn_days"].integer(least=0, most=60))
    lists = (data[name].texts() for name in ("kinds", "ways", "identities"))
    climb = tuple(one.integer(least=0, most=60) for one in data["climb_days"].items())
    return Rules(data["working_days"].integer(least=1, most=60), warn, climb, *lists)


def pressing(now: datetime, due_at: datetime) -> Literal["late", "soon", "calm"]:
    if due_at <= now:
        return "late"
    return "soon" if due_at - now <= shipped().warn else "calm"


def may_decide(*, state: str, identified: bool, decision: str, reason: str) -> Trouble | None:
    """Nothing is given, changed or deleted for somebody unknown; a no is explained."""
    if state != "open":
        return "over"
    if decision not in DECISIONS:
        return "bad_choice"
    if decision != "granted" and not reason:
        return "needs_reason"
    return "not_identified" if decision != "refused" and not identified else None
