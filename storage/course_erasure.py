"""What the course of a mediation keeps about somebody: theirs to take away, and how it goes with its case (ME-14, PI-05).

Of a case whose time is up the days and outcomes stay, and no words: neither records nor agreements nor answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select

from storage.tables import (
    mediation_agreements,
    mediation_asks,
    mediation_extensions,
    mediation_papers,
    mediation_parties,
    mediation_sessions,
    mediation_visits,
)
from storage.transaction import Tx

GONE = "〔已删除 / deleted〕"


def anonymise(tx: Tx, case_id: int) -> None:
    """Nobody's words are left in the course of this case."""
    blank: Sequence[tuple[Any, dict[str, Any]]] = (
        (mediation_sessions, {"present": None, "record": None}),
        (mediation_extensions, {"reason": GONE}),
        (mediation_agreements, {"content": {}, "scan_blob_id": None}),
        (mediation_visits, dict.fromkeys(("how", "trouble", "steps"))),
        (mediation_asks, {"words": None, "chat_id": None, "message_id": None}),
        (mediation_papers, {"blob_id": None, "note": None}),
    )
    for table, values in blank:
        tx.execute(table.update().where(table.c.mediation_id == case_id).values(values))


def leave(tx: Tx, chat_ids: Sequence[int]) -> None:
    """Somebody who has everything deleted is asked nothing more in these chats; the file keeps what was answered."""
    mine = mediation_asks.c.chat_id.in_(chat_ids)
    tx.execute(mediation_asks.update().where(mine).values(chat_id=None, message_id=None))


def asked_of(chat_ids: Sequence[int]) -> Select[Any]:
    """What somebody was asked and answered."""
    mine = mediation_asks.c.chat_id.in_(chat_ids)
    columns = (mediation_asks.c[n] for n in ("kind", "side", "asked_at", "answer", "words", "answered_at", "via"))
    return select(*columns).where(mine).order_by(mediation_asks.c.id)


def sessions_of(resident_id: int | None) -> Select[Any]:
    """The appointments of their cases; the mediator's record is the committee's."""
    columns = (mediation_sessions.c[name] for name in ("mediation_id", "at", "until", "place", "state", "outcome"))
    query = select(*columns).where(mediation_sessions.c.mediation_id.in_(_cases(resident_id)))
    return query.order_by(mediation_sessions.c.id)


def agreements_of(resident_id: int | None) -> Select[Any]:
    """Every wording that was put before them."""
    names = ("mediation_id", "version", "form", "content", "state", "put_at", "in_force_on")
    query = select(*(mediation_agreements.c[name] for name in names))
    shown = mediation_agreements.c.put_at.is_not(None)
    mine = mediation_agreements.c.mediation_id.in_(_cases(resident_id))
    return query.where(mine, shown).order_by(mediation_agreements.c.id)


def _cases(resident_id: int | None) -> Select[Any]:
    return select(mediation_parties.c.mediation_id).where(mediation_parties.c.resident_id == resident_id)
