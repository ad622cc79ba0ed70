"""One step taken on Telegram: by the function the console takes it with, and what its colleague reads of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from handlers import taking_steps
from handlers.staff.spots import Spot, untold
from handlers.staff.work import HasLeft, Work
from handlers.step_notices import Speaking
from handlers.taking_steps import Taking
from handlers.texts.catalogue import load_catalogue
from knowledge.group_talk import Order
from knowledge.life import ACTION_NAMES, Refusal, State, is_open
from knowledge.life import name as state_name
from storage import desk, folded, group_home, group_members, relays, thread
from storage import messages as message_units
from storage.access import NotThere
from storage.desk import TicketPage
from storage.desk_acts import Conflict, Done
from storage.staff import Member
from storage.step import NOTHING, Given
from storage.tables import ticket_events, tickets
from storage.tickets import OPEN
from storage.transaction import Tx

OWN_NAMES = {"note": ("备注", "note"), "take": ("接单", "take it"), "give": ("转交", "give it")}


def id_of(tx: Tx, wanted: Order) -> int | None:
    """The ticket a command names; of several with a short number the newest that is open."""
    if wanted.number is not None:
        named = tickets.c.number == wanted.number
    elif wanted.short is not None:
        sequence, check = wanted.short
        named = tickets.c.number.like(f"LX-______-{sequence:04d}-{check or '_'}")
    else:
        return None
    newest = (tickets.c.state.in_(OPEN).desc(), tickets.c.id.desc())
    found: int | None = tx.scalar(select(tickets.c.id).where(named).order_by(*newest).limit(1))
    return found


def at_home(tx: Tx, work: Work, ticket_id: int) -> None:
    """In a group only what belongs to its place is worked on, whoever asks: NotThere for everything else (WO-23)."""
    if work.group is not None and not group_home.is_home(tx, work.group, ticket_id):
        raise NotThere


def page_of(tx: Tx, ticket_id: int, member: Member) -> TicketPage:
    """The ticket as this colleague may see it; NotThere. HasLeft for whoever left the group of its place."""
    if group_members.left_group_of(tx, member.id, ticket_id):
        raise HasLeft
    number = tx.scalar(select(tickets.c.number).where(tickets.c.id == ticket_id))
    page = desk.ticket_page(tx, str(number), staff_id=member.id) if number is not None else None
    if page is None:
        raise NotThere
    return page


def over(tx: Tx, spot: Spot, page: TicketPage) -> str | None:
    """What became of a ticket nobody works on any more, and where to go on; None while it is open."""
    row, words = page.ticket, spot.work.words
    if is_open(row["state"]):
        return None
    into = folded.into(tx, int(row["id"])) if row["state"] == State.MERGED else None
    number = tx.scalar(select(tickets.c.number).where(tickets.c.id == into)) if into is not None else None
    if number is not None:
        return words("work.merged", number=number)
    return words("work.over", state=state_name(row["state"], words.language))


def name_of(action: str, language: str = "zh") -> str:
    names = OWN_NAMES.get(action) or ACTION_NAMES[action]
    return names[0] if language == "zh" else names[1]


@dataclass(frozen=True, slots=True)
class Took:
    """What came of it: done, or why not, in words."""

    done: bool
    why: str = ""


def step(
    tx: Tx,
    spot: Spot,
    member: Member,
    action: str,
    text: str = "",
    *,
    given: Given = NOTHING,
    files: Sequence[Mapping[str, Any]] = (),
    quietly: bool = True,
) -> Took:
    """``quietly``: whoever is in the topic has read it there, so the topic is not told of it once more."""
    assert spot.ticket_id is not None
    page, words = page_of(tx, spot.ticket_id, member), spot.work.words
    if (missing := taking_steps.owed(action, text)) is not None:
        return Took(False, words(f"work.owed_{missing.code}", blanks=missing.blanks))
    taking = Taking(
        ticket=page.ticket,
        action=action,
        revision=page.ticket["revision"],
        text=text,
        given=given,
        files=files,
        answering=relays.sources(tx, spot.replied) if spot.replied and spot.answers == "resident" else (),
    )
    before = untold(tx, spot.ticket_id)
    result = taking_steps.take_step(tx, taking, speaker(spot.work), staff_id=member.id)
    if isinstance(result, Conflict):
        return Took(False, words("work.conflict"))
    if isinstance(result, Refusal):
        return Took(False, result.zh if words.language == "zh" else result.en)
    if quietly:
        spot.seen_here(tx, before)
    _copied(tx, spot, action, result)
    return Took(True)


def speaker(work: Work) -> Speaking:
    return Speaking(load_catalogue("console"), work.case.front.texts)


def _copied(tx: Tx, spot: Spot, action: str, result: Done) -> None:
    """What the resident reads says what a colleague's message says: edited there, it changes here."""
    if spot.message_id is None or result.again or action not in ("answer", "ask_back"):
        return
    said = select(ticket_events.c.message_id).where(ticket_events.c.ticket_id == spot.ticket_id)
    newest = message_units.get(tx, tx.scalar(said.order_by(ticket_events.c.id.desc()).limit(1)) or 0)
    for copy_id in thread.copies(tx, newest) if newest is not None else ():
        relays.relay(tx, spot.message_id, copy_id)
