"""What is on its way out: one row per sending or edit, until the channel has taken it.

Per chat strictly in order, an alarm before everything; across chats the urgent first. In the staff group each topic is a
lane of its own: what waits there for its next try holds up no other, and across its lanes the urgent goes first. A row
whose sending was cut off is sent again only where ``repeatable`` says so; otherwise it is listed as doubtful (a broadcast
must not arrive twice).

A row being sent is leased: ``next_at`` is when nobody need believe any more that somebody is still at it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select

from storage.tables import chats, deliveries, messages, outbox, topics
from storage.transaction import Tx

TOPIC = "outbox"
BROADCAST = 9
"""The priority of what goes to many (storage.messages)."""
WAITING = ("pending", "sending")
LEASE = timedelta(minutes=3)
"""Longer than any delivery may take."""
LOOK_AHEAD = 100
"""Chats asked for when they may be written to next."""
LEAP = 10**15
"""Taken off an alarm's place in its lane's order: it goes before everything else that waits there."""
LANES_ASKED = 20
"""Lanes of a group that are looked at beside the chats that may be written to; more never wait (knowledge.group.ROOM)."""
HEAVIEST = 10
"""An album is the heaviest thing there is."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """How far a chat may be ahead of its pace; a group for an ``alarm``, and by ``spacing`` less for each further message
    of one parcel, so that none goes over the budget in one go."""

    lead: timedelta = timedelta(0)
    alarm: timedelta = timedelta(0)
    spacing: timedelta = timedelta(0)

    def of(self, remote: int, priority: int, weight: int) -> timedelta:
        if remote > 0:
            return self.lead
        return self.alarm if priority == 0 else self.lead - (weight - 1) * self.spacing


NO_PACE = Ahead()


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a group with or without topics a parcel belongs. ``topics``: it has them, and we may make them."""

    topic_id: int
    thread: int | None
    title: str
    state: str
    card_id: int | None
    topics: bool


@dataclass(frozen=True, slots=True)
class Parcel:
    """One thing to send, with all a channel needs to know about it.

    ``remote_messages`` are the channel's ids of those parts of the message that have arrived before, in order.
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
    priority: int = 1
    staff: bool = False
    about_ticket: bool = False
    reply_to_id: int | None = None
    place: Place | None = None
    remote_messages: tuple[int, ...] = ()
    reply_to: int | None = None


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
    """What waits for a group, alarms apart: each row's lane and weight."""
    query = select(outbox.c.lane, outbox.c.weight).where(outbox.c.chat_id == chat_id, outbox.c.priority > 0)
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


def claim(tx: Tx, *, owner: str, channel: str, limit: int, ahead: Ahead = NO_PACE) -> list[Parcel]:
    """The next row of each chat that may go out now, urgent first, leased to ``owner``.

    ``ahead``: how far a chat may be ahead of its pace, so that two or three messages in a row need not wait.
    """
    paced = or_(chats.c.next_send_at.is_(None), chats.c.next_send_at <= tx.now + ahead.lead, chats.c.remote < 0)
    ready = (
        _heads(select(outbox.c.id, *_TURN), channel)
        .where(outbox.c.next_at <= tx.now, paced)
        .order_by(outbox.c.priority, outbox.c.id)
        .limit(limit + LANES_ASKED)
        .with_for_update(skip_locked=True, of=outbox)
    )
    ids = [key for key, *turn in _best(tx.tuples(ready)) if _may_go(tx.now, ahead, *turn)][:limit]
    if not ids:
        return []
    leased = {"state": "sending", "owner": owner, "next_at": tx.now + LEASE}
    tx.execute(outbox.update().where(outbox.c.id.in_(ids)).values(leased))
    return _parcels(tx, ids)


_TURN = (outbox.c.chat_id, chats.c.next_send_at, chats.c.remote, outbox.c.priority, outbox.c.weight)
"""What decides, beside when a row itself is due, whether it may go out."""


def _best(heads: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Of each chat one: of a group's lanes the most urgent, however many messages it is; a lighter one does not pass it."""
    found: dict[int, tuple[Any, ...]] = {}
    for head in heads:
        found.setdefault(head[1], head)
    return list(found.values())


def _may_go(now: datetime, ahead: Ahead, chat_id: int, at: datetime | None, *of: int) -> bool:  # noqa: ARG001
    return at is None or at <= now + ahead.of(*of)


def _heads(query: Select[Any], channel: str) -> Select[Any]:
    """Of each chat and lane the row whose turn it is, unless one is being sent there. A staff group that has shut us out is
    not spoken to; what waits for it waits."""
    turn = case((outbox.c.priority == 0, outbox.c.id - LEAP), else_=outbox.c.id)
    first = (
        select(func.min(turn).label("turn"))
        .where(outbox.c.state.in_(WAITING))
        .group_by(outbox.c.chat_id, outbox.c.lane)
        .subquery()
    )
    busy = select(outbox.c.chat_id).where(outbox.c.state == "sending")
    open_to_us = or_(chats.c.kind != "staff", chats.c.blocked_at.is_(None))
    return (
        query.join(first, first.c.turn == turn)
        .join(chats, chats.c.id == outbox.c.chat_id)
        .where(outbox.c.state == "pending", chats.c.channel == channel, open_to_us, outbox.c.chat_id.not_in(busy))
    )


def _parcels(tx: Tx, ids: Sequence[int]) -> list[Parcel]:
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
            outbox.c.priority,
            chats.c.kind == "staff",
            messages.c.ticket_id.is_not(None) | messages.c.topic_id.is_not(None),
            messages.c.reply_to_id,
            *_PLACE,
        )
        .join(chats, chats.c.id == outbox.c.chat_id)
        .join(messages, messages.c.id == outbox.c.message_id)
        .outerjoin(topics, topics.c.id == messages.c.topic_id)
        .where(outbox.c.id.in_(ids))
        .order_by(outbox.c.priority, outbox.c.id)
    )
    rows = tx.tuples(query)
    found = [_parcel(row) for row in rows]
    arrived = _arrived(tx, [parcel.message_id for parcel in found])
    answered = _arrived(tx, [wanted for parcel in found if (wanted := _answers(parcel))])
    return [_addressed(parcel, arrived, answered) for parcel in found]


