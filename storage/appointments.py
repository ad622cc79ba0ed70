"""Appointments: a person is in touch at a time that suits the resident, on the telephone or in the chat.

One is open in a chat at a time. It is kept from the first word on, with the next office hour as its time, so that nobody
who asked for a person is forgotten because they did not go on choosing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, select

from knowledge.emergencies import emergency
from storage import alarms, staff
from storage.access import access_appointment, appointments_of
from storage.chats import Appointment
from storage.tables import appointments, chats, residents
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Kept:
    """An appointment as its resident may see it; ``quiet``: nobody may telephone there (EM-07)."""

    id: int
    revision: int
    at: datetime
    until: datetime
    way: str
    phone: str | None
    quiet: bool
    new: bool = False


def book(
    tx: Tx, *, chat_id: int, reason: str, at: datetime, until: datetime, asked_id: int | None, way: str = "here"
) -> Kept:
    """The chat's open appointment, made for this time when there is none."""
    found = tx.first(select(appointments).where(_open(appointments.c.chat_id == chat_id)))
    if found is not None:
        tx.execute(appointments.update().where(appointments.c.id == found["id"]).values(step="time", asked_id=asked_id))
        return _kept(tx, found)
    values = {"reason": reason, "at": at, "until": until, "asked_id": asked_id, "way": way, "step": "time"}
    made = tx.insert(appointments, chat_id=chat_id, created_at=tx.now, **values)
    tx.wake("desk")
    row = tx.first(select(appointments).where(appointments.c.id == made))
    assert row is not None
    return _kept(tx, row, new=True)


def _kept(tx: Tx, row: RowMapping, *, new: bool = False) -> Kept:
    names = ("id", "revision", "at", "until", "way", "phone")
    return Kept(**{name: row[name] for name in names}, quiet=quiet(tx, int(row["chat_id"])), new=new)


def quiet(tx: Tx, chat_id: int) -> bool:
    """True where a telephone call could bring more danger (EM-07)."""
    return any(emergency(kind).quiet for kind in alarms.kinds_in(tx, chat_id))


def change(tx: Tx, appointment: Appointment, /, **values: Any) -> Kept | None:
    """Another time, way, number or step; None when it was changed or is over meanwhile.

    With another time its clock begins anew: staff are told when that is due.
    """
    mine = _open(appointments.c.id == appointment.id) & (appointments.c.revision == appointment.revision)
    fresh = {"level": None} if "at" in values else {}
    values |= fresh | {"revision": appointment.revision + 1}
    if not tx.changed(appointments.update().where(mine).values(values)):
        return None
    tx.wake("desk")
    row = tx.first(select(appointments).where(appointments.c.id == appointment.id))
    assert row is not None
    return _kept(tx, row)


def by_phone(tx: Tx, appointment: Appointment, *, chat_id: int, number: str, asked_id: int | None) -> Kept | None:
    """On the telephone; in the chat all the same where a call could bring more danger (EM-07)."""
    if quiet(tx, chat_id):
        return change(tx, appointment, way="here", phone=None, step="", asked_id=asked_id)
    return change(tx, appointment, way="phone", phone=number, step="phone", asked_id=asked_id)


def hush(tx: Tx, chat_id: int) -> None:
    """Nobody telephones there any more: the other side may hold the telephone (EM-07)."""
    values = {"way": "here", "phone": None, "step": ""}
    tx.execute(appointments.update().where(_open(appointments.c.chat_id == chat_id)).values(values))


def spoken_of(tx: Tx, appointment_id: int, message_id: int) -> None:
    """The message it was last spoken of in: what is said next is about it, and not about a form before it."""
    tx.execute(appointments.update().where(appointments.c.id == appointment_id).values(asked_id=message_id))


def drop(tx: Tx, appointment_id: int, *, chat_id: int) -> bool:
    """The resident does not want it any more; False when it was over before."""
    mine = _open((appointments.c.id == appointment_id) & (appointments.c.chat_id == chat_id))
    tx.wake("desk")
    return bool(tx.changed(appointments.update().where(mine).values(state="dropped", done_at=tx.now)))


