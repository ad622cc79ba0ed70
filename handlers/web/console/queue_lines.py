"""Why a ticket stands in the queue, and what its next step is: one short line a row. The first that fits is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from knowledge.life import State, is_open
from storage.queues import SOON, QueueRow

Fits = Callable[[QueueRow, datetime], bool]


@dataclass(frozen=True, slots=True)
class Line:
    """Names of texts under ``why`` and ``next``; ``span`` is the time that ``why`` speaks of."""

    why: str
    next: str
    at: datetime | None = None
    count: int = 0


def _late(row: QueueRow, now: datetime) -> bool:
    return row.due_at <= now


WHY: tuple[tuple[str, Fits], ...] = (
    ("over", lambda row, _: not is_open(row.state)),
    ("danger", lambda row, _: row.urgency == "P0"),
    ("verdict", lambda row, _: row.state == State.CALLING_BACK),
    ("unread", lambda row, _: row.unread > 0),
    ("waiting", lambda row, _: row.waiting_resident),
    ("late_contact", lambda row, now: row.first_contact_at is None and _late(row, now)),
    ("late", _late),
    ("redo", lambda row, _: row.redos > 0),
    ("climbed", lambda row, _: row.level > 0),
    ("soon_contact", lambda row, now: row.first_contact_at is None and row.due_at <= now + SOON),
    ("soon", lambda row, now: row.due_at <= now + SOON),
    ("nobodys", lambda row, _: row.assigned_to is None),
    ("going", lambda _row, _now: True),
)
NEXT: tuple[tuple[str, Fits], ...] = (
    ("nothing", lambda row, _: not is_open(row.state)),
    ("read", lambda row, _: row.unread > 0),
    ("verdict", lambda row, _: row.state == State.CALLING_BACK),
    ("waiting", lambda row, _: row.waiting_resident),
    ("extension", lambda row, _: row.state == State.EXTENSION_ASKED),
    ("return", lambda row, _: row.state == State.RETURN_ASKED),
    ("take_on", lambda row, _: row.state == State.RECEIVED and row.assigned_to is None),
    ("accept", lambda row, _: row.state == State.RECEIVED),
    ("contact", lambda row, _: row.first_contact_at is None),
    ("redo", lambda row, _: row.redos > 0),
    ("finish", lambda _row, _now: True),
)


def line(row: QueueRow, now: datetime) -> Line:
    why, step = _first(WHY, row, now), _first(NEXT, row, now)
    moments: dict[str, Any] = {"waiting": row.waiting_since, "over": row.closed_at}
    return Line(why, step, moments.get(why, row.due_at), row.redos if why == "redo" else row.unread)


def _first(table: tuple[tuple[str, Fits], ...], row: QueueRow, now: datetime) -> str:
    return next(name for name, fits in table if fits(row, now))
