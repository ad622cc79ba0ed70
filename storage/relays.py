"""What says in one chat what was said in another: a resident's words in the topic, a colleague's at the resident's."""

from __future__ import annotations

import json

from sqlalchemy import Select, or_, select

from storage.tables import inbox, messages, relays
from storage.transaction import Tx


def relay(tx: Tx, source_id: int, copy_id: int, *, head: str = "") -> None:
    """``copy_id`` says elsewhere what was said in ``source_id``; ``head`` is what stands above it there."""
    tx.insert(relays, source_id=source_id, copy_id=copy_id, head=head)


def copies(tx: Tx, source_id: int) -> list[int]:
    """The messages that say elsewhere what was said in this one."""
    query = select(relays.c.copy_id).where(relays.c.source_id == source_id).order_by(relays.c.id)
    return [int(copy_id) for (copy_id,) in tx.tuples(query)]


def sources(tx: Tx, copy_id: int) -> list[int]:
    """What this message says was said in these."""
    query = select(relays.c.source_id).where(relays.c.copy_id == copy_id).order_by(relays.c.id)
    return [int(source_id) for (source_id,) in tx.tuples(query)]


def counterpart(tx: Tx, message_id: int, *, chat_id: int) -> int | None:
    """What stands in this chat for a message of another: its copy there, or what it is a copy of."""
    known = [*copies(tx, message_id), *sources(tx, message_id)]
    there = select(messages.c.id).where(messages.c.id.in_(known), messages.c.chat_id == chat_id)
    found: int | None = tx.scalar(there.order_by(messages.c.id).limit(1))
    return found


def album(tx: Tx, source_id: int) -> list[int]:
    """All messages of the album this one belongs to, itself among them, as long as their payloads are kept."""
    row = tx.first(select(inbox.c.chat_id, inbox.c.payload).where(inbox.c.message_id == source_id))
    mark = _mark(row["payload"]) if row is not None else None
    if row is None or mark is None:
        return [source_id]
    return mates(tx, int(row["chat_id"]), mark)


def mates(tx: Tx, chat_id: int, mark: str) -> list[int]:
    """The messages of one album, in order; ``mark`` is Telegram's ``media_group_id``."""
    named = inbox.c.payload.contains(f'"media_group_id": "{mark}"', autoescape=True)
    query = select(inbox.c.message_id).where(inbox.c.chat_id == chat_id, inbox.c.message_id.is_not(None), named)
    return [int(message_id) for (message_id,) in tx.tuples(query.order_by(inbox.c.message_id))]


def drop(tx: Tx, said: Select[tuple[int]]) -> None:
    """Nothing is known any more of where these were passed on to, or from."""
    tx.execute(relays.delete().where(or_(relays.c.source_id.in_(said), relays.c.copy_id.in_(said))))


def _mark(payload: str | None) -> str | None:
    message = json.loads(payload or "{}").get("message")
    found = message.get("media_group_id") if isinstance(message, dict) else None
    return found if isinstance(found, str) else None