def _parcel(row: Sequence[Any]) -> Parcel:
    own, where = list(row[: -len(_PLACE)]), list(row[-len(_PLACE) :])
    place = Place(*where) if where[0] is not None else None
    return Parcel(*[*own, place])


_PLACE = (
    topics.c.id,
    topics.c.thread,
    topics.c.title,
    topics.c.state,
    topics.c.card_id,
    chats.c.forum & chats.c.may_topics,
)


def _answers(parcel: Parcel) -> int | None:
    """Our id of the message it answers: where there are no topics, the card."""
    place = parcel.place
    if parcel.reply_to_id is not None or place is None or place.topics or place.card_id == parcel.message_id:
        return parcel.reply_to_id
    return place.card_id


def _addressed(parcel: Parcel, arrived: Mapping[int, list[int]], answered: Mapping[int, list[int]]) -> Parcel:
    standing = answered.get(_answers(parcel) or 0)
    return replace(
        parcel,
        remote_messages=tuple(arrived.get(parcel.message_id, ())),
        reply_to=standing[0] if standing else None,
    )


def _arrived(tx: Tx, message_ids: Sequence[int]) -> defaultdict[int, list[int]]:
    query = select(deliveries.c.message_id, deliveries.c.remote).where(deliveries.c.message_id.in_(message_ids))
    found: defaultdict[int, list[int]] = defaultdict(list)
    for message_id, remote in tx.tuples(query.order_by(deliveries.c.id)):
        found[message_id].append(remote)
    return found


def next_due(tx: Tx, *, channel: str, ahead: Ahead = NO_PACE) -> datetime | None:
    """When the next row may go out; None when nothing waits (or what waits is being sent)."""
    query = _heads(select(outbox.c.next_at, *_TURN), channel).order_by(outbox.c.next_at)
    heads = tx.tuples(query.limit(LOOK_AHEAD))
    return min((max(due, at - ahead.of(*of)) if at else due for due, _, at, *of in heads), default=None)


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


def letters(tx: Tx, *where: ColumnElement[bool], limit: int = 100) -> list[dict[str, object]]:
    """Dead and doubtful letters for staff, newest first; those of a broadcast are counted on its own page."""
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
        .where(outbox.c.state.in_(("dead", "doubtful")), outbox.c.priority < BROADCAST, *where)
        .order_by(outbox.c.id.desc())
        .limit(limit)
    )
    return [dict(row) for row in tx.all(query)]


def not_arrived(tx: Tx, message_ids: Sequence[int]) -> dict[int, str]:
    """Of these messages, those their channel has not taken: ``on_its_way``, or ``not_arrived`` and a dead letter."""
    query = select(outbox.c.message_id, outbox.c.state).where(
        outbox.c.message_id.in_(message_ids), outbox.c.operation == "send", outbox.c.state != "sent"
    )
    return {key: "on_its_way" if state in ("pending", "sending") else "not_arrived" for key, state in tx.tuples(query)}


def resend(tx: Tx, outbox_id: int) -> bool:
    """Send a dead or doubtful letter once more; False when it is neither."""
    values = {"state": "pending", "attempts": 0, "next_at": tx.now, "finished_at": None, "owner": None}
    gone = outbox.c.state.in_(("dead", "doubtful"))
    moved = tx.changed(outbox.update().where(outbox.c.id == outbox_id, gone).values(values))
    tx.wake(TOPIC)
    return bool(moved)


def depth(tx: Tx, *where: ColumnElement[bool]) -> dict[str, int]:
    """How many letters wait, and how many are dead or doubtful, a broadcast's lost ones apart."""
    counts = or_(outbox.c.priority < BROADCAST, outbox.c.state.in_(WAITING))
    query = (
        select(outbox.c.state, func.count()).where(outbox.c.state != "sent", counts, *where).group_by(outbox.c.state)
    )
    found: dict[str, int] = dict(tx.tuples(query))
    return {
        "pending": found.get("pending", 0) + found.get("sending", 0),
        "dead": found.get("dead", 0),
        "doubtful": found.get("doubtful", 0),
    }
