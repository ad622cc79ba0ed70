"""Buildings, units (单元) and flats: entered in bulk, renamed, retired. A building's name means one building in the house.

Tickets, residents and everything else know their building by its name: renamed, all of them are, in the same transaction.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import RowMapping, Table, func, select, text

from knowledge import building_plan
from knowledge.building_plan import Plan
from storage import estates, staff, towns
from storage.access import NotThere
from storage.estates import Hangs, Taken
from storage.migrate import LOCK
from storage.tables import buildings, community_bodies, flats, metadata, notices
from storage.transaction import Tx

AT_ONCE = 5000


def names_taken(tx: Tx, names: Sequence[str]) -> list[str]:
    """Those of these names that some building of the house has, retired ones included."""
    found = {str(name) for (name,) in tx.tuples(select(buildings.c.name).where(buildings.c.name.in_(names)))}
    return [name for name in names if name in found]


def add(tx: Tx, community_id: int, plans: Sequence[Plan], *, by: int) -> int:
    """All of them with all their flats, or none: Taken names the first building there is already. The number of flats."""
    estates.manages(tx, by, community_id)
    if tx.connection.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})  # no two buildings of one name at once
    names = [name for plan in plans for name in plan.names]
    if taken := names_taken(tx, names):
        raise Taken("、".join(taken[:8]))
    made = 0
    for plan in plans:
        for name in plan.names:
            values = {"name": name, "floors": plan.floors, "units": plan.units}
            key = tx.insert(buildings, community_id=community_id, **values)
            made += _fill(tx, key, plan)
    staff.note(tx, by, "add_buildings", str(community_id), buildings=names[:200], flats=made)
    towns.changed(tx)
    return made


def _fill(tx: Tx, building_id: int, plan: Plan) -> int:
    rows = [
        {"building_id": building_id, "unit": unit, "floor": floor, "room": room}
        for unit, floor, room in building_plan.flats(plan)
    ]
    for start in range(0, len(rows), AT_ONCE):
        tx.execute(flats.insert(), rows[start : start + AT_ONCE])
    return len(rows)


def of(tx: Tx, community_id: int) -> list[RowMapping]:
    """A community's buildings in the order people count them, those out of use last."""
    query = select(buildings).where(buildings.c.community_id == community_id)
    order = buildings.c.retired_at.is_not(None), func.length(buildings.c.name), buildings.c.name
    return list(tx.all(query.order_by(*order)))


def one(tx: Tx, building_id: int, community_id: int) -> RowMapping:
    """A building of this community; NotThere."""
    row = tx.first(select(buildings).where(buildings.c.id == building_id, buildings.c.community_id == community_id))
    if row is None:
        raise NotThere
    return row


def rename(tx: Tx, building_id: int, community_id: int, *, by: int, name: str) -> int:
    """Under its new name everywhere; how many lines had the old one. Taken."""
    estates.manages(tx, by, community_id)
    row = one(tx, building_id, community_id)
    if name == row["name"]:
        return 0
    if names_taken(tx, [name]):
        raise Taken(name)
    tx.execute(buildings.update().where(buildings.c.id == building_id).values(name=name))
    count = sum(_renamed(tx, table, str(row["name"]), name) for table in metadata.sorted_tables)
    count += sum(_renamed_among(tx, table, str(row["name"]), name) for table in (community_bodies, notices))
    staff.note(tx, by, "rename_building", str(building_id), old=row["name"], new=name, lines=count)
    towns.changed(tx)
    return count


def _renamed(tx: Tx, table: Table, old: str, new: str) -> int:
    if "building" not in table.c:
        return 0
    return tx.changed(table.update().where(table.c.building == old).values(building=new))


def _renamed_among(tx: Tx, table: Table, old: str, new: str) -> int:
    """In lists of buildings."""
    rows = [row for row in tx.all(select(table.c.id, table.c.buildings)) if old in (row["buildings"] or ())]
    for row in rows:
        named = [new if name == old else name for name in row["buildings"]]
        tx.execute(table.update().where(table.c.id == row["id"]).values(buildings=named))
    return len(rows)


