"""Whose a household under care is: the condition that holds every query and address to those who may read of it."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, or_, select

from knowledge import reach
from storage import within
from storage.tables import households
from storage.tables import staff as staff_table
from storage.transaction import Tx

_reader = staff_table.alias("household_reader")


def households_of(staff_id: int) -> ColumnElement[bool]:
    """The two named on it while it runs; admins of its place always."""
    named = or_(households.c.worker_id == staff_id, households.c.stand_in_id == staff_id)
    keepers = [str(role) for role in reach.shipped().kinds["household"]["keep"]]
    keeps = exists(select(_reader.c.id).where(_reader.c.id == staff_id, _reader.c.role.in_(keepers)))
    there = within.owned_within(households.c.community_id, households.c.building, staff_id)
    return or_(named & (households.c.state == "active"), keeps & there)


def of(tx: Tx, staff_id: int) -> int:
    """How many somebody looks after."""
    theirs = (households.c.worker_id == staff_id) & (households.c.state == "active")
    return len(tx.tuples(select(households.c.id).where(theirs)))


def worker_left(tx: Tx, staff_id: int) -> None:
    """Somebody does not work here any more: the stand-in goes on; where there is none the household is nobody's, which is
    told at once and stays on top of the admins' list."""
    gone = (households.c.worker_id == staff_id) & (households.c.state == "active")
    raised = households.c.revision + 1
    tx.execute(
        households.update().where(gone).values(worker_id=households.c.stand_in_id, stand_in_id=None, revision=raised)
    )
    stood = households.c.stand_in_id == staff_id
    tx.execute(households.update().where(stood).values(stand_in_id=None, revision=raised))
    tx.wake("desk")
