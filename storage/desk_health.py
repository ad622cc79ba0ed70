"""What went wrong on the way in or out, as staff see it, and the two ways to try once more."""

from __future__ import annotations

import re
from dataclasses import dataclass

from storage import inbox, outbox, staff
from storage.transaction import Tx

_TOKEN = re.compile(r"\d{2,}:[A-Za-z0-9_-]{8,}|(?i:bearer|token|password|secret)[=: ]+\S+|://[^/\s@]+@")
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Health:
    """Depths by state; parked updates and lost letters, newest first, without what was said in them."""

    inbox: dict[str, int]
    outbox: dict[str, int]
    parked: list[dict[str, object]]
    letters: list[dict[str, object]]


def health(tx: Tx) -> Health:
    letters = [{name: value for name, value in row.items() if name != "text"} for row in outbox.letters(tx)]
    return Health(inbox.depth(tx), outbox.depth(tx), _safe(inbox.parked(tx)), _safe(letters))


def troubles(tx: Tx) -> int:
    """How many things on the health page want a person."""
    incoming, outgoing = inbox.depth(tx), outbox.depth(tx)
    return incoming["parked"] + outgoing["dead"] + outgoing["doubtful"]


def _safe(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [row | {"error": without_tokens(str(row["error"] or ""))} for row in rows]


def without_tokens(error: str) -> str:
    """An error's words without anything that opens a door."""
    return _TOKEN.sub("…", error)[:LONGEST]


def retry(tx: Tx, row_id: int, *, staff_id: int) -> bool:
    """Offer a parked update to the handlers once more; False when it is not parked (any more)."""
    staff.actor(tx, staff_id)
    staff.note(tx, staff_id, "retry_update", str(row_id))
    return inbox.retry_parked(tx, row_id)


def resend(tx: Tx, outbox_id: int, *, staff_id: int) -> bool:
    """Send a lost letter once more; False when it is not lost (any more)."""
    staff.actor(tx, staff_id)
    staff.note(tx, staff_id, "resend_letter", str(outbox_id))
    return outbox.resend(tx, outbox_id)
