"""Why a ticket stands in the queue, and what its next step is: one short line a row. The first that fits is said."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from knowledge.life import State, is_open
from storage.queue_kinds import SOON
from storage.queues import QueueRow

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
    ("return", lambda row, _: row.state == State.RETURN_ASKED),
    ("extension", lambda row, _: row.state == State.EXTENSION_ASKED),
    ("fed_back", lambda row, _: row.state == State.FED_BACK),
    ("waiting", lambda row, _: row.waiting_resident),
    ("late_contact", lambda row, now: row.first_contact_at is None and _late(row, now)),
    ("late", _late),
    ("unsigned", lambda row, _: row.state == State.ASSIGNED),
    ("redo", lambda row, _: row.redos > 0),
    ("supervised", lambda row, _: row.supervised_at is not None),
    ("climbed", lambda row, _: row.level > 0),
    ("follow_up", lambda row, _: row.follow_up_at is not None),
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
    ("check", lambda row, _: row.state == State.FED_BACK),
    ("sign_for", lambda row, _: row.state == State.ASSIGNED),
    ("take_on", lambda row, _: row.state == State.RECEIVED and row.assigned_to is None),
    ("accept", lambda row, _: row.state == State.RECEIVED),
    ("contact", lambda row, _: row.first_contact_at is None),
    ("redo", lambda row, _: row.redos > 0),
    ("look_again", lambda row, _: row.follow_up_at is not None),
    ("handle", lambda row, _: row.state == State.SIGNED),
    ("feed_back", lambda row, _: row.lead_unit_id is not None),
    ("finish", lambda _row, _now: True),
)


ELSEWHERE = {"sign_for": "remind_unit", "handle": "unit_works", "feed_back": "unit_works"}
"""What another unit does next, as whoever is not of it has to do with it."""


def line(row: QueueRow, now: datetime, *, unit_id: int | None = None) -> Line:
    """For a reader of this unit, or of none."""
    why, step = _first(WHY, row, now), _first(NEXT, row, now)
    if row.lead_unit_id is not None and row.lead_unit_id != unit_id:
        step = ELSEWHERE.get(step, step)
    moments: dict[str, Any] = {"waiting": row.waiting_since, "over": row.closed_at}
    return Line(why, step, moments.get(why, row.due_at), row.redos if why == "redo" else row.unread)


def _first(table: tuple[tuple[str, Fits], ...], row: QueueRow, now: datetime) -> str:
    return next(name for name, fits in table if fits(row, now))
