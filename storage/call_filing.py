"""What a call leads to: a ticket, more words for one that is open, an answer, an alarm; each in the one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping, select

from knowledge.deadlines import Promises
from knowledge.privacy import privacy_notice
from knowledge.recordings import is_safe
from knowledge.retention import rules
from storage import callers, calls, messages, residents, staff, stepping_aside, tickets
from storage.access import NotThere, access_ticket
from storage.sight import handler, sight_of
from storage.staff import MayNot
from storage.tables import calls as calls_table
from storage.tables import tickets as ticket_table
from storage.tickets import OPEN, Filed, Request
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Taken:
    """A ticket made of a call, and where its resident hears of it."""

    filed: Filed
    chat_id: int


def file(
    tx: Tx,
    call_id: int,
    *,
    staff_id: int,
    revision: int,
    request: Request,
    answers: Mapping[str, Any],
    promises: Promises,
    consent: str,
) -> Taken | None:
    """File it, once; None when the page is behind or a colleague has the call. Clocks run from the beginning of the call.

    What was agreed to by voice is kept as such (PI-02, PI-06); whoever it is about steps aside (WO-24).
    """
    row = calls.hold(tx, call_id, staff_id=staff_id, revision=revision)
    if row is None:
        return None
    chat_id = _chat(tx, row, request, answers)
    said = messages.record(tx, chat_id=chat_id, sender="resident", text=request.description, staff_id=staff_id)
    filed = tickets.file(
        tx, chat_id=chat_id, request=request, opened_at=row["began_at"], promises=promises, message_id=said
    )
    assert filed is not None, "there is no draft that could have been filed before"
    tickets.belongs(tx, said, filed.id)
    tx.execute(ticket_table.update().where(ticket_table.c.id == filed.id).values(source=row["source"]))
    if consent:
        agree(tx, chat_id, consent, category=request.category if answers.get("sensitive_agreed") else None)
    if found := stepping_aside.who_steps_aside(tx, answers):
        stepping_aside.bar(tx, filed.id, found, chat_id=chat_id, since=None)
    staff.note(tx, staff_id, "file_call", filed.number)
    unknown = {"number": None} if request.anonymous else {}
    calls.end(tx, call_id, "ticket", ticket_id=filed.id, chat_id=chat_id, **unknown)
    return Taken(filed, chat_id)


def _chat(tx: Tx, row: RowMapping, request: Request, answers: Mapping[str, Any]) -> int:
    """The caller's own place; of whoever gives no name it is nobody's, and of nobody else's calls."""
    if request.anonymous:
        return callers.chat_for(tx, number=None, name=None)
    if row["chat_id"] is not None:
        return int(row["chat_id"])
    return callers.chat_for(tx, number=request.phone, name=answers.get("name"))


def agree(tx: Tx, chat_id: int, answer: str, *, category: str | None = None) -> None:
    """What they said to the privacy notice that was read out, and separately to a sensitive matter (PI-06)."""
    version = privacy_notice().version
    residents.consent(tx, chat_id=chat_id, version=version, answer=answer)
    if category is not None and answer == "given":
        residents.consent_separately(tx, chat_id=chat_id, about=category, version=version, answer=answer)


def add_to(tx: Tx, call_id: int, number: str, *, staff_id: int, revision: int, words: str) -> bool:
    """What they said belongs to a ticket that is open; False when the page is behind, or the ticket is over.

    NotThere for a ticket this member may not meet, MayNot where they may only look at it.
    """
    ticket = access_ticket(tx, number, staff_id=staff_id, act="act")
    if handler(staff.get(tx, staff_id), ticket) is None:
        raise MayNot
    row = calls.hold(tx, call_id, staff_id=staff_id, revision=revision)
    if row is None or ticket["state"] not in OPEN:
        return False
    ticket_id, chat_id = int(ticket["id"]), row["chat_id"] or callers.chat_for(tx, number=row["number"], name=None)
    said = messages.record(tx, chat_id=chat_id, sender="resident", text=words, staff_id=staff_id, ticket_id=ticket_id)
    news = {"unread": ticket_table.c.unread + 1, "revision": ticket_table.c.revision + 1}
    tx.execute(ticket_table.update().where(ticket_table.c.id == ticket_id).values(news))
    state = str(ticket["state"])
    tickets.record(
        tx, ticket_id, actor="staff", staff_id=staff_id, action="add", from_state=state, to_state=state, message_id=said
    )
    calls.end(tx, call_id, "added", ticket_id=ticket_id, chat_id=chat_id)
    return True


@dataclass(frozen=True, slots=True)
class Answer:
    """What was read out: the entry, its clause and version."""

    entry: str | None = None
    clause: str | None = None
    version: int | None = None


def answered(tx: Tx, call_id: int, *, staff_id: int, revision: int, answer: Answer) -> bool:
    """Answered at once: a call without a ticket, that counts as one (WO-22). Nobody is named in it any more."""
    row = calls.hold(tx, call_id, staff_id=staff_id, revision=revision)
    if row is None:
        return False
    kept = {"noted": {"words": row["noted"].get("words", "")}}
    calls.end(tx, call_id, "answered", entry=answer.entry, clause=answer.clause, version=answer.version, **kept)
    return True


def nothing(tx: Tx, call_id: int, *, staff_id: int, revision: int) -> bool:
    """A wrong number, a silent line, a line that broke off with nothing said. Ringing calls may be put away, too."""
    row = calls.hold(tx, call_id, staff_id=staff_id, revision=revision)
    if row is None:
        return False
    calls.end(tx, call_id, "nothing")
    return True


def filed(tx: Tx, ticket_id: int) -> RowMapping:
    """What is read out to the caller: number, claim code, and until when somebody is in touch."""
    names = ("number", "claim_code", "first_contact_due", "anonymous", "urgency", "phone", "building", "opened_at")
    found = tx.first(select(*(ticket_table.c[name] for name in names)).where(ticket_table.c.id == ticket_id))
    assert found is not None
    return found


def may_open(tx: Tx, ticket_id: int, *, staff_id: int) -> bool:
    """Whoever took a complaint of themselves down does not read on (WO-24)."""
    return stepping_aside.may_see(tx, ticket_id, staff_id=staff_id)


def calls_about(tx: Tx, ticket_id: int) -> list[dict[str, Any]]:
    """When somebody called about a ticket, and whether there is a recording; for its page."""
    query = select(*(calls_table.c[name] for name in ("id", "began_at", "source", "recording", "outcome", "transfers")))
    rows = tx.all(query.where(calls_table.c.ticket_id == ticket_id).order_by(calls_table.c.id))
    return [{**row, "recording": row["recording"] is not None} for row in rows]


def recording(tx: Tx, number: str, call_id: int, *, staff_id: int) -> str | None:
    """Where the recording lies, for whoever reads all of the ticket; each look is in the audit. None where there is none,
    it has been kept its time, or the address is none a browser may be sent to. NotThere where the ticket is not theirs."""
    ticket = tx.first(select(ticket_table).where(ticket_table.c.number == number, stepping_aside.open_to(staff_id)))
    if ticket is None or sight_of(tx, ticket, staff_id=staff_id) != "all":
        raise NotThere
    since = tx.now - timedelta(days=rules()["recordings"].keep.days)
    mine = (calls_table.c.id == call_id) & (calls_table.c.ticket_id == ticket["id"]) & (calls_table.c.began_at > since)
    address: str | None = tx.scalar(select(calls_table.c.recording).where(mine))
    if address is None or not is_safe(address):
        return None
    staff.note(tx, staff_id, "open_recording", number)
    return address
