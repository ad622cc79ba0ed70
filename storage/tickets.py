"""Tickets as the resident's side sees them: filed, followed, spoken into, withdrawn. Staff's side is in ``desk``."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from knowledge.deadlines import Promises
from knowledge.life import State, is_open
from knowledge.proxies import Act
from knowledge.ticket_numbers import make_claim_code, make_number
from storage import clocks, drafts, folded, group_news, mediation_life, mediation_talk, residents, search
from storage.mediation_opening import is_other_side
from storage.proxies import chats_of
from storage.rights import Glance, access, asked, glances, seen_from, visible
from storage.tables import (
    chats,
    claim_tries,
    messages,
    ticket_blobs,
    ticket_days,
    ticket_events,
    ticket_followers,
    tickets,
)
from storage.tables import drafts as draft_table
from storage.transaction import Tx

CHINA = ZoneInfo("Asia/Shanghai")
GUESSES = 5
"""Claim codes one chat may try in ``GUESS_SPAN``; guessing eight characters is hopeless at that pace."""
GUESS_SPAN = timedelta(hours=1)
OPEN = tuple(state.value for state in State if is_open(state))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a ticket is made of; ``details`` are the answers to the category's own questions."""

    route: str
    category: str | None
    title: str
    description: str
    building: str | None = None
    unit: str | None = None
    floor: str | None = None
    room: str | None = None
    place_note: str | None = None
    phone: str | None = None
    details: dict[str, Any] | None = None
    urgency: str = "P2"
    confidential: bool = False
    topic: str | None = None
    on_behalf: str | None = None
    anonymous: bool = False
    needs_reply: bool = True
    needs_call_back: bool = True
    visit_words: str | None = None
    visit_from: datetime | None = None
    visit_until: datetime | None = None
    blobs: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Filed:
    """A ticket as it was just filed."""

    id: int
    number: str
    claim_code: str
    first_contact_due: datetime
    due_at: datetime


def file(
    tx: Tx,
    *,
    chat_id: int,
    request: Request,
    opened_at: datetime,
    promises: Promises,
    draft_id: int | None = None,
    draft_revision: int = 0,
    message_id: int | None = None,
) -> Filed | None:
    """File a ticket; clocks run from ``opened_at``, the resident's own message.

    None when the draft it comes from was filed, cancelled or changed before: a second press files nothing.
    """
    if draft_id is not None and not drafts.close(tx, draft_id, revision=draft_revision, state="filed"):
        return None
    number, code = _next_number(tx), make_claim_code()
    ticket_id = tx.insert(
        tickets,
        number=number,
        claim_code=code,
        chat_id=chat_id,
        resident_id=residents.of_chat(tx, chat_id),
        source=str(tx.scalar(select(chats.c.channel).where(chats.c.id == chat_id))),
        state="received",
        opened_at=opened_at,
        first_contact_due=promises.first_contact.due_at,
        due_at=promises.close.due_at,
        due_rule=promises.close.rule,
        due_provisional=promises.close.provisional,
        **_columns(request),
    )
    attach(tx, ticket_id, request.blobs)
    search.renew(tx, ticket_id)
    record(tx, ticket_id, actor="resident", action="file", to_state="received", message_id=message_id)
    if draft_id is not None:
        tx.execute(draft_table.update().where(draft_table.c.id == draft_id).values(ticket_id=ticket_id))
    _remember(tx, chat_id, request)
    tx.wake("desk")
    return Filed(ticket_id, number, code, promises.first_contact.due_at, promises.close.due_at)


def _remember(tx: Tx, chat_id: int, request: Request) -> None:
    """The flat and telephone stand for the resident; somebody else's flat, or an anonymous matter, does not."""
    if request.anonymous:
        return
    home = {} if request.on_behalf else {"building": request.building, "unit": request.unit, "room": request.room}
    residents.remember(tx, chat_id=chat_id, phone=request.phone, **home)


