"""Who may serve, and who fits: pure rules of volunteering (VO-01, VO-05).

Nobody is ranked by hours served, and nobody is assigned: who fits is asked, and a no is as good as a yes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from knowledge.calendar import CHINA
from knowledge.sign_up import Window, is_minor
from knowledge.volunteer_data import Part, shipped

WhyNot = Literal["unknown", "left", "paused", "guardian", "too_young"]
LEAST: Mapping[str, int] = {"under14": 0, "under18": 14, "adult": 18, "senior": 60}
"""The age somebody of a group has at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Volunteer:
    """Somebody who offered their time; ``reach`` are buildings, empty for the whole estate."""

    id: int
    number: str
    resident_id: int
    chat_id: int
    name: str | None
    phone: str | None
    building: str | None
    categories: tuple[str, ...]
    skills: str
    times: tuple[Window, ...]
    reach: tuple[str, ...]
    age: str | None
    state: str
    paused_until: datetime | None
    guardian_name: str | None
    guardian_phone: str | None
    guardian_yes_at: datetime | None
    guardian_via: str | None
    joined_at: datetime
    asked_at: datetime | None
    revision: int

    @property
    def is_minor(self) -> bool:
        return is_minor(self.age)

    @property
    def waits_for_guardian(self) -> bool:
        return self.is_minor and self.guardian_yes_at is None


class Needs(Protocol):
    """What an occasion's kind asks of whoever comes (knowledge.occasions.Category)."""

    @property
    def least_age(self) -> int: ...


class Shift(Protocol):
    """An occasion, as far as these rules look at it (knowledge.occasions.Occasion)."""

    @property
    def category(self) -> str: ...
    @property
    def building(self) -> str | None: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def rules(self) -> Needs: ...


def may_serve(volunteer: Volunteer | None, occasion: Shift) -> WhyNot | None:
    """None when they may; else why not: no record, left, paused, a guardian's yes is missing, too young for this."""
    if volunteer is None:
        return "unknown"
    if volunteer.state == "left":
        return "left"
    if volunteer.waits_for_guardian:
        return "guardian"
    if volunteer.is_minor and LEAST[str(volunteer.age)] < occasion.rules.least_age:
        return "too_young"
    if volunteer.state == "paused" and not (volunteer.paused_until and volunteer.paused_until <= occasion.starts_at):
        return "paused"
    return None


@dataclass(frozen=True, slots=True)
class Fit:
    """How well somebody fits: points, and the reasons for them by name."""

    volunteer: Volunteer
    points: int
    reasons: tuple[str, ...]


def fit(volunteer: Volunteer, occasion: Shift, *, now: datetime) -> Fit:
    """Kind, time, nearness, and how long they have been left in peace. Hours served are no part of it."""
    worth, points, reasons = shipped().points, 0, []
    for name, value in (
        ("kind", worth.kind if occasion.category in volunteer.categories else 0),
        ("kind_open", worth.kind_open if not volunteer.categories else 0),
        ("time", worth.time if free_at(volunteer.times, occasion.starts_at, occasion.ends_at) else 0),
        ("time_unknown", worth.time_unknown if not volunteer.times else 0),
        ("near", worth.near if _near(volunteer, occasion) else 0),
        ("rested", _rested(volunteer.asked_at, now)),
    ):
        if value:
            points += value
            reasons.append(name)
    return Fit(volunteer, points, tuple(reasons))


def _near(volunteer: Volunteer, occasion: Shift) -> bool:
    """The whole estate, or just the building it is in; somewhere without a building is near to everybody's."""
    return not volunteer.reach or occasion.building is None or occasion.building in volunteer.reach


def _rested(asked_at: datetime | None, now: datetime) -> int:
    rested = shipped().points.rested
    if asked_at is None:
        return rested[0][1]
    return next((points for days, points in rested if now - asked_at >= timedelta(days=days)), 0)


def ranked(volunteers: Iterable[Volunteer], occasion: Shift, *, now: datetime) -> list[Fit]:
    """Those who may serve, best first; of equals, whoever has waited longest to be asked."""
    able = [volunteer for volunteer in volunteers if may_serve(volunteer, occasion) is None]
    never = datetime.min.replace(tzinfo=now.tzinfo)
    found = [fit(volunteer, occasion, now=now) for volunteer in able]
    return sorted(found, key=lambda one: (-one.points, one.volunteer.asked_at or never, one.volunteer.id))


def free_at(times: Sequence[Window], start: datetime, end: datetime) -> bool:
    """One of the windows covers the beginning of the occasion, or most of it."""
    here, middle = start.astimezone(CHINA), (start + (end - start) / 2).astimezone(CHINA)
    return any(
        moment.weekday() in window.days and part_of(moment) in window.parts
        for window in times
        for moment in (here, middle)
    )


def part_of(moment: datetime) -> Part:
    return "am" if moment.hour < 12 else "pm" if moment.hour < 18 else "eve"


def send_at(now: datetime) -> datetime:
    """Now, or when the quiet hours end: whoever is asked to come is not woken."""
    return shipped().quiet.over_at(now)
