"""Buildings and flats as a sheet: one door a row. A building is there as soon as one of its doors is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, select

from knowledge.sheets import Change, Finding, Record
from storage import staff
from storage.carrying import Asked, Carrier, Lists, Rows, only_gone, only_new
from storage.tables import buildings, flats, household_people
from storage.transaction import Tx

KEYS = ("building", "unit", "room")
AT_ONCE = 500


def lists(tx: Tx, community_id: int | None) -> Lists:
    return {}


def current(tx: Tx, community_id: int | None) -> dict[str, Record]:
    columns = (buildings.c.name, flats.c.unit, flats.c.room, flats.c.floor)
    order = (func.length(buildings.c.name), buildings.c.name, func.length(flats.c.unit), flats.c.unit, flats.c.floor)
    query = select(*columns).join(buildings, buildings.c.id == flats.c.building_id).where(_here(community_id))
    query = query.where(flats.c.retired_at.is_(None), buildings.c.retired_at.is_(None))
    rows = tx.tuples(query.order_by(*order, flats.c.room))
    return {f"{b} {u} {r}": {"building": b, "unit": u, "room": r, "floor": str(floor)} for b, u, r, floor in rows}


def _here(community_id: int | None) -> ColumnElement[bool]:
    return buildings.c.community_id == community_id


def misfits(tx: Tx, asked: Asked, rows: Rows) -> list[Finding]:
    """A door somebody lives behind does not go."""
    if not asked.whole:
        return []
    gone = current(tx, asked.community_id).keys() - rows.keys()
    return [
        Finding(0, "", "lived_in", key.replace(" ", "-")) for key in sorted(gone & _lived_in(tx, asked.community_id))
    ]


def _lived_in(tx: Tx, community_id: int | None) -> set[str]:
    columns = (household_people.c[name] for name in KEYS)
    rows = tx.tuples(select(*columns).where(household_people.c.community_id == community_id).distinct())
    return {" ".join(row) for row in rows}


def apply(tx: Tx, community_id: int | None, changes: Sequence[Change], *, by: int, import_id: int | None) -> None:
    after = {one.key: one.after for one in changes if one.after is not None}
    known = _buildings(tx, community_id, {row["building"] for row in after.values()})
    here = _ids(tx, community_id, known)
    _set(tx, [here[_key(row)] for row in only_gone(changes)], retired_at=tx.now)
    again = [row for row in only_new(changes) if _key(row) in here]
    _set(tx, [here[_key(row)] for row in again], retired_at=None)
    new = [_values(row, known) for row in only_new(changes) if _key(row) not in here]
    if new:
        tx.execute(flats.insert(), new)
    moved = [one.after for one in changes if one.before is not None and one.after is not None]
    for row in (*moved, *again):
        tx.execute(flats.update().where(flats.c.id == here[_key(row)]).values(floor=int(row["floor"])))
    _measure(tx, community_id)
    staff.note(tx, by, "import_flats", str(community_id), rows=len(changes))


def _key(row: Record) -> str:
    return " ".join(row[name] for name in KEYS)


def _values(row: Record, known: Mapping[str, int]) -> dict[str, Any]:
    return {
        "building_id": known[row["building"]],
        "unit": row["unit"],
        "room": row["room"],
        "floor": int(row["floor"]),
    }


def _buildings(tx: Tx, community_id: int | None, named: set[str]) -> dict[str, int]:
    """Those there are, the retired among them again, and those that begin with this."""
    back = _here(community_id) & buildings.c.name.in_(named)
    tx.execute(buildings.update().where(back).values(retired_at=None))
    query = select(buildings.c.name, buildings.c.id).where(_here(community_id))
    found = {str(name): int(key) for name, key in tx.tuples(query)}
    for name in sorted(named - found.keys()):
        found[name] = tx.insert(buildings, community_id=community_id, name=name, floors=1, units=1)
    return found


def _ids(tx: Tx, community_id: int | None, known: Mapping[str, int]) -> dict[str, int]:
    names = {key: name for name, key in known.items()}
    query = select(flats.c.id, flats.c.building_id, flats.c.unit, flats.c.room).join(
        buildings, buildings.c.id == flats.c.building_id
    )
    rows = tx.tuples(query.where(_here(community_id)))
    return {f"{names[building]} {unit} {room}": int(key) for key, building, unit, room in rows}


def _set(tx: Tx, ids: Sequence[int], **values: Any) -> None:
    for begin in range(0, len(ids), AT_ONCE):
        tx.execute(flats.update().where(flats.c.id.in_(ids[begin : begin + AT_ONCE])).values(values))


def _measure(tx: Tx, community_id: int | None) -> None:
    """How high a building is, and how many units it has, is what its doors say."""
    counted = (func.max(flats.c.floor), func.count(flats.c.unit.distinct()))
    query = select(flats.c.building_id, *counted).join(buildings, buildings.c.id == flats.c.building_id)
    query = query.where(_here(community_id), flats.c.retired_at.is_(None))
    for key, floors, units in tx.tuples(query.group_by(flats.c.building_id)):
        size = {"floors": max(int(floors), 1), "units": int(units)}
        tx.execute(buildings.update().where(buildings.c.id == key).values(size))


def built_upon(tx: Tx, community_id: int | None, changes: Sequence[Change]) -> list[tuple[str, str]]:
    """Somebody lives behind a door that would go."""
    lived_in = _lived_in(tx, community_id)
    return [("lived_in", one.key) for one in changes if one.before is None and one.key in lived_in]


CARRIER = Carrier(of_community=True, lists=lists, current=current, misfits=misfits, apply=apply, built_upon=built_upon)
