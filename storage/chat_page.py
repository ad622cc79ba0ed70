"""What the chat page asks for beyond the messages themselves: how far the chat is, what lies further back,
and what has changed about the chat itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from storage import messages
from storage.erasure import GONE
from storage.messages import Message
from storage.tables import chats
from storage.tables import messages as table
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Glance:
    """Some messages, and the last ``seq`` the resident is known to have seen."""

    messages: Sequence[Message]
    read_seq: int


def since(tx: Tx, *, chat_id: int, seq: int, limit: int) -> Glance:
    """What appeared or changed after ``seq``, in that order."""
    return Glance(messages.since(tx, chat_id=chat_id, seq=seq, limit=limit), _read_seq(tx, chat_id))


def latest(tx: Tx, *, chat_id: int, limit: int) -> Glance:
    """The end of the conversation, oldest of it first."""
    return Glance(messages.latest(tx, chat_id=chat_id, limit=limit), _read_seq(tx, chat_id))


def before(tx: Tx, *, chat_id: int, message_id: int, limit: int) -> Glance:
    """The ``limit`` messages first said just before ``message_id``, oldest first."""
    query = select(table.c.id).where(table.c.chat_id == chat_id, table.c.id < message_id)
    chosen = tx.connection.execute(query.order_by(table.c.id.desc()).limit(limit)).scalars().all()
    found = [messages.get(tx, key) for key in reversed(chosen)]
    return Glance([message for message in found if message is not None], _read_seq(tx, chat_id))


@dataclass(frozen=True, slots=True)
class Standing:
    """What an open page follows beside the messages: the chat's language, and how many messages still say something."""

    language: str
    number: int


def standing(tx: Tx, *, chat_id: int) -> Standing:
    language = tx.scalar(select(chats.c.language).where(chats.c.id == chat_id))
    return Standing(str(language), int(tx.scalar(select(func.count()).select_from(table).where(_says(chat_id)))))


def still_there(tx: Tx, *, chat_id: int) -> list[int]:
    """The messages that were not deleted."""
    return [int(key) for (key,) in tx.tuples(select(table.c.id).where(_says(chat_id)).order_by(table.c.id))]


def _says(chat_id: int) -> ColumnElement[bool]:
    return (table.c.chat_id == chat_id) & (table.c.text != GONE)


def _read_seq(tx: Tx, chat_id: int) -> int:
    return int(tx.scalar(select(chats.c.read_seq).where(chats.c.id == chat_id)) or 0)
