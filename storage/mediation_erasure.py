"""Deleting what a mediation keeps about somebody: with its ticket when its time is up, or one party's own when they wish.

The file of a mediation must be kept its time (ME-14): a party who wants everything deleted leaves the case, is no longer
reached and no longer linked to it; what the file says of them goes when the file goes.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from storage import course_erasure
from storage.tables import (
    mediation_blobs,
    mediation_events,
    mediation_parties,
    mediation_releases,
    mediation_words,
    mediations,
    tickets,
)
from storage.transaction import Tx

NAMING = ("name", "phone", "unit", "room", "place_note", "resident_id", "chat_id", "invite_hash")
"""What of a party names anybody; the building stays, as it does with every matter."""
GONE = "〔已删除 / deleted〕"


def anonymise(tx: Tx, ticket_id: int) -> tuple[int, list[int]]:
    """The case of a ticket names nobody any more and holds no words; how many words, and the files it let go of."""
    case_id = tx.scalar(select(mediations.c.id).where(mediations.c.ticket_id == ticket_id))
    if case_id is None:
        return 0, []
    course_erasure.anonymise(tx, int(case_id))
    held = tx.all(select(mediation_blobs.c.blob_id).where(mediation_blobs.c.mediation_id == case_id))
    tx.execute(mediation_blobs.delete().where(mediation_blobs.c.mediation_id == case_id))
    theirs = mediation_parties.c.mediation_id == case_id
    tx.execute(mediation_parties.update().where(theirs).values(dict.fromkeys(NAMING)))
    tx.execute(
        mediation_events.update().where(mediation_events.c.mediation_id == case_id).values(note=None, word_id=None)
    )
    words = select(mediation_words.c.id).where(mediation_words.c.mediation_id == case_id)
    tx.execute(mediation_releases.delete().where(mediation_releases.c.word_id.in_(words)))
    number = tx.changed(mediation_words.delete().where(mediation_words.c.mediation_id == case_id))
    return number, [int(row["blob_id"]) for row in held]


def leave(tx: Tx, resident_id: int, *, but: Sequence[int]) -> int:
    """Somebody who has everything deleted leaves their cases, ``but`` those of tickets that stay; how many."""
    stay = select(mediations.c.id).where(mediations.c.ticket_id.in_(but))
    theirs = (mediation_parties.c.resident_id == resident_id) & mediation_parties.c.mediation_id.not_in(stay)
    gone = {"resident_id": None, "chat_id": None, "invite_hash": None, "left_at": tx.now}
    tx.wake("desk")
    return tx.changed(mediation_parties.update().where(theirs).values(gone))


def numbers_of(tx: Tx, resident_id: int | None) -> list[str]:
    """The archive's numbers of the cases somebody was asked into, whose files must be kept."""
    query = select(mediations.c.file_number).join(
        mediation_parties, mediation_parties.c.mediation_id == mediations.c.id
    )
    asked = (mediation_parties.c.resident_id == resident_id) & mediations.c.file_number.is_not(None)
    own = select(tickets.c.id).where(tickets.c.resident_id == resident_id)
    rows = tx.all(query.where(asked, mediations.c.ticket_id.not_in(own)).order_by(mediations.c.id))
    return [str(row["file_number"]) for row in rows]
