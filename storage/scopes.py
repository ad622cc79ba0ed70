"""Where and for what somebody is responsible: what they are told, and by whom. ``within`` holds every query to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from knowledge import catalogue
from storage import staff
from storage.tables import buildings, communities, staff_scopes
from storage.transaction import Tx

ROUTES = ("service_request", "dispute", "volunteer", "suggestion", "praise", "activity", "disclosure")


def subjects() -> list[str]:
    """What somebody's work can be held to: kinds of matter, and the categories of requests and disputes."""
    return [*ROUTES, *sorted(catalogue.CATEGORIES["service_request"] | catalogue.CATEGORIES["dispute"])]


@dataclass(frozen=True, slots=True)
class Scope:
    """One line of what somebody is responsible for; exactly one of the three is given."""

    id: int
    community: str | None
    building: str | None
    subject: str | None


def of(tx: Tx, staff_id: int) -> list[Scope]:
    query = (
        select(staff_scopes.c.id, communities.c.name, buildings.c.name, staff_scopes.c.subject)
        .outerjoin(communities, communities.c.id == staff_scopes.c.community_id)
        .outerjoin(buildings, buildings.c.id == staff_scopes.c.building_id)
        .where(staff_scopes.c.staff_id == staff_id)
        .order_by(staff_scopes.c.id)
    )
    return [Scope(*row) for row in tx.tuples(query)]


def give(tx: Tx, staff_id: int, /, *, by: int, reason: str | None = None, **what: Any) -> None:
    """``community_id``, ``building_id`` or ``subject``: one of them; twice is once. LookupError for what there is not."""
    (name, value), *more = what.items()
    if more or not _known(tx, name, value):
        raise LookupError(f"no {name} {value!r}")
    same = (staff_scopes.c.staff_id == staff_id) & (staff_scopes.c[name] == value)
    if tx.scalar(select(staff_scopes.c.id).where(same)) is None:
        tx.insert(staff_scopes, staff_id=staff_id, given_at=tx.now, given_by=by, **what)
        staff.note(tx, by, "give_scope", str(staff_id), **what, **({"reason": reason} if reason else {}))
        tx.wake("desk")


def _known(tx: Tx, name: str, value: Any) -> bool:
    if name == "subject":
        return value in subjects()
    table = {"community_id": communities, "building_id": buildings}[name]
    return tx.scalar(select(table.c.id).where(table.c.id == value)) is not None


def take(tx: Tx, staff_id: int, scope_id: int, *, by: int) -> bool:
    """Take one line away; False where it is not theirs."""
    mine = (staff_scopes.c.staff_id == staff_id) & (staff_scopes.c.id == scope_id)
    done = bool(tx.changed(staff_scopes.delete().where(mine)))
    if done:
        staff.note(tx, by, "take_scope", str(staff_id), scope=scope_id)
        tx.wake("desk")
    return done
