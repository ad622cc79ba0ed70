"""Who mediates, how the other side is asked, and how a case ends: each with what it does to the tickets behind it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from knowledge import mediation as rules
from knowledge import pass_codes as codes
from knowledge.mediation import OPEN, Refusal, Side, Step, Who
from storage import mediation
from storage.clocks import QUIET
from storage.mediation import Case, Party, Stale
from storage.mediation_opening import keep_out, note_on_ticket, tickets_of
from storage.residents import of_chat
from storage.tables import chats, mediation_parties, mediations, residents, ticket_barred, tickets
from storage.transaction import Tx

Result = Case | Refusal | Stale
"""The case as it is afterwards, or why nothing was changed."""


# -- the mediator --------------------------------------------------------------------------------------------------------


def name(tx: Tx, case: Case, *, mediator_id: int, staff_id: int, who: frozenset[Who], revision: int) -> Result:
    """Name a mediator, or take the case oneself; whether they may is asked before (`storage.mediation_desk`)."""
    action = "take" if mediator_id == staff_id and Who.UNNAMED in who else "name"
    fresh: dict[str, Any] = {"mediator_id": mediator_id, "left_unnamed_at": None, "other_mediator_asked": None}
    done = mediation.step(tx, case, action, who, actor="staff", staff_id=staff_id, revision=revision, **fresh)
    if isinstance(done, Step):
        for ticket_id in tickets_of(tx, case):
            tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(assigned_to=mediator_id))
    return _after(tx, case, done)


def step_aside(tx: Tx, case: Case, *, staff_id: int, staff_name: str, revision: int, why: str) -> Result:
    """The mediator steps aside (ME-15): from now on the case is not there for them."""
    gone: dict[str, Any] = {"mediator_id": None, "left_unnamed_at": tx.now}
    done = mediation.step(
        tx, case, "step_aside", {Who.MEDIATOR}, actor="staff", staff_id=staff_id, revision=revision, note=why, **gone
    )
    if isinstance(done, Step):
        tx.insert(ticket_barred, ticket_id=case.ticket_id, role=None, name=staff_name)
    return _after(tx, case, done)


def mediator_left(tx: Tx, staff_id: int) -> int:
    """Somebody who is out mediates nothing any more: their open cases wait for another; how many."""
    theirs = mediation.cases(tx, mediations.c.mediator_id == staff_id, mediations.c.state.in_(_open_states()))
    for case in theirs:
        mediation.change(tx, case.id, mediator_id=None, left_unnamed_at=tx.now)
        mediation.record(tx, case, "mediator_left", actor="system", staff_id=staff_id)
    return len(theirs)


def _open_states() -> list[str]:
    return [state.value for state in OPEN]


def unnamed(tx: Tx, *, for_hours: int = 0) -> list[Case]:
    """Open cases without a mediator for so long."""
    since = tx.now - timedelta(hours=for_hours)
    found = mediation.cases(tx, mediations.c.mediator_id.is_(None), mediations.c.state.in_(_open_states()))
    return [case for case in found if (case.left_unnamed_at or case.opened_at) <= since]


# -- asking the other side -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A resident of the other side's flat who has a chat here."""

    resident_id: int
    chat_id: int
    name: str | None
    channel: str


def neighbours(tx: Tx, case: Case) -> list[Neighbour]:
    """Who may be the other side: residents of that flat; never the applicant."""
    flat = case.respondent
    if not (flat.building and flat.room):
        return []
    here = (residents.c.building == flat.building) & (residents.c.room == flat.room)
    reached = chats.c.left_at.is_(None) & chats.c.blocked_at.is_(None) & (chats.c.kind == "private")
    query = select(residents.c.id, chats.c.id, residents.c.name, chats.c.channel)
    query = query.join(chats, chats.c.resident_id == residents.c.id).where(here, reached)
    rows = tx.tuples(query.where(residents.c.id != case.applicant.resident_id).order_by(residents.c.id, chats.c.id))
    return [Neighbour(*row) for row in rows]


def may_ask(case: Case) -> str | None:
    """Why the other side is not asked now: ``consent`` (the applicant has not said yes); None where it may be."""
    return None if case.contact_consent_at is not None else "consent"


def invite(
    tx: Tx, case: Case, *, staff_id: int, revision: int, neighbour: Neighbour | None = None, told: str | None = None
) -> tuple[Result, str | None]:
    """Ask the other side, in the chat of the neighbour picked, else with a code the mediator hands over; the code."""
    by = "chat" if neighbour else "code"
    if may_ask(case) is not None:
        return Refusal("consent", "申请人还没有同意联系对方。", "The applicant has not agreed to our asking."), None
    done = mediation.step(
        tx, case, "invite", {Who.MEDIATOR}, actor="staff", staff_id=staff_id, revision=revision, note=by
    )
    if not isinstance(done, Step):
        return done, None
    code = None if neighbour else codes.make()
    values: dict[str, Any] = {"invited_at": tx.now, "invited_by": by}
    if neighbour is not None:
        values |= _reached(tx, neighbour.resident_id, neighbour.chat_id, told)
        keep_out(tx, case.ticket_id, neighbour.resident_id)
    else:
        life = timedelta(days=rules.table().clock.invite_days)
        values |= {"invite_hash": codes.hash_of(str(code)), "invite_expires": tx.now + life}
    mediation.change_party(tx, case.respondent, **values)
    return mediation.held(tx, case.id), code