def retire(tx: Tx, building_id: int, community_id: int, *, by: int) -> bool:
    """Gone where nothing ever hung on it (True); else out of use, and kept. Hangs while tickets are open there."""
    estates.manages(tx, by, community_id)
    row = one(tx, building_id, community_id)
    found = estates.hanging_on_building(tx, str(row["name"]))
    if "tickets" in found:
        raise Hangs({"tickets": found["tickets"]})
    mine = buildings.c.id == building_id
    if not found:
        tx.execute(flats.delete().where(flats.c.building_id == building_id))
        tx.execute(buildings.delete().where(mine))
    else:
        tx.execute(buildings.update().where(mine).values(retired_at=tx.now))
    staff.note(tx, by, "retire_building", str(building_id), name=row["name"], gone=not found)
    towns.changed(tx)
    return not found


def back(tx: Tx, building_id: int, community_id: int, *, by: int) -> None:
    """In use again."""
    estates.manages(tx, by, community_id)
    one(tx, building_id, community_id)
    tx.execute(buildings.update().where(buildings.c.id == building_id).values(retired_at=None))
    staff.note(tx, by, "building_back", str(building_id))
    towns.changed(tx)


# --- units and flats --------------------------------------------------------------------------------------------------
def flats_in(tx: Tx, building_id: int, unit: str) -> list[RowMapping]:
    """Of one unit, retired ones too, from the top down."""
    mine = (flats.c.building_id == building_id) & (flats.c.unit == unit)
    query = select(flats).where(mine).order_by(flats.c.floor.desc(), func.length(flats.c.room), flats.c.room)
    return list(tx.all(query))


def rename_unit(tx: Tx, building_id: int, community_id: int, *, by: int, old: str, new: str) -> None:
    """ValueError for no name; Taken where it has such a unit; NotThere where it has none of the old name."""
    estates.manages(tx, by, community_id)
    one(tx, building_id, community_id)
    if not 0 < len(new) <= 8:
        raise ValueError("no name")
    here = flats.c.building_id == building_id
    if new != old and tx.scalar(select(func.count()).select_from(flats).where(here, flats.c.unit == new)):
        raise Taken(new)
    if not tx.changed(flats.update().where(here, flats.c.unit == old).values(unit=new)):
        raise NotThere
    staff.note(tx, by, "rename_unit", str(building_id), old=old, new=new)
    towns.changed(tx)


def add_flat(tx: Tx, building_id: int, community_id: int, *, by: int, unit: str, floor: int, room: str) -> None:
    """One more, or one that was retired again. ValueError for what is no unit or room."""
    estates.manages(tx, by, community_id)
    one(tx, building_id, community_id)
    if not (0 < len(unit) <= 8 and 0 < len(room) <= 8 and -9 <= floor <= 99):
        raise ValueError("no flat")
    same = (flats.c.building_id == building_id) & (flats.c.unit == unit) & (flats.c.room == room)
    if not tx.changed(flats.update().where(same).values(retired_at=None, floor=floor)):
        tx.insert(flats, building_id=building_id, unit=unit, floor=floor, room=room)
    _units_counted(tx, building_id)
    staff.note(tx, by, "add_flat", str(building_id), unit=unit, room=room)
    towns.changed(tx)


def retire_flats(tx: Tx, building_id: int, community_id: int, *, by: int, unit: str, room: str | None = None) -> int:
    """One flat out of use, or a whole unit; how many. NotThere where there is none."""
    estates.manages(tx, by, community_id)
    one(tx, building_id, community_id)
    these = (flats.c.building_id == building_id) & (flats.c.unit == unit) & flats.c.retired_at.is_(None)
    count = tx.changed(
        flats.update().where(these if room is None else these & (flats.c.room == room)).values(retired_at=tx.now)
    )
    if not count:
        raise NotThere
    _units_counted(tx, building_id)
    staff.note(tx, by, "retire_flats", str(building_id), unit=unit, room=room, flats=count)
    towns.changed(tx)
    return count


def _units_counted(tx: Tx, building_id: int) -> None:
    living = (flats.c.building_id == building_id) & flats.c.retired_at.is_(None)
    count = int(tx.scalar(select(func.count(func.distinct(flats.c.unit))).where(living)))
    tx.execute(buildings.update().where(buildings.c.id == building_id).values(units=max(count, 1)))