def _columns(request: Request) -> dict[str, Any]:
    left_out = {"blobs"}
    return {name: getattr(request, name) for name in request.__dataclass_fields__ if name not in left_out}


def _next_number(tx: Tx) -> str:
    """The day's next number; two at the same instant get two numbers."""
    today = tx.now.astimezone(CHINA).date()
    day = today.strftime("%y%m%d")
    upsert = tx.inserting(ticket_days).values(day=day, last=1)
    upsert = upsert.on_conflict_do_update(index_elements=["day"], set_={"last": ticket_days.c.last + 1})
    return make_number(today, int(tx.scalar(upsert.returning(ticket_days.c.last))))


def belongs(tx: Tx, message_id: int | None, ticket_id: int) -> None:
    """This message is about this ticket: staff read it there."""
    if message_id is not None:
        text = select(messages.c.text).where(messages.c.id == message_id)
        tx.execute(messages.update().where(messages.c.id == message_id).values(ticket_id=ticket_id))
        search.said(tx, ticket_id, tx.scalar(text))


def attach(tx: Tx, ticket_id: int, blobs: Sequence[int]) -> None:
    for blob_id in dict.fromkeys(blobs):
        tx.insert(ticket_blobs, ticket_id=ticket_id, blob_id=blob_id)


def record(
    tx: Tx,
    ticket_id: int,
    *,
    actor: str,
    action: str,
    to_state: str,
    from_state: str | None = None,
    staff_id: int | None = None,
    note: str | None = None,
    message_id: int | None = None,
) -> None:
    """Write one line of the ticket's history; lines are never changed. The staff group hears of it."""
    event_id = tx.insert(
        ticket_events,
        ticket_id=ticket_id,
        at=tx.now,
        actor=actor,
        staff_id=staff_id,
        action=action,
        from_state=from_state,
        to_state=to_state,
        note=note,
        message_id=message_id,
    )
    search.said(tx, ticket_id, note)
    group_news.put(tx, ticket_id, event_id)


def of_chat(tx: Tx, chat_id: int, *, limit: int = 10) -> list[Glance]:
    """The tickets of whoever writes in this chat, from whichever chat they were filed; newest first."""
    return glances(tx, seen_from(tx, chat_id), limit=limit)


def add_words(
    tx: Tx, ticket_id: int, *, chat_id: int, message_id: int | None, blobs: Sequence[int] = ()
) -> Glance | None:
    """The resident says more about a ticket; None when it is not theirs to do or is over."""
    right = access(tx, ticket_id, chat_id=chat_id, act=Act.ADD)
    if right is None or right.ticket.state not in OPEN:
        return None
    ticket, ticket_id = right.ticket, right.ticket.id
    belongs(tx, message_id, ticket_id)
    if mediation_talk.added(tx, ticket_id, chat_id=chat_id, message_id=message_id, blobs=blobs):
        right.keep(tx)
        return ticket
    attach(tx, ticket_id, blobs)
    values = {"waiting_resident": False, "unread": tickets.c.unread + 1, "revision": tickets.c.revision + 1}
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(_clock_goes_on(tx, ticket) | values))
    state = ticket.state
    record(tx, ticket_id, actor="resident", action="add", from_state=state, to_state=state, message_id=message_id)
    right.keep(tx)
    tx.wake("desk")
    return ticket


def _clock_goes_on(tx: Tx, ticket: Glance) -> dict[str, Any]:
    """The answer staff waited for starts our clock again; any other words change no clock."""
    row = tx.first(select(tickets).where(tickets.c.id == ticket.id))
    return clocks.answered(row, tx) if row and row["waiting_resident"] else {}


