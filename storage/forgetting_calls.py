"""Forgetting calls: what was noted, the number and where the recording lies go; that there was a call stays, and counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from storage.tables import calls, ring_back_tries, ring_backs
from storage.transaction import Tx


def of_ticket(tx: Tx, ticket_id: int) -> None:
    """Of a matter that is made anonymous."""
    blank(tx, calls.c.ticket_id == ticket_id)
    drop_ring_backs(tx, ring_backs.c.ticket_id == ticket_id)


def of_chats(tx: Tx, chat_ids: Sequence[int]) -> int:
    """Of somebody who has everything deleted; how many calls there were."""
    mine = calls.c.chat_id.in_(chat_ids)
    number = select(calls.c.id).where(mine)
    drop_ring_backs(tx, or_(ring_backs.c.chat_id.in_(chat_ids), ring_backs.c.call_id.in_(number)))
    return blank(tx, mine)


def blank(tx: Tx, which: ColumnElement[bool]) -> int:
    """Calls that name nobody; how many."""
    nothing: dict[str, Any] = {
        "number": None,
        "noted": {},
        "transfers": None,
        "looked_for": None,
        "recording": None,
        "chat_id": None,
        "updated_at": calls.c.began_at,
    }
    return tx.changed(calls.update().where(which).values(nothing))


def drop_ring_backs(tx: Tx, which: ColumnElement[bool]) -> None:
    ids = [int(row["id"]) for row in tx.all(select(ring_backs.c.id).where(which))]
    tx.execute(ring_back_tries.delete().where(ring_back_tries.c.ring_back_id.in_(ids)))
    tx.execute(ring_backs.delete().where(ring_backs.c.id.in_(ids)))
