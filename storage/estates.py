"""Estates and communities: begun, named, told about, split, retired. Each change is in the audit and reaches every process.

Nothing is deleted that something hangs on: it is retired, and what hangs on it is said first.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, func, select

from storage import staff, topics, towns, within
from storage.access import NotThere, member_for
from storage.tables import (
    buildings,
    communities,
    disclosure_items,
    estates,
    flats,
    notices,
    occasions,
    residents,
    staff_scopes,
    tickets,
    work_groups,
)
from storage.tickets import OPEN
from storage.transaction import Tx

LONGEST_NAME = 40


class Taken(ValueError):
    """Something is called so already."""


class Meanwhile(Exception):
    """Somebody else changed it since it was looked at."""


class Hangs(Exception):
    """It cannot go: ``what`` hangs on it, by kind."""

    def __init__(self, what: Mapping[str, int]) -> None:
        super().__init__(str(what))
        self.what = what


@dataclass(frozen=True, slots=True)
class Community:
    """One line of the tree."""

    row: RowMapping
    buildings: int
    flats: int
    first: bool

    @property
    def id(self) -> int:
        return int(self.row["id"])

    def name(self, language: str) -> str:
        en = ((self.row["profile"] or {}).get("community") or {}).get("en")
        return str(self.row["name"] if language.startswith("zh") else en or self.row["name"])


@dataclass(frozen=True, slots=True)
class Estate:
    """An estate with those of its communities somebody may see; ``id`` None: communities of no estate yet."""

    id: int | None
    name: str
    name_en: str
    communities: list[Community]


def everywhere(tx: Tx, staff_id: int) -> bool:
    """Whether they are responsible for the whole house: only such a member begins or names what is nobody's yet."""
    return bool(tx.scalar(select(within.unlimited(staff_id))))


def manages(tx: Tx, staff_id: int, community_id: int | None = None) -> None:
    """MayNot for a role that changes no community; NotThere for a community that is not theirs, or, where none is named,
    for whoever is not responsible for the whole house."""
    member_for(tx, staff_id, "community", "act")
    if community_id is None:
        if not everywhere(tx, staff_id):
            raise NotThere
    elif tx.scalar(select(communities.c.id).where(communities.c.id == community_id, of(staff_id))) is None:
        raise NotThere


def of(staff_id: int) -> ColumnElement[bool]:
    """True of the communities this member is responsible for, whole or in part."""
    return within.community_within(communities.c.id, staff_id)


def tree(tx: Tx, staff_id: int, *, retired: bool = False) -> list[Estate]:
    """Everything this member may see of it, in the order it was begun."""
    query = select(communities).where(of(staff_id)).order_by(communities.c.id)
    rows = tx.all(query if retired else query.where(communities.c.retired_at.is_(None)))
    counts, first = _counts(tx), tx.scalar(select(func.min(communities.c.id)))
    lines = [Community(row, *counts.get(int(row["id"]), (0, 0)), first=row["id"] == first) for row in rows]
    named = tx.all(select(estates).where(estates.c.retired_at.is_(None)).order_by(estates.c.id))
    empty = everywhere(tx, staff_id)
    found = [Estate(int(row["id"]), row["name"], row["name_en"] or row["name"], _in(lines, row["id"])) for row in named]
    loose = Estate(None, "", "", _in(lines, None))
    return [estate for estate in (*found, loose) if estate.communities or (empty and estate.id is not None)]


def _in(lines: Sequence[Community], estate_id: int | None) -> list[Community]:
    return [line for line in lines if line.row["estate_id"] == estate_id]


def _counts(tx: Tx) -> dict[int, tuple[int, int]]:
    found = towns.buildings_by_community(tx)
    return {key: (len(held), sum(one.flats for one in held)) for key, held in found.items()}


# --- estates ----------------------------------------------------------------------------------------------------------
def add_estate(tx: Tx, *, by: int, name: str, name_en: str = "") -> int:
    """ValueError for no name; Taken."""
    manages(tx, by)
    _free(tx, estates, name)
    made = tx.insert(estates, name=name, name_en=name_en or None, made_at=tx.now, made_by=by)
    staff.note(tx, by, "add_estate", str(made), name=name)
    towns.changed(tx)
    return made


