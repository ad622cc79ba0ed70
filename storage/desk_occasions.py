"""Occasions as their organiser works with them: who comes, who came, who has not seen that it was cancelled.

Names and numbers are read here for whoever may see them; each unit asks who acts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, func, select

from knowledge.occasions import Occasion
from knowledge.served import BadEntry
from storage import occasion_days, staff, volunteer_hours
from storage.occasion_places import SEEN, Entry, end, entry_of, settle
from storage.occasions import TOPIC, get, hold, record
from storage.tables import chats, messages, occasion_events, occasion_swaps, occasions, residents, volunteers
from storage.tables import occasion_entries as entries
from storage.tables import volunteer_hours as ledger
from storage.transaction import Tx

CAME = ("joined", "waiting")


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Somebody on an occasion's list, with how they may be reached; ``asked`` whom they asked to stand in for them."""

    id: int
    resident_id: int
    chat_id: int
    state: str
    adults: int
    children: int
    since: datetime
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    check_by: str | None
    attended: bool | None
    name: str | None
    phone: str | None
    building: str | None
    channel: str
    asked: str | None
    minutes: int | None

    @property
    def heads(self) -> int:
        return self.adults + self.children


def guests(tx: Tx, occasion: Occasion, *states: str) -> list[Guest]:
    """Everybody in one of these states, in the order in which they came."""
    names = [name for name in Guest.__dataclass_fields__ if name in entries.c]
    who = (residents.c.name, residents.c.phone, residents.c.building, chats.c.channel)
    query = (
        select(*(entries.c[name] for name in names), *who)
        .join(residents, residents.c.id == entries.c.resident_id)
        .join(chats, chats.c.id == entries.c.chat_id)
        .where(entries.c.occasion_id == occasion.id, entries.c.state.in_(states or CAME))
        .order_by(entries.c.since, entries.c.id)
    )
    asked, hours = _asked(tx, occasion.id), _hours(tx, occasion)
    return [Guest(**row, asked=asked.get(row["id"]), minutes=hours.get(row["resident_id"])) for row in tx.all(query)]


def _asked(tx: Tx, occasion_id: int) -> Mapping[int, str]:
    """By entry: whom they asked to stand in, as they said it."""
    mine = (occasion_events.c.occasion_id == occasion_id) & (occasion_events.c.action == "swap_ask")
    waiting = select(occasion_swaps.c.entry_id).where(occasion_swaps.c.state == "asked")
    rows = tx.all(select(occasion_events).where(mine, occasion_events.c.entry_id.in_(waiting)))
    return {int(row["entry_id"]): str(row["note"] or "") for row in rows}


def _hours(tx: Tx, occasion: Occasion) -> Mapping[int, int]:
    """By resident: the minutes the ledger has for this occasion."""
    if occasion.kind != "shift":
        return {}
    minutes = func.sum(ledger.c.minutes)
    query = select(volunteers.c.resident_id, minutes).join(volunteers, volunteers.c.id == ledger.c.volunteer_id)
    rows = tx.tuples(query.where(ledger.c.occasion_id == occasion.id).group_by(volunteers.c.resident_id))
    return {int(resident_id): int(total) for resident_id, total in rows}


# --- the calendar -----------------------------------------------------------------------------------------------------
def to_record(tx: Tx, *where: ColumnElement[bool]) -> list[int]:
    """Those that are behind us and whose attendance nobody has written."""
    came = select(entries.c.occasion_id).where(entries.c.state == "joined")
    over = (occasions.c.state == "open", occasions.c.ends_at <= tx.now, occasions.c.id.in_(came))
    return [
        int(row["id"]) for row in tx.all(select(occasions.c.id).where(*over, *where).order_by(occasions.c.starts_at))
    ]


def pressing(tx: Tx, *where: ColumnElement[bool]) -> int:
    """How many want the organiser: attendance to be written, or residents to be called because it was cancelled."""
    return len(to_record(tx, *where)) + len(unseen(tx, None, *where))


# --- cancelled, and not seen ------------------------------------------------------------------------------------------
def unseen(tx: Tx, occasion_id: int | None = None, *where: ColumnElement[bool]) -> Sequence[RowMapping]:
    """Who was told that it is cancelled, has not seen it, and was not called; until the hour it would have begun.

    On the chat page what was handed out is seen; elsewhere only a press or a word since then tells so.
    """
    said = select(occasion_events.c.entry_id).where(occasion_events.c.action == SEEN)
    theirs = messages.alias()
    spoken = (theirs.c.chat_id == entries.c.chat_id, theirs.c.sender == "resident")
    last = select(func.coalesce(func.max(theirs.c.id), 0)).where(*spoken).correlate(entries).scalar_subquery()
    read = (chats.c.channel == "web") & (chats.c.read_seq >= messages.c.seq)
    query = (
        select(entries, residents.c.name, residents.c.phone, residents.c.building, chats.c.channel, occasions.c.title)
        .join(messages, messages.c.id == entries.c.notice_id)
        .join(chats, chats.c.id == entries.c.chat_id)
        .join(residents, residents.c.id == entries.c.resident_id)
        .join(occasions, occasions.c.id == entries.c.occasion_id)
        .where(entries.c.called_at.is_(None), entries.c.id.not_in(said), ~read, last < entries.c.notice_id)
        .where(occasions.c.starts_at > tx.now, *where)
    )
    mine = query if occasion_id is None else query.where(entries.c.occasion_id == occasion_id)
    return tx.all(mine.order_by(entries.c.id))


