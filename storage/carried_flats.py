"""Buildings and flats as a sheet: one door a row. A building is there as soon as one of its doors is."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, FromClause, Integer, and_, cast, false, func, or_, select

from knowledge.sheets import Finding, Record
from storage import staff, towns
from storage.carrying import ALL, FEW, Asked, Carrier, Lists, NotSo, Reason, Rows
from storage.import_changes import KEY, Changes, insert_into, keys_of
from storage.tables import buildings, flats, household_people, import_rows
from storage.transaction import Tx

KEYS = ("building", "unit", "room")
_flats, _houses = flats.c, buildings.c


def lists(tx: Tx, community_id: int | None) -> Lists:
    return {}


def parts(tx: Tx, community_id: int | None) -> dict[str, int]:
    """Building by building."""
    query = select(_houses.name, func.count()).join(buildings, _houses.id == _flats.building_id)
    query = query.where(_here(community_id), _STANDS)
    rows = tx.tuples(query.group_by(_houses.name).order_by(func.length(_houses.name), _houses.name))
    return {str(name): int(count) for name, count in rows}


def current(tx: Tx, community_id: int | None, part: str = ALL) -> dict[str, Record]:
    columns = (_houses.name, _flats.unit, _flats.room, _flats.floor)
    order = (func.length(_houses.name), _houses.name, func.length(_flats.unit), _flats.unit, _flats.floor, _flats.room)
    query = select(*columns).join(buildings, _houses.id == _flats.building_id).where(_here(community_id), _STANDS)
    rows = tx.tuples((query.where(_houses.name == part) if part else query).order_by(*order))
    return {f"{b} {u} {r}": {"building": b, "unit": u, "room": r, "floor": str(floor)} for b, u, r, floor in rows}


def _here(community_id: int | None) -> ColumnElement[bool]:
    return _houses.community_id == community_id


_STANDS = and_(_flats.retired_at.is_(None), _houses.retired_at.is_(None))


def misfits(tx: Tx, asked: Asked, rows: Rows) -> list[Finding]:
    """A building has one name in the house; a door somebody lives behind does not go."""
    others = _elsewhere(tx, asked.community_id)
    named = [(number, row["building"]) for number, row in rows.values()]
    found = [Finding(number, "building", "building_elsewhere", name) for number, name in named if name in others]
    if asked.whole:
        gone = current(tx, asked.community_id).keys() - rows.keys()
        lost = sorted(gone & _lived_in(tx, asked.community_id))
        found += [Finding(0, "", "lived_in", key.replace(" ", "-")) for key in lost]
    return found


def _elsewhere(tx: Tx, community_id: int | None) -> set[str]:
    return {str(name) for (name,) in tx.tuples(select(_houses.name).where(~_here(community_id)))}


def _lived_in(tx: Tx, community_id: int | None) -> set[str]:
    columns = (household_people.c[name] for name in KEYS)
    rows = tx.tuples(select(*columns).where(household_people.c.community_id == community_id).distinct())
    return {" ".join(row) for row in rows}


# --- carried out ------------------------------------------------------------------------------------------------------
def apply(tx: Tx, community_id: int | None, changes: Changes, *, by: int, import_id: int | None) -> int:
    """Nothing that somebody lives behind goes, whoever has moved in since it was looked at."""
    if built_upon(tx, community_id, changes):
        return 0
    _raise(tx, community_id, changes)
    done = _take_down(tx, community_id, changes) + _move(tx, community_id, changes) + _put_up(tx, community_id, changes)
    _measure(tx, community_id)
    staff.note(tx, by, "import_flats", str(community_id), rows=done)
    towns.changed(tx)
    return done


def _raise(tx: Tx, community_id: int | None, changes: Changes) -> None:
    """The buildings that are named: those that begin with this, and the retired again, with none of their doors."""
    query = select(changes.after("building")).distinct().where(changes.mine, changes.after("building").is_not(None))
    named = {str(name) for (name,) in tx.tuples(query)}
    retired = select(_houses.id).where(_here(community_id), _houses.name.in_(named), _houses.retired_at.is_not(None))
    again = [key for (key,) in tx.tuples(retired)]
    shut = _flats.building_id.in_(again) & _flats.retired_at.is_(None)
    tx.execute(flats.update().where(shut).values(retired_at=tx.now))
    tx.execute(buildings.update().where(_houses.id.in_(again)).values(retired_at=None))
    found = {str(name) for (name,) in tx.tuples(select(_houses.name).where(_here(community_id)))}
    if taken := named & _elsewhere(tx, community_id):
        raise NotSo("building_elsewhere", min(taken))
    for name in sorted(named - found):
        tx.insert(buildings, community_id=community_id, name=name, floors=1, units=1)


def _take_down(tx: Tx, community_id: int | None, changes: Changes) -> int:
    going = select(_flats.id).select_from(_doors(community_id, changes))
    going = going.where(changes.gone(KEYS[0]), _as_before(changes))
    return tx.changed(flats.update().where(_flats.id.in_(going)).values(retired_at=tx.now))


def _move(tx: Tx, community_id: int | None, changes: Changes) -> int:
    these = flats.update().where(_of_row(changes), _house(community_id, changes), changes.changed(KEYS[0]))
    return tx.changed(these.where(_as_before(changes)).values(floor=_floor(changes.after("floor"))))


def _put_up(tx: Tx, community_id: int | None, changes: Changes) -> int:
    """New ones, and those that were taken down once; one that stands by now is left as it is."""
    values = {"building_id": _houses.id, "unit": changes.after("unit"), "room": changes.after("room")}
    values |= {"floor": _floor(changes.after("floor"))}
    query = select(*values.values()).join(import_rows, _house(community_id, changes))
    insert = insert_into(tx, flats).from_select([*values], query.where(changes.new(KEYS[0])).order_by(import_rows.c.id))
    again = {"retired_at": None, "floor": insert.excluded.floor}
    door = ["building_id", "unit", "room"]
    return tx.changed(
        insert.on_conflict_do_update(index_elements=door, set_=again, where=_flats.retired_at.is_not(None))
    )


def _floor(text: ColumnElement[str]) -> ColumnElement[int]:
    return cast(text, Integer)


def _house(community_id: int | None, changes: Changes) -> ColumnElement[bool]:
    return and_(_here(community_id), _houses.name == changes.either("building"))


def _of_row(changes: Changes) -> ColumnElement[bool]:
    door = (_flats.unit == changes.either("unit"), _flats.room == changes.either("room"))
    return and_(_flats.building_id == _houses.id, *door)


def _doors(community_id: int | None, changes: Changes) -> FromClause:
    """Each row with its door, where there is one."""
    return import_rows.outerjoin(buildings, _house(community_id, changes)).outerjoin(flats, _of_row(changes))


def _as_before(changes: Changes) -> ColumnElement[bool]:
    return and_(_STANDS, _flats.floor == _floor(changes.before("floor")))


def _measure(tx: Tx, community_id: int | None) -> None:
    """How high a building is, and how many units it has, is what its doors say."""
    counted = (func.max(_flats.floor), func.count(_flats.unit.distinct()))
    query = select(_flats.building_id, *counted).join(buildings, _houses.id == _flats.building_id)
    query = query.where(_here(community_id), _flats.retired_at.is_(None))
    for key, floors, units in tx.tuples(query.group_by(_flats.building_id)):
        size = {"floors": max(int(floors), 1), "units": int(units)}
        tx.execute(buildings.update().where(_houses.id == key).values(size))


# --- taken back -------------------------------------------------------------------------------------------------------
def since(tx: Tx, community_id: int | None, changes: Changes) -> Sequence[str]:
    stands = func.coalesce(and_(_flats.id.is_not(None), _STANDS), false())
    was = changes.before(KEYS[0]).is_not(None)
    same = or_(and_(~was, ~stands), and_(was, _as_before(changes)))
    query = select(KEY).select_from(_doors(community_id, changes))
    return keys_of(tx, query.where(changes.mine, func.coalesce(same, false()).is_(False)), FEW)


def built_upon(tx: Tx, community_id: int | None, changes: Changes) -> list[Reason]:
    """Somebody lives behind a door that would go."""
    people = household_people.c
    door = (people[name] == changes.either(name) for name in KEYS)
    query = select(KEY).join(household_people, and_(people.community_id == community_id, *door))
    return [("lived_in", key) for key in dict.fromkeys(keys_of(tx, query.where(changes.gone(KEYS[0])), FEW))]


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
