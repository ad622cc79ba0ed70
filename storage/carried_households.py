"""The register of households as a sheet: who lives where, as the housing authority says (S-12).

It knows of nobody's chats. Only ``storage.register`` ties a line of it to a resident, by a colleague who has made sure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, literal, or_, select, true

from knowledge.sheets import Choice, Finding, Record, shipped
from storage.carrying import ALL, FEW, Asked, Carrier, Lists, Reason, Rows
from storage.import_changes import KEY, Changes, insert_into, keys_of
from storage.tables import buildings, flats, household_people, import_rows
from storage.transaction import Tx

FIELDS = ("building", "unit", "room", "name", "role", "phone")
KEYS = ("building", "unit", "room", "name")
_people = household_people.c


def lists(tx: Tx, community_id: int | None) -> Lists:
    query = select(buildings.c.name).where(buildings.c.community_id == community_id, buildings.c.retired_at.is_(None))
    names = [str(name) for (name,) in tx.tuples(query.order_by(func.length(buildings.c.name), buildings.c.name))]
    return {"buildings": [Choice(name, name, name) for name in names]}


def parts(tx: Tx, community_id: int | None) -> dict[str, int]:
    """Building by building."""
    query = select(_people.building, func.count()).where(_people.community_id == community_id)
    query = query.group_by(_people.building).order_by(func.length(_people.building), _people.building)
    return {str(name): int(count) for name, count in tx.tuples(query)}


def current(tx: Tx, community_id: int | None, part: str = ALL) -> dict[str, Record]:
    order = [*(one for name in ("building", "unit", "room") for one in (func.length(_people[name]), _people[name]))]
    here = and_(_people.community_id == community_id, _people.building == part if part else true())
    query = select(*(_people[name] for name in FIELDS)).where(here)
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


def apply(tx: Tx, community_id: int | None, changes: Changes, *, by: int, import_id: int | None) -> int:
    brought = {"import_id": import_id}
    return (
        _take_out(tx, community_id, changes)
        + _change(tx, community_id, changes, brought)
        + _put_in(tx, changes, {"community_id": community_id, "entered_at": tx.now} | brought)
    )


def _take_out(tx: Tx, community_id: int | None, changes: Changes) -> int:
    going = select(_people.id).join(import_rows, _is_before(community_id, changes)).where(changes.gone(KEYS[0]))
    return tx.changed(household_people.delete().where(_people.id.in_(going)))


def _change(tx: Tx, community_id: int | None, changes: Changes, brought: Mapping[str, Any]) -> int:
    these = household_people.update().where(changes.changed(KEYS[0]), _is_before(community_id, changes))
    return tx.changed(these.values(role=changes.after("role"), phone=_phone(changes), **brought))


def _put_in(tx: Tx, changes: Changes, same: Mapping[str, Any]) -> int:
    """Whoever stands there by now is not written over."""
    columns = {name: changes.after(name) for name in FIELDS} | {"phone": _phone(changes)}
    columns |= {name: literal(value, _people[name].type) for name, value in same.items()}
    query = select(*columns.values()).where(changes.new(KEYS[0])).order_by(import_rows.c.id)
    return tx.changed(insert_into(tx, household_people).from_select([*columns], query).on_conflict_do_nothing())


def _phone(changes: Changes) -> ColumnElement[Any]:
    return func.nullif(changes.after("phone"), "")


def _is_before(community_id: int | None, changes: Changes) -> ColumnElement[bool]:
    as_it_was = (_people.role == changes.before("role"), func.coalesce(_people.phone, "") == changes.before("phone"))
    return and_(_is(community_id, changes), *as_it_was)


def _is(community_id: int | None, changes: Changes) -> ColumnElement[bool]:
    return and_(_people.community_id == community_id, *(_people[name] == changes.either(name) for name in KEYS))


def since(tx: Tx, community_id: int | None, changes: Changes) -> Sequence[str]:
    there, was = _people.id.is_not(None), changes.before(KEYS[0]).is_not(None)
    same = or_(and_(~was, ~there), and_(was, _is_before(community_id, changes)))
    query = select(KEY).select_from(import_rows).outerjoin(household_people, _is(community_id, changes))
    return keys_of(tx, query.where(changes.mine, func.coalesce(same, false()).is_(False)), FEW)


def built_upon(tx: Tx, community_id: int | None, changes: Changes) -> list[Reason]:
    """Somebody was recognised in a line that would go."""
    query = select(KEY).join(household_people, _is(community_id, changes))
    query = query.where(changes.gone(KEYS[0]), _people.resident_id.is_not(None))
    return [("recognised", key) for key in keys_of(tx, query, FEW)]


CARRIER = Carrier(
    of_community=True,
    lists=lists,
    parts=parts,
    current=current,
    misfits=misfits,
    apply=apply,
    since=since,
    built_upon=built_upon,
)
