"""What staff look at: a ticket with its thread and history, and who may see which file.

Reading only; what staff do is in ``desk_acts``. A confidential ticket hides who called and from where until somebody
who may act says why they need to know; that opens it to them for a quarter of an hour, and is kept in the audit.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import RowMapping, select

from knowledge.reach import Sight
from storage import blobs, call_backs, desk_alarms, joining, staff, thread
from storage.blobs import Blob
from storage.call_backs import Attempt
from storage.mediation_opening import of_mediations
from storage.messages import Message
from storage.sight import is_masked, sight_of
from storage.stepping_aside import may_see, open_to
from storage.tables import (
    alarms,
    appointments,
    conversations,
    residents,
    ticket_blobs,
    ticket_events,
    tickets,
    units,
)
from storage.tables import blobs as blob_table
from storage.tables import staff as staff_table
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a ticket's history; ``unit``: whom that colleague works for, zh and en."""

    at: datetime
    actor: str
    staff: str | None
    action: str
    from_state: str | None
    to_state: str
    note: str | None
    unit_zh: str | None = None
    unit_en: str | None = None


@dataclass(frozen=True, slots=True)
class TicketPage:
    """All of one ticket as its reader sees it: of an outline only number, kind, state and clock are theirs to know.
    ``masked``: somebody must say why before they see who called."""

    ticket: RowMapping
    assignee: str | None
    caller: str | None
    thread: list[Message]
    events: list[Event]
    files: list[RowMapping]
    sight: Sight
    masked: bool
    reporters: int
    calls: list[Attempt]

    @property
    def covered(self) -> bool:
        """Who called, and from where, is not shown to this reader now."""
        return self.sight != "all"

    @property
    def timeline(self) -> list[Message | Event]:
        """What was said and what staff noted for themselves, in one order."""
        notes = [event for event in self.events if event.action == "note" and event.note]
        return sorted([*self.thread, *notes], key=lambda entry: entry.at)


def ticket_page(tx: Tx, number: str, *, staff_id: int) -> TicketPage | None:
    """One ticket, as this member may see it now."""
    query = select(tickets, staff_table.c.name.label("assignee"), residents.c.name.label("caller"))
    query = query.outerjoin(staff_table, staff_table.c.id == tickets.c.assigned_to)
    query = query.join(residents, residents.c.id == tickets.c.resident_id)
    row = tx.first(query.where(tickets.c.number == number, open_to(staff_id)))
    if row is None:
        return None
    ticket_id, seen = int(row["id"]), sight_of(tx, row, staff_id=staff_id)
    words = seen != "outline"
    return TicketPage(
        ticket=row,
        assignee=row["assignee"],
        caller=row["caller"] if words else None,
        thread=thread.said(tx, ticket_id, int(row["chat_id"])) if words else [],
        events=[event if words else replace(event, note=None) for event in _history(tx, ticket_id)],
        files=_files(tx, ticket_id) if words else [],
        sight=seen,
        masked=is_masked(tx, row, staff_id=staff_id),
        reporters=joining.reporters(tx, ticket_id),
        calls=call_backs.of_ticket(tx, ticket_id) if words else [],
    )


def _history(tx: Tx, ticket_id: int) -> list[Event]:
    columns = [ticket_events.c[name] for name in ("at", "actor", "action", "from_state", "to_state", "note")]
    query = (
        select(columns[0], columns[1], staff_table.c.name, *columns[2:], units.c.zh, units.c.en)
        .outerjoin(staff_table, staff_table.c.id == ticket_events.c.staff_id)
        .outerjoin(units, units.c.id == staff_table.c.unit_id)
        .where(ticket_events.c.ticket_id == ticket_id)
        .order_by(ticket_events.c.id)
    )
    return [Event(*row) for row in tx.tuples(query)]


def _files(tx: Tx, ticket_id: int) -> list[RowMapping]:
    columns = (blob_table.c.id, blob_table.c.kind, blob_table.c.name, blob_table.c.size, blob_table.c.state)
    query = select(*columns).join(ticket_blobs, ticket_blobs.c.blob_id == blob_table.c.id)
    return list(tx.all(query.where(ticket_blobs.c.ticket_id == ticket_id).order_by(ticket_blobs.c.id)))


def file(tx: Tx, blob_id: int, *, staff_id: int) -> Blob | None:
    """A file staff may open: one of a ticket, or of a chat a person was called to. Every look is kept in the audit.

    None when it is neither, has not arrived yet, or belongs to a confidential ticket this member has not uncovered.
    """
    found = blobs.get(tx, blob_id)
    if found is None or not _may_open(tx, blob_id, found.chat_id, staff_id):
        return None
    staff.note(tx, staff_id, "open_file", str(blob_id))
    return found


def _may_open(tx: Tx, blob_id: int, chat_id: int | None, staff_id: int) -> bool:
    if of_mediations(tx, blob_id):
        return False  # the mediation desk shows it, to whoever may read the case
    held = select(tickets).join(ticket_blobs, ticket_blobs.c.ticket_id == tickets.c.id)
    of_tickets = tx.all(held.where(ticket_blobs.c.blob_id == blob_id))
    if of_tickets:
        seen = (row for row in of_tickets if may_see(tx, int(row["id"]), staff_id=staff_id))
        return any(sight_of(tx, row, staff_id=staff_id) == "all" for row in seen)
    sent = select(blob_table.c.created_at.label("at")).where(blob_table.c.id == blob_id)
    if chat_id is None or not desk_alarms.readable(tx, chat_id, tx.all(sent), staff.get(tx, staff_id)):
        return False
    called = select(conversations.c.id).where(conversations.c.chat_id == chat_id).limit(1)
    alarmed = select(alarms.c.id).where(alarms.c.chat_id == chat_id).limit(1)
    agreed = select(appointments.c.id).where(appointments.c.chat_id == chat_id).limit(1)
    return any(tx.scalar(query) is not None for query in (called, alarmed, agreed))


def saw(tx: Tx, ticket_id: int) -> None:
    """Staff have the ticket before them: its new words are not new any more."""
    if tx.changed(tickets.update().where(tickets.c.id == ticket_id, tickets.c.unread > 0).values(unread=0)):
        tx.wake("desk")
