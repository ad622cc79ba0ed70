"""Who looked at what is kept of one resident, when, at what and why: for whoever must answer a request about it (PI-12).

A look is a line of the audit, or of a mediation's own list; from whom the resident is found - a ticket's or a volunteer's
number - it is all of theirs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, String, cast, or_, select

from storage.belonging import volunteers_of
from storage.households_of import households_of
from storage.stepping_aside import may_see
from storage.tables import (
    audit,
    blobs,
    care_notes,
    certificates,
    chats,
    household_looks,
    households,
    mediation_parties,
    mediation_seen,
    mediations,
    tickets,
    volunteers,
)
from storage.tables import staff as staff_table
from storage.transaction import Tx

ACTIONS = ("uncover", "look_uncovered", "open_file", "look_care", "print_certificate", "take_down_proxy")
MOST = 500


@dataclass(frozen=True, slots=True)
class Look:
    """One look: who, when, how, at what, and the reason they gave where one was asked for."""

    at: datetime
    who: str | None
    action: str
    object: str
    reason: str | None


def resident_of(tx: Tx, number: str, *, staff_id: int) -> int | None:
    """Whose ticket or volunteer's number this is; None where there is none, or none for this reader."""
    row = tx.first(select(tickets.c.id, tickets.c.resident_id).where(tickets.c.number == number))
    if row is not None:
        return int(row["resident_id"]) if may_see(tx, int(row["id"]), staff_id=staff_id) else None
    found = tx.scalar(select(volunteers.c.resident_id).where(volunteers.c.number == number, volunteers_of(staff_id)))
    return None if found is None else int(found)


def household_of(number: str) -> int | None:
    """A household as it is written: 户12."""
    found = re.fullmatch(r"(?:户|HOUSEHOLD|H)\s*(\d{1,15})", number)
    return int(found[1]) if found else None


def of_households(tx: Tx, id: int | None, *, staff_id: int, who: int | None = None) -> list[Look]:
    """Who opened the file of a household, or of any (None), of those this reader keeps; the newest first."""
    query = select(household_looks, staff_table.c.name).join(
        households, households.c.id == household_looks.c.household_id
    )
    query = query.outerjoin(staff_table, staff_table.c.id == household_looks.c.staff_id).where(households_of(staff_id))
    if id is not None:
        query = query.where(households.c.id == id)
    if who is not None:
        query = query.where(household_looks.c.staff_id == who)
    rows = tx.all(query.order_by(household_looks.c.id.desc()).limit(MOST))
    return [Look(row["at"], row["name"], "household", f"户{row['household_id']}", row["reason"]) for row in rows]


def of_resident(tx: Tx, resident_id: int, *, who: int | None = None) -> list[Look]:
    """The newest first; ``who``: one colleague's only."""
    found = [*_audited(tx, resident_id, who), *_mediated(tx, resident_id, who)]
    return sorted(found, key=lambda look: look.at, reverse=True)[:MOST]


def _audited(tx: Tx, resident_id: int, who: int | None) -> list[Look]:
    theirs: list[ColumnElement[bool]] = [audit.c.action.in_(ACTIONS), _about(resident_id)]
    if who is not None:
        theirs.append(audit.c.staff_id == who)
    query = select(audit.c.at, staff_table.c.name, audit.c.action, audit.c.object, audit.c.detail)
    query = query.outerjoin(staff_table, staff_table.c.id == audit.c.staff_id).where(*theirs)
    rows = tx.tuples(query.order_by(audit.c.id.desc()).limit(MOST))
    return [Look(at, name, action, object, (detail or {}).get("reason")) for at, name, action, object, detail in rows]


def _about(resident_id: int) -> ColumnElement[bool]:
    """True of lines about something of theirs: each kind of line by the number of its own kind of thing."""
    in_chats = select(chats.c.id).where(chats.c.resident_id == resident_id)
    numbers = select(tickets.c.number).where(tickets.c.resident_id == resident_id)
    files = select(cast(blobs.c.id, String)).where(blobs.c.chat_id.in_(in_chats))
    notes = select(cast(care_notes.c.id, String)).where(care_notes.c.chat_id.in_(in_chats))
    held = select(certificates.c.number).join(volunteers, volunteers.c.id == certificates.c.volunteer_id)
    papers = held.where(volunteers.c.resident_id == resident_id, certificates.c.number.is_not(None))
    return or_(
        audit.c.object.in_(numbers),
        (audit.c.action == "open_file") & audit.c.object.in_(files),
        (audit.c.action == "look_care") & audit.c.object.in_(notes),
        (audit.c.action == "print_certificate") & audit.c.object.in_(papers),
    )


def _mediated(tx: Tx, resident_id: int, who: int | None) -> list[Look]:
    query = (
        select(mediation_seen.c.at, staff_table.c.name, mediations.c.file_number)
        .join(mediations, mediations.c.id == mediation_seen.c.mediation_id)
        .join(mediation_parties, mediation_parties.c.mediation_id == mediations.c.id)
        .join(staff_table, staff_table.c.id == mediation_seen.c.staff_id)
        .where(mediation_parties.c.resident_id == resident_id)
    )
    mine = query if who is None else query.where(mediation_seen.c.staff_id == who)
    rows = tx.tuples(mine.order_by(mediation_seen.c.id.desc()).limit(MOST))
    return [Look(at, name, "mediation", number or "–", None) for at, name, number in rows]
