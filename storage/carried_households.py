"""The register of households as a sheet: who lives where, as the housing authority says (S-12).

It knows of nobody's chats. Only ``storage.register`` ties a line of it to a resident, by a colleague who has made sure.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, func, select

from knowledge.sheets import Change, Choice, Finding, Record, shipped
from storage.carrying import Asked, Carrier, Lists, Rows, only_gone, only_new
from storage.tables import buildings, flats, household_people
from storage.transaction import Tx

FIELDS = ("building", "unit", "room", "name", "role", "phone")
KEYS = ("building", "unit", "room", "name")
_people = household_people.c


def lists(tx: Tx, community_id: int | None) -> Lists:
    query = select(buildings.c.name).where(buildings.c.community_id == community_id, buildings.c.retired_at.is_(None))
    names = [str(name) for (name,) in tx.tuples(query.order_by(func.length(buildings.c.name), buildings.c.name))]
    return {"buildings": [Choice(name, name, name) for name in names]}


def current(tx: Tx, community_id: int | None) -> dict[str, Record]:
    order = [*(one for name in ("building", "unit", "room") for one in (func.length(_people[name]), _people[name]))]
    query = select(*(_people[name] for name in FIELDS)).where(_people.community_id == community_id)
    sheet = shipped()["households"]
    rows = (dict(zip(FIELDS, row, strict=True)) for row in tx.tuples(query.order_by(*order, _people.id)))
    return {sheet.key_of(row): row | {"phone": row["phone"] or ""} for row in rows}


def misfits(tx: Tx, asked: Asked, rows: Rows) -> list[Finding]:
    """A building or a door there is not; where a building's doors are not known, any will do."""
    doors = _doors(tx, asked.community_id)
    found = []
    for number, row in rows.values():
        known = doors.get(row["building"])
        if known is None:
            found.append(Finding(number, "building", "no_building", row["building"]))
        elif known and (row["unit"], _bare(row["room"])) not in known:
            found.append(Finding(number, "room", "no_flat", f"{row['building']}-{row['unit']}-{row['room']}"))
    return found


def _doors(tx: Tx, community_id: int | None) -> dict[str, set[tuple[str, str]]]:
    query = select(buildings.c.name, flats.c.unit, flats.c.room)
    standing = and_(flats.c.building_id == buildings.c.id, flats.c.retired_at.is_(None))
    query = query.outerjoin(flats, standing).where(buildings.c.community_id == community_id)
    query = query.where(buildings.c.retired_at.is_(None))
    found: dict[str, set[tuple[str, str]]] = {}
    for name, unit, room in tx.tuples(query):
        doors = found.setdefault(str(name), set())
        if room is not None:
            doors.add((str(unit), _bare(str(room))))
    return found


def _bare(room: str) -> str:
    """0701 and 701 are one door."""
    return room.lstrip("0")


def apply(tx: Tx, community_id: int | None, changes: Sequence[Change], *, by: int, import_id: int | None) -> None:
    here = {"community_id": community_id}
    if gone := [_where(row) for row in only_gone(changes)]:
        tx.execute(household_people.delete().where(_this(community_id)), gone)
    if new := [_values(row) | here | {"import_id": import_id, "entered_at": tx.now} for row in only_new(changes)]:
        tx.execute(household_people.insert(), new)
    changed = [one.after for one in changes if one.before is not None and one.after is not None]
    if changed:
        what: dict[str, Any] = {"role": bindparam("new_role"), "phone": bindparam("new_phone"), "import_id": import_id}
        told = [{"new_role": row["role"], "new_phone": row["phone"] or None} | _where(row) for row in changed]
        tx.execute(household_people.update().where(_this(community_id)).values(what), told)


def _this(community_id: int | None) -> Any:
    return and_(_people.community_id == community_id, *(_people[name] == bindparam(f"key_{name}") for name in KEYS))


def _where(row: Record) -> dict[str, Any]:
    return {f"key_{name}": row[name] for name in KEYS}


def _values(row: Record) -> dict[str, Any]:
    return {name: row[name] or None for name in FIELDS}


def built_upon(tx: Tx, community_id: int | None, changes: Sequence[Change]) -> list[tuple[str, str]]:
    """Somebody was recognised in a line that would go."""
    sheet = shipped()["households"]
    query = select(*(_people[name] for name in KEYS))
    matched = tx.tuples(query.where(_people.community_id == community_id, _people.resident_id.is_not(None)))
    known = {sheet.key_of(dict(zip(KEYS, row, strict=True))) for row in matched}
    return [("recognised", key) for key in _new_keys(changes) if key in known]


def _new_keys(changes: Sequence[Change]) -> Iterable[str]:
    return (one.key for one in changes if one.before is None)


CARRIER = Carrier(of_community=True, lists=lists, current=current, misfits=misfits, apply=apply, built_upon=built_upon)
