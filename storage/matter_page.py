"""What a ticket's page shows of other tickets: those folded into it, linked, of one incident, or perhaps the same.

Everything goes through the gate of the other ticket: whoever may not meet it does not learn that there is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, and_, or_, select

from storage import folded, incidents, linking, same_matter
from storage.desk import TicketPage
from storage.linking import Link
from storage.messages import Message
from storage.same_matter import Often, Similar
from storage.stepping_aside import open_to
from storage.tables import blobs, messages, ticket_blobs, ticket_merges, tickets
from storage.tables import staff as staff_table
from storage.thread import MESSAGE
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Folded:
    """A ticket folded into this one, with all that was said under its own number; or the one this is folded into."""

    ticket: RowMapping
    by: str
    at: datetime
    why: str | None
    thread: Sequence[Message] = ()
    files: Sequence[RowMapping] = ()


@dataclass(frozen=True, slots=True)
class Matters:
    """``into``: where this one goes on. ``similar`` with, by ticket, the open incident it is of."""

    into: Folded | None
    folded: Sequence[Folded]
    links: Sequence[Link]
    incident: RowMapping | None
    suggested: Sequence[RowMapping]
    similar: Sequence[Similar]
    often: Often | None
    incident_of: dict[int, RowMapping]

    def __bool__(self) -> bool:
        near = self.incident is not None or self.into is not None or self.often is not None
        return near or bool(self.folded or self.links or self.suggested or self.similar)


def around(tx: Tx, page: TicketPage, *, staff_id: int) -> Matters | None:
    """None for whoever sees no more than the outline."""
    if page.sight == "outline":
        return None
    row, ticket_id = page.ticket, int(page.ticket["id"])
    into = _merges(tx, ticket_merges.c.ticket_id == ticket_id, ticket_merges.c.into_id, staff_id)
    alone = not into
    similar = same_matter.similar(tx, row, staff_id=staff_id) if alone else []
    found = {int(one.ticket["id"]): incidents.of_ticket(tx, int(one.ticket["id"])) for one in similar}
    mine = _met(tx, incidents.of_ticket(tx, ticket_id), staff_id)
    similar = [one for one in similar if mine is None or not _same(found[int(one.ticket["id"])], mine)]
    return Matters(
        into=into[0] if into else None,
        folded=[_with_words(tx, one) for one in folded_in(tx, ticket_id, staff_id)],
        links=linking.of_ticket(tx, ticket_id, staff_id=staff_id),
        incident=mine,
        suggested=[one for one in incidents.suggested_for(tx, row) if _met(tx, one, staff_id)] if alone else [],
        similar=similar,
        often=same_matter.often(tx, row, staff_id=staff_id) if alone else None,
        incident_of={ticket: one for ticket, one in found.items() if one is not None},
    )


def folded_in(tx: Tx, ticket_id: int, staff_id: int) -> list[Folded]:
    return _merges(tx, ticket_merges.c.into_id == ticket_id, ticket_merges.c.ticket_id, staff_id)


def _merges(tx: Tx, which: ColumnElement[bool], other: ColumnElement[int], staff_id: int) -> list[Folded]:
    kept = [ticket_merges.c[name].label(f"merge_{name}") for name in ("made_at", "why")]
    query = select(tickets, *kept, staff_table.c.name.label("merge_by")).join(ticket_merges, tickets.c.id == other)
    query = query.join(staff_table, staff_table.c.id == ticket_merges.c.made_by)
    rows = tx.all(query.where(which, folded.STANDING, open_to(staff_id)).order_by(ticket_merges.c.id))
    return [Folded(row, row["merge_by"], row["merge_made_at"], row["merge_why"]) for row in rows]


def _with_words(tx: Tx, one: Folded) -> Folded:
    ticket_id = int(one.ticket["id"])
    return Folded(one.ticket, one.by, one.at, one.why, _said(tx, one.ticket), _files(tx, ticket_id))


def _said(tx: Tx, row: RowMapping) -> list[Message]:
    """Its residents' words from every chat; staff's as they stand where it was filed."""
    ours = and_(messages.c.sender == "staff", messages.c.chat_id == row["chat_id"])
    mine = and_(messages.c.ticket_id == row["id"], or_(messages.c.sender == "resident", ours))
    return [Message(*said) for said in tx.connection.execute(select(*MESSAGE).where(mine).order_by(messages.c.id))]


def _files(tx: Tx, ticket_id: int) -> Sequence[RowMapping]:
    query = select(blobs.c.id, blobs.c.kind, blobs.c.name).join(ticket_blobs, ticket_blobs.c.blob_id == blobs.c.id)
    held = query.where(ticket_blobs.c.ticket_id == ticket_id, blobs.c.state == "stored")
    return tx.all(held.order_by(ticket_blobs.c.id))


def _met(tx: Tx, incident: RowMapping | None, staff_id: int) -> RowMapping | None:
    return incident if incident is not None and incidents.may_meet(tx, int(incident["id"]), staff_id=staff_id) else None


def _same(one: RowMapping | None, other: RowMapping) -> bool:
    return one is not None and one["id"] == other["id"]
