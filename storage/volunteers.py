"""Volunteers: who offered their time, how they change it, pause and leave, and the guardian's yes (VO-03, VO-05).

One row a resident. Every step is a line of its history; consent is kept with its version (PI-02).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, RowMapping, select

from knowledge import pass_codes, series
from knowledge.sign_up import is_minor, window_of
from knowledge.volunteers import Volunteer
from storage import residents, staff
from storage.tables import chats, number_days, volunteer_events, volunteers
from storage.transaction import Tx

CHINA = ZoneInfo("Asia/Shanghai")
CODE_LIFE = timedelta(days=7)
"""A guardian may take a few days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What somebody offers, as they confirmed it; ``words`` are the sentence it began with."""

    categories: tuple[str, ...] = ()
    skills: str = ""
    times: tuple[Mapping[str, Any], ...] = ()
    reach: tuple[str, ...] = ()
    building: str | None = None
    name: str | None = None
    phone: str | None = None
    age: str | None = None
    guardian_name: str | None = None
    guardian_phone: str | None = None
    words: str = ""


def sign_up(tx: Tx, *, chat_id: int, offer: Offer, consent_version: str) -> Volunteer:
    """On the register from now on; somebody who is there already, or comes back, keeps number and hours."""
    resident_id = residents.of_chat(tx, chat_id)
    values = _columns(offer) | {
        "state": "waiting" if is_minor(offer.age) else "active",
        "paused_until": None,
        "left_at": None,
        "told_risks_at": tx.now,
        "consent_version": consent_version,
        "consented_at": tx.now,
    }
    known = _row(tx, volunteers.c.resident_id == resident_id)
    if known is None:
        base = {"number": next_number(tx), "resident_id": resident_id, "chat_id": chat_id, "joined_at": tx.now}
        volunteer_id = tx.insert(volunteers, **base, **values)
    else:
        volunteer_id = int(known["id"])
        if known["guardian_yes_at"] is not None:
            values["state"] = "active"
        _set(tx, volunteer_id, **values)
    record(tx, volunteer_id, actor="resident", action="join" if known is None else "rejoin", note=offer.words or None)
    residents.remember(tx, chat_id=chat_id, phone=None if is_minor(offer.age) else offer.phone)
    return held(tx, volunteer_id)


def _columns(offer: Offer) -> dict[str, Any]:
    names = [name for name in offer.__dataclass_fields__ if name != "words"]
    found = {name: getattr(offer, name) for name in names}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


def next_number(tx: Tx) -> str:
    """The day's next volunteer number; two at the same instant get two."""
    today = tx.now.astimezone(CHINA).date()
    upsert = tx.inserting(number_days).values(series="LV", day=f"{today:%y%m%d}", last=1)
    raised = {"last": number_days.c.last + 1}
    upsert = upsert.on_conflict_do_update(index_elements=["series", "day"], set_=raised)
    return series.make("LV", today, int(tx.scalar(upsert.returning(number_days.c.last))))


# --- reading ----------------------------------------------------------------------------------------------------------
def of_resident(tx: Tx, resident_id: int | None) -> Volunteer | None:
    """Their record, whatever its state; the newest where two people turned out to be one."""
    row = _row(tx, volunteers.c.resident_id == resident_id) if resident_id is not None else None
    return volunteer_of(row) if row else None


def of_chat(tx: Tx, chat_id: int) -> Volunteer | None:
    return of_resident(tx, tx.scalar(select(chats.c.resident_id).where(chats.c.id == chat_id)))


def get(tx: Tx, volunteer_id: int) -> Volunteer | None:
    row = _row(tx, volunteers.c.id == volunteer_id)
    return volunteer_of(row) if row else None


def held(tx: Tx, volunteer_id: int) -> Volunteer:
    """The same, and nobody else changes them or their ledger until the commit; LookupError where there is none."""
    row = tx.first(select(volunteers).where(volunteers.c.id == volunteer_id).with_for_update())
    if row is None:
        raise LookupError(f"no volunteer {volunteer_id}")
    return volunteer_of(row)


def _row(tx: Tx, where: Any) -> RowMapping | None:
    newest = (volunteers.c.state == "left", volunteers.c.id.desc())
    return tx.first(select(volunteers).where(where).order_by(*newest).limit(1))


def volunteer_of(row: RowMapping) -> Volunteer:
    values = {name: row[name] for name in Volunteer.__dataclass_fields__}
    lists = {name: tuple(values[name]) for name in ("categories", "reach")}
    return Volunteer(**values | lists | {"times": tuple(map(window_of, values["times"]))})


