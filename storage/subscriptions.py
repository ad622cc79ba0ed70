"""Who wants which notices, of which building, and when they are not to be disturbed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from knowledge.quiet import USUAL, Quiet, kept
from knowledge.subscribing import Topic
from storage.tables import notice_recipients, quiet_hours, subscriptions
from storage.transaction import Tx

EVERYWHERE = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody gets: kinds with their buildings ("" is all of them), kinds they stopped, their quiet hours."""

    topics: dict[str, tuple[str, ...]]
    stopped: frozenset[str]
    quiet: Quiet
    chosen: bool = False
    """The hours are their own choice."""

    def gets(self, topic: Topic) -> bool:
        return topic.topic in self.topics or (topic.unasked and topic.topic not in self.stopped)


def of_chat(tx: Tx, chat_id: int) -> Wanted:
    query = select(subscriptions.c.topic, subscriptions.c.building, subscriptions.c.stopped_at)
    rows = tx.tuples(query.where(subscriptions.c.chat_id == chat_id).order_by(subscriptions.c.id))
    topics: dict[str, tuple[str, ...]] = {}
    for topic, building, stopped_at in rows:
        if stopped_at is None:
            topics[topic] = (*topics.get(topic, ()), building)
    stopped = {topic for topic, _, stopped_at in rows if stopped_at is not None} - set(topics)
    row = tx.first(select(quiet_hours).where(quiet_hours.c.chat_id == chat_id))
    quiet = kept(row["begins"], row["ends"]) if row else USUAL
    return Wanted(topics, frozenset(stopped), quiet, chosen=row is not None)


def start(tx: Tx, *, chat_id: int, topics: Iterable[str], building: str | None) -> bool:
    """Get these kinds from now on, of this building or of all; False when nothing was new. One that covers more takes
    the place of what covers less."""
    fresh = False
    for topic in topics:
        before = of_chat(tx, chat_id).topics.get(topic, ())
        if building is None and before and before != (EVERYWHERE,):
            _drop(tx, chat_id, topic)
        if building is not None and EVERYWHERE in before:
            _drop(tx, chat_id, topic)
        fresh |= (building or EVERYWHERE) not in before
        _put(tx, chat_id, topic, building or EVERYWHERE)
    return fresh


def narrow(tx: Tx, *, chat_id: int, topics: Iterable[str], building: str) -> None:
    """Of these kinds, as far as they are wanted, this building's and no other's."""
    wanted = of_chat(tx, chat_id).topics
    for topic in set(topics) & set(wanted):
        _drop(tx, chat_id, topic)
        _put(tx, chat_id, topic, building)


def _drop(tx: Tx, chat_id: int, topic: str) -> None:
    mine = (subscriptions.c.chat_id == chat_id) & (subscriptions.c.topic == topic)
    tx.execute(subscriptions.delete().where(mine))


def _put(tx: Tx, chat_id: int, topic: str, building: str) -> None:
    row = {"chat_id": chat_id, "topic": topic, "building": building, "since": tx.now, "stopped_at": None}
    tx.execute(
        tx.inserting(subscriptions)
        .values(row)
        .on_conflict_do_update(index_elements=["chat_id", "topic", "building"], set_={"stopped_at": None})
    )


def stop(tx: Tx, *, chat_id: int, topics: Collection[str]) -> bool:
    """None of these kinds any more, not even urgent ones; False when it was so already."""
    wanted = of_chat(tx, chat_id)
    fresh = bool(set(topics) - wanted.stopped)
    for topic in topics:
        if topic not in wanted.topics and topic not in wanted.stopped:
            _put(tx, chat_id, topic, EVERYWHERE)
    mine = (subscriptions.c.chat_id == chat_id) & subscriptions.c.topic.in_(list(topics))
    tx.execute(subscriptions.update().where(mine, subscriptions.c.stopped_at.is_(None)).values(stopped_at=tx.now))
    return fresh


def set_quiet(tx: Tx, *, chat_id: int, quiet: Quiet) -> None:
    """Not to be disturbed in these hours; also for what waits already."""
    hours = {"begins": f"{quiet.begins:%H:%M}", "ends": f"{quiet.ends:%H:%M}", "set_at": tx.now}
    statement = tx.inserting(quiet_hours).values(chat_id=chat_id, **hours)
    tx.execute(statement.on_conflict_do_update(index_elements=["chat_id"], set_=hours))
    waiting = (notice_recipients.c.chat_id == chat_id) & (notice_recipients.c.state == "waiting")
    tx.execute(notice_recipients.update().where(waiting).values(not_before=tx.now))


def quiet_of(tx: Tx, chat_ids: Sequence[int]) -> dict[int, Quiet]:
    """The quiet hours of each of these chats."""
    rows = tx.all(select(quiet_hours).where(quiet_hours.c.chat_id.in_(chat_ids)))
    own = {int(row["chat_id"]): kept(row["begins"], row["ends"]) for row in rows}
    return {chat_id: own.get(chat_id, USUAL) for chat_id in chat_ids}
