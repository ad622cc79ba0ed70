"""Tickets folded into others (``merging``): which one lives, and what is folded into it. Reading only."""

from __future__ import annotations

from sqlalchemy import Select, select

from storage.tables import ticket_merges
from storage.transaction import Tx


def into(tx: Tx, ticket_id: int) -> int | None:
    """The ticket this one is folded into; None where it stands for itself."""
    living = select(ticket_merges.c.into_id).where(ticket_merges.c.ticket_id == ticket_id, STANDING)
    found: int | None = tx.scalar(living)
    return found


def held_in(tx: Tx, ticket_id: int) -> list[int]:
    """The tickets folded into this one, in the order they were."""
    mine = select(ticket_merges.c.ticket_id).where(ticket_merges.c.into_id == ticket_id, STANDING)
    return [int(row["ticket_id"]) for row in tx.all(mine.order_by(ticket_merges.c.id))]


def living_of(which: Select[tuple[int]]) -> Select[tuple[int]]:
    """The tickets that these are folded into."""
    return select(ticket_merges.c.into_id).where(ticket_merges.c.ticket_id.in_(which), STANDING)


STANDING = ticket_merges.c.ended_at.is_(None)
