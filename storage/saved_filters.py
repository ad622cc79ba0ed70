"""Filters a member keeps by name: one press opens them. Nobody sees anybody else's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select

from storage.tables import saved_filters
from storage.transaction import Tx

MOST = 20
"""So many a member keeps; more are no short way any longer."""


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """``wanted``: the parameters of the queue's address."""

    id: int
    name: str
    wanted: Mapping[str, str]


def of_member(tx: Tx, staff_id: int) -> list[SavedFilter]:
    columns = (saved_filters.c.id, saved_filters.c.name, saved_filters.c.wanted)
    query = select(*columns).where(saved_filters.c.staff_id == staff_id).order_by(saved_filters.c.id)
    return [SavedFilter(*row) for row in tx.tuples(query)]


def keep(tx: Tx, *, staff_id: int, name: str, wanted: Mapping[str, str]) -> bool:
    """Keep a filter; one of the same name takes its place. False when there are ``MOST`` already."""
    mine = saved_filters.c.staff_id == staff_id
    tx.execute(saved_filters.delete().where(mine, saved_filters.c.name == name))
    if tx.scalar(select(func.count()).select_from(saved_filters).where(mine)) >= MOST:
        return False
    tx.insert(saved_filters, staff_id=staff_id, name=name, wanted=dict(wanted), made_at=tx.now)
    return True


def drop(tx: Tx, filter_id: int, *, staff_id: int) -> bool:
    """False when it is not theirs, or gone."""
    mine = (saved_filters.c.id == filter_id) & (saved_filters.c.staff_id == staff_id)
    return bool(tx.changed(saved_filters.delete().where(mine)))
