"""Deleting of tickets that are one matter: who said why goes; what is folded into an open ticket waits for it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, or_

from storage.folded import STANDING
from storage.tables import incident_heard, ticket_links, ticket_merges, tickets
from storage.tickets import OPEN
from storage.transaction import Tx

_living = tickets.alias("living")


def waits(ticket_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """True of a ticket that is folded into one still open."""
    return _held(ticket_id, _living.c.state.in_(OPEN))


def over(ticket_id: ColumnElement[Any], before: datetime) -> ColumnElement[bool]:
    """True of a ticket that is folded into one which was over before then."""
    return _held(ticket_id, _living.c.closed_at <= before)


def _held(ticket_id: ColumnElement[Any], living: ColumnElement[bool]) -> ColumnElement[bool]:
    into = (ticket_merges.c.ticket_id == ticket_id) & (ticket_merges.c.into_id == _living.c.id) & STANDING
    return exists().where(into, living)


def forget(tx: Tx, ticket_id: int) -> None:
    """That two tickets were one matter stays; what was written of it, and who was told what, does not."""
    for table, columns in ((ticket_links, ("ticket_id", "other_id")), (ticket_merges, ("ticket_id", "into_id"))):
        mine = or_(*(table.c[name] == ticket_id for name in columns))
        tx.execute(table.update().where(mine).values(why=None))
    tx.execute(incident_heard.delete().where(incident_heard.c.ticket_id == ticket_id))