def told(tx: Tx, entry_id: int, message_id: int) -> None:
    """Which message told them."""
    tx.execute(entries.update().where(entries.c.id == entry_id).values(notice_id=message_id))


def called(tx: Tx, occasion_id: int, entry_id: int, *, staff_id: int) -> bool:
    """Somebody on this occasion's list was telephoned; False when a colleague had before."""
    staff.actor(tx, staff_id)
    mine = (entries.c.id == entry_id) & (entries.c.occasion_id == occasion_id)
    mine &= entries.c.called_at.is_(None) & entries.c.notice_id.is_not(None)
    tx.wake(TOPIC)
    return bool(tx.changed(entries.update().where(mine).values(called_at=tx.now, called_by=staff_id)))


# --- taking somebody off ----------------------------------------------------------------------------------------------
def remove(tx: Tx, occasion_id: int, entry_id: int, *, staff_id: int) -> tuple[Occasion, Entry, list[Entry]] | None:
    """The place is free, and the line moves up; None when they had none any more."""
    staff.actor(tx, staff_id)
    entry = entry_of(tx, entry_id)
    if entry is None or entry.occasion_id != occasion_id or hold(tx, occasion_id) is None:
        return None
    entry = entry_of(tx, entry_id)
    if entry is None or entry.state not in CAME:
        return None
    end(tx, entry, state="removed", actor="staff", staff_id=staff_id)
    moved = settle(tx, entry.occasion_id)
    occasion = get(tx, entry.occasion_id)
    assert occasion is not None
    return occasion, entry, moved


# --- who came ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Came:
    """What the organiser says of one entry; the span counts for shifts."""

    entry_id: int
    attended: bool
    start: datetime | None = None
    end: datetime | None = None
    breaks_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of it: how many have hours now, who has none because they are no volunteer or the span was none, and
    whose hours overlap others."""

    hours: int = 0
    no_volunteer: Sequence[int] = ()
    bad: Sequence[int] = ()
    overlaps: Sequence[int] = ()
    done: bool = False


def attend(tx: Tx, occasion_id: int, came: Sequence[Came], *, staff_id: int) -> Recorded | None:
    """Write who came. Hours are entered once for each (VO-08); a second time changes only what has no hours yet. None
    before it has begun, and for one that was cancelled."""
    staff.actor(tx, staff_id)
    occasion = hold(tx, occasion_id)
    if occasion is None or occasion.state not in ("open", "over") or tx.now < occasion.starts_at:
        return None
    theirs = {guest.id: guest for guest in guests(tx, occasion, "joined")}
    found: dict[str, list[int]] = {"hours": [], "no_volunteer": [], "bad": [], "overlaps": []}
    for one in came:
        if one.entry_id in theirs and theirs[one.entry_id].minutes is None:
            for kind in _write(tx, occasion, theirs[one.entry_id], one, staff_id):
                found[kind].append(one.entry_id)
    record(tx, occasion_id, actor="staff", staff_id=staff_id, action="attendance")
    done = tx.now >= occasion.ends_at and not _unsaid(tx, occasion_id)
    if done:
        occasion_days.finish(tx, occasion)
    tx.wake(TOPIC)
    hours = len(found.pop("hours"))
    return Recorded(hours=hours, done=done, **{kind: tuple(ids) for kind, ids in found.items()})


def _unsaid(tx: Tx, occasion_id: int) -> bool:
    mine = (entries.c.occasion_id == occasion_id, entries.c.state == "joined", entries.c.attended.is_(None))
    return tx.first(select(entries.c.id).where(*mine).limit(1)) is not None


def _write(tx: Tx, occasion: Occasion, guest: Guest, one: Came, staff_id: int) -> list[str]:
    """One entry; what there is to say of it."""
    values: dict[str, Any] = {"attended": one.attended}
    if one.attended and occasion.kind == "shift" and one.start and one.end:
        if (one.start, one.end) != (guest.checked_in_at, guest.checked_out_at):
            values |= {"checked_in_at": one.start, "checked_out_at": one.end, "check_by": "organiser"}
        kinds = _enter(tx, occasion, guest, one, staff_id)
    else:
        kinds = ["bad"] if one.attended and occasion.kind == "shift" else []
    if "bad" not in kinds:
        tx.execute(entries.update().where(entries.c.id == guest.id).values(values))
    return kinds


def _enter(tx: Tx, occasion: Occasion, guest: Guest, one: Came, staff_id: int) -> list[str]:
    assert one.start is not None
    assert one.end is not None
    try:
        entered = volunteer_hours.enter(
            tx, resident_id=guest.resident_id, occasion_id=occasion.id, start=one.start, end=one.end,
            breaks_minutes=one.breaks_minutes, by=staff_id,
        )  # fmt: skip
    except BadEntry:
        return ["bad"]
    if entered is None:
        return ["no_volunteer"]
    return ["hours", "overlaps"] if entered.overlaps else ["hours"]
