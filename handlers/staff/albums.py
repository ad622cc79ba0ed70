"""Further pictures of an album: each comes as a message of its own, and goes where the first went, without its words."""

from __future__ import annotations

from aiogram.types import Message
from sqlalchemy import select

from handlers.staff.spots import Spot
from storage import desk_acts, topics
from storage.staff import Member
from storage.tables import inbox, relays
from storage.tables import messages as message_table
from storage.transaction import Tx


def goes_on(tx: Tx, spot: Spot, message: Message, member: Member) -> bool:
    """True where this was a further picture, and it went to whoever had the first."""
    if message.media_group_id is None or spot.work.case.text or spot.message_id is None or spot.ticket_id is None:
        return False
    first = _first(tx, spot, message.media_group_id)
    heard = first and _chats(tx, first)
    if not heard:
        return False
    files = [dict(part) for part in spot.work.case.incoming.attachments if part.get("blob")]
    for said in desk_acts.send_more(tx, spot.ticket_id, heard, files, staff_id=member.id):
        topics.relay(tx, spot.message_id, said)
    return True


def _first(tx: Tx, spot: Spot, album: str) -> int | None:
    """The message of this album that was passed on."""
    named = inbox.c.payload.contains(f'"media_group_id": "{album}"', autoescape=True)
    mates = (inbox.c.chat_id == spot.work.case.chat_id) & (inbox.c.message_id < spot.message_id) & named
    passed = select(relays.c.source_id).where(relays.c.source_id.in_(select(inbox.c.message_id).where(mates)))
    found: int | None = tx.scalar(passed.order_by(relays.c.source_id).limit(1))
    return found


def _chats(tx: Tx, source_id: int) -> list[int]:
    query = select(message_table.c.chat_id).join(relays, relays.c.copy_id == message_table.c.id)
    return [int(chat_id) for (chat_id,) in tx.tuples(query.where(relays.c.source_id == source_id).distinct())]
