"""The day itself: who has come and gone by their own word, by the organiser's or, where it was forgotten, by the clock.

What residents say of coming and going is a proposal; hours come of it only when the organiser confirms (VO-08).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import or_, select

from knowledge.occasion_kinds import shipped
from knowledge.occasions import Occasion, may_check_in
from storage import residents
from storage.occasion_places import Entry, entry_of, of_occasion, of_resident
from storage.occasions import TOPIC, hold, record
from storage.tables import occasion_entries as entries
from storage.tables import occasions
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Checked:
    """``kind``: in, out, already_in, already_out, early, over, not_joined, not_in. ``alone``: nobody else is there yet
    where two must be (VO-05)."""

    kind: str
    occasion: Occasion | None = None
    entry: Entry | None = None
    alone: bool = False


def check_in(tx: Tx, *, occasion_id: int, chat_id: int) -> Checked:
    occasion = hold(tx, occasion_id)
    had = of_resident(tx, occasion_id, residents.of_chat(tx, chat_id))
    if occasion is None or had is None or had.state != "joined" or occasion.state != "open":
        return Checked("not_joined", occasion)
    if had.checked_in_at is not None:
        return Checked("already_in", occasion, had)
    if not may_check_in(occasion, tx.now):
        return Checked("early" if tx.now < occasion.starts_at else "over", occasion, had)
    entry = _mark(tx, had, "check_in", checked_in_at=tx.now)
    others = [one for one in of_occasion(tx, occasion_id) if one.checked_in_at is not None and one.id != entry.id]
    return Checked("in", occasion, entry, alone=occasion.rules.pair and occasion.kind == "shift" and not others)


def check_out(tx: Tx, *, occasion_id: int, chat_id: int) -> Checked:
    occasion = hold(tx, occasion_id)
    had = of_resident(tx, occasion_id, residents.of_chat(tx, chat_id))
    if occasion is None or had is None or had.checked_in_at is None:
        return Checked("not_in", occasion, had)
    if had.checked_out_at is not None:
        return Checked("already_out", occasion, had)
    return Checked("out", occasion, _mark(tx, had, "check_out", checked_out_at=tx.now))


def _mark(tx: Tx, had: Entry, action: str, **values: object) -> Entry:
    changed = values | {"check_by": "self", "revision": had.revision + 1}
    tx.execute(entries.update().where(entries.c.id == had.id).values(changed))
    record(tx, had.occasion_id, actor="resident", action=action, entry_id=had.id)
    tx.wake(TOPIC)
    found = entry_of(tx, had.id)
    assert found is not None
    return found


# --- what the clock looks at ------------------------------------------------------------------------------------------
AHEAD = timedelta(days=3)
"""Nothing is due earlier than so long before the start."""


def near(tx: Tx) -> Sequence[int]:
    """Open occasions that something may be due of: they are near, behind us and not dealt with, or have a line."""
    line = select(entries.c.occasion_id).where(entries.c.state == "waiting")
    soon = or_(occasions.c.starts_at < tx.now + AHEAD, occasions.c.id.in_(line))
    query = select(occasions.c.id).where(occasions.c.state == "open", soon)
    return [int(row["id"]) for row in tx.all(query.order_by(occasions.c.starts_at, occasions.c.id))]


@dataclass(frozen=True, slots=True)
class Told:
    """What was told about an occasion already."""

    short: bool
    over: bool


def told(tx: Tx, occasion_id: int) -> Told:
    row = tx.first(select(occasions.c.short_told_at, occasions.c.over_told_at).where(occasions.c.id == occasion_id))
    assert row is not None
    return Told(row["short_told_at"] is not None, row["over_told_at"] is not None)


def note_told(tx: Tx, occasion_id: int, about: str) -> None:
    """``about``: short or over. Each is told once."""
    tx.execute(occasions.update().where(occasions.c.id == occasion_id).values({f"{about}_told_at": tx.now}))


def unreminded(tx: Tx, occasion_id: int, *, soon: bool) -> list[Entry]:
    """Who has a place and was not reminded so yet."""
    column = entries.c.reminded_soon_at if soon else entries.c.reminded_day_at
    mine = (entries.c.occasion_id == occasion_id) & (entries.c.state == "joined")
    ids = {int(row["id"]) for row in tx.all(select(entries.c.id).where(mine, column.is_(None)))}
    return [entry for entry in of_occasion(tx, occasion_id) if entry.id in ids and entry.checked_in_at is None]


def reminded(tx: Tx, entry_id: int, *, soon: bool) -> None:
    column = "reminded_soon_at" if soon else "reminded_day_at"
    tx.execute(entries.update().where(entries.c.id == entry_id).values({column: tx.now}))


def forgotten(tx: Tx, occasion: Occasion) -> int:
    """Whoever did not say that they had finished is taken to have stayed until the planned end; how many. It is marked as
    the clock's, and the organiser sees it."""
    if tx.now < occasion.ends_at + shipped().clocks.check_out:
        return 0
    mine = (entries.c.occasion_id == occasion.id) & entries.c.checked_in_at.is_not(None)
    open_ones = mine & entries.c.checked_out_at.is_(None)
    return tx.changed(entries.update().where(open_ones).values(checked_out_at=occasion.ends_at, check_by="clock"))


def finish(tx: Tx, occasion: Occasion) -> bool:
    """Over: nobody is asked about any more. True when it was open."""
    mine = (occasions.c.id == occasion.id) & (occasions.c.state == "open")
    values = {"state": "over", "ended_at": tx.now, "revision": occasion.revision + 1}
    if not tx.changed(occasions.update().where(mine).values(values)):
        return False
    record(tx, occasion.id, actor="bot", action="over", from_state="open", to_state="over")
    tx.wake(TOPIC)
    return True
