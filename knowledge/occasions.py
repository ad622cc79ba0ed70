"""The rules of occasions 活动: who may join, who moves up, when whom is told (VO-04 … VO-08). Pure.

What each kind needs and every span of time is data (``data/occasions.yaml``). An occasion counts people, family included.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from knowledge.calendar import CHINA
from knowledge.occasion_kinds import Category, Kind, category, shipped

PAIR = 2
"""Two people where nobody may be alone."""


@dataclass(frozen=True, slots=True)
class Party:
    """How many come with one resident, that resident included."""

    adults: int = 1
    children: int = 0

    @property
    def heads(self) -> int:
        return self.adults + self.children


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an organiser has written."""

    kind: Kind
    category: str
    title: str
    about: str
    place: str
    building: str | None
    starts_at: datetime
    ends_at: datetime
    places_min: int
    places_max: int
    with_family: bool
    insurance_note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion(Plan):
    """A plan that is kept, as everybody sees it; ``taken`` and ``waiting`` are people."""

    id: int
    insured_at: datetime | None
    organiser_id: int
    state: str
    revision: int
    reason: str | None
    taken: int = 0
    waiting: int = 0

    @property
    def free(self) -> int:
        return max(0, self.places_max - self.taken)

    @property
    def rules(self) -> Category:
        return category(self.kind, self.category)

    @property
    def least(self) -> int:
        """How many it needs to take place: never one alone where two must be."""
        return max(self.places_min, PAIR if self.rules.pair else 0)

    @property
    def lacking(self) -> int:
        return max(0, self.least - self.taken)


# --- joining ----------------------------------------------------------------------------------------------------------
def joining_refused(occasion: Occasion, party: Party, now: datetime) -> str | None:
    """Why nobody may join like this, whether or not a place is free; None when they may."""
    if occasion.state != "open":
        return occasion.state
    if now >= (occasion.starts_at if occasion.kind == "shift" else occasion.ends_at):
        return "begun"
    if party.heads > 1 and not occasion.with_family:
        return "no_family"
    if party.adults < 1 or party.children < 0 or party.heads > min(shipped().limits.most_party, occasion.places_max):
        return "too_many"
    return None


def moving_up(free: int, line: Iterable[tuple[int, int]]) -> list[int]:
    """Who gets the free places: in the order of the line, passing over a family that does not fit, which keeps its place.

    ``line``: the entry's id and its heads.
    """
    chosen: list[int] = []
    for entry_id, heads in line:
        if heads <= free:
            chosen.append(entry_id)
            free -= heads
    return chosen


# --- before it opens --------------------------------------------------------------------------------------------------
def faults(plan: Plan, now: datetime) -> list[str]:
    """What keeps a plan from being kept at all."""
    limits, known = shipped().limits, category(plan.kind, plan.category)
    least = max(1, PAIR if known.pair else 0)
    wrong = {
        "title": not plan.title.strip(),
        "place": not plan.place.strip(),
        "order": plan.ends_at <= plan.starts_at,
        "long": plan.ends_at - plan.starts_at > limits.longest,
        "past": plan.ends_at <= now,
        "far": plan.starts_at > now + limits.furthest,
        "places": not least <= plan.places_max <= limits.most_places,
        "least": not 0 <= plan.places_min <= max(plan.places_max, 0),
        "family": plan.with_family and not known.family,
    }
    return [name for name, is_wrong in wrong.items() if is_wrong]


def opening_refused(occasion: Occasion, now: datetime) -> str | None:
    """Why it may not be opened for joining yet (VO-06)."""
    if occasion.state != "draft":
        return occasion.state
    if occasion.rules.insured and occasion.kind == "shift" and occasion.insured_at is None:
        return "insurance"
    return "begun" if now >= occasion.ends_at else None


# --- clocks -----------------------------------------------------------------------------------------------------------
def day_reminder(starts_at: datetime) -> datetime:
    """The evening before."""
    clocks, here = shipped().clocks, starts_at.astimezone(CHINA)
    return datetime.combine(here.date() - timedelta(days=clocks.day_before), clocks.day_before_at, CHINA)


def soon_reminder(starts_at: datetime) -> datetime:
    """Shortly before; of what starts early, not before people are up, yet never after it has begun."""
    clocks = shipped().clocks
    here = (starts_at - clocks.soon).astimezone(CHINA)
    earliest = datetime.combine(here.date(), clocks.soon_not_before, CHINA)
    return min(max(here, earliest), starts_at)


def may_check_in(occasion: Occasion, now: datetime) -> bool:
    return occasion.starts_at - shipped().clocks.check_in <= now < occasion.ends_at


def is_late(occasion: Occasion, now: datetime) -> bool:
    """So near that whoever is told of a change must hear it at once."""
    return now >= occasion.starts_at - shipped().clocks.late


def served(occasion: Occasion, came: datetime | None, left: datetime | None) -> tuple[datetime, datetime]:
    """The span that is proposed to the organiser: what was planned, less what was missed (VO-08).

    Somebody early serves from the start on; a forgotten check-out is the planned end.
    """
    start = max(came or occasion.starts_at, occasion.starts_at)
    end = left or occasion.ends_at
    return (start, end) if start < end else (start, start)
