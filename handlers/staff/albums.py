"""Further pictures of an album: each comes as a message of its own, and goes where the first went, without its words."""

from __future__ import annotations

from aiogram.types import Message

from handlers.staff.spots import Spot
from storage import desk_acts, messages, relays
from storage.staff import Member
from storage.transaction import Tx


def goes_on(tx: Tx, spot: Spot, message: Message, member: Member) -> bool:
    """True where this was a further picture, and it went to whoever had the first."""
    if message.media_group_id is None or spot.work.case.text or spot.message_id is None or spot.ticket_id is None:
        return False
    before = [one for one in relays.mates(tx, spot.work.case.chat_id, message.media_group_id) if one < spot.message_id]
    first = next((copies for one in before if (copies := relays.copies(tx, one))), [])
    heard = [one for key in first if (one := messages.get(tx, key)) is not None and one.taken_back_at is None]
    files = [dict(part) for part in spot.work.case.incoming.attachments if part.get("blob")]
    for said in desk_acts.send_more(tx, spot.ticket_id, [one.chat_id for one in heard], files, staff_id=member.id):
        relays.relay(tx, spot.message_id, said)
    return bool(first)
