"""Care notes: what was done after somebody's worst day, and who looks after them (EM-03, EM-08).

Restricted: read by those named on a note and by admins, and every look is a line of the audit. Nothing here is in a
search, an export or any other list; the audit and the reminders name a note by its number only.

They are kept their time whatever anybody wishes (EM-02: three years at least): when whoever a note is about has everything
deleted it is nobody's any more, and sealed - once it is closed, admins alone can open it, until its time is over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, or_, select

from storage import staff
from storage.staff import MayNot, Member
from storage.tables import alarms, care_entries, care_notes, residents
from storage.tables import chats as chat_table
from storage.tables import staff as staff_table
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Written:
    """What is noted when an alarm of such a kind ends: who took part, what was done, who goes on, and when."""

    people: str
    done: str
    named_to: int
    follow_up_at: datetime | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a note."""

    at: datetime
    staff: str
    people: str | None
    done: str


@dataclass(frozen=True, slots=True)
class Note:
    """A care note as somebody named on it reads it."""

    id: int
    alarm_id: int
    kind: str
    child: bool
    place: str | None
    building: str | None
    unit: str | None
    room: str | None
    written_by: str
    named_to: str
    written_at: datetime
    follow_up_at: datetime | None
    closed_at: datetime | None
    sealed_at: datetime | None
    entries: list[Entry]


def write(tx: Tx, *, alarm_id: int, chat_id: int, staff_id: int, written: Written) -> int:
    """The note of an alarm that is over."""
    _colleague(tx, written.named_to)
    values = {"written_by": staff_id, "named_to": written.named_to, "written_at": tx.now}
    note_id = tx.insert(care_notes, alarm_id=alarm_id, chat_id=chat_id, follow_up_at=written.follow_up_at, **values)
    tx.insert(care_entries, note_id=note_id, staff_id=staff_id, at=tx.now, people=written.people, done=written.done)
    staff.note(tx, staff_id, "write_care", str(note_id))
    tx.wake("desk")
    return note_id


def _colleague(tx: Tx, staff_id: int) -> Member:
    member = staff.get(tx, staff_id)
    if member is None or member.disabled_at is not None:
        raise LookupError(f"nobody to follow it up: {staff_id}")
    return member


def add(tx: Tx, note_id: int, *, staff_id: int, written: Written, close: bool = False) -> None:
    """A further line: what was done, who goes on and when; or that nobody need look again."""
    member = staff.actor(tx, staff_id)
    _named(tx, note_id, member)
    _colleague(tx, written.named_to)
    tx.insert(care_entries, note_id=note_id, staff_id=staff_id, at=tx.now, people=written.people, done=written.done)
    values = {
        "named_to": written.named_to,
        "follow_up_at": None if close else written.follow_up_at,
        "reminded_at": None,
        "closed_at": tx.now if close else None,
    }
    tx.execute(care_notes.update().where(care_notes.c.id == note_id).values(values))
    staff.note(tx, staff_id, "close_care" if close else "add_care", str(note_id))
    tx.wake("desk")


def look(tx: Tx, note_id: int, *, staff_id: int) -> Note:
    """Read a note; the look is kept. MayNot for anybody who is not named on it, LookupError where there is none."""
    member = staff.get(tx, staff_id)
    if member is None or member.disabled_at is not None:
        raise MayNot
    row = _named(tx, note_id, member)
    staff.note(tx, staff_id, "look_care", str(note_id))
    names = staff.names(tx)
    lines = select(care_entries).where(care_entries.c.note_id == note_id).order_by(care_entries.c.id)
    entries = [Entry(line["at"], names[line["staff_id"]], line["people"], line["done"]) for line in tx.all(lines)]
    known = (
        "id",
        "alarm_id",
        "kind",
        "child",
        "place",
        "building",
        "unit",
        "room",
        "written_at",
        "follow_up_at",
        "sealed_at",
    )
    return Note(
        **{name: row[name] for name in known},
        written_by=names[row["written_by"]],
        named_to=names[row["named_to"]],
        closed_at=row["closed_at"],
        entries=entries,
    )