def rename_estate(tx: Tx, estate_id: int, *, by: int, name: str, name_en: str = "") -> None:
    manages(tx, by)
    _free(tx, estates, name, but=estate_id)
    row = estates.update().where(estates.c.id == estate_id).values(name=name, name_en=name_en or None)
    if not tx.changed(row):
        raise NotThere
    staff.note(tx, by, "rename_estate", str(estate_id), name=name)
    towns.changed(tx)


def retire_estate(tx: Tx, estate_id: int, *, by: int) -> None:
    """Hangs while it has communities."""
    manages(tx, by)
    living = (communities.c.estate_id == estate_id) & communities.c.retired_at.is_(None)
    if count := int(tx.scalar(select(func.count()).select_from(communities).where(living))):
        raise Hangs({"communities": count})
    tx.execute(estates.update().where(estates.c.id == estate_id).values(retired_at=tx.now))
    staff.note(tx, by, "retire_estate", str(estate_id))
    towns.changed(tx)


def _free(tx: Tx, table: Any, name: str, *, but: int | None = None) -> None:
    if not 0 < len(name) <= LONGEST_NAME:
        raise ValueError("no name")
    same = (table.c.name == name) & table.c.retired_at.is_(None)
    if tx.scalar(select(table.c.id).where(same if but is None else same & (table.c.id != but))) is not None:
        raise Taken(name)


# --- communities ------------------------------------------------------------------------------------------------------
def add_community(tx: Tx, *, by: int, estate_id: int, name: str, name_en: str = "") -> int:
    """ValueError for no name; Taken; NotThere for no such estate."""
    manages(tx, by)
    living = (estates.c.id == estate_id) & estates.c.retired_at.is_(None)
    if tx.scalar(select(estates.c.id).where(living)) is None:
        raise NotThere
    return _begin(tx, by=by, estate_id=estate_id, name=name, name_en=name_en)


def _begin(tx: Tx, *, by: int, estate_id: int | None, name: str, name_en: str) -> int:
    _free(tx, communities, name)
    told = {"community": {"zh": name, "en": name_en or name}, "status": "preparing"}
    made = tx.insert(communities, name=name, profile=told, created_at=tx.now, estate_id=estate_id)
    staff.note(tx, by, "add_community", str(made), name=name)
    towns.changed(tx)
    return made


def row_of(tx: Tx, community_id: int) -> tuple[RowMapping, bool]:
    """A community as it is kept, and whether it is the office's own; NotThere."""
    row = tx.first(select(communities).where(communities.c.id == community_id))
    if row is None:
        raise NotThere
    return row, community_id == tx.scalar(select(func.min(communities.c.id)))


def mark(row: RowMapping) -> str:
    """Changes whenever what is known of a community does: what a form stands on."""
    return f"{zlib.crc32(json.dumps([row['name'], row['profile']], sort_keys=True).encode()):x}"


def tell(tx: Tx, community_id: int, facts: Mapping[str, Any], *, by: int, seen: str = "") -> None:
    """What is known of it (``knowledge.towns.kept``), names included; what is not named stays.

    Meanwhile where it is no more as it was ``seen`` (``mark``).
    """
    manages(tx, by, community_id)
    row = tx.first(select(communities).where(communities.c.id == community_id).with_for_update())
    assert row is not None
    if seen and seen != mark(row):
        raise Meanwhile
    told = {**(row["profile"] or {}), **facts}
    name = str((told.get("community") or {}).get("zh") or row["name"])
    _free(tx, communities, name, but=community_id)
    tx.execute(communities.update().where(communities.c.id == community_id).values(name=name, profile=told))
    changed = sorted(key for key in facts if facts[key] != (row["profile"] or {}).get(key))
    staff.note(tx, by, "tell_community", str(community_id), changed=changed, status=told.get("status"))
    towns.changed(tx)


