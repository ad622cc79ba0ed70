"""The register of households and the residents who write here: two lists that know nothing of each other until a colleague
has made sure that a line of one is a person of the other.

Whoever writes learns nothing from the register and takes nothing over by what they say of themselves: whatever name and
flat they give, nothing they see changes. Alike lines are shown to staff only, and staff say how they made sure.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from storage import staff
from storage.access import NotThere, member_for
from storage.belonging import people_of
from storage.tables import household_people, residents
from storage.transaction import Tx

LONGEST_HOW = 200
MOST = 60
_people = household_people.c


@dataclass(frozen=True, slots=True)
class Alike:
    """A resident who gave the same flat and name; ``phone``: theirs, to be compared by whoever looks."""

    id: int
    name: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class Person:
    """One line of the register, and who that may be here."""

    id: int
    building: str
    unit: str
    room: str
    name: str
    role: str
    phone: str | None
    resident_id: int | None
    matched_how: str | None
    alike: list[Alike] = field(default_factory=list)


_SHOWN = [_people[name] for name in Person.__dataclass_fields__ if name != "alike"]


def behind(tx: Tx, building: str, room: str, *, staff_id: int) -> list[Person]:
    """Who is entered behind one door, of those this member may meet. Looking is written down."""
    member_for(tx, staff_id, "register", "see")
    this = (_people.building == building) & (func.ltrim(_people.room, "0") == room.lstrip("0"))
    query = select(*_SHOWN).where(this, people_of(staff_id)).order_by(_people.unit, _people.role.desc(), _people.id)
    found = [replace(Person(*row), alike=_alike(tx, row)) for row in tx.tuples(query.limit(MOST))]
    staff.note(tx, staff_id, "look_register", f"{building}-{room}", rows=len(found))
    return found


def _alike(tx: Tx, row: tuple[Any, ...]) -> list[Alike]:
    """Nobody who is recognised already; where both have a number it must be the same."""
    _, building, unit, room, name, _, phone, resident_id, _ = row
    if resident_id is not None:
        return []
    taken = select(_people.resident_id).where(_people.resident_id.is_not(None))
    query = select(residents.c.id, residents.c.name, residents.c.phone).where(
        residents.c.building == building,
        func.ltrim(residents.c.room, "0") == room.lstrip("0"),
        or_(residents.c.unit.is_(None), residents.c.unit == unit),
        residents.c.name == name,
        residents.c.id.not_in(taken),
    )
    if phone:
        query = query.where(or_(residents.c.phone.is_(None), residents.c.phone == phone))
    return [Alike(*found) for found in tx.tuples(query.order_by(residents.c.id).limit(5))]


def recognise(tx: Tx, person_id: int, resident_id: int, *, by: int, how: str) -> None:
    """This line is that resident: a colleague has made sure, and says how. NotThere for what is not alike (any more)."""
    member_for(tx, by, "register", "act")
    row = _one(tx, person_id, by)
    if resident_id not in {one.id for one in _alike(tx, row)}:
        raise NotThere
    values = {"resident_id": resident_id, "matched_at": tx.now, "matched_by": by, "matched_how": how}
    tx.execute(household_people.update().where(_people.id == person_id).values(values))
    staff.note(tx, by, "recognise", str(person_id), how=how)


def part(tx: Tx, person_id: int, *, by: int, why: str) -> None:
    """It was a mistake: nothing ties them any more."""
    member_for(tx, by, "register", "act")
    _one(tx, person_id, by)
    _untie(tx, _people.id == person_id)
    staff.note(tx, by, "unrecognise", str(person_id), why=why)


def _one(tx: Tx, person_id: int, staff_id: int) -> tuple[Any, ...]:
    found = tx.tuples(select(*_SHOWN).where(_people.id == person_id, people_of(staff_id)))
    if not found:
        raise NotThere
    return found[0]


def _untie(tx: Tx, which: ColumnElement[bool]) -> int:
    nothing = dict.fromkeys(("resident_id", "matched_at", "matched_by", "matched_how"))
    return tx.changed(household_people.update().where(which).values(nothing))


def forget(tx: Tx, resident_id: int | None) -> int:
    """A resident has their data deleted: the register, which is kept on a ground of its own, knows them no more."""
    return 0 if resident_id is None else _untie(tx, _people.resident_id == resident_id)


def own(resident_id: int | None) -> Select[Any]:
    """What the register has of a recognised resident, for their own eyes: of nobody else, and nothing for somebody who is
    no resident (to a database, "is nobody's" would be every line that nobody was recognised in)."""
    names = ("building", "unit", "room", "name", "role", "phone", "entered_at")
    theirs = (_people.resident_id.is_not(None), _people.resident_id == resident_id)
    return select(*(_people[name] for name in names)).where(*theirs)
