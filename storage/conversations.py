"""Conversations a person has, or is wanted for. While one is open the bot keeps silent in that chat.

``waiting_since`` is the resident's oldest word nobody has answered while somebody holds it: from there the clock of
silence runs, so that a conversation is never stuck between two people.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, func, or_, select

from storage.tables import conversations, messages
from storage.transaction import Tx

EMERGENCY = "emergency"
RELEASED = "released"


def ask_for_person(tx: Tx, *, chat_id: int, reason: str) -> tuple[int, int]:
    """A person is wanted; the conversation (the one already open, if there is) and how many wait before it."""
    current = (conversations.c.chat_id == chat_id) & (conversations.c.state != "ended")
    found = tx.scalar(select(conversations.c.id).where(current))
    if found is None:
        values = {"state": "waiting", "reason": reason, "opened_at": tx.now, "queued_at": tx.now, "spoke_at": tx.now}
        found = tx.insert(conversations, chat_id=chat_id, **values)
    elif reason == EMERGENCY:
        tx.execute(conversations.update().where(conversations.c.id == found).values(reason=EMERGENCY))
    tx.wake("desk")
    return int(found), ahead(tx, int(found))


def ahead(tx: Tx, conversation_id: int) -> int:
    """How many wait before this one: whoever is in danger first, then in the order they came."""
    query = select(conversations.c.reason).where(conversations.c.id == conversation_id)
    hot = tx.scalar(query) == EMERGENCY
    before = conversations.c.id < conversation_id
    danger = conversations.c.reason == EMERGENCY
    wanted: ColumnElement[bool] = and_(danger, before) if hot else or_(danger, before)
    others = (conversations.c.state == "waiting") & (conversations.c.id != conversation_id)
    return int(tx.scalar(select(func.count()).select_from(conversations).where(others, wanted)))


def add(tx: Tx, *, conversation_id: int, message_id: int) -> None:
    """What a resident said belongs to this conversation; staff see it at once, and its clock of silence runs."""
    tx.execute(messages.update().where(messages.c.id == message_id).values(conversation_id=conversation_id))
    waits = func.coalesce(conversations.c.waiting_since, tx.now)
    values = {"waiting_since": waits, "spoke_at": tx.now}
    tx.execute(conversations.update().where(conversations.c.id == conversation_id).values(values))
    tx.wake("desk")


def take(tx: Tx, conversation_id: int, *, staff_id: int) -> bool:
    """A member of staff takes it, and owes a word from now on; False when somebody else was first or it has ended."""
    open_to_me = (conversations.c.id == conversation_id) & (
        (conversations.c.state == "waiting")
        | ((conversations.c.state == "held") & (conversations.c.taken_by == staff_id))
    )
    values = {
        "state": "held",
        "taken_by": staff_id,
        "taken_at": tx.now,
        "first_taken_at": func.coalesce(conversations.c.first_taken_at, tx.now),
        "waiting_since": tx.now,
        "nudged_at": None,
        "level": None,
        "news": None,
    }
    tx.wake("desk")
    return bool(tx.changed(conversations.update().where(open_to_me).values(values)))


def answered(tx: Tx, conversation_id: int) -> None:
    """Staff said something: nobody is owed a word now."""
    values = {"waiting_since": None, "nudged_at": None, "spoke_at": tx.now}
    tx.execute(conversations.update().where(conversations.c.id == conversation_id).values(values))


def release(tx: Tx, *which: ColumnElement[bool]) -> int:
    """Held conversations go back to the line, at the place they had, so that another can take them; how many."""
    values = {
        "state": "waiting",
        "taken_by": None,
        "taken_at": None,
        "queued_at": tx.now,
        "waiting_since": None,
        "nudged_at": None,
        "level": None,
        "news": RELEASED,
    }
    held = and_(conversations.c.state == "held", *which)
    done = tx.changed(conversations.update().where(held).values(values))
    if done:
        tx.wake("desk")
    return done


def that(conversation_id: int) -> ColumnElement[bool]:
    return conversations.c.id == conversation_id


def release_of(tx: Tx, staff_id: int) -> int:
    """Everything somebody holds who does not work here any more goes back to the line."""
    return release(tx, conversations.c.taken_by == staff_id)


def end(tx: Tx, conversation_id: int, *, by: str) -> bool:
    """The bot has the chat again; False when it had it before. ``by``: resident, staff, bot, later."""
    still_open = (conversations.c.id == conversation_id) & (conversations.c.state != "ended")
    values = {"state": "ended", "ended_at": tx.now, "ended_by": by}
    tx.wake("desk")
    return bool(tx.changed(conversations.update().where(still_open).values(values)))


def reason_of(tx: Tx, conversation_id: int) -> str | None:
    """Why a person was wanted: ``asked``, ``emergency``, ``voice`` …"""
    found: str | None = tx.scalar(select(conversations.c.reason).where(conversations.c.id == conversation_id))
    return found


def is_held(tx: Tx, conversation_id: int) -> bool:
    """True when a member of staff has taken it."""
    return bool(tx.scalar(select(conversations.c.state).where(conversations.c.id == conversation_id)) == "held")
