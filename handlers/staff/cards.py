"""The buttons under a ticket's card, the same for everybody: who may press which is asked when somebody does."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from handlers.outcome import Button, Outcome, Rows
from handlers.staff import forms
from handlers.staff.acting import at_home, over, page_of, step
from handlers.staff.spots import Spot
from handlers.staff.work import Stopped, Work
from handlers.texts.catalogue import Texts, load_catalogue
from handlers.texts.moments import CHINA
from handlers.ticket_words import Row
from knowledge.life import is_open
from storage import staff as staff_units
from storage import topics
from storage.access import NotThere
from storage.staff import Member
from storage.tables import ticket_events
from storage.transaction import Tx

PREFIX = "w"
ASKED = ("answer", "ask_back", "note", "pass", "due", "end")


def card_buttons(ticket: Row, words: Texts | None = None) -> Rows:
    """While it is open; afterwards only a note is left to write."""
    said = words or load_catalogue()["zh"]
    names: tuple[tuple[str, ...], ...] = (("take", "answer"), ("note", "pass"), ("due", "end"))
    shown = names if is_open(ticket["state"]) else (("note",),)
    return tuple([Button(said(f"work.do_{one}"), f"{PREFIX}:{ticket['id']}:{one}") for one in row] for row in shown)


def press(work: Work, parts: list[str]) -> Outcome[Any]:
    """A button of a card."""
    ticket_id, action = int(parts[0]), parts[1]
    done = work.by_colleague(lambda tx, member: _pressed(tx, work, ticket_id, action, member))
    return done.toasted(lambda found: work.words(f"colleague.{found.key}") if isinstance(found, Stopped) else found)


def press_form(work: Work, parts: list[str]) -> Outcome[Any]:
    """A button of a message that asks."""
    form_id, choice = int(parts[0]), parts[1]

    def pressed(tx: Tx, member: Member) -> str | None:
        return forms.pressed(tx, forms.spot_of_form(tx, Spot(work, None), form_id), member, choice)

    done = work.by_colleague(pressed)
    return done.toasted(lambda found: work.words(f"colleague.{found.key}") if isinstance(found, Stopped) else found)


def _pressed(tx: Tx, work: Work, ticket_id: int, action: str, member: Member) -> str | None:
    at_home(tx, work, ticket_id)
    topic = topics.find(tx, ticket_id) if work.group is not None else None
    if work.group is not None and topic is None:
        raise NotThere
    spot = Spot(work, None, topic, ticket_id)
    if action == "take":
        return claim(tx, spot, member)
    return forms.begin(tx, spot, member, action) if action in ASKED else work.words("colleague.stale")


def claim(tx: Tx, spot: Spot, member: Member, *, anyway: bool = False) -> str:
    """Nobody's becomes theirs. A colleague's only where that is what was asked for: of two who press at once one has it,
    and the other reads who."""
    assert spot.ticket_id is not None
    page = page_of(tx, spot.ticket_id, member)
    words, ticket = spot.work.words, page.ticket
    if (ended := over(tx, spot, page)) is not None:
        return ended
    holder = ticket["assigned_to"]
    if holder is not None and holder != member.id and not anyway:
        who = staff_units.names(tx).get(holder, "")
        return words("work.held", name=who, at=_since(tx, spot.ticket_id))
    if holder == member.id:
        return words("work.yours_already")
    took = step(tx, spot, member, "take", quietly=False)
    return words("work.claimed") if took.done else took.why


def _since(tx: Tx, ticket_id: int) -> str:
    """When it came to whoever has it."""
    taken = (ticket_events.c.ticket_id == ticket_id) & ticket_events.c.action.in_(("take", "give", "accept", "answer"))
    at = tx.scalar(select(ticket_events.c.at).where(taken).order_by(ticket_events.c.id.desc()).limit(1))
    return f"{at.astimezone(CHINA):%H:%M}" if at else "–"