def of_chat(tx: Tx, chat_id: int) -> Kept | None:
    """The open one of a chat."""
    row = tx.first(select(appointments).where(_open(appointments.c.chat_id == chat_id)))
    return _kept(tx, row) if row else None


def _open(which: ColumnElement[bool]) -> ColumnElement[bool]:
    return which & (appointments.c.state == "open")


# --- staff ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Due:
    """One line of the staff's list."""

    id: int
    chat_id: int
    channel: str
    reason: str
    at: datetime
    until: datetime
    way: str
    phone: str | None
    building: str | None
    unit: str | None
    room: str | None
    tries: int
    level: int | None
    revision: int
    quiet: bool


def listed(tx: Tx, *, staff_id: int) -> list[Due]:
    """Everything open that is theirs to keep, what is due first on top."""
    names = [name for name in Due.__dataclass_fields__ if name in appointments.c]
    query = (
        select(*(appointments.c[name] for name in names), *_WHERE)
        .join(chats, chats.c.id == appointments.c.chat_id)
        .outerjoin(residents, residents.c.id == chats.c.resident_id)
        .where(appointments.c.state == "open", appointments_of(staff_id))
        .order_by(appointments.c.at, appointments.c.id)
    )
    return [Due(**row, quiet=quiet(tx, int(row["chat_id"]))) for row in tx.all(query)]


def count_due(tx: Tx, *, staff_id: int) -> int:
    """How many are due now."""
    query = select(appointments.c.id).where(appointments.c.state == "open", appointments.c.at <= tx.now)
    return len(tx.tuples(query.where(appointments_of(staff_id))))


def get(tx: Tx, appointment_id: int) -> RowMapping | None:
    """One, held until the commit, with its chat's language."""
    query = select(appointments, chats.c.language).join(chats, chats.c.id == appointments.c.chat_id)
    return tx.first(query.where(appointments.c.id == appointment_id).with_for_update(of=appointments))


def tried(tx: Tx, appointment: RowMapping, *, staff_id: int, at: datetime, until: datetime, last: bool) -> None:
    """Somebody called and did not get through: the next try has a time of its own. After the ``last`` one it is for
    the resident to choose; it stays open, in the chat, so that they are not forgotten."""
    access_appointment(tx, appointment["id"], staff_id=staff_id, act="act")
    values = {"tries": appointment["tries"] + 1, "at": at, "until": until, "level": None}
    values |= {"revision": appointment["revision"] + 1, "step": "time"}
    values |= {"way": "here", "tries": 0} if last else {}
    tx.execute(appointments.update().where(appointments.c.id == appointment["id"]).values(values))
    staff.note(tx, staff_id, "call_failed", str(appointment["id"]), tries=appointment["tries"] + 1)
    tx.wake("desk")


def done(tx: Tx, appointment_id: int, *, staff_id: int, note: str | None = None) -> bool:
    """A person was in touch; False when it was over before."""
    access_appointment(tx, appointment_id, staff_id=staff_id, act="act")
    values = {"state": "done", "done_at": tx.now, "done_by": staff_id, "note": note}
    if not tx.changed(appointments.update().where(_open(appointments.c.id == appointment_id)).values(values)):
        return False
    staff.note(tx, staff_id, "call_done", str(appointment_id))
    tx.wake("desk")
    return True


def done_here(tx: Tx, chat_id: int, *, staff_id: int) -> None:
    """Somebody speaks with the resident in the chat, which is what was agreed."""
    here = _open((appointments.c.chat_id == chat_id) & (appointments.c.way == "here"))
    values = {"state": "done", "done_at": tx.now, "done_by": staff_id}
    tx.execute(appointments.update().where(here).values(values))


def due(tx: Tx) -> Sequence[RowMapping]:
    """Open ones whose time has come, held so that each level hears of each once."""
    query = select(appointments).where(appointments.c.state == "open", appointments.c.at <= tx.now)
    return tx.all(query.order_by(appointments.c.id).with_for_update(skip_locked=True))


def climb(tx: Tx, appointment_id: int, *, level: int) -> None:
    tx.execute(appointments.update().where(appointments.c.id == appointment_id).values(level=level))
    tx.wake("desk")


_WHERE = (chats.c.channel, residents.c.building, residents.c.unit, residents.c.room)
