"""What a voice message says, as somebody of staff heard it and wrote it down: read beside it, and found by the search.

Every writing is kept; the newest counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from storage import search
from storage.desk_acts import held_by
from storage.tables import messages, ticket_blobs, transcripts
from storage.tables import staff as staff_table
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Transcript:
    text: str
    staff: str
    at: datetime


def write(tx: Tx, ticket_id: int, blob_id: int, *, staff_id: int, text: str) -> None:
    """Keep it; the same again is kept once. LookupError where the ticket has no such file; MayNot."""
    member, _ = held_by(tx, ticket_id, staff_id=staff_id)
    if not _of_ticket(tx, ticket_id, blob_id):
        raise LookupError(f"no file {blob_id} at ticket {ticket_id}")
    known = of_ticket(tx, ticket_id).get(blob_id)
    if known is not None and known.text == text:
        return
    tx.insert(transcripts, blob_id=blob_id, ticket_id=ticket_id, staff_id=member.id, at=tx.now, text=text)
    search.renew(tx, ticket_id)
    tx.wake("desk")


def of_ticket(tx: Tx, ticket_id: int) -> dict[int, Transcript]:
    """The newest of each file."""
    query = select(transcripts.c.blob_id, transcripts.c.text, staff_table.c.name, transcripts.c.at)
    query = query.join(staff_table, staff_table.c.id == transcripts.c.staff_id)
    rows = tx.tuples(query.where(transcripts.c.ticket_id == ticket_id).order_by(transcripts.c.id))
    return {row[0]: Transcript(*row[1:]) for row in rows}


def _of_ticket(tx: Tx, ticket_id: int, blob_id: int) -> bool:
    held = select(ticket_blobs.c.id).where(ticket_blobs.c.ticket_id == ticket_id, ticket_blobs.c.blob_id == blob_id)
    if tx.scalar(held) is not None:
        return True
    said = tx.tuples(select(messages.c.attachments).where(messages.c.ticket_id == ticket_id))
    return any(part.get("blob") == blob_id for (parts,) in said for part in parts or ())
