"""What remains of a volunteer who is forgotten: hours of this and that kind, and nobody they belong to (PI-05)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, select

from storage.tables import (
    certificates,
    volunteer_claims,
    volunteer_events,
    volunteer_hours,
    volunteer_invitations,
    volunteers,
)
from storage.transaction import Tx

ERASED = "erased"
"""Why a certificate is void whose holder had everything deleted."""
BLANK = (
    "name", "phone", "building", "age", "paused_until", "guardian_name", "guardian_phone", "guardian_code",
    "guardian_code_until",
)  # fmt: skip


def unname(tx: Tx, which: ColumnElement[bool], *, nobody: tuple[int, int], gone: str) -> int:
    """Records that name nobody any more; how many. Certificates cannot be confirmed from then on."""
    ids = [int(row["id"]) for row in tx.all(select(volunteers.c.id).where(which))]
    if not ids:
        return 0
    chat_id, resident_id = nobody
    blank = dict.fromkeys(BLANK) | {"skills": "", "times": [], "reach": [], "state": "left", "left_at": tx.now}
    ours = {"chat_id": chat_id, "resident_id": resident_id}
    tx.execute(volunteers.update().where(volunteers.c.id.in_(ids)).values(blank | ours))
    tx.execute(volunteer_events.update().where(volunteer_events.c.volunteer_id.in_(ids)).values(note=None))
    corrected = volunteer_hours.c.volunteer_id.in_(ids) & volunteer_hours.c.reason.is_not(None)
    tx.execute(volunteer_hours.update().where(corrected).values(reason=gone))
    _unname_claims(tx, ids, chat_id, gone)
    mine = certificates.c.volunteer_id.in_(ids)
    tx.execute(certificates.update().where(mine).values(says=None, state="revoked", revoked_at=tx.now, reason=ERASED))
    waiting = volunteer_invitations.c.volunteer_id.in_(ids) & volunteer_invitations.c.sent_at.is_(None)
    tx.execute(volunteer_invitations.update().where(waiting).values(dropped=True))
    return len(ids)


def _unname_claims(tx: Tx, ids: list[int], chat_id: int, gone: str) -> None:
    mine = volunteer_claims.c.volunteer_id.in_(ids)
    still_open = mine & (volunteer_claims.c.state == "open")
    tx.execute(volunteer_claims.update().where(still_open).values(state="withdrawn"))
    tx.execute(volunteer_claims.update().where(mine).values(words=gone, answer=None, chat_id=chat_id))