# --- changing ---------------------------------------------------------------------------------------------------------
def change(
    tx: Tx, volunteer_id: int, /, *, action: str, actor: str = "resident", staff_id: int | None = None,
    note: str | None = None, **values: Any,
) -> Volunteer:  # fmt: skip
    """Put something right or move on, with its line in the history."""
    before = held(tx, volunteer_id)
    _set(tx, before.id, **values)
    record(tx, before.id, actor=actor, action=action, staff_id=staff_id, note=note)
    tx.wake("desk")
    return held(tx, before.id)


def _set(tx: Tx, volunteer_id: int, /, **values: Any) -> None:
    values = {"revision": volunteers.c.revision + 1, **values}
    tx.execute(volunteers.update().where(volunteers.c.id == volunteer_id).values(values))


def pause(tx: Tx, volunteer_id: int, *, until: datetime | None) -> Volunteer | None:
    """Nobody asks them for a while; None where there is nothing to pause."""
    if held(tx, volunteer_id).state != "active":
        return None
    return change(tx, volunteer_id, action="pause", state="paused", paused_until=until)


def resume(tx: Tx, volunteer_id: int) -> Volunteer | None:
    before = held(tx, volunteer_id)
    if before.state != "paused":
        return None
    return change(tx, volunteer_id, action="resume", state="active", paused_until=None)


def rested(tx: Tx) -> ColumnElement[bool]:
    """Whose pause is over."""
    return (volunteers.c.state == "paused") & (volunteers.c.paused_until <= tx.now)


def resume_due(tx: Tx) -> int:
    """Whoever paused until now is on again; how many."""
    ids = [int(row["id"]) for row in tx.all(select(volunteers.c.id).where(rested(tx)))]
    for volunteer_id in ids:
        change(tx, volunteer_id, action="resume", actor="time", state="active", paused_until=None)
    return len(ids)


def leave(tx: Tx, volunteer_id: int) -> Volunteer | None:
    """Off the register at once; hours and number stay, for a certificate or a return."""
    if held(tx, volunteer_id).state == "left":
        return None
    code: dict[str, Any] = {"guardian_code": None, "guardian_code_until": None}
    return change(tx, volunteer_id, action="leave", state="left", left_at=tx.now, **code)


# --- a guardian's yes (VO-05) -----------------------------------------------------------------------------------------
def make_guardian_code(tx: Tx, volunteer_id: int) -> str:
    """A fresh code for the guardian's own phone; an earlier one is void."""
    code = pass_codes.make()
    until = tx.now + CODE_LIFE
    change(tx, volunteer_id, action="code", guardian_code=pass_codes.hash_of(code), guardian_code_until=until)
    return code


def asked_by_code(tx: Tx, code: str, *, chat_id: int) -> Volunteer | str | None:
    """Whose guardian is asked with this code; "own" in the young person's own chat, None where it is no such code."""
    found = _row(tx, volunteers.c.guardian_code == pass_codes.hash_of(code))
    if found is None or found["guardian_code_until"] <= tx.now or found["state"] == "left":
        return None
    mine = tx.scalar(select(chats.c.resident_id).where(chats.c.id == chat_id))
    return "own" if mine == found["resident_id"] else volunteer_of(found)


def guardian_answers(
    tx: Tx, volunteer_id: int, *, yes: bool, via: str, staff_id: int | None = None, name: str | None = None,
    phone: str | None = None,
) -> Volunteer | None:  # fmt: skip
    """A guardian said yes or no, on their own phone or to a member of staff; None where nobody is asked (any more)."""
    if staff_id is not None:
        staff.actor(tx, staff_id)
    before = held(tx, volunteer_id)
    if not before.waits_for_guardian or before.state == "left":
        return None
    values: dict[str, Any] = {"guardian_code": None, "guardian_code_until": None}
    if yes:
        values |= {"state": "active", "guardian_yes_at": tx.now, "guardian_via": via, "guardian_by": staff_id}
        values |= {"guardian_name": name or before.guardian_name, "guardian_phone": phone or before.guardian_phone}
    else:
        values |= {"state": "left", "left_at": tx.now}
    actor = "guardian" if staff_id is None else "staff"
    action = "guardian_yes" if yes else "guardian_no"
    return change(tx, volunteer_id, action=action, actor=actor, staff_id=staff_id, note=via, **values)


def record(
    tx: Tx, volunteer_id: int, *, actor: str, action: str, staff_id: int | None = None, note: str | None = None
) -> None:
    """One line of the history; lines are never changed."""
    row = {"volunteer_id": volunteer_id, "at": tx.now, "actor": actor, "staff_id": staff_id}
    tx.insert(volunteer_events, **row, action=action, note=note)