def split(tx: Tx, community_id: int, *, by: int, name: str, name_en: str, moved: Collection[int]) -> int:
    """A new community of the same estate, with these buildings of it: tickets and residents go with their building, and
    whoever was responsible for one of them stays so. ValueError where nothing would go, or nothing would stay."""
    manages(tx, by)
    manages(tx, by, community_id)
    ours = (buildings.c.community_id == community_id) & buildings.c.retired_at.is_(None)
    have = {int(key) for (key,) in tx.tuples(select(buildings.c.id).where(ours))}
    if not set(moved) <= have:
        raise NotThere
    if not moved or len(moved) == len(have):
        raise ValueError("nothing goes, or nothing stays")
    estate = tx.scalar(select(communities.c.estate_id).where(communities.c.id == community_id))
    made = _begin(tx, by=by, estate_id=estate, name=name, name_en=name_en)
    tx.execute(buildings.update().where(buildings.c.id.in_(moved)).values(community_id=made))
    names = select(buildings.c.name).where(buildings.c.id.in_(moved))
    for (ticket_id,) in tx.tuples(select(tickets.c.id).where(tickets.c.building.in_(names), tickets.c.state.in_(OPEN))):
        topics.go_home(tx, int(ticket_id))
    staff.note(tx, by, "split_community", str(community_id), into=made, buildings=len(moved))
    return made


def hanging(tx: Tx, community_id: int) -> dict[str, int]:
    """What hangs on a community, by kind; nothing that is nought."""
    ours = (buildings.c.community_id == community_id) & buildings.c.retired_at.is_(None)
    counted = {
        "buildings": select(func.count()).select_from(buildings).where(ours),
        "tickets": select(func.count())
        .select_from(tickets)
        .where(tickets.c.community_id == community_id, tickets.c.state.in_(OPEN)),
        "staff": select(func.count(func.distinct(staff_scopes.c.staff_id))).where(
            staff_scopes.c.community_id == community_id
        ),
        "groups": select(func.count()).select_from(work_groups).where(work_groups.c.community_id == community_id),
        "occasions": select(func.count()).select_from(occasions).where(occasions.c.community_id == community_id),
        "disclosures": select(func.count())
        .select_from(disclosure_items)
        .where(disclosure_items.c.community_id == community_id),
        "notices": select(func.count()).select_from(notices).where(notices.c.community_id == community_id),
    }
    found = {kind: int(tx.scalar(query)) for kind, query in counted.items()}
    return {kind: count for kind, count in found.items() if count}


STOPS = ("buildings", "tickets", "staff", "groups")
"""While one of these hangs on a community it stays; the rest stays readable after it is retired."""


def retire(tx: Tx, community_id: int, *, by: int) -> None:
    """Hangs: it has buildings, open tickets, people or a staff group, or is the first, to whom belongs what names none."""
    manages(tx, by)
    manages(tx, by, community_id)
    if community_id == tx.scalar(select(func.min(communities.c.id))):
        raise Hangs({"first": 1})
    if found := {kind: count for kind, count in hanging(tx, community_id).items() if kind in STOPS}:
        raise Hangs(found)
    tx.execute(communities.update().where(communities.c.id == community_id).values(retired_at=tx.now))
    staff.note(tx, by, "retire_community", str(community_id))
    towns.changed(tx)


def hanging_on_building(tx: Tx, name: str) -> dict[str, int]:
    """What hangs on a building of this name."""
    open_ones = (tickets.c.building == name) & tickets.c.state.in_(OPEN)
    held = select(buildings.c.id).where(buildings.c.name == name)
    counted = {
        "residents": select(func.count()).select_from(residents).where(residents.c.building == name),
        "tickets": select(func.count()).select_from(tickets).where(open_ones),
        "staff": select(func.count(func.distinct(staff_scopes.c.staff_id))).where(staff_scopes.c.building_id.in_(held)),
        "history": select(func.count()).select_from(tickets).where(tickets.c.building == name, ~open_ones),
    }
    found = {kind: int(tx.scalar(query)) for kind, query in counted.items()}
    return {kind: count for kind, count in found.items() if count}


def flats_of(tx: Tx, building_id: int) -> list[tuple[str, int, int, int]]:
    """Unit, flats, lowest and highest floor, of those in use."""
    mine = (flats.c.building_id == building_id) & flats.c.retired_at.is_(None)
    query = select(flats.c.unit, func.count(), func.min(flats.c.floor), func.max(flats.c.floor)).where(mine)
    return [
        tuple(row) for row in tx.tuples(query.group_by(flats.c.unit).order_by(func.length(flats.c.unit), flats.c.unit))
    ]
