"""The communities as they stand now, for whoever answers a resident: each with its own profile and hours.

A building belongs to one of them; what names no building, or one nobody knows, is of the office's own, the first. A process
holds one ``Towns`` for its whole life, and lets others stand in it as soon as an admin has changed something.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from knowledge.calendar import OFFICE, OfficeCalendar
from knowledge.notice import Words
from knowledge.profile import STATUSES, Building, Office, Profile

NAMELESS = Profile(
    estate=Words("本小区", "this estate"),
    community=Words("本社区", "this community"),
    status="preparing",
    established_on=None,
    households=None,
    residents=None,
    buildings=(),
    office=None,
    committee_members=None,
    full_time_workers=None,
    residents_groups=None,
    building_heads=None,
    grids=None,
    posting_places=None,
    file_word="调",
    entered=False,
)
"""What is known before anybody has entered a community: nothing, and so nothing of it is said."""

COUNTS: tuple[str, ...] = (
    *("households", "residents", "committee_members", "full_time_workers"),
    *("residents_groups", "building_heads", "grids"),
)


@dataclass(frozen=True, slots=True)
class Town:
    """One community; ``id`` is None where it comes from a file. ``office``: when its own office works."""

    id: int | None
    profile: Profile
    office: OfficeCalendar = OFFICE


class Towns:
    """May be handed around; what it says follows the desk."""

    def __init__(self, towns: Sequence[Town] = ()) -> None:
        self.stand(towns)

    def stand(self, towns: Sequence[Town], house: OfficeCalendar = OFFICE) -> None:
        """These are all there are from now on; the first is the office's own. ``house``: the hours before there is any."""
        self._all, self._house = tuple(towns), house
        pairs = [(building.number, town) for town in reversed(self._all) for building in town.profile.buildings]
        self._by_building = dict(pairs)

    @property
    def all(self) -> tuple[Town, ...]:
        return self._all

    @property
    def own(self) -> Town:
        return self._all[0] if self._all else Town(None, NAMELESS, self._house)

    def at(self, building: str | None) -> Town:
        """Whose this building is."""
        return self._by_building.get(building or "", self.own)

    def of(self, community_id: int | None) -> Town:
        return next((town for town in self._all if town.id == community_id), self.own)

    @property
    def buildings(self) -> tuple[Building, ...]:
        """Of every community, each name once."""
        found = {one.number: one for town in self._all for one in town.profile.buildings}
        return tuple(found.values())


def of_profile(profile: Profile) -> Towns:
    """One community, as a file describes it."""
    return Towns([Town(None, profile)])


def kept(profile: Profile) -> dict[str, Any]:
    """A profile as plain values; buildings have tables of their own."""
    values = asdict(profile)
    for name in ("buildings", "entered"):
        values.pop(name)
    values["established_on"] = profile.established_on.isoformat() if profile.established_on else None
    return values


def from_kept(values: Mapping[str, Any], *, name: str, estate: Words | None, buildings: Sequence[Building]) -> Profile:
    """The profile again. ``name``: the community's as it is called now; what is missing is unknown."""
    named = Words(name, str((values.get("community") or {}).get("en") or name))
    founded, status = values.get("established_on"), str(values.get("status", "preparing"))
    counts: dict[str, Any] = {count: values.get(count) or None for count in COUNTS}
    return Profile(
        estate=estate or _words(values.get("estate")) or NAMELESS.estate,
        community=named,
        status=STATUSES.get(status, "preparing"),
        established_on=date.fromisoformat(founded) if founded else None,
        buildings=tuple(buildings),
        office=_office(values.get("office")),
        posting_places=_words(values.get("posting_places")),
        file_word=str(values.get("file_word") or name[:1]),
        **counts,
    )


def _words(value: Mapping[str, Any] | None) -> Words | None:
    if not value or not value.get("zh"):
        return None
    return Words(str(value["zh"]), str(value.get("en") or value["zh"]))


def _office(value: Mapping[str, Any] | None) -> Office | None:
    """Only whole: square metres, floors, where and when."""
    address, hours = (_words((value or {}).get(part)) for part in ("address", "hours"))
    if not value or not value.get("area_m2") or address is None or hours is None:
        return None
    return Office(int(value["area_m2"]), tuple(map(int, value.get("floors") or ())), address, hours)