def withdraw(tx: Tx, ticket_id: int, *, chat_id: int) -> Glance | None:
    """The resident takes it back; None when it is not theirs to do, is over, or an agreement in force binds (ME-12)."""
    right = access(tx, ticket_id, chat_id=chat_id, act=Act.WITHDRAW)
    if right is None or right.ticket.state not in OPEN or mediation_life.bound(tx, ticket_id):
        return None
    ticket, ticket_id = right.ticket, right.ticket.id
    values = {"state": "withdrawn", "closed_at": tx.now, "waiting_resident": False, "revision": tickets.c.revision + 1}
    values |= {**clocks.QUIET, "supervised_at": None, "follow_up_at": None}
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(values))
    record(tx, ticket_id, actor="resident", action="withdraw", from_state=ticket.state, to_state="withdrawn")
    mediation_life.taken_back(tx, ticket_id)
    right.keep(tx)
    tx.wake("desk")
    return ticket


def claim(tx: Tx, *, chat_id: int, number: str, code: str) -> Glance | str:
    """Bring a case to a new phone: who knows number and claim code may follow that ticket, and no other.

    "slow_down" after too many guesses, "unknown" where the two do not belong together.
    """
    if guesses(tx, chat_id) >= GUESSES:
        return "slow_down"
    row = tx.first(select(tickets.c.id, tickets.c.resident_id, tickets.c.claim_code).where(tickets.c.number == number))
    if row is None or not secrets.compare_digest(row["claim_code"], code):
        tx.insert(claim_tries, chat_id=chat_id, at=tx.now)
        return "unknown"
    ticket_id, resident_id = int(row["id"]), residents.of_chat(tx, chat_id)
    if is_other_side(tx, ticket_id, resident_id):
        return "unknown"
    if resident_id != row["resident_id"] and visible(tx, ticket_id, chat_id=chat_id) is None:
        mine = (ticket_followers.c.ticket_id == ticket_id) & (ticket_followers.c.resident_id == resident_id)
        tx.execute(ticket_followers.delete().where(mine))  # "me too" becomes more
        tx.insert(ticket_followers, ticket_id=ticket_id, resident_id=resident_id, chat_id=chat_id, since=tx.now)
    found = visible(tx, ticket_id, chat_id=chat_id)
    return found if found is not None else "unknown"


def listeners(tx: Tx, ticket_id: int) -> list[int]:
    """The chats that hear of each step: where it was filed, where it was claimed, and where its resident is by now; the
    same of what is folded into it."""
    theirs = [_listeners(tx, one) for one in (ticket_id, *folded.held_in(tx, ticket_id))]
    return list(dict.fromkeys(chat_id for heard in theirs for chat_id in heard))


def _listeners(tx: Tx, ticket_id: int) -> list[int]:
    filed, whose = tx.tuples(select(tickets.c.chat_id, tickets.c.resident_id).where(tickets.c.id == ticket_id))[0]
    with_code = (ticket_followers.c.ticket_id == ticket_id) & (ticket_followers.c.kind == "claim")
    claimed = tx.all(select(ticket_followers.c.chat_id).where(with_code))
    return [filed, *(int(row["chat_id"]) for row in claimed), *chats_of(tx, whose)]


def guesses(tx: Tx, chat_id: int) -> int:
    recent = (claim_tries.c.chat_id == chat_id) & (claim_tries.c.at > tx.now - GUESS_SPAN)
    return int(tx.scalar(select(func.count()).select_from(claim_tries).where(recent)))


def number_of_draft(tx: Tx, draft_id: int, *, chat_id: int) -> str | None:
    """The number this chat's draft was filed under, if it was."""
    query = select(tickets.c.number).join(draft_table, draft_table.c.ticket_id == tickets.c.id)
    found: str | None = tx.scalar(query.where(draft_table.c.id == draft_id, draft_table.c.chat_id == chat_id))
    return found


def answering(tx: Tx, chat_id: int) -> Glance | None:
    """The ticket about which staff asked this chat's resident something, the newest first."""
    waiting = tickets.c.waiting_resident.is_(True) & tickets.c.state.in_(OPEN)
    return next(iter(asked(tx, chat_id, waiting)), None)
