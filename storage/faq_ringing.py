"""Ringing whoever got an old answer of the FAQ at the telephone: on the list of whom to ring, once a number and version."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from knowledge import broadcasts
from storage import asked_before, ring_backs
from storage.faq_rows import may, note, there
from storage.tables import faq_versions
from storage.tables import ring_backs as table
from storage.transaction import Tx

CHANGED = "changed"


def to_ring(tx: Tx, version_id: int) -> list[tuple[int, str, datetime]]:
    """The last call of each number, and when."""
    since = tx.now - broadcasts.rules().asked_within
    found: dict[str, tuple[int, str, datetime]] = {}
    for call_id, phone, at in tx.tuples(asked_before.by_telephone(version_id, since=since)):
        found.setdefault(str(phone), (int(call_id), str(phone), at))
    return list(found.values())


def ring(tx: Tx, key: str, number: int, *, staff_id: int) -> int:
    """They wait on the list from now on; how many that are."""
    may(tx, staff_id, "publish")
    one = there(tx, key)
    this = (faq_versions.c.entry_id == one.id) & (faq_versions.c.number == number)
    version_id = tx.scalar(select(faq_versions.c.id).where(this).with_for_update())
    if version_id is None:
        raise LookupError(f"{key} {number}")
    found = to_ring(tx, int(version_id))
    for call_id, phone, _ in found:
        about: dict[str, Any] = {"call_id": call_id, "version_id": version_id, "wish": one.latest.question.zh}
        ring_backs.ask_for(tx, reason=CHANGED, phone=phone, due_at=tx.now, **about)
    if found:
        note(tx, staff_id, "ring", key, version=number, count=len(found))
    return len(found)


def overtaken(tx: Tx, entry_id: int) -> int:
    """It means something else again, or answers no more: nobody is rung about what it was."""
    of = table.c.version_id.in_(select(faq_versions.c.id).where(faq_versions.c.entry_id == entry_id))
    values = {"state": "done", "outcome": "overtaken", "done_at": tx.now, "revision": table.c.revision + 1}
    return tx.changed(table.update().where(of, table.c.state == "open").values(values))
