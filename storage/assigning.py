"""Giving a ticket to units (WO-05, WO-08, WO-09, WO-12, WO-24): one leads, others assist; never to whom it is about.

Whoever led before has nothing of it any more from the moment another leads; until then it stays theirs (WO-08).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, select

from knowledge import catalogue
from knowledge import units as rules
from knowledge.deadlines import SEND_BACK
from knowledge.life import Refusal
from storage import sight, staff, units
from storage.offices import office_for
from storage.stepping_aside import steps_aside
from storage.tables import ticket_barred, ticket_units
from storage.transaction import Tx
from storage.units import Unit

NO_UNIT = Refusal("unit", "请选一个单位。", "Choose a unit.")
ABOUT_THEM = Refusal(
    "barred",
    "这件事反映的就是这个单位或它的人，不能派给它。",
    "The complaint is about this unit or somebody of it: it cannot be given to it.",
)
NOT_OF_IT = Refusal(
    "hand", "这位同事不属于这个单位，或者不能办这张工单。", "This colleague is not of that unit, or cannot handle it."
)
LEADS_ALREADY = Refusal("same", "已经由这个单位主办。", "This unit leads it already.")
PART_ALREADY = Refusal("same", "这个单位已经在办这张工单。", "This unit is already working on it.")
NO_PART = Refusal("part", "这个单位没有协办这张工单。", "This unit does not assist with this ticket.")
MAIN, ASSIST = "main", "assist"


def lead(
    tx: Tx,
    row: RowMapping,
    *,
    by: int,
    unit_id: int | None,
    person: int | None = None,
    assists: Sequence[int] = (),
    designated: bool = False,
) -> dict[str, Any] | Refusal:
    """This unit leads from now on, these assist; the ticket's columns, or why it cannot be."""
    unit = units.get(tx, unit_id)
    if unit is None or unit.ended_at is not None:
        return NO_UNIT
    refused = why_not(tx, row, unit) or rules.may_lead(unit.key, _kind(row)) or _wrong_person(tx, row, unit, person)
    if refused is not None:
        return refused
    others = [units.get(tx, other) for other in dict.fromkeys(assists) if other != unit.id]
    for other in others:
        refused = NO_UNIT if other is None or other.ended_at is not None else why_not(tx, row, other)
        if refused is not None:
            return refused
    tx.execute(ticket_units.update().where(_now(row)).values(ended_at=tx.now, sign_by=None))
    _give(tx, row, unit, MAIN, by=by, designated=designated)
    for other in others:
        _give(tx, row, other, ASSIST, by=by)
    follows = None if unit.here else row["assigned_to"] or by
    return {"lead_unit_id": unit.id, "assigned_to": person or follows}


def assist(tx: Tx, row: RowMapping, *, by: int, unit_id: int | None) -> dict[str, Any] | Refusal:
    """One more unit assists; it leads nothing and closes nothing (WO-12)."""
    unit = units.get(tx, unit_id)
    if unit is None or unit.ended_at is not None:
        return NO_UNIT
    if any(part["unit_id"] == unit.id for part in parts(tx, int(row["id"]))):
        return PART_ALREADY
    refused = why_not(tx, row, unit)
    if refused is None:
        _give(tx, row, unit, ASSIST, by=by)
    return refused or {}


def report(tx: Tx, row: RowMapping, *, unit_id: int | None, text: str) -> dict[str, Any] | Refusal:
    """An assisting unit tells the main one what it did."""
    mine = and_(_now(row), ticket_units.c.unit_id == unit_id, ticket_units.c.part == ASSIST)
    done = tx.changed(ticket_units.update().where(mine).values(reported_at=tx.now, report=text))
    return {"unread": row["unread"] + 1} if done else NO_PART


def why_not(tx: Tx, row: RowMapping, unit: Unit) -> Refusal | None:
    """WO-24: it goes neither to the unit a complaint is about, nor to the unit of a person it is about."""
    about, told = (row["details"] or {}).get("about"), f"{row['title']} {row['description']}"
    if unit.key in rules.complained_of(_kind(row), about, told):
        return ABOUT_THEM
    names = {name for (name,) in tx.tuples(select(ticket_barred.c.name).where(ticket_barred.c.ticket_id == row["id"]))}
    people = units.people(tx, unit.id)
    if any(member.name in names for member in people):
        return ABOUT_THEM
    roles = {name for (name,) in tx.tuples(select(ticket_barred.c.role).where(ticket_barred.c.ticket_id == row["id"]))}
    return ABOUT_THEM if people and all(member.role in roles for member in people) else None


def parts(tx: Tx, ticket_id: int) -> Sequence[RowMapping]:
    """Which units have it now, the main one first."""
    now = (ticket_units.c.ticket_id == ticket_id) & ticket_units.c.ended_at.is_(None)
    return tx.all(select(ticket_units).where(now).order_by(ticket_units.c.part.desc(), ticket_units.c.id))


def main_part(tx: Tx, ticket_id: int) -> RowMapping | None:
    return next((part for part in parts(tx, ticket_id) if part["part"] == MAIN), None)


def write(tx: Tx, part: RowMapping, **values: Any) -> None:
    tx.execute(ticket_units.update().where(ticket_units.c.id == part["id"]).values(values))


def _give(tx: Tx, row: RowMapping, unit: Unit | None, part: str, *, by: int, designated: bool = False) -> None:
    assert unit is not None
    here = office_for(tx, row)
    sign_by = rules.shipped().sign[row["urgency"]].after(tx.now, here, "WO-05").due_at if part == MAIN else None
    tx.insert(
        ticket_units,
        ticket_id=int(row["id"]),
        unit_id=unit.id,
        part=part,
        given_by=by,
        given_at=tx.now,
        due_at=row["due_at"],
        return_by=SEND_BACK.after(tx.now, here, "WO-10").due_at,
        sign_by=sign_by,
        designated=designated,
    )


def _wrong_person(tx: Tx, row: RowMapping, unit: Unit, person: int | None) -> Refusal | None:
    """Nobody is handed what they must step aside from; a member of the unit sees it once the unit has it."""
    if person is None:
        return None
    member = staff.get(tx, person)
    if member is None or member.unit_id != unit.id or sight.handler(member, row) is None:
        return NOT_OF_IT
    return NOT_OF_IT if steps_aside(tx, int(row["id"]), staff_id=person) else None


def _kind(row: RowMapping) -> catalogue.Category | None:
    return catalogue.category(str(row["route"]), row["category"])


def _now(row: RowMapping) -> ColumnElement[bool]:
    return and_(ticket_units.c.ticket_id == row["id"], ticket_units.c.ended_at.is_(None))
