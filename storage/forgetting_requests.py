"""The register of data requests lets go of whoever asked: that somebody did, and what came of it, stays."""

from __future__ import annotations

from sqlalchemy import ColumnElement

from storage.tables import data_requests
from storage.transaction import Tx

NAMING = ("name", "contact", "words", "identity_note", "resident_id")
"""What of a request names anybody."""


def of_resident(tx: Tx, resident_id: int) -> int:
    """Of one whose data is deleted. A request that is still open keeps what it needs to be answered."""
    theirs = data_requests.c.resident_id == resident_id
    tx.execute(data_requests.update().where(theirs, data_requests.c.state == "open").values(resident_id=None))
    return forget(tx, theirs)


def forget(tx: Tx, which: ColumnElement[bool]) -> int:
    return tx.changed(data_requests.update().where(which).values(dict.fromkeys(NAMING)))
