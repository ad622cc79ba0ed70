"""Conversations a person has, or is wanted for. While one is open the bot keeps silent in that chat."""

from __future__ import annotations

from sqlalchemy import func, select

from storage.tables import conversations, messages
from storage.transaction import Tx


def ask_for_person(tx: Tx, *, chat_id: int, reason: str) -> tuple[int, int]:
    """A person is wanted; the conversation (the one already open, if there is) and how many wait before it."""
    current = (conversations.c.chat_id == chat_id) & (conversations.c.state != "ended")
    found = tx.scalar(select(conversations.c.id).where(current))
    if found is None:
        found = tx.insert(conversations, chat_id=chat_id, state="waiting", reason=reason, opened_at=tx.now)
        tx.wake("desk")
    waiting = (conversations.c.state == "waiting") & (conversations.c.id < found)
    return int(found), int(tx.scalar(select(func.count()).select_from(conversations).where(waiting)))


def add(tx: Tx, *, conversation_id: int, message_id: int) -> None:
    """What a resident said belongs to this conversation; staff see it at once."""
    tx.execute(messages.update().where(messages.c.id == message_id).values(conversation_id=conversation_id))
    tx.wake("desk")


def take(tx: Tx, conversation_id: int, *, staff_id: int) -> bool:
    """A member of staff takes it; False when somebody else was first or it has ended."""
    open_to_me = (conversations.c.id == conversation_id) & (
        (conversations.c.state == "waiting")
        | ((conversations.c.state == "held") & (conversations.c.taken_by == staff_id))
    )
    values = {"state": "held", "taken_by": staff_id, "taken_at": tx.now}
    tx.wake("desk")
    return bool(tx.changed(conversations.update().where(open_to_me).values(values)))


def end(tx: Tx, conversation_id: int, *, by: str) -> bool:
    """The bot has the chat again; False when it had it before. ``by`` is "resident" or "staff"."""
    still_open = (conversations.c.id == conversation_id) & (conversations.c.state != "ended")
    values = {"state": "ended", "ended_at": tx.now, "ended_by": by}
    tx.wake("desk")
    return bool(tx.changed(conversations.update().where(still_open).values(values)))


def chat_of(tx: Tx, conversation_id: int) -> int | None:
    found: int | None = tx.scalar(select(conversations.c.chat_id).where(conversations.c.id == conversation_id))
    return found


def reason_of(tx: Tx, conversation_id: int) -> str | None:
    """Why a person was wanted: ``asked``, ``emergency``, ``voice`` …"""
    found: str | None = tx.scalar(select(conversations.c.reason).where(conversations.c.id == conversation_id))
    return found


def is_held(tx: Tx, conversation_id: int) -> bool:
    """True when a member of staff has taken it."""
    return bool(tx.scalar(select(conversations.c.state).where(conversations.c.id == conversation_id)) == "held")
