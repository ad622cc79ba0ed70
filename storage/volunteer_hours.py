"""The ledger of hours served: append-only, every line with who wrote it and why (VO-07, VO-08).

The same occasion, and the same claim, bring hours once; a correction is a further line. Nothing is added up and kept: the
sum is always that of the lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from knowledge import served
from knowledge.served import BadEntry, Entry
from storage import staff, volunteers
from storage.erasure import NOBODY
from storage.tables import chats, occasions, volunteer_hours
from storage.tables import volunteers as volunteer_table
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Entered:
    """``new`` is False where the occasion had brought its hours before; ``overlaps`` counts already at the same time."""

    entry_id: int
    volunteer_id: int
    chat_id: int
    minutes: int
    new: bool
    overlaps: Sequence[Entry] = ()


class Overlaps(Exception):
    """Hours at a time that counts already; whoever enters them has to look first."""

    def __init__(self, found: Sequence[Entry]) -> None:
        super().__init__("these hours overlap others")
        self.found = found


class Changed(Exception):
    """Somebody corrected the entry meanwhile; nothing was changed."""


def enter(
    tx: Tx, *, resident_id: int, occasion_id: int, start: datetime, end: datetime, by: int, breaks_minutes: int = 0
) -> Entered | None:
    """The hours somebody served at an occasion, once; None for somebody who is no volunteer, BadEntry for a bad span.

    Called when an organiser confirms who came. A second call changes nothing: corrections have their own way.
    """
    staff.actor(tx, by)
    known = volunteers.of_resident(tx, resident_id)
    if known is None:
        return None
    volunteers.held(tx, known.id)
    minutes = served.minutes_of(start, end, breaks_minutes, now=tx.now)
    mine = of_volunteer(tx, known.id)
    before = next((entry for entry in mine if entry.occasion_id == occasion_id), None)
    if before is not None:
        return Entered(before.id, known.id, known.chat_id, before.minutes, new=False)
    about = tx.first(select(occasions).where(occasions.c.id == occasion_id))
    if about is None:
        raise LookupError(f"no occasion {occasion_id}")
    what = {"what": about["title"], "category": about["category"], "place": about["place"]}
    span = {"starts_at": start, "ends_at": end, "breaks_minutes": breaks_minutes, "minutes": minutes}
    overlaps = served.overlapping(mine, start, end)
    entry_id = _write(tx, known.id, kind="served", occasion_id=occasion_id, staff_id=by, **what, **span)
    return Entered(entry_id, known.id, known.chat_id, minutes, new=True, overlaps=overlaps)


def enter_by_hand(
    tx: Tx, volunteer_id: int, *, what: str, start: datetime, end: datetime, by: int, breaks_minutes: int = 0,
    place: str | None = None, category: str | None = None, kind: str = "served", claim_id: int | None = None,
    reason: str | None = None, despite: bool = False,
) -> Entered:  # fmt: skip
    """Hours of something that was no occasion of ours. Overlaps unless ``despite``; BadEntry for a bad span."""
    staff.actor(tx, by)
    known = volunteers.held(tx, volunteer_id)
    minutes = served.minutes_of(start, end, breaks_minutes, now=tx.now)
    found = served.overlapping(of_volunteer(tx, volunteer_id), start, end)
    if found and not despite:
        raise Overlaps(found)
    span = {"starts_at": start, "ends_at": end, "breaks_minutes": breaks_minutes, "minutes": minutes}
    about = {"what": what, "category": category, "place": place, "reason": reason, "claim_id": claim_id}
    entry_id = _write(tx, volunteer_id, kind=kind, staff_id=by, **about, **span)
    staff.note(tx, by, "enter_hours", known.number, minutes=minutes)
    return Entered(entry_id, volunteer_id, known.chat_id, minutes, new=True, overlaps=found)


def correct(tx: Tx, entry_id: int, *, minutes: int, known: int, reason: str, by: int) -> Entry:
    """So many minutes it was; ``known`` are those whoever corrects has seen. Changed, BadEntry or LookupError else."""
    staff.actor(tx, by)
    entry = get(tx, entry_id)
    volunteers.held(tx, entry.volunteer_id)
    entry = get(tx, entry_id)
    if entry.minutes != known:
        raise Changed
    span = round((entry.ends_at - entry.starts_at) / served.MINUTE)
    if not 0 <= minutes <= max(span, entry.first):
        raise BadEntry("too_long")
    if not reason.strip():
        raise BadEntry("reason")
    if minutes != entry.minutes:
        _write_correction(tx, entry, minutes - entry.minutes, "correction" if minutes else "reversed", reason, by)
        staff.note(tx, by, "correct_hours", str(entry_id), was=entry.minutes, now=minutes, reason=reason)
    return get(tx, entry_id)


def _write_correction(tx: Tx, entry: Entry, difference: int, kind: str, reason: str, by: int) -> None:
    same = {name: getattr(entry, name) for name in ("what", "category", "place", "starts_at", "ends_at", "occasion_id")}
    values = {"minutes": difference, "reason": reason, "staff_id": by, "corrects_id": entry.id}
    _write(tx, entry.volunteer_id, kind=kind, **same, **values)


def _write(tx: Tx, volunteer_id: int, /, **values: Any) -> int:
    tx.wake("desk")
    return tx.insert(volunteer_hours, volunteer_id=volunteer_id, at=tx.now, **values)


# --- reading ----------------------------------------------------------------------------------------------------------
def of_volunteer(tx: Tx, volunteer_id: int) -> list[Entry]:
    """What they served, oldest first; with what an earlier record of the same resident holds."""
    return served.entries(lines(tx, volunteer_id))


def lines(tx: Tx, volunteer_id: int) -> list[dict[str, Any]]:
    """The ledger itself, line by line."""
    query = select(volunteer_hours).where(volunteer_hours.c.volunteer_id.in_(_same(tx, volunteer_id)))
    return [dict(row) for row in tx.all(query.order_by(volunteer_hours.c.id))]


def _same(tx: Tx, volunteer_id: int) -> list[int]:
    """Every record of the same resident: two that turned out to be one have two."""
    whose = select(volunteer_table.c.resident_id).where(volunteer_table.c.id == volunteer_id)
    resident_id = tx.scalar(whose)
    nobody = tx.scalar(select(chats.c.resident_id).where(chats.c.remote == NOBODY))
    if resident_id is None or resident_id == nobody:
        return [volunteer_id]
    return [
        int(row["id"])
        for row in tx.all(select(volunteer_table.c.id).where(volunteer_table.c.resident_id == resident_id))
    ]


def just_entered(tx: Tx, occasion_id: int) -> list[Entered]:
    """What this very transaction has entered for an occasion: whoever served is told."""
    now = (volunteer_hours.c.occasion_id == occasion_id) & (volunteer_hours.c.at == tx.now)
    query = select(volunteer_hours, volunteer_table.c.chat_id)
    query = query.join(volunteer_table, volunteer_table.c.id == volunteer_hours.c.volunteer_id)
    rows = tx.all(query.where(now, volunteer_hours.c.corrects_id.is_(None)).order_by(volunteer_hours.c.id))
    return [Entered(row["id"], row["volunteer_id"], row["chat_id"], row["minutes"], new=True) for row in rows]


def get(tx: Tx, entry_id: int) -> Entry:
    """One service with its corrections; LookupError where there is none."""
    mine = (volunteer_hours.c.id == entry_id) & volunteer_hours.c.corrects_id.is_(None)
    corrections = volunteer_hours.c.corrects_id == entry_id
    query = select(volunteer_hours).where(mine | corrections).order_by(volunteer_hours.c.id)
    found = served.entries(dict(row) for row in tx.all(query))
    if not found:
        raise LookupError(f"no entry {entry_id}")
    return found[0]


def total(tx: Tx, volunteer_id: int) -> int:
    """Minutes, all in all."""
    return served.total(of_volunteer(tx, volunteer_id))
