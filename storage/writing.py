"""Who has a ticket open just now, who writes to its resident, and the answer they have not sent yet.

A draft is its writer's alone: it outlives a reload, a sign-out and another browser, and goes when it was sent, when it is
emptied, or with the ticket's words. Colleagues only see that somebody writes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Table, select

from storage.tables import answer_drafts, staff, ticket_viewers
from storage.transaction import Tx

HERE_FOR = timedelta(seconds=100)
"""An open page looks again every minute; one that did not is closed."""
WRITING_FOR = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Draft:
    action: str
    text: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class Viewer:
    """A colleague who has the same ticket open."""

    name: str
    writing: bool


def keep(tx: Tx, ticket_id: int, *, staff_id: int, action: str, text: str) -> None:
    """Keep what is being written; nothing written is nothing kept. Colleagues who have the ticket open see it."""
    if not text.strip():
        drop(tx, ticket_id, staff_id=staff_id)
        return
    _put(tx, answer_drafts, staff_id=staff_id, ticket_id=ticket_id, action=action, text=text, saved_at=tx.now)
    _come(tx, ticket_id, staff_id=staff_id, writing=True)


def draft(tx: Tx, ticket_id: int, *, staff_id: int) -> Draft | None:
    columns = (answer_drafts.c.action, answer_drafts.c.text, answer_drafts.c.saved_at)
    mine = (answer_drafts.c.ticket_id == ticket_id) & (answer_drafts.c.staff_id == staff_id)
    return next((Draft(*row) for row in tx.tuples(select(*columns).where(mine))), None)


def drop(tx: Tx, ticket_id: int, *, staff_id: int) -> None:
    """It was sent, or thrown away."""
    mine = (answer_drafts.c.ticket_id == ticket_id) & (answer_drafts.c.staff_id == staff_id)
    tx.execute(answer_drafts.delete().where(mine))
    me = (ticket_viewers.c.ticket_id == ticket_id) & (ticket_viewers.c.staff_id == staff_id)
    tx.execute(ticket_viewers.update().where(me).values(writing_at=None))


def look(tx: Tx, ticket_id: int, *, staff_id: int) -> list[Viewer]:
    """They have the ticket open; who else has."""
    _come(tx, ticket_id, staff_id=staff_id, writing=False)
    return others(tx, ticket_id, staff_id=staff_id)


def others(tx: Tx, ticket_id: int, *, staff_id: int) -> list[Viewer]:
    rows = tx.tuples(
        select(staff.c.name, ticket_viewers.c.writing_at)
        .join(staff, staff.c.id == ticket_viewers.c.staff_id)
        .where(ticket_viewers.c.ticket_id == ticket_id, ticket_viewers.c.staff_id != staff_id)
        .where(ticket_viewers.c.seen_at > tx.now - HERE_FOR, staff.c.disabled_at.is_(None))
        .order_by(staff.c.name)
    )
    return [Viewer(name, _fresh(tx, writing_at)) for name, writing_at in rows]


def leave(tx: Tx, ticket_id: int, *, staff_id: int) -> None:
    """They closed the page."""
    me = (ticket_viewers.c.ticket_id == ticket_id) & (ticket_viewers.c.staff_id == staff_id)
    if tx.changed(ticket_viewers.delete().where(me)) and others(tx, ticket_id, staff_id=staff_id):
        tx.wake("desk")


def _come(tx: Tx, ticket_id: int, *, staff_id: int, writing: bool) -> None:
    """Colleagues are woken when somebody comes or begins to write, and not again while it stays so."""
    me = (ticket_viewers.c.ticket_id == ticket_id) & (ticket_viewers.c.staff_id == staff_id)
    row = tx.first(select(ticket_viewers.c.seen_at, ticket_viewers.c.writing_at).where(me))
    here = row is not None and row["seen_at"] > tx.now - HERE_FOR
    wrote = row["writing_at"] if row is not None and here else None
    values = {"seen_at": tx.now, "writing_at": tx.now if writing else wrote}
    _put(tx, ticket_viewers, staff_id=staff_id, ticket_id=ticket_id, **values)
    news = not here or (writing and not _fresh(tx, wrote))
    if news and others(tx, ticket_id, staff_id=staff_id):
        tx.wake("desk")


def _fresh(tx: Tx, writing_at: datetime | None) -> bool:
    return writing_at is not None and writing_at > tx.now - WRITING_FOR


def _put(tx: Tx, table: Table, *, staff_id: int, ticket_id: int, **values: object) -> None:
    """One row for each of the two; the last word counts."""
    row = tx.inserting(table).values(staff_id=staff_id, ticket_id=ticket_id, **values)
    tx.execute(row.on_conflict_do_update(index_elements=["staff_id", "ticket_id"], set_=values))
