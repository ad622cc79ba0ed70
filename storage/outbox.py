"""What is on its way out: one row per sending or edit, until the channel has taken it.

Per chat strictly in order; across chats the urgent first. A row whose sending was cut off is sent again only where
``repeatable`` says so; otherwise it is listed as doubtful (a broadcast must not arrive twice).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, or_, select, true

from storage.tables import chats, deliveries, messages, outbox
from storage.transaction import Tx

TOPIC = "outbox"
WAITING = ("pending", "sending")
URGENT_LEAP = 10**15
"""Taken off an alarm's place in its chat's order: it goes before everything else that waits there."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One thing to send, with all a channel needs to know about it.

    ``remote_message`` is the channel's id of the message when it has arrived before; ``quoted`` the channel's id of the
    message it answers.
    """

    id: int
    chat_id: int
    channel: str
    remote: int
    message_id: int
    operation: str
    repeatable: bool
    attempts: int
    text: str
    buttons: list[list[dict[str, str]]] | None
    attachments: list[dict[str, object]] | None
    remote_message: int | None


def put(tx: Tx, *, chat_id: int, message_id: int, operation: str, priority: int, repeatable: bool) -> int:
    tx.wake(TOPIC)
    return tx.insert(
        outbox,
        chat_id=chat_id,
        message_id=message_id,
        operation=operation,
        priority=priority,
        repeatable=repeatable,
        next_at=tx.now,
        created_at=tx.now,
    )


def put_edit(tx: Tx, *, chat_id: int, message_id: int) -> None:
    """Let an edit follow: not needed while the message itself still waits; sent anew when it was lost."""
    if tx.scalar(select(outbox.c.id).where(outbox.c.message_id == message_id, outbox.c.state == "pending")):
        return
    arrived = tx.scalar(select(deliveries.c.id).where(deliveries.c.message_id == message_id))
    sending = tx.scalar(select(outbox.c.id).where(outbox.c.message_id == message_id, outbox.c.state == "sending"))
    put(
        tx,
        chat_id=chat_id,
        message_id=message_id,
        operation="edit" if arrived or sending else "send",
        priority=1,
        repeatable=True,
    )


def claim(tx: Tx, *, owner: str, channel: str, limit: int) -> list[Parcel]:
    """The next row of each chat that may go out now, urgent first, marked as being sent by ``owner``."""
    turn = case((outbox.c.priority == 0, outbox.c.id - URGENT_LEAP), else_=outbox.c.id)
    first = (
        select(func.min(turn).label("turn")).where(outbox.c.state.in_(WAITING)).group_by(outbox.c.chat_id).subquery()
    )
    ready = (
        select(outbox.c.id)
        .join(first, first.c.turn == turn)
        .join(chats, chats.c.id == outbox.c.chat_id)
        .where(
            outbox.c.state == "pending",
            outbox.c.next_at <= tx.now,
            chats.c.channel == channel,
            or_(chats.c.next_send_at.is_(None), chats.c.next_send_at <= tx.now),
        )
        .order_by(outbox.c.priority, outbox.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True, of=outbox)
    )
    ids = [int(row["id"]) for row in tx.all(ready)]
    if not ids:
        return []
    tx.execute(outbox.update().where(outbox.c.id.in_(ids)).values(state="sending", owner=owner))
    return _parcels(tx, ids)


def _parcels(tx: Tx, ids: Sequence[int]) -> list[Parcel]:
    arrived = (
        select(deliveries.c.message_id, func.min(deliveries.c.remote).label("remote"))
        .group_by(deliveries.c.message_id)
        .where(deliveries.c.message_id.in_(select(outbox.c.message_id).where(outbox.c.id.in_(ids))))
        .subquery()
    )
    query = (
        select(
            outbox.c.id,
            outbox.c.chat_id,
            chats.c.channel,
            chats.c.remote,
            outbox.c.message_id,
            outbox.c.operation,
            outbox.c.repeatable,
            outbox.c.attempts,
            messages.c.text,
            messages.c.buttons,
            messages.c.attachments,
            arrived.c.remote.label("remote_message"),
        )
        .join(chats, chats.c.id == outbox.c.chat_id)
        .join(messages, messages.c.id == outbox.c.message_id)
        .outerjoin(arrived, arrived.c.message_id == outbox.c.message_id)
        .where(outbox.c.id.in_(ids))
        .order_by(outbox.c.priority, outbox.c.id)
    )
    return [Parcel(*row) for row in tx.tuples(query)]


def next_due(tx: Tx, *, channel: str) -> datetime | None:
    """When the next waiting row may go out; None when nothing waits."""
    due: datetime | None = tx.scalar(
        select(func.min(outbox.c.next_at))
        .join(chats, chats.c.id == outbox.c.chat_id)
        .where(outbox.c.state == "pending", chats.c.channel == channel)
    )
    return due


def sent(tx: Tx, parcel: Parcel, *, remote_messages: Sequence[int], pause: timedelta) -> None:
    """The channel has taken it; the next one to this chat waits ``pause``."""
    tx.execute(outbox.update().where(outbox.c.id == parcel.id).values(state="sent", finished_at=tx.now, error=None))
    known = {parcel.remote_message}
    for remote in remote_messages:
        if remote not in known:
            tx.insert(deliveries, chat_id=parcel.chat_id, message_id=parcel.message_id, remote=remote)
    tx.execute(chats.update().where(chats.c.id == parcel.chat_id).values(next_send_at=tx.now + pause))


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


def recover(tx: Tx, *, owner: str | None) -> int:
    """After a crash: what was being sent goes back to waiting, or is doubtful. ``owner`` None: whoever it was."""
    mine = and_(outbox.c.state == "sending", true() if owner is None else outbox.c.owner == owner)
    doubtful = {"state": "doubtful", "finished_at": tx.now, "error": "cut off while being sent"}
    tx.execute(outbox.update().where(mine, outbox.c.repeatable.is_(False)).values(doubtful))
    return tx.changed(outbox.update().where(mine).values(state="pending", owner=None))


def blocked(tx: Tx, chat_id: int, *, at: datetime | None) -> None:
    """The resident blocked the bot at ``at``, or (None) let it in again."""
    tx.execute(chats.update().where(chats.c.id == chat_id).values(blocked_at=at))
    tx.wake("desk")


def letters(tx: Tx, *, limit: int = 100) -> list[dict[str, object]]:
    """Dead and doubtful letters for staff, newest first."""
    query = (
        select(
            outbox.c.id,
            outbox.c.chat_id,
            outbox.c.message_id,
            outbox.c.state,
            outbox.c.error,
            outbox.c.finished_at,
            messages.c.text,
        )
        .join(messages, messages.c.id == outbox.c.message_id)
        .where(outbox.c.state.in_(("dead", "doubtful")))
        .order_by(outbox.c.id.desc())
        .limit(limit)
    )
    return [dict(row) for row in tx.all(query)]


def resend(tx: Tx, outbox_id: int) -> bool:
    """Send a dead or doubtful letter once more; False when it is neither."""
    values = {"state": "pending", "attempts": 0, "next_at": tx.now, "finished_at": None, "owner": None}
    gone = outbox.c.state.in_(("dead", "doubtful"))
    moved = tx.changed(outbox.update().where(outbox.c.id == outbox_id, gone).values(values))
    tx.wake(TOPIC)
    return bool(moved)


def depth(tx: Tx) -> dict[str, int]:
    """How many letters wait, and how many are dead or doubtful."""
    query = select(outbox.c.state, func.count()).where(outbox.c.state != "sent").group_by(outbox.c.state)
    found: dict[str, int] = dict(tx.tuples(query))
    return {
        "pending": found.get("pending", 0) + found.get("sending", 0),
        "dead": found.get("dead", 0),
        "doubtful": found.get("doubtful", 0),
    }
