"""What the channel learns about topics while it delivers: made, lost, not allowed; each in a unit of its own, at once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, func, select

from knowledge.group_standing import Standing, lacks
from storage.tables import chats, deliveries, topics, work_groups
from storage.tables import messages as message_table
from storage.transaction import Tx


def made(tx: Tx, topic_id: int, *, thread: int) -> None:
    """Telegram made it; nobody else can have, for one parcel goes to a chat at a time."""
    tx.execute(topics.update().where(topics.c.id == topic_id).values(thread=thread))


def lost(tx: Tx, topic_id: int, *, thread: int) -> None:
    """It was deleted by hand, and all that stood in it with it."""
    mine = topics.update().where(topics.c.id == topic_id, topics.c.thread == thread)
    if tx.changed(mine.values(thread=None)):
        said = select(message_table.c.id).where(message_table.c.topic_id == topic_id)
        others = deliveries.c.message_id.in_(said) & deliveries.c.message_id.not_in(_card(topic_id))
        tx.execute(deliveries.delete().where(others))


def _card(topic_id: int) -> Select[tuple[int]]:
    return select(topics.c.card_id).where(topics.c.id == topic_id, topics.c.card_id.is_not(None))


def card_stood(tx: Tx, topic_id: int) -> bool:
    """Its card was delivered before, wherever that was."""
    return tx.scalar(select(deliveries.c.id).where(deliveries.c.message_id.in_(_card(topic_id))).limit(1)) is not None


def card_stands(tx: Tx, card_id: int, *, remote: int) -> None:
    """The card stands here now, and nowhere else."""
    chat_id = tx.scalar(select(message_table.c.chat_id).where(message_table.c.id == card_id))
    tx.execute(deliveries.delete().where(deliveries.c.message_id == card_id))
    tx.execute(deliveries.delete().where(deliveries.c.chat_id == chat_id, deliveries.c.remote == remote))
    tx.insert(deliveries, chat_id=chat_id, message_id=card_id, remote=remote)


def stands_as(tx: Tx, message_id: int) -> int | None:
    """The channel's id of a message of ours."""
    found: int | None = tx.scalar(select(func.min(deliveries.c.remote)).where(deliveries.c.message_id == message_id))
    return found


def no_right(tx: Tx, chat_id: int) -> None:
    """We may not manage topics there."""
    tx.execute(chats.update().where(chats.c.id == chat_id).values(may_topics=False))
    tx.wake("desk")


def no_forum(tx: Tx, chat_id: int) -> None:
    """The group has no topics (any more)."""
    tx.execute(chats.update().where(chats.c.id == chat_id).values(forum=False))


def stands(tx: Tx, chat_id: int, found: Standing, *, title: str = "") -> None:
    """How Telegram says a staff group is."""
    seen: dict[str, Any] = {"lacks": lacks(found)} | ({"title": title} if title else {})
    tx.execute(work_groups.update().where(work_groups.c.chat_id == chat_id).values(seen))
    reachable = found.inside
    values = {"forum": found.forum, "may_topics": found.may_topics}
    tx.execute(chats.update().where(chats.c.id == chat_id).values(values))
    blocked = tx.scalar(select(chats.c.blocked_at).where(chats.c.id == chat_id))
    if reachable == (blocked is not None):
        tx.execute(chats.update().where(chats.c.id == chat_id).values(blocked_at=None if reachable else tx.now))
        tx.wake("outbox")
        tx.wake("group")
    tx.wake("desk")
