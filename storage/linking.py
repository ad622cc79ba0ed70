"""Tickets that concern each other: linked by staff for a stated reason, seen on both, untied again; lines are never lost.

"Not the same" is kept here too, so that what was looked at once is not suggested again.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, Update, and_, or_, select

from knowledge.life import Refusal
from knowledge.likeness import shipped
from knowledge.merging import may_link
from storage import merging
from storage.desk_acts import Done, held_by
from storage.stepping_aside import open_to
from storage.tables import staff, ticket_links, tickets
from storage.tickets import record
from storage.transaction import Tx

NOT_SAME = "not_same"


@dataclass(frozen=True, slots=True)
class Link:
    """One link as it looks from one of its ends; ``forth``: this end is the one that follows, or came again."""

    id: int
    kind: str
    forth: bool
    other: RowMapping
    why: str | None
    by: str
    at: datetime


def link(tx: Tx, ticket_id: int, other_id: int, *, staff_id: int, kind: str, why: str) -> Done | Refusal:
    """``ticket_id`` is a ``kind`` of ``other_id``. It disturbs nobody, so that it needs no revision; twice is once.

    Raises ValueError for a kind there is not, MayNot and LookupError like every step of the desk.
    """
    if kind not in (*shipped().links, NOT_SAME):
        raise ValueError(kind)
    held = {one: held_by(tx, one, staff_id=staff_id)[1] for one in sorted({ticket_id, other_id})}
    row, other = held[ticket_id], held[other_id]
    refused = may_link(merging.side(tx, row), merging.side(tx, other))
    if refused is not None:
        return refused
    standing = tx.first(select(ticket_links).where(_between(ticket_id, other_id), _STANDS))
    if standing is not None and standing["kind"] == kind:
        return Done(row["state"], again=True)
    if standing is not None:
        tx.execute(_end(int(standing["id"]), staff_id, tx.now))
    made = {"kind": kind, "why": why or None, "made_at": tx.now, "made_by": staff_id}
    tx.insert(ticket_links, ticket_id=ticket_id, other_id=other_id, **made)
    _record(tx, (row, other), staff_id, "not_same" if kind == NOT_SAME else "link", why)
    return Done(row["state"])


def unlink(tx: Tx, ticket_id: int, link_id: int, *, staff_id: int) -> Done:
    """Untie; it stays in both histories. LookupError where this ticket has no such link."""
    query = select(ticket_links.c.ticket_id, ticket_links.c.other_id).where(ticket_links.c.id == link_id)
    ends = tx.first(query.where(or_(ticket_links.c.ticket_id == ticket_id, ticket_links.c.other_id == ticket_id)))
    if ends is None:
        raise LookupError(f"no link {link_id} on ticket {ticket_id}")
    rows = [held_by(tx, one, staff_id=staff_id)[1] for one in sorted((int(ends["ticket_id"]), int(ends["other_id"])))]
    if not tx.changed(_end(link_id, staff_id, tx.now)):
        return Done(rows[0]["state"], again=True)
    _record(tx, (rows[0], rows[1]), staff_id, "unlink", "")
    return Done(rows[0]["state"])


def of_ticket(tx: Tx, ticket_id: int, *, staff_id: int) -> list[Link]:
    """Its links to tickets this member may meet, "not the same" left out."""
    other = or_(
        and_(ticket_links.c.ticket_id == ticket_id, tickets.c.id == ticket_links.c.other_id),
        and_(ticket_links.c.other_id == ticket_id, tickets.c.id == ticket_links.c.ticket_id),
    )
    columns = [ticket_links.c[name].label(f"link_{name}") for name in ("id", "kind", "ticket_id", "why", "made_at")]
    query = select(tickets, *columns, staff.c.name.label("link_by")).join(ticket_links, other)
    query = query.join(staff, staff.c.id == ticket_links.c.made_by)
    seen = query.where(_STANDS, ticket_links.c.kind != NOT_SAME, open_to(staff_id)).order_by(ticket_links.c.id)
    return [
        Link(
            int(row["link_id"]),
            str(row["link_kind"]),
            row["link_ticket_id"] == ticket_id,
            row,
            row["link_why"],
            row["link_by"],
            row["link_made_at"],
        )
        for row in tx.all(seen)
    ]


def known(tx: Tx, ticket_id: int) -> set[int]:
    """The tickets that somebody linked it to, or said are not the same."""
    mine = or_(ticket_links.c.ticket_id == ticket_id, ticket_links.c.other_id == ticket_id)
    found = tx.tuples(select(ticket_links.c.ticket_id, ticket_links.c.other_id).where(mine, _STANDS))
    return {int(one) for ends in found for one in ends} - {ticket_id}


def _between(one: int, other: int) -> ColumnElement[bool]:
    forth = and_(ticket_links.c.ticket_id == one, ticket_links.c.other_id == other)
    return or_(forth, and_(ticket_links.c.ticket_id == other, ticket_links.c.other_id == one))


def _end(link_id: int, staff_id: int, now: datetime) -> Update:
    standing = ticket_links.update().where(ticket_links.c.id == link_id, _STANDS)
    return standing.values(ended_at=now, ended_by=staff_id)


def _record(tx: Tx, rows: tuple[RowMapping, RowMapping], staff_id: int, action: str, why: str) -> None:
    for row, other in zip(rows, reversed(rows), strict=True):
        state, note = row["state"], f"{other['number']} {why}".strip()
        record(
            tx,
            int(row["id"]),
            actor="staff",
            staff_id=staff_id,
            action=action,
            from_state=state,
            to_state=state,
            note=note,
        )
    tx.wake("desk")


_STANDS = ticket_links.c.ended_at.is_(None)
