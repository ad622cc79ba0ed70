"""The units (承办单位) that tickets are given to: the catalogue's owners, and what the community adds.

A unit works in this console where somebody of it may sign in; every other is told by telephone or on paper, and the desk
writes down what it says. People of a unit outside the house meet what their unit was given, and nothing else (WO-23).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, select

from knowledge import units as rules
from storage import staff
from storage.staff import Member
from storage.tables import staff as staff_table
from storage.tables import tickets, units
from storage.transaction import Tx

LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class Unit:
    """``people``: how many of it may sign in here; ``open``: how many open tickets it leads."""

    id: int
    key: str | None
    zh: str
    en: str
    phone: str | None
    contact: str | None
    house: bool
    ended_at: datetime | None
    people: int
    open: int

    @property
    def here(self) -> bool:
        """It works in this console."""
        return self.people > 0

    def name(self, language: str) -> str:
        return self.zh if language.startswith("zh") else self.en


def seed(tx: Tx) -> None:
    """Every owner of the catalogue is a unit; what an admin made of one stays as it is."""
    known = {key for (key,) in tx.tuples(select(units.c.key))}
    rows = [
        {"key": one.key, "zh": one.name.zh, "en": one.name.en, "house": one.house, "made_at": tx.now}
        for one in rules.seeds()
        if one.key not in known
    ]
    if rows:
        tx.execute(tx.inserting(units).on_conflict_do_nothing(index_elements=["key"]), rows)


def listed(tx: Tx, *, ended: bool = False) -> list[Unit]:
    """All that something can be given to; with those that ended, last."""
    query = _query().order_by(units.c.ended_at.is_not(None), units.c.id)
    found = query if ended else query.where(units.c.ended_at.is_(None))
    return [Unit(**row) for row in tx.all(found)]


def get(tx: Tx, unit_id: int | None) -> Unit | None:
    row = tx.first(_query().where(units.c.id == unit_id)) if unit_id is not None else None
    return Unit(**row) if row else None


def people(tx: Tx, unit_id: int) -> list[Member]:
    """Whoever of it may sign in."""
    return [member for member in staff.everyone(tx) if member.unit_id == unit_id and member.may_act]


def works_here(unit_id: ColumnElement[int]) -> ColumnElement[bool]:
    """True of a unit that somebody works for in this console."""
    return unit_id.in_(select(staff_table.c.unit_id).where(_SIGNS_IN).correlate(None))


def add(tx: Tx, *, by: int, **given: Any) -> int:
    """One the catalogue does not know; ValueError for names that say nothing or are taken."""
    values = _values(tx, None, given)
    unit_id = tx.insert(units, made_at=tx.now, **values)
    staff.note(tx, by, "add_unit", str(unit_id), zh=values["zh"])
    return unit_id


def change(tx: Tx, unit_id: int, *, by: int, **given: Any) -> None:
    """Its names, how it is reached, whether it is of the house. LookupError, ValueError."""
    if get(tx, unit_id) is None:
        raise LookupError(f"no unit {unit_id}")
    values = _values(tx, unit_id, given)
    tx.execute(units.update().where(units.c.id == unit_id).values(values))
    staff.note(tx, by, "change_unit", str(unit_id), zh=values["zh"], house=values["house"])
    tx.wake("desk")


class StillBusy(Exception):
    """It leads open tickets, or people work for it: those are given elsewhere first; nothing was changed."""


def end(tx: Tx, unit_id: int, *, by: int, ended: bool = True) -> None:
    """Nothing is given to it any more, or again. LookupError, StillBusy."""
    unit = get(tx, unit_id)
    if unit is None:
        raise LookupError(f"no unit {unit_id}")
    if ended and (unit.open or unit.people):
        raise StillBusy
    tx.execute(units.update().where(units.c.id == unit_id).values(ended_at=tx.now if ended else None))
    staff.note(tx, by, "end_unit" if ended else "reopen_unit", str(unit_id))


def work_for(tx: Tx, staff_id: int, unit_id: int | None, *, by: int) -> None:
    """From now on this colleague works for that unit, or for the office itself. LookupError for one there is not."""
    if staff.get(tx, staff_id) is None or (unit_id is not None and get(tx, unit_id) is None):
        raise LookupError(f"no unit {unit_id}, or nobody {staff_id}")
    tx.execute(staff_table.update().where(staff_table.c.id == staff_id).values(unit_id=unit_id))
    staff.note(tx, by, "set_unit", str(staff_id), unit=unit_id)
    tx.wake("desk")


def _values(tx: Tx, unit_id: int | None, given: Mapping[str, Any]) -> dict[str, Any]:
    zh = str(given["zh"]).strip()
    values = {"zh": zh, "en": str(given.get("en") or "").strip() or zh, "house": bool(given.get("house"))}
    values |= {name: str(given.get(name) or "").strip() or None for name in ("phone", "contact")}
    same = and_(units.c.zh == zh, units.c.id != (unit_id or 0))
    if not zh or len(zh) > LONGEST_NAME or tx.scalar(select(units.c.id).where(same)) is not None:
        raise ValueError("a unit needs a name no other has")
    return values


def _query() -> Select[Any]:
    columns = [units.c[name] for name in ("id", "key", "zh", "en", "phone", "contact", "house", "ended_at")]
    who = select(func.count()).where(staff_table.c.unit_id == units.c.id, _SIGNS_IN).scalar_subquery()
    leads = select(func.count()).where(tickets.c.lead_unit_id == units.c.id, tickets.c.next_due.is_not(None))
    return select(*columns, who.label("people"), leads.scalar_subquery().label("open"))


_SIGNS_IN = and_(staff_table.c.unit_id.is_not(None), staff_table.c.disabled_at.is_(None))
