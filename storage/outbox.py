"""What is on its way out: one row per sending or edit, until the channel has taken it.

Put here with the transaction of what happened; claimed by ``storage.parcels``, what became of it is written by
``storage.sending``, and what did not arrive is read in ``storage.dead_letters``.
"""

from __future__ import annotations

from sqlalchemy import and_, func, select

from storage.tables import chats, deliveries, messages, outbox
from storage.transaction import Tx

TOPIC = "outbox"
BROADCAST = 9
"""The priority of what goes to many (storage.messages)."""
WAITING = ("pending", "sending")
HEAVIEST = 10
"""An album is the heaviest thing there is."""


def put(
    tx: Tx,
    *,
    chat_id: int,
    message_id: int,
    operation: str,
    priority: int,
    repeatable: bool,
    lane: int = 0,
    weight: int = 1,
) -> int:
    tx.wake(TOPIC)
    return tx.insert(
        outbox,
        chat_id=chat_id,
        message_id=message_id,
        operation=operation,
        priority=priority,
        lane=lane,
        weight=min(weight, HEAVIEST),
        repeatable=repeatable,
        next_at=tx.now,
        created_at=tx.now,
    )


LATER = {"close": 6, "reopen": 1, "remove": 1, "react": 1}
"""What is done to a topic or under a message, and its priority."""


def put_topic(tx: Tx, *, chat_id: int, message_id: int, lane: int, operation: str) -> None:
    priority, weight = LATER[operation], 0 if operation == "react" else 1
    put(
        tx,
        chat_id=chat_id,
        message_id=message_id,
        operation=operation,
        priority=priority,
        repeatable=True,
        lane=lane,
        weight=weight,
    )


def take_back(tx: Tx, lane: int, operation: str) -> bool:
    """What was to be done to a topic need not be, if nobody has begun it; False when there is none such."""
    waiting = and_(outbox.c.lane == lane, outbox.c.operation == operation, outbox.c.state == "pending")
    return bool(tx.changed(outbox.delete().where(waiting)))


def drop(tx: Tx, *, lane: int) -> None:
    """Nothing that waits in this lane goes out any more."""
    tx.execute(outbox.delete().where(outbox.c.lane == lane, outbox.c.state == "pending"))


def waiting_in(tx: Tx, chat_id: int) -> list[tuple[int, int]]:
    """What waits for a group to read: each row's lane and weight; alarms go before it, and topics are shut behind it."""
    query = select(outbox.c.lane, outbox.c.weight).where(outbox.c.chat_id == chat_id, outbox.c.priority > 0)
    query = query.where(outbox.c.operation != "close")
    return [(int(lane), int(weight)) for lane, weight in tx.tuples(query.where(outbox.c.state.in_(WAITING)))]


def joinable(tx: Tx, chat_id: int, lane: int, priority: int) -> int | None:
    """The message that still waits at the end of a lane of the staff group with the same urgency: what is said next can go
    along with it. Held until the commit."""
    last = select(func.max(outbox.c.id)).where(outbox.c.chat_id == chat_id, outbox.c.lane == lane)
    row = tx.first(
        select(outbox.c.message_id)
        .join(chats, chats.c.id == outbox.c.chat_id)
        .where(
            outbox.c.id == last.where(outbox.c.state.in_(WAITING)).scalar_subquery(),
            outbox.c.state == "pending",
            outbox.c.operation == "send",
            outbox.c.priority == priority,
            chats.c.kind == "staff",
        )
        .with_for_update(skip_locked=True, of=outbox)
    )
    return int(row["message_id"]) if row else None


def put_edit(tx: Tx, *, chat_id: int, message_id: int) -> None:
    """Let an edit follow: not needed while the message itself still waits; sent anew when it was lost."""
    waits = and_(outbox.c.message_id == message_id, outbox.c.state == "pending")
    if tx.scalar(select(outbox.c.id).where(waits, outbox.c.operation.in_(("send", "edit")))):
        return
    arrived = tx.scalar(select(deliveries.c.id).where(deliveries.c.message_id == message_id))
    sending = tx.scalar(select(outbox.c.id).where(outbox.c.message_id == message_id, outbox.c.state == "sending"))
    put(
        tx,
        lane=int(tx.scalar(select(messages.c.topic_id).where(messages.c.id == message_id)) or 0),
        chat_id=chat_id,
        message_id=message_id,
        operation="edit" if arrived or sending else "send",
        priority=1,
        repeatable=True,
    )


def stop(tx: Tx, message_id: int) -> bool:
    """What waits of this message, or was given up, goes out no more; True where some of it may stand in its chat."""
    mine = outbox.c.message_id == message_id
    unbegun = outbox.c.state.in_(("pending", "dead")) & outbox.c.operation.in_(("send", "edit"))
    tx.execute(outbox.delete().where(mine, unbegun))
    arrived = tx.scalar(select(deliveries.c.id).where(deliveries.c.message_id == message_id).limit(1))
    return arrived is not None or has_left(tx, message_id)


def has_left(tx: Tx, message_id: int) -> bool:
    """Its channel has it, is taking it, or may have it."""
    gone = outbox.c.state.in_(("sending", "sent", "doubtful"))
    return tx.scalar(select(outbox.c.id).where(outbox.c.message_id == message_id, gone).limit(1)) is not None


def put_unsay(tx: Tx, *, chat_id: int, message_id: int) -> None:
    """What stands of it is taken away; its words, as they read now, stand there instead."""
    put(tx, chat_id=chat_id, message_id=message_id, operation="unsay", priority=1, repeatable=True)
