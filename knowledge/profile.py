"""The community an answer is about: its households, buildings, rooms and people, as the admin entered them.

What is left empty stays unknown (None) and is then left out of answers, never guessed. Nought households or residents,
before anybody has moved in, are unknown too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal, get_args

from knowledge.datafiles import DATA, Field, read
from knowledge.notice import Words, words

Status = Literal["preparing", "established"]
STATUSES: Mapping[str, Status] = {status: status for status in get_args(Status)}


_BODIES: Mapping[Status, tuple[str, str]] = {
    "preparing": ("居民委员会筹备小组", "Preparatory Group"),
    "established": ("居民委员会", "Residents' Committee"),
}


@dataclass(frozen=True, slots=True)
class Building:
    """One building; `flats` is the number of flats let or to let in it."""

    number: str
    units: int
    floors: int
    flats: int


@dataclass(frozen=True, slots=True)
class Office:
    """The community's rooms; `area_m2` usable square metres, `floors` counted from the level street."""

    area_m2: int
    floors: tuple[int, ...]
    address: Words
    hours: Words


@dataclass(frozen=True, slots=True)
class Profile:
    """One community (S-01: an estate may have several). Counts are persons, households or pieces."""

    estate: Words
    community: Words
    status: Status
    established_on: date | None
    households: int | None
    residents: int | None
    buildings: tuple[Building, ...]
    office: Office | None
    committee_members: int | None
    full_time_workers: int | None
    residents_groups: int | None
    building_heads: int | None
    grids: int | None
    posting_places: Words | None
    file_word: str = ""
    """The word before 人调字 in a mediation's number (ME-02)."""
    entered: bool = True
    """False of the one that stands in while no community has been entered."""

    @property
    def body(self) -> Words:
        """Who looks after it: the committee, or until it is elected the preparatory group (一(二))."""
        zh, en = _BODIES[self.status]
        return Words(f"{self.community.zh}{zh}", f"{self.community.en} {en}")

    @property
    def flats(self) -> int:
        return sum(building.flats for building in self.buildings)


def load_profile(path: Path | None = None) -> Profile:
    """The profile in `path`; without one, the invented demo community."""
    return _profile(read(path or DATA / "community.yaml"))


_COUNTS = ("committee_members", "full_time_workers", "residents_groups", "building_heads", "grids")


def _profile(root: Field) -> Profile:
    root.only(
        "estate", "community", "status", "buildings",
        optional=("established_on", "households", "residents", "office", "posting_places", "file_word", *_COUNTS),
    )  # fmt: skip
    founded, office, places = root.get("established_on"), root.get("office"), root.get("posting_places")
    word = root.get("file_word")
    counts: dict[str, Any] = {name: _count(root, name) for name in _COUNTS}
    profile = Profile(
        estate=words(root["estate"]),
        community=words(root["community"]),
        status=root["status"].choice(STATUSES),
        established_on=founded.day() if founded else None,
        households=_count(root, "households") or None,
        residents=_count(root, "residents") or None,
        buildings=_buildings(root["buildings"]),
        office=_office(office) if office else None,
        posting_places=words(places) if places else None,
        file_word=word.text() if word else words(root["community"]).zh[:1],
        **counts,
    )
    if (profile.households or 0) > profile.flats:
        root["households"].fail(f"{profile.households} households, but the buildings have {profile.flats} flats")
    return profile


def _count(root: Field, name: str) -> int | None:
    field = root.get(name)
    return field.integer(least=0) if field else None


def _buildings(field: Field) -> tuple[Building, ...]:
    found: dict[str, Building] = {}
    for item in field.items():
        building = _building(item)
        if building.number in found:
            item.fail(f"building {building.number} is given twice")
        found[building.number] = building
    return tuple(found.values())


def _building(item: Field) -> Building:
    item.only("number", "units", "floors", "flats")
    return Building(
        number=item["number"].text(),
        units=item["units"].integer(least=1),
        floors=item["floors"].integer(least=1),
        flats=item["flats"].integer(least=1),
    )


def _office(field: Field) -> Office:
    field.only("area_m2", "floors", "address", "hours")
    return Office(
        area_m2=field["area_m2"].integer(least=1),
        floors=tuple(floor.integer() for floor in field["floors"].items()),
        address=words(field["address"]),
        hours=words(field["hours"]),
    )
