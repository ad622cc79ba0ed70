"""Looking a caller up while they speak: by number, its last four digits, flat, name, ticket number or claim code.

Covered until somebody looks, and each thing looked for is kept as a look of its own. How a matter stands is read out; one
that waits for its resident's word is judged right there (WO-14), and a call about an old one makes no second (WO-18).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import ColumnElement, RowMapping, or_, select

from knowledge import ticket_numbers
from knowledge.hotline_notes import number_of
from knowledge.life import Refusal, State
from knowledge.places import Place, place
from storage import call_list, callers, calls, progress, staff
from storage.access import access_ticket
from storage.call_list import Called
from storage.callers import Earlier
from storage.progress import Progress
from storage.sight import sight_of
from storage.stepping_aside import open_to
from storage.tables import calls as calls_table
from storage.tables import residents, tickets
from storage.tickets import OPEN
from storage.transaction import Tx

By = Literal["ticket", "code", "tail", "number", "flat", "name"]
MOST = 8
_TAIL, _NAME = re.compile(r"\d{4}"), re.compile(r"[\u4e00-\u9fff·]{2,8}|[A-Za-z][A-Za-z .'-]{1,20}")


@dataclass(frozen=True, slots=True)
class Known:
    """A ticket that was found; how it stands where this reader may see it; whether its resident's word is waited for."""

    ticket: RowMapping
    caller: str | None
    covered: bool
    progress: Progress | None
    to_judge: bool


def by(wanted: str) -> By | None:
    """What somebody types to find a ticket; None where it is nothing of the kind."""
    if ticket_numbers.find(wanted):
        return "ticket"
    if _TAIL.fullmatch(wanted.strip()):
        return "tail"
    if number_of(wanted):
        return "number"
    if (at := place(wanted)) is not None and at.building and at.room:
        return "flat"
    if ticket_numbers.parse_claim_code(wanted):
        return "code"
    return "name" if _NAME.fullmatch(wanted.strip()) else None


def key_of(number: str | None, at: Place | None, wanted: str) -> str:
    """What is looked for, so that the next thing is a look of its own; it names nobody."""
    flat = f"{at.building}-{at.room}" if at and at.building and at.room else ""
    return hashlib.sha256(f"{number or ''}|{flat}|{wanted.strip()}".encode()).hexdigest()[:16]


def found(tx: Tx, *, staff_id: int, number: str | None, at: Place | None, wanted: str) -> list[Known]:
    """What is known of whom is looked for; where nothing is typed for it, of the caller's number and flat."""
    how = by(wanted)
    if how is None:
        rows = [] if wanted.strip() else callers.earlier(tx, staff_id=staff_id, number=number, at=at)
    elif how in ("number", "flat"):
        rows = callers.earlier(tx, staff_id=staff_id, number=number_of(wanted), at=place(wanted))
    else:
        rows = _by(tx, how, wanted.strip(), staff_id)
    return [_known(tx, row) for row in rows]


def _by(tx: Tx, how: By, wanted: str, staff_id: int) -> list[Earlier]:
    query = select(tickets, residents.c.name.label("caller")).join(residents, residents.c.id == tickets.c.resident_id)
    newest = tickets.c.state.in_(OPEN).desc(), tickets.c.id.desc()
    rows = tx.all(query.where(_which(how, wanted), open_to(staff_id)).order_by(*newest).limit(MOST))
    seen = [(row, sight_of(tx, row, staff_id=staff_id) != "all") for row in rows]
    told_by_itself = how in ("ticket", "code")  # a name or four digits would say whose a covered one is
    return [Earlier(row, None if hid else row["caller"], hid) for row, hid in seen if told_by_itself or not hid]


def _which(how: By, wanted: str) -> ColumnElement[bool]:
    if how == "ticket":
        return tickets.c.number == str(ticket_numbers.find(wanted))
    if how == "code":
        return tickets.c.claim_code == ticket_numbers.parse_claim_code(wanted)
    if how == "tail":
        return or_(tickets.c.phone.like(f"%{wanted}"), residents.c.phone.like(f"%{wanted}"))
    return residents.c.name == wanted


def _known(tx: Tx, one: Earlier) -> Known:
    row = one.ticket
    if one.covered:
        return Known(row, None, True, None, False)
    steps = progress.steps(tx, int(row["id"]))
    stands = Progress(row, progress.role_of(tx, row["assigned_to"]), steps, lead=progress.lead_of(tx, row))
    waits = row["state"] == State.CALLING_BACK and row["call_at"] is not None
    return Known(row, one.caller, False, stands, waits)


def look(tx: Tx, call_id: int, *, staff_id: int, key: str, how: By | None) -> bool:
    """Open what is looked for, for as long as this call is theirs; each is in the audit, with how it was looked for."""
    if calls.hold(tx, call_id, staff_id=staff_id) is None:
        return False
    staff.note(tx, staff_id, "look_caller", str(call_id), by=how or "caller")
    tx.execute(calls_table.update().where(calls_table.c.id == call_id).values(looked=True, looked_for=key))
    return True


def told(tx: Tx, call_id: int, number: str, *, staff_id: int, revision: int) -> bool:
    """How the old one stands was read out: a call that is answered, on that ticket (WO-18). False: the page is behind."""
    ticket = access_ticket(tx, number, staff_id=staff_id)
    if calls.hold(tx, call_id, staff_id=staff_id, revision=revision) is None:
        return False
    calls.end(tx, call_id, "answered", ticket_id=int(ticket["id"]), noted={})
    return True


def judged(
    tx: Tx, call_id: int, number: str, *, staff_id: int, revision: int, call: call_list.Call
) -> Called | Refusal | None:
    """Solved or not, said by voice (WO-14): as the call-back list writes it down, and this call is over with it. None: the
    page is behind, or the ticket waits for no word any more."""
    if calls.hold(tx, call_id, staff_id=staff_id, revision=revision) is None:
        return None
    ticket = access_ticket(tx, number, staff_id=staff_id, act="act")
    result = call_list.called(tx, number, staff_id=staff_id, revision=ticket["revision"], call=call)
    if isinstance(result, Called):
        calls.end(tx, call_id, "answered", ticket_id=int(ticket["id"]), noted={})
    return result


def counts(known: list[Known]) -> Mapping[str, Any]:
    """How much there is, said before anybody looks."""
    return {"count": len(known), "open": sum(one.ticket["state"] in OPEN for one in known)}
