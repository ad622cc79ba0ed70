"""The communities as they are kept, made into what answers a resident; a change wakes every process (``TOPIC``)."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import RowMapping, func, select

from knowledge.calendar import OfficeCalendar
from knowledge.notice import Words
from knowledge.profile import Building, Profile
from knowledge.towns import Town, from_kept
from storage import office_time
from storage.tables import buildings, communities, estates, flats
from storage.transaction import Tx

TOPIC = "communities"


def changed(tx: Tx) -> None:
    """Somebody changed a community, or what residents read: every process looks again."""
    tx.wake(TOPIC)
    tx.wake("desk")


def all_of(tx: Tx) -> list[Town]:
    """Every community that is not retired, the office's own first."""
    query = select(communities, estates.c.name.label("estate"), estates.c.name_en.label("estate_en"))
    query = query.outerjoin(estates, estates.c.id == communities.c.estate_id)
    rows = tx.all(query.where(communities.c.retired_at.is_(None)).order_by(communities.c.id))
    found = buildings_by_community(tx)
    return [_town(tx, row, found) for row in rows]


def _town(tx: Tx, row: RowMapping, found: Mapping[int, list[Building]]) -> Town:
    key = int(row["id"])
    return Town(key, _profile(row, found.get(key, [])), office(tx, key))


def named(tx: Tx) -> dict[int, Words]:
    """What the communities that are not retired are called, the office's own first."""
    query = select(communities.c.id, communities.c.name, communities.c.profile)
    rows = tx.tuples(query.where(communities.c.retired_at.is_(None)).order_by(communities.c.id))
    english = {key: ((profile or {}).get("community") or {}).get("en") for key, _, profile in rows}
    return {int(key): Words(str(name), str(english[key] or name)) for key, name, _ in rows}


def office(tx: Tx, community_id: int) -> OfficeCalendar:
    return office_time.office(tx, community_id)


def profile(tx: Tx, community_id: int) -> Profile:
    """LookupError where there is no such community."""
    query = select(communities, estates.c.name.label("estate"), estates.c.name_en.label("estate_en"))
    query = query.outerjoin(estates, estates.c.id == communities.c.estate_id)
    row = tx.first(query.where(communities.c.id == community_id))
    if row is None:
        raise LookupError(f"no community {community_id}")
    return _profile(row, buildings_by_community(tx).get(community_id, []))


def _profile(row: RowMapping, found: list[Building]) -> Profile:
    estate = Words(row["estate"], row["estate_en"] or row["estate"]) if row["estate"] else None
    return from_kept(row["profile"] or {}, name=str(row["name"]), estate=estate, buildings=found)


def buildings_by_community(tx: Tx) -> dict[int, list[Building]]:
    """With how many flats each has, in the order people count them."""
    held = func.count(flats.c.id)
    query = select(buildings.c.community_id, buildings.c.name, buildings.c.units, buildings.c.floors, held)
    living = (flats.c.building_id == buildings.c.id) & flats.c.retired_at.is_(None)
    query = query.outerjoin(flats, living).where(buildings.c.retired_at.is_(None)).group_by(buildings.c.id)
    found: dict[int, list[Building]] = {}
    for community, name, units, floors, count in tx.tuples(
        query.order_by(func.length(buildings.c.name), buildings.c.name)
    ):
        found.setdefault(int(community), []).append(Building(str(name), int(units), int(floors), int(count)))
    return found