def _reached(tx: Tx, resident_id: int, chat_id: int, told: str | None) -> dict[str, Any]:
    return {"resident_id": resident_id, "chat_id": chat_id, "told_version": told, "told_at": tx.now if told else None}


def use_code(tx: Tx, *, chat_id: int, code: str, told: str) -> Case | None:
    """Whoever brings the code is the other side; None for a wrong, used or late one, and for the applicant."""
    party = mediation_parties
    fresh = (party.c.invite_hash == codes.hash_of(code)) & (party.c.invite_expires > tx.now)
    row = tx.first(select(party.c.mediation_id).where(fresh))
    if row is None:
        return None
    case, resident_id = mediation.held(tx, int(row["mediation_id"])), of_chat(tx, chat_id)
    if not case.is_open or case.applicant.resident_id == resident_id:
        return None
    values = _reached(tx, resident_id, chat_id, told) | {"invite_hash": None, "invite_expires": None}
    mediation.change_party(tx, case.respondent, **values)
    mediation.record(tx, case, "code_used", actor=Side.RESPONDENT.value)
    keep_out(tx, case.ticket_id, resident_id)
    return mediation.held(tx, case.id)


def willing(tx: Tx, case: Case, *, staff_id: int | None = None, note: str | None = None, told: str) -> Result:
    """The other side is willing: by their own press, or as the mediator heard it from them."""
    actor, who = ("staff", Who.MEDIATOR) if staff_id else ("respondent", Who.RESPONDENT)
    done = mediation.step(tx, case, "begin", {who}, actor=actor, staff_id=staff_id, note=note)
    if isinstance(done, Step):
        said = {"willing": True, "willing_at": tx.now, "told_version": told}
        mediation.change_party(tx, case.respondent, **said, told_at=case.respondent.told_at or tx.now)
    return _after(tx, case, done)


# -- the end -------------------------------------------------------------------------------------------------------------


def end(
    tx: Tx,
    case: Case,
    action: str,
    who: Who,
    *,
    staff_id: int | None = None,
    revision: int | None = None,
    note: str | None = None,
) -> Result:
    """One of the steps that end a case; the tickets behind it are closed with it."""
    actor = "staff" if who is Who.MEDIATOR else who.value
    done = mediation.step(tx, case, action, {who}, actor=actor, staff_id=staff_id, revision=revision, note=note)
    if isinstance(done, Step):
        if action == "refuse":
            mediation.change_party(tx, case.respondent, willing=False, willing_at=tx.now, invite_hash=None)
        close_tickets(tx, case, staff_id=staff_id, solved=action == "file")
    return _after(tx, case, done)


def close_tickets(tx: Tx, case: Case, *, staff_id: int | None, solved: bool = False) -> None:
    """The end of a case closes what is open of the tickets behind it; ``solved`` where what was agreed was done."""
    for ticket_id in tickets_of(tx, case):
        row = tx.first(select(tickets).where(tickets.c.id == ticket_id, tickets.c.closed_at.is_(None)))
        if row is None:
            continue
        values = {"state": "closed", "closed_at": tx.now, "waiting_resident": False, "revision": row["revision"] + 1}
        values |= {**QUIET, "outcome": "solved" if solved else None}
        tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(values))
        note_on_ticket(tx, row, "close", to_state="closed", staff_id=staff_id)


def ending_step(case: Case, side: Side) -> str | None:
    """The step by which a side ends it now; None where what was agreed binds."""
    steps = ("refuse", "withdraw", "stop")
    return next((one for one in steps if isinstance(rules.step(case.state, one, {Who(side.value)}), Step)), None)


def bound(tx: Tx, ticket_id: int) -> bool:
    """True while an agreement in force is being carried out: nobody takes that back, they talk again (ME-12)."""
    found = _of_ticket(tx, ticket_id)
    return found is not None and ending_step(*found) is None


def taken_back(tx: Tx, ticket_id: int) -> None:
    """The ticket was taken back by whoever filed it, where nothing binds: an open case behind it ends with it."""
    found = _of_ticket(tx, ticket_id)
    action = ending_step(*found) if found else None
    if found is None or action is None:
        return
    case, side = found
    if isinstance(mediation.step(tx, case, action, {Who(side.value)}, actor=side.value), Step):
        close_tickets(tx, case, staff_id=None)


def _of_ticket(tx: Tx, ticket_id: int) -> tuple[Case, Side] | None:
    """The open case a ticket is handled in, and the side that filed the ticket."""
    filed = mediation.of_ticket(tx, ticket_id)
    case = mediation.leading(tx, filed) if filed else None
    if case is None or not case.is_open:
        return None
    return case, Side.APPLICANT if case.ticket_id == ticket_id else Side.RESPONDENT


def _after(tx: Tx, case: Case, done: Step | Refusal | Stale) -> Result:
    return done if isinstance(done, (Refusal, Stale)) else mediation.held(tx, case.id)


def parties_of(tx: Tx, chat_id: int) -> Sequence[tuple[Case, Party]]:
    """The open cases in which whoever writes in this chat is a side that has been spoken to, the newest first."""
    mine = select(chats.c.resident_id).where(chats.c.id == chat_id, chats.c.resident_id.is_not(None))
    theirs = select(mediation_parties.c.mediation_id).where(mediation_parties.c.resident_id.in_(mine))
    found = mediation.cases(tx, mediations.c.id.in_(theirs), mediations.c.state.in_(_open_states()))
    resident_id = tx.scalar(mine)
    sides = [(case, party) for case in found for party in case.parties.values() if party.resident_id == resident_id]
    return sides[::-1]
