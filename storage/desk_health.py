"""What went wrong on the way in or out, as staff see it, and the two ways to try once more."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement

from storage import backup_runs, dead_letters, group_connecting, inbox, staff
from storage.group_connecting import Line
from storage.tables import inbox as incoming
from storage.tables import outbox as outgoing
from storage.transaction import Tx
from storage.within import chat_within

_TOKEN = re.compile(r"\d{2,}:[A-Za-z0-9_-]{8,}|(?i:bearer|token|password|secret)[=: ]+\S+|://[^/\s@]+@")
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Health:
    """Depths by state; parked updates and lost letters, newest first, without what was said in them."""

    inbox: dict[str, int]
    outbox: dict[str, int]
    parked: list[dict[str, object]]
    letters: list[dict[str, object]]
    groups: Sequence[Line] = ()
    """How the staff groups of the reader's places stand."""


def health(tx: Tx, *, staff_id: int | None = None) -> Health:
    """For one member: of the residents of their places."""
    came, went = _of(staff_id)
    letters = [{name: value for name, value in row.items() if name != "text"} for row in dead_letters.listed(tx, *went)]
    depths = inbox.depth(tx, *came), dead_letters.depth(tx, *went)
    return Health(*depths, _safe(inbox.parked(tx, *came)), _safe(letters), _groups(tx, staff_id))


def _groups(tx: Tx, staff_id: int | None) -> list[Line]:
    return [one for one in group_connecting.lines(tx, staff_id) if one.chat_id is not None]


def _of(staff_id: int | None) -> tuple[list[ColumnElement[bool]], list[ColumnElement[bool]]]:
    if staff_id is None:
        return [], []
    return [chat_within(incoming.c.chat_id, staff_id)], [chat_within(outgoing.c.chat_id, staff_id)]


def troubles(tx: Tx, *, staff_id: int | None = None) -> int:
    """How many things on the health page want a person."""
    came, went = _of(staff_id)
    depth = inbox.depth(tx, *came) | dead_letters.depth(tx, *went)
    shut = sum(one.standing in ("closed", "no_right") for one in _groups(tx, staff_id))
    wanting = shut + int(backup_runs.wants_somebody(tx))
    return depth["parked"] + depth["dead"] + depth["doubtful"] + wanting


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
    return dead_letters.resend(tx, outbox_id)


def resend_all(tx: Tx, *, staff_id: int) -> int:
    """Every letter that surely did not arrive, of this member's places, once more; how many."""
    staff.actor(tx, staff_id)
    count = dead_letters.resend_all(tx, *_of(staff_id)[1])
    if count:
        staff.note(tx, staff_id, "resend_letters", str(count))
    return count


def set_aside(tx: Tx, row_id: int, *, staff_id: int, reason: str) -> bool:
    """Nothing more is tried with a parked update; False when it is not parked (any more). The reason is kept."""
    staff.actor(tx, staff_id)
    done = inbox.set_aside(tx, row_id)
    if done:
        staff.note(tx, staff_id, "set_aside_update", str(row_id), reason=reason)
    return done
