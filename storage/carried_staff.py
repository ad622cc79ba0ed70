"""Colleagues as a sheet: who works here, as what, and where they are responsible. Passwords and links are in no file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from knowledge import catalogue
from knowledge.sheets import BETWEEN, Change, Choice, Finding, Record
from storage import colleagues, scopes, staff, units
from storage.carrying import Asked, Lists, NotSo, Reason, Rows, few
from storage.colleagues import LastAdmin
from storage.import_changes import Changes
from storage.staff import Member
from storage.tables import buildings, communities, staff_scopes
from storage.tables import staff as staff_table
from storage.transaction import Tx


def lists(tx: Tx, community_id: int | None) -> Lists:
    categories = [kind for route in ("service_request", "dispute") for kind in catalogue.shipped(route).values()]
    return {
        "units": [Choice(unit.zh, unit.zh, unit.en) for unit in units.listed(tx)],
        "communities": [Choice(name, name, name) for name in _towns(tx)],
        "buildings": [Choice(name, name, name) for name in _houses(tx)],
        "subjects": [Choice(kind.id, kind.name.zh, kind.name.en) for kind in categories],
    }


def _towns(tx: Tx) -> dict[str, int]:
    rows = tx.tuples(select(communities.c.name, communities.c.id).order_by(communities.c.id))
    return {str(name): int(key) for name, key in rows}


def _houses(tx: Tx) -> dict[str, int]:
    """Those of the office's own community by their name alone, others with their community's in front."""
    query = select(buildings.c.name, communities.c.name, communities.c.id, buildings.c.id)
    query = query.join(communities, communities.c.id == buildings.c.community_id)
    rows = tx.tuples(query.order_by(communities.c.id, func.length(buildings.c.name), buildings.c.name))
    own = rows[0][2] if rows else 0
    return {(name if town_id == own else f"{town}/{name}"): int(key) for name, town, town_id, key in rows}


def current(tx: Tx) -> dict[str, Record]:
    """Whoever is not out."""
    at_work = {unit.id: unit.zh for unit in units.listed(tx, ended=True)}
    told = _told(tx)
    return {
        member.name: _record(member, at_work, told.get(member.id, []))
        for member in staff.everyone(tx)
        if member.disabled_at is None
    }


def _told(tx: Tx) -> dict[int, list[tuple[str, str]]]:
    """By colleague: the columns and values of where they are responsible."""
    towns = {key: name for name, key in _towns(tx).items()}
    houses = {key: name for name, key in _houses(tx).items()}
    columns = (staff_scopes.c[name] for name in ("staff_id", "community_id", "building_id", "subject"))
    found: dict[int, list[tuple[str, str]]] = {}
    for staff_id, town, house, subject in tx.tuples(select(*columns)):
        line = (
            ("communities", towns[town]) if town else ("buildings", houses[house]) if house else ("subjects", subject)
        )
        found.setdefault(int(staff_id), []).append(line)
    return found


def _record(member: Member, at_work: dict[int, str], told: list[tuple[str, str]]) -> Record:
    lines = {
        column: BETWEEN.join(sorted((value for name, value in told if name == column), key=lambda v: (len(v), v)))
        for column in ("communities", "buildings", "subjects")
    }
    return {"name": member.name, "role": member.role, "unit": at_work.get(member.unit_id or 0, ""), **lines}


def misfits(tx: Tx, asked: Asked, rows: Rows) -> list[Finding]:
    """Nobody comes back by a file, nobody shuts themselves out, and an admin who manages stays."""
    out = {member.name for member in staff.everyone(tx) if member.disabled_at is not None}
    found = [Finding(number, "name", "is_out", name) for name, (number, _) in rows.items() if name in out]
    now = current(tx)
    after = {name: row for name, row in now.items() if not asked.whole} | {key: row for key, (_, row) in rows.items()}
    me = staff.names(tx).get(asked.staff_id, "")
    if me not in after:
        found.append(Finding(0, "", "yourself", me))
    if not any(_manages(row) for row in after.values()):
        found.append(Finding(0, "", "last_admin"))
    return found


def _manages(row: Record) -> bool:
    return row["role"] == "admin" and not any(row[name] for name in ("communities", "buildings", "subjects", "unit"))


def apply(tx: Tx, changes: Sequence[Change], *, by: int, import_id: int | None) -> None:
    """Who comes first, who goes last: somebody manages at every moment. `NotSo` where a rule of the house forbids it."""
    colleagues.manages(tx, by)
    towns, houses = _towns(tx), _houses(tx)
    order = {"new": 0, "changed": 1, "gone": 2}
    for one in sorted(changes, key=lambda change: order[change.kind]):
        try:
            _apply_one(tx, one, towns, houses, by)
        except LastAdmin as error:
            raise NotSo("last_admin", one.key) from error
        except (LookupError, ValueError) as error:
            raise NotSo("not_possible", one.key) from error


def _apply_one(tx: Tx, one: Change, towns: dict[str, int], houses: dict[str, int], by: int) -> None:
    member = staff.named(tx, one.key)
    if one.after is None:
        assert member is not None
        if member.id == by:
            raise NotSo("yourself", one.key)
        colleagues.disable(tx, member.id, by=by)
        return
    staff_id = member.id if member else _hire(tx, one.after, by)
    if member is not None and member.disabled_at is not None:
        colleagues.enable(tx, staff_id, by=by)
    if member is not None and member.role != one.after["role"]:
        colleagues.change_role(tx, staff_id, one.after["role"], by=by)
    _set_unit(tx, staff_id, one.after["unit"], by)
    _set_scopes(tx, staff_id, one.after, towns, houses, by)


def _hire(tx: Tx, row: Record, by: int) -> int:
    added = staff.add(tx, name=row["name"], role=row["role"])
    staff.note(tx, by, "add_staff", str(added), role=row["role"])
    return added


def _set_unit(tx: Tx, staff_id: int, name: str, by: int) -> None:
    wanted = next((unit.id for unit in units.listed(tx, ended=True) if unit.zh == name), None)
    member = staff.get(tx, staff_id)
    if member is not None and member.unit_id != wanted:
        colleagues.work_for(tx, staff_id, wanted, by=by)


def _set_scopes(tx: Tx, staff_id: int, row: Record, towns: dict[str, int], houses: dict[str, int], by: int) -> None:
    wanted: set[tuple[str, int | str]] = {("subject", name) for name in _values(row["subjects"])}
    wanted |= {("community_id", towns[name]) for name in _values(row["communities"])}
    wanted |= {("building_id", houses[name]) for name in _values(row["buildings"])}
    columns = ("community_id", "building_id", "subject")
    query = select(staff_scopes.c.id, *(staff_scopes.c[name] for name in columns))
    has = {}
    for key, *values in tx.tuples(query.where(staff_scopes.c.staff_id == staff_id)):
        has[next((name, value) for name, value in zip(columns, values, strict=True) if value is not None)] = int(key)
    for what, key in has.items():
        if what not in wanted:
            scopes.take(tx, staff_id, key, by=by)
    for name, value in sorted(wanted - has.keys(), key=str):
        more: dict[str, Any] = {name: value}
        colleagues.give_scope(tx, staff_id, by=by, **more)


def _values(listed: str) -> list[str]:
    return [value for value in listed.split(BETWEEN) if value]


def built_upon(tx: Tx, community_id: int | None, changes: Changes) -> list[Reason]:
    """A new colleague has been here by now."""
    came = {str(name) for (name,) in tx.tuples(select(staff_table.c.name).where(staff_table.c.seen_at.is_not(None)))}
    return [("signed_in", one.key) for one in changes.listed(tx) if one.after is None and one.key in came]


def not_yet_in(tx: Tx, keys: Sequence[str]) -> list[Member]:
    """Those of them who may come and never have: they need an invitation."""
    query = select(staff_table.c.id).where(staff_table.c.name.in_(keys), staff_table.c.seen_at.is_(None))
    query = query.where(staff_table.c.disabled_at.is_(None)).order_by(staff_table.c.id)
    found = (staff.get(tx, int(key)) for (key,) in tx.tuples(query))
    return [member for member in found if member is not None]


CARRIER = few(lists=lists, current=current, misfits=misfits, apply=apply, built_upon=built_upon, whole=True)
