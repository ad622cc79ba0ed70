"""Every asking after the work, and every answer, raw (WO-14, WO-16): in the chat, and what staff heard by telephone.

Lines are only ever added. The three rates (WO-19) are counted from them; nothing here is a rate.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, func, select

from storage.tables import call_backs
from storage.tables import staff as staff_table
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Attempt:
    """One asking or answer, as it was. ``round`` is the ticket's redos at that time."""

    at: datetime
    via: str
    staff: str | None
    round: int
    contacted: bool
    solved: str | None
    satisfied: str | None
    reason: str | None


def keep(tx: Tx, ticket: RowMapping, *, via: str, **given: Any) -> None:
    """One line; ``via`` is ``button``, ``words`` or ``phone``."""
    tx.insert(call_backs, ticket_id=int(ticket["id"]), round=int(ticket["redos"]), at=tx.now, via=via, **given)


def of_ticket(tx: Tx, ticket_id: int) -> list[Attempt]:
    """Everything asked and answered about one ticket, oldest first."""
    query = select(*_ATTEMPT).outerjoin(staff_table, staff_table.c.id == call_backs.c.staff_id)
    found = tx.tuples(query.where(call_backs.c.ticket_id == ticket_id).order_by(call_backs.c.id))
    return [Attempt(*row) for row in found]


def rated(tx: Tx, ticket: RowMapping) -> bool:
    """True when this round's satisfaction was given: it is given once."""
    return bool(tx.scalar(select(func.count()).where(_of_round(ticket), call_backs.c.satisfied.is_not(None))))


def failed(tx: Tx, ticket: RowMapping) -> int:
    """Calls of this round that nobody took."""
    return int(tx.scalar(select(func.count()).where(_of_round(ticket), call_backs.c.contacted.is_(False))))


def _of_round(ticket: RowMapping) -> ColumnElement[bool]:
    return and_(call_backs.c.ticket_id == ticket["id"], call_backs.c.round == ticket["redos"])


_ATTEMPT = (
    call_backs.c.at,
    call_backs.c.via,
    staff_table.c.name,
    call_backs.c.round,
    call_backs.c.contacted,
    call_backs.c.solved,
    call_backs.c.satisfied,
    call_backs.c.reason,
)