def _named(tx: Tx, note_id: int, member: Member) -> RowMapping:
    row = tx.first(_NOTES.where(care_notes.c.id == note_id))
    if row is None:
        raise LookupError(f"no care note {note_id}")
    if tx.scalar(select(care_notes.c.id).where(care_notes.c.id == note_id, mine(member))) is None:
        staff.note(tx, member.id, "refused_care", str(note_id))
        raise MayNot
    return row


def mine(member: Member) -> ColumnElement[bool]:
    """The gate: an admin, whoever wrote it, whoever is or was named on it; of one that is sealed and closed, an admin."""
    if member.role == "admin":
        return care_notes.c.id.is_not(None)
    wrote = select(care_entries.c.note_id).where(care_entries.c.staff_id == member.id)
    named = or_(care_notes.c.named_to == member.id, care_notes.c.written_by == member.id, care_notes.c.id.in_(wrote))
    return named & or_(care_notes.c.sealed_at.is_(None), care_notes.c.closed_at.is_(None))


def kept_of(tx: Tx, chat_ids: Sequence[int]) -> bool:
    """Whether there is a note about somebody that must be kept its time."""
    return tx.scalar(select(care_notes.c.id).where(care_notes.c.chat_id.in_(chat_ids)).limit(1)) is not None


def seal(tx: Tx, chat_ids: Sequence[int], *, nobody_chat: int) -> None:
    """They had everything deleted: no note leads to them any more. Who follows one up goes on until they close it: a wish
    on a telephone is no reason to look away from somebody in trouble."""
    theirs = care_notes.c.chat_id.in_(chat_ids)
    tx.execute(care_notes.update().where(theirs).values(chat_id=nobody_chat, sealed_at=tx.now))
    tx.wake("desk")


@dataclass(frozen=True, slots=True)
class Line:
    """A note in the list: neither what it is about nor whose it is."""

    id: int
    named_to: str
    written_at: datetime
    follow_up_at: datetime | None
    closed_at: datetime | None


def listed(tx: Tx, *, staff_id: int) -> list[Line]:
    """The notes this member may read, those to follow up first."""
    member = staff.get(tx, staff_id)
    if member is None:
        return []
    columns = [care_notes.c[name] for name in ("id", "written_at", "follow_up_at", "closed_at")]
    query = (
        select(*columns, staff_table.c.name.label("named_to"))
        .join(staff_table, staff_table.c.id == care_notes.c.named_to)
        .where(mine(member))
        .order_by(care_notes.c.closed_at.is_not(None), care_notes.c.follow_up_at, care_notes.c.id.desc())
    )
    return [Line(**row) for row in tx.all(query)]


def count_due(tx: Tx, staff_id: int) -> int:
    """How many notes this member follows up are due."""
    mine_due = (care_notes.c.named_to == staff_id) & (care_notes.c.follow_up_at <= tx.now)
    return len(tx.tuples(select(care_notes.c.id).where(mine_due, care_notes.c.closed_at.is_(None))))


def due(tx: Tx) -> Sequence[RowMapping]:
    """Notes to be followed up now of which nobody was reminded; each counts as reminded."""
    wanted = (care_notes.c.follow_up_at <= tx.now) & care_notes.c.reminded_at.is_(None)
    query = select(care_notes.c.id, care_notes.c.named_to, care_notes.c.chat_id).where(
        wanted, care_notes.c.closed_at.is_(None)
    )
    rows = tx.all(query.with_for_update(skip_locked=True))
    for row in rows:
        tx.execute(care_notes.update().where(care_notes.c.id == row["id"]).values(reminded_at=tx.now))
        tx.wake("desk")
    return rows


def follows(tx: Tx, chat_id: int, *, staff_id: int) -> bool:
    """True for a member who is named on a care note of this chat, and for admins."""
    member = staff.get(tx, staff_id)
    if member is None:
        return False
    theirs = select(care_notes.c.id).where(care_notes.c.chat_id == chat_id, mine(member)).limit(1)
    return tx.scalar(theirs) is not None


_NOTES = (
    select(
        care_notes,
        alarms.c.kind,
        alarms.c.child,
        alarms.c.place,
        residents.c.building,
        residents.c.unit,
        residents.c.room,
    )
    .join(alarms, alarms.c.id == care_notes.c.alarm_id)
    .join(chat_table, chat_table.c.id == care_notes.c.chat_id)
    .outerjoin(residents, residents.c.id == chat_table.c.resident_id)
)
