"""Occasions: written, opened, changed, copied and cancelled by staff; read by everybody. Every step is an event.

Whatever changes who has a place holds the occasion's row first (``hold``), so that two people never get the last place.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, case, func, select

from knowledge.occasions import Occasion, Plan, opening_refused
from storage import belonging, staff
from storage.tables import occasion_entries as entries
from storage.tables import occasion_events, occasions
from storage.transaction import Tx

TOPIC = "desk"
CURRENT = ("joined", "waiting")
_OWN = tuple(name for name in Occasion.__dataclass_fields__ if name in occasions.c)


def get(tx: Tx, occasion_id: int) -> Occasion | None:
    found = _read(tx, select(occasions).where(occasions.c.id == occasion_id))
    return found[0] if found else None


def hold(tx: Tx, occasion_id: int) -> Occasion | None:
    """The same, and nobody else changes it or its places until the commit."""
    found = _read(tx, select(occasions).where(occasions.c.id == occasion_id).with_for_update())
    return found[0] if found else None


def coming(tx: Tx, *where: ColumnElement[bool], until: datetime) -> list[Occasion]:
    """What residents may come to from now on: open and not over, the nearest first."""
    mine = (occasions.c.state == "open", occasions.c.ends_at > tx.now, occasions.c.starts_at < until)
    return _read(tx, select(occasions).where(*mine, *where))


def between(tx: Tx, start: datetime, end: datetime, *where: ColumnElement[bool]) -> list[Occasion]:
    """Every occasion that begins then, whatever its state: the organiser's calendar."""
    span = (occasions.c.starts_at >= start, occasions.c.starts_at < end)
    return _read(tx, select(occasions).where(*span, *where))


def _read(tx: Tx, query: Select[Any]) -> list[Occasion]:
    rows = tx.all(query.order_by(occasions.c.starts_at, occasions.c.id))
    heads = _heads(tx, [int(row["id"]) for row in rows])
    return [_occasion(row, *heads.get(int(row["id"]), (0, 0))) for row in rows]


def _occasion(row: RowMapping, taken: int, waiting: int) -> Occasion:
    return Occasion(**{name: row[name] for name in _OWN}, taken=taken, waiting=waiting)


def _heads(tx: Tx, ids: Iterable[int]) -> dict[int, tuple[int, int]]:
    """By occasion: how many people have a place, how many wait."""
    people = entries.c.adults + entries.c.children

    def of(state: str) -> ColumnElement[int]:
        return func.coalesce(func.sum(case((entries.c.state == state, people), else_=0)), 0)

    query = select(entries.c.occasion_id, of("joined"), of("waiting")).where(entries.c.occasion_id.in_(list(ids)))
    found = tx.tuples(query.group_by(entries.c.occasion_id))
    return {int(key): (int(taken), int(waiting)) for key, taken, waiting in found}


# --- staff ------------------------------------------------------------------------------------------------------------
def create(
    tx: Tx, plan: Plan, *, staff_id: int, copied_from: int | None = None, community_id: int | None = None
) -> int:
    """A draft; its writer organises it, for the community they chose. NotThere for one that is not theirs."""
    staff.actor(tx, staff_id)
    whose = belonging.whose(tx, staff_id, community_id, _named(plan))
    by = {"organiser_id": staff_id, "copied_from": copied_from, "community_id": whose, "created_at": tx.now}
    made = tx.insert(occasions, **_values(tx, plan), **by)
    record(tx, made, actor="staff", staff_id=staff_id, action="create", to_state="draft")
    tx.wake(TOPIC)
    return made


def _named(plan: Plan) -> list[str]:
    return [plan.building] if plan.building else []


def _whose(tx: Tx, occasion_id: int) -> int | None:
    found: int | None = tx.scalar(select(occasions.c.community_id).where(occasions.c.id == occasion_id))
    return found


def _values(tx: Tx, plan: Plan) -> dict[str, Any]:
    insured = {"insured_at": tx.now if plan.insurance_note else None}
    return asdict(plan) | insured


