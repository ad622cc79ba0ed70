"""What the notice says a community should have, beside what this one has: a line each, with the clause.

Nothing here is refused or enforced; what is unknown is said to be unknown, never taken for a lack.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from knowledge.notice import Notice
from knowledge.profile import Profile
from knowledge.values import USUAL_SIZE, rooms_needed

Verdict = Literal["met", "short", "note", "unknown"]
LAW = "LAW-NEW"
"""The range of households stands in the law of 2026, not in the notice, which gives none (一(一))."""


@dataclass(frozen=True, slots=True)
class Norm:
    """One line, named by the text ``estates.norm_<name>``. ``missing``: buildings nobody looks after."""

    name: str
    clause: str
    verdict: Verdict
    should: str
    has: str
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Present:
    """What has been entered of a community beside its profile: lines by kind, and buildings that have no head."""

    bodies: Mapping[str, int]
    headless: tuple[str, ...]


def norms(profile: Profile, present: Present, notice: Notice) -> Iterator[Norm]:
    yield _size(profile)
    yield _status(profile)
    yield _members(profile, present, notice)
    yield _supervision(present)
    yield _sub_committees(present)
    yield _heads(profile, present)
    yield from _rooms(profile, notice)


def _size(profile: Profile) -> Norm:
    least, most = USUAL_SIZE
    households, should = profile.households, f"{least:,}–{most:,}"
    if households is None:
        return Norm("size", LAW, "unknown", should, "")
    return Norm("size", LAW, "met" if least <= households <= most else "note", should, f"{households:,}")


def _status(profile: Profile) -> Norm:
    done = profile.status == "established"
    since = profile.established_on.isoformat() if profile.established_on else ""
    return Norm("status", "一(二)", "met" if done else "note", "", since if done else "")


def _members(profile: Profile, present: Present, notice: Notice) -> Norm:
    least, most = notice.figure("committee_members").values
    count = present.bodies.get("committee") or profile.committee_members
    should = f"{least}–{most}"
    if count is None:
        return Norm("members", "三(一)", "unknown", should, "")
    return Norm("members", "三(一)", "met" if least <= count <= most else "short", should, str(count))


def _supervision(present: Present) -> Norm:
    count = present.bodies.get("supervision", 0)
    return Norm("supervision", "一(四)", "met" if count else "unknown", "", str(count or ""))


def _sub_committees(present: Present) -> Norm:
    count = present.bodies.get("sub_committee", 0)
    verdict: Verdict = "met" if count >= 4 else "short" if count else "unknown"
    return Norm("sub_committees", "一(四)", verdict, "4", str(count or ""))


def _heads(profile: Profile, present: Present) -> Norm:
    """One for every building; where none has been entered by name, by the number that was."""
    buildings = len(profile.buildings)
    should = f"{buildings:,}" if buildings else ""
    count = present.bodies.get("head", 0)
    if not count and profile.building_heads is None:
        return Norm("heads", "一(四)", "unknown", should, "")
    short = bool(present.headless) if count else (profile.building_heads or 0) < buildings
    missing = present.headless if count else ()
    return Norm("heads", "一(四)", "short" if short else "met", should, str(count or profile.building_heads), missing)


def _rooms(profile: Profile, notice: Notice) -> Iterator[Norm]:
    should = "" if profile.households is None else f"{rooms_needed(profile.households, notice)[1]:,}"
    if profile.office is None or not should:
        yield Norm("rooms", "二(一)", "unknown", should, f"{profile.office.area_m2:,}" if profile.office else "")
    else:
        enough = profile.office.area_m2 >= rooms_needed(profile.households or 0, notice)[1]
        yield Norm("rooms", "二(一)", "met" if enough else "short", should, f"{profile.office.area_m2:,}")
    if profile.office and profile.office.floors:
        low = set(profile.office.floors) <= {1, 2}
        yield Norm("floors", "二(一)", "met" if low else "short", "1–2", "、".join(map(str, profile.office.floors)))
