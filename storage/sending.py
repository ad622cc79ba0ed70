"""What became of a letter, as its channel says: taken, in parts, later, never; and what that tells of the chat.

A row whose sending was cut off is sent again only where ``repeatable`` says so; otherwise it is listed as doubtful (a
broadcast must not arrive twice).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, select

from storage.parcels import Parcel
from storage.tables import chats, deliveries, outbox, topics
from storage.transaction import Tx


def sent(tx: Tx, parcel: Parcel, *, remote_messages: Sequence[int], pause: timedelta) -> None:
    """The channel has taken it, and these stand there now; the next one to this chat waits ``pause``."""
    tx.execute(outbox.update().where(outbox.c.id == parcel.id).values(state="sent", finished_at=tx.now, error=None))
    gone = set(parcel.remote_messages) - set(remote_messages)
    if gone:
        tx.execute(deliveries.delete().where(_standing(parcel, gone)))
    arrived(tx, parcel, remote_messages=remote_messages)
    tx.execute(chats.update().where(chats.c.id == parcel.chat_id).values(blocked_at=None))
    take(tx, parcel.chat_id, pause)


def take(tx: Tx, chat_id: int, pause: timedelta) -> None:
    """So much of a chat's pace is used up."""
    at = tx.scalar(select(chats.c.next_send_at).where(chats.c.id == chat_id))
    paced = {"next_send_at": max(at or tx.now, tx.now) + pause}
    tx.execute(chats.update().where(chats.c.id == chat_id).values(paced))


def arrived(tx: Tx, parcel: Parcel, *, remote_messages: Sequence[int]) -> None:
    """These parts of it stand in the chat, whatever became of the others."""
    fresh = [remote for remote in remote_messages if remote not in parcel.remote_messages]
    if fresh:
        tx.execute(deliveries.delete().where(_standing(parcel, fresh)))
    for remote in fresh:
        tx.insert(deliveries, chat_id=parcel.chat_id, message_id=parcel.message_id, remote=remote)


def _standing(parcel: Parcel, remotes: Iterable[int]) -> ColumnElement[bool]:
    return and_(deliveries.c.chat_id == parcel.chat_id, deliveries.c.remote.in_(list(remotes)))


def hush(tx: Tx, chat_id: int, *, until: datetime) -> None:
    """The channel asked for patience with this chat: nothing goes there before ``until``."""
    tx.execute(chats.update().where(chats.c.id == chat_id).values(next_send_at=until))


def moved(tx: Tx, chat_id: int, *, to: int) -> None:
    """The chat has a new id with its channel. Whoever was already met under it gets the old one, which is dead."""
    mine, other = chats.c.id == chat_id, and_(chats.c.channel == "telegram", chats.c.remote == to)
    old = tx.scalar(select(chats.c.remote).where(mine))
    met = tx.scalar(select(chats.c.id).where(other, ~mine))
    if met is not None:
        tx.execute(chats.update().where(chats.c.id == met).values(remote=-(2**60) - met))
    tx.execute(deliveries.delete().where(deliveries.c.chat_id == chat_id))
    tx.execute(topics.update().where(topics.c.chat_id == chat_id).values(thread=None))
    tx.execute(chats.update().where(mine).values(remote=to, former=old))
    if met is not None:
        tx.execute(chats.update().where(chats.c.id == met).values(remote=old))


def postpone(tx: Tx, parcel: Parcel, *, delay: timedelta, error: str, count: bool = True) -> None:
    """Try again after ``delay``; ``count`` False where it was not the message's fault (the channel asked for patience)."""
    values = {"state": "pending", "owner": None, "next_at": tx.now + delay, "error": error}
    tx.execute(
        outbox.update()
        .where(outbox.c.id == parcel.id, outbox.c.state == "sending")
        .values(**values, attempts=parcel.attempts + int(count))
    )


def bury(tx: Tx, parcel: Parcel, *, error: str, state: str = "dead") -> None:
    """It will not arrive (``dead``), or nobody can know (``doubtful``); people can see it and send it again."""
    tx.execute(outbox.update().where(outbox.c.id == parcel.id).values(state=state, finished_at=tx.now, error=error))
    tx.wake("desk")


def recover(tx: Tx) -> int:
    """What nobody is sending any more, for its lease has run out, goes back to waiting, or is doubtful; how many."""
    lost = and_(outbox.c.state == "sending", outbox.c.next_at <= tx.now)
    doubtful = {"state": "doubtful", "finished_at": tx.now, "error": "cut off while being sent"}
    unsure = tx.changed(outbox.update().where(lost, outbox.c.repeatable.is_(False)).values(doubtful))
    back = tx.changed(outbox.update().where(lost).values(state="pending", owner=None))
    if unsure:
        tx.wake("desk")
    return unsure + back


def blocked(tx: Tx, chat_id: int, *, at: datetime | None) -> None:
    """The resident blocked the bot at ``at``, or (None) let it in again."""
    tx.execute(chats.update().where(chats.c.id == chat_id).values(blocked_at=at))
    tx.wake("desk")
