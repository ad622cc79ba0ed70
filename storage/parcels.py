"""Which letters may go out now, and all a channel needs to know about each.

Per chat strictly in order, an alarm before everything; across chats the urgent first. In the staff group each topic is a
lane of its own: what waits there for its next try holds up no other, and across its lanes the urgent goes first.

A row being sent is leased: ``next_at`` is when nobody need believe any more that somebody is still at it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, case, func, or_, select

from storage.outbox import WAITING
from storage.tables import chats, deliveries, messages, outbox, topics
from storage.transaction import Tx

LEASE = timedelta(minutes=3)
"""Longer than any delivery may take."""
LOOK_AHEAD = 100
"""Chats asked for when they may be written to next."""
LEAP = 10**15
"""Taken off an alarm's place in its lane's order: it goes before everything else that waits there."""
LANES_ASKED = 60
"""Lanes of groups that are looked at beside the chats that may be written to: about as many wait for each group as there is
room for (knowledge.group.ROOM), and a group that may not be spoken to now is not asked."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """How far a chat may be ahead of its pace: a person's by ``private``, a group by ``lead``, for an ``alarm`` by that,
    and by ``spacing`` less for each further message of one parcel, so that none goes over the budget in one go."""

    private: timedelta = timedelta(0)
    lead: timedelta = timedelta(0)
    alarm: timedelta = timedelta(0)
    spacing: timedelta = timedelta(0)

    def of(self, remote: int, priority: int, weight: int) -> timedelta:
        if remote > 0:
            return self.private
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


def claim(tx: Tx, *, owner: str, channel: str, limit: int, ahead: Ahead = NO_PACE) -> list[Parcel]:
    """The next row of each chat that may go out now, urgent first, leased to ``owner``.

    ``ahead``: how far a chat may be ahead of its pace, so that two or three messages in a row need not wait.
    """
    alarm = (chats.c.remote < 0) & (outbox.c.priority == 0) & (chats.c.next_send_at <= tx.now + ahead.alarm)
    private = (chats.c.remote > 0) & (chats.c.next_send_at <= tx.now + ahead.private)
    group = (chats.c.remote < 0) & (chats.c.next_send_at <= tx.now + ahead.lead)
    paced = or_(chats.c.next_send_at.is_(None), private, group, alarm)
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


def next_due(tx: Tx, *, channel: str, ahead: Ahead = NO_PACE) -> datetime | None:
    """When the next row may go out; None when nothing waits (or what waits is being sent)."""
    query = _heads(select(outbox.c.next_at, *_TURN), channel).order_by(outbox.c.next_at)
    heads = tx.tuples(query.limit(LOOK_AHEAD))
    return min((max(due, at - ahead.of(*of)) if at else due for due, _, at, *of in heads), default=None)


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