def change(tx: Tx, occasion_id: int, plan: Plan, *, revision: int, staff_id: int) -> Occasion | None:
    """As it is now written; None when it is over, cancelled, or was changed meanwhile. Nobody who has a place loses it:
    ValueError for fewer places than are taken."""
    staff.actor(tx, staff_id)
    before = hold(tx, occasion_id)
    if before is None or before.revision != revision or before.state not in ("draft", "open"):
        return None
    belonging.whose(tx, staff_id, _whose(tx, occasion_id), _named(plan))
    if plan.places_max < before.taken:
        raise ValueError("more have a place than there would be")
    values = _values(tx, plan) | {"revision": revision + 1}
    if before.insurance_note == plan.insurance_note:
        values.pop("insured_at")
    if before.starts_at != plan.starts_at:
        values["short_told_at"] = None
        tx.execute(entries.update().where(_current(occasion_id)).values(reminded_day_at=None, reminded_soon_at=None))
    tx.execute(occasions.update().where(occasions.c.id == occasion_id).values(values))
    record(tx, occasion_id, actor="staff", staff_id=staff_id, action="change", to_state=before.state)
    tx.wake(TOPIC)
    return get(tx, occasion_id)


def open_(tx: Tx, occasion_id: int, *, revision: int, staff_id: int) -> str | None:
    """Residents may join from now on; else why not, or "changed" (VO-06)."""
    staff.actor(tx, staff_id)
    found = hold(tx, occasion_id)
    if found is None or found.revision != revision:
        return "changed"
    if (refusal := opening_refused(found, tx.now)) is not None:
        return refusal
    values = {"state": "open", "opened_at": tx.now, "revision": revision + 1}
    tx.execute(occasions.update().where(occasions.c.id == occasion_id).values(values))
    record(tx, occasion_id, actor="staff", staff_id=staff_id, action="open", from_state="draft", to_state="open")
    tx.wake(TOPIC)
    return None


def copy_weekly(tx: Tx, occasion_id: int, *, times: int, staff_id: int) -> list[int]:
    """The same in each of the coming weeks, as drafts: insurance is for each to be noted (VO-06). LookupError where
    there is no such occasion."""
    found = get(tx, occasion_id)
    if found is None:
        raise LookupError(f"there is no occasion {occasion_id}")
    plain = {name: getattr(found, name) for name in Plan.__dataclass_fields__} | {"insurance_note": None}
    same = {"copied_from": occasion_id, "community_id": _whose(tx, occasion_id)}
    copies = []
    for week in range(1, times + 1):
        span = {name: plain[name] + timedelta(weeks=week) for name in ("starts_at", "ends_at")}
        copies.append(create(tx, Plan(**(plain | span)), staff_id=staff_id, **same))
    return copies


def cancel(tx: Tx, occasion_id: int, *, revision: int, reason: str, staff_id: int) -> Sequence[RowMapping] | None:
    """It does not take place: whoever had a place or waited, for them to be told; None when it was over or changed."""
    staff.actor(tx, staff_id)
    found = hold(tx, occasion_id)
    if found is None or found.revision != revision or found.state not in ("draft", "open"):
        return None
    values = {"state": "cancelled", "reason": reason, "ended_at": tx.now, "revision": revision + 1}
    tx.execute(occasions.update().where(occasions.c.id == occasion_id).values(values))
    told = tx.all(select(entries).where(_current(occasion_id)).order_by(entries.c.since, entries.c.id))
    step = {"from_state": found.state, "to_state": "cancelled", "note": reason}
    record(tx, occasion_id, actor="staff", staff_id=staff_id, action="cancel", **step)
    tx.wake(TOPIC)
    return told


def _current(occasion_id: int) -> ColumnElement[bool]:
    return (entries.c.occasion_id == occasion_id) & entries.c.state.in_(CURRENT)


# --- what happened ----------------------------------------------------------------------------------------------------
def record(tx: Tx, occasion_id: int, /, *, actor: str, action: str, **more: Any) -> None:
    """One line of an occasion's history: entry_id, staff_id, from_state, to_state, note."""
    tx.insert(occasion_events, occasion_id=occasion_id, at=tx.now, actor=actor, action=action, **more)


def history(tx: Tx, occasion_id: int) -> Sequence[RowMapping]:
    query = select(occasion_events).where(occasion_events.c.occasion_id == occasion_id)
    return tx.all(query.order_by(occasion_events.c.id))
