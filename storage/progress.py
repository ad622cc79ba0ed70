"""How a matter stands, for whoever filed it: the ticket, who has it by function, what staff said last, every step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, case, select

from knowledge.life import State
from storage import folded, mediation, rights
from storage.mediation import Case
from storage.proxies import Proxy
from storage.rights import seen_from
from storage.tables import messages, staff, ticket_events, tickets, units
from storage.tickets import OPEN
from storage.transaction import Tx

MOST = 30
"""Tickets of one resident that are looked at; the open ones come first."""
SPOKEN = ("answer", "ask_back", "finish", "check", "follow_up")


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the history."""

    at: datetime
    action: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Progress:
    """``role`` is the function of whoever has it: their name is not the resident's business. ``under``: the authority
    of a proxy, who sees somebody else's."""

    ticket: RowMapping
    role: str | None
    steps: Sequence[Step]
    under: Proxy | None = None
    lead: tuple[str, str] | None = None
    """The names, zh and en, of the unit that has it."""
    mediation: Case | None = None
    """The case it is handled in, where it is in mediation."""
    asked: str | None = None
    """The number that was asked for, where that ticket was folded into this one."""

    @property
    def said(self) -> Step | None:
        """The last thing staff said to the resident."""
        return next((step for step in reversed(self.steps) if step.action in SPOKEN and step.note), None)


def of_ticket(tx: Tx, ticket_id: int, *, chat_id: int) -> Progress | None:
    """One ticket, if it is this chat's resident's."""
    return _one(tx, tickets.c.id == ticket_id, chat_id)


def of_number(tx: Tx, number: str, *, chat_id: int) -> Progress | None:
    """The same by its number."""
    return _one(tx, tickets.c.number == number, chat_id)


def _one(tx: Tx, which: ColumnElement[bool], chat_id: int) -> Progress | None:
    row = tx.first(select(tickets).where(which, seen_from(tx, chat_id)))
    asked = str(row["number"]) if row and row["state"] == State.MERGED else None
    if row is not None and asked:
        living = tickets.c.id == folded.into(tx, int(row["id"]))
        row = tx.first(select(tickets).where(living, seen_from(tx, chat_id))) or row
    if row is None:
        return None
    under = rights.authority(tx, int(row["id"]), chat_id=chat_id)
    case = mediation.of_ticket(tx, int(row["id"]))
    led = mediation.leading(tx, case) if case else None
    role, lead = role_of(tx, row["assigned_to"]), lead_of(tx, row)
    return Progress(row, role, steps(tx, int(row["id"])), under, lead, led, asked)


def mine(tx: Tx, chat_id: int) -> Sequence[RowMapping]:
    """The tickets of whoever writes in this chat: open ones first, each newest first; of merged ones the living one."""
    newest = tickets.c.state.in_(OPEN).desc(), tickets.c.id.desc()
    theirs = seen_from(tx, chat_id) & (tickets.c.state != State.MERGED.value)
    return tx.all(select(tickets).where(theirs).order_by(*newest).limit(MOST))


def steps(tx: Tx, ticket_id: int) -> list[Step]:
    """What a colleague took back is a step still, without its words."""
    note = case((messages.c.taken_back_at.is_not(None), None), else_=ticket_events.c.note)
    query = select(ticket_events.c.at, ticket_events.c.action, note).select_from(ticket_events)
    query = query.outerjoin(messages, messages.c.id == ticket_events.c.message_id)
    rows = tx.tuples(query.where(ticket_events.c.ticket_id == ticket_id).order_by(ticket_events.c.id))
    return [Step(*row) for row in rows]


def question(tx: Tx, ticket_id: int) -> str:
    """What staff asked the resident last; "" when they asked nothing, or took it back."""
    asked = [step.note for step in steps(tx, ticket_id) if step.action == "ask_back"]
    return asked[-1] or "" if asked else ""


def role_of(tx: Tx, staff_id: int | None) -> str | None:
    """The function of a member of staff."""
    found: str | None = tx.scalar(select(staff.c.role).where(staff.c.id == staff_id)) if staff_id else None
    return found


def lead_of(tx: Tx, row: RowMapping) -> tuple[str, str] | None:
    """The names of the unit that leads a ticket."""
    found = tx.tuples(select(units.c.zh, units.c.en).where(units.c.id == row["lead_unit_id"]))
    return (found[0][0], found[0][1]) if found else None


def name_of(tx: Tx, staff_id: int | None) -> str | None:
    """Their name, for colleagues."""
    found: str | None = tx.scalar(select(staff.c.name).where(staff.c.id == staff_id)) if staff_id else None
    return found
