"""What happened to tickets and the staff group has not been told: facts, until there is room for them in its budget.

Written in the transaction of what happened, whoever did it and by whichever channel, so that nothing is forgotten; read,
put to words and dropped together by ``handlers.clocks.topic_words``.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from storage.hot import Hot
from storage.offices import Offices
from storage.tables import chats, tickets, topics, work_groups
from storage.tables import group_news as table
from storage.transaction import Tx

TOPIC = "group"
"""Woken when there is something the group has not been told."""


def put(tx: Tx, ticket_id: int, event_id: int | None = None) -> None:
    """This is new about a ticket; kept only where there is a staff group that hears of it: whatever has no group of its own
    is the house's."""
    if _HOUSE.scalar(tx) or (_STAFF.scalar(tx) and _heard_somewhere(tx, ticket_id)):
        tx.insert(table, ticket_id=ticket_id, event_id=event_id, at=tx.now)
        tx.wake(TOPIC)


def look_again(tx: Tx, chat_id: int) -> None:
    """A danger was heard in this chat: what has a topic may have to leave the group (EM-07)."""
    theirs = select(tickets.c.id).join(topics, topics.c.ticket_id == tickets.c.id)
    for (ticket_id,) in tx.tuples(theirs.where(tickets.c.chat_id == chat_id, topics.c.state.in_(("open", "closed")))):
        put(tx, int(ticket_id))


def of_ticket(tx: Tx, ticket_id: int) -> list[tuple[int, int | None]]:
    """What is untold of it, oldest first: the row's id and the event's; held until the commit."""
    mine = select(table.c.id, table.c.event_id).where(table.c.ticket_id == ticket_id).order_by(table.c.id)
    return [(int(row[0]), row[1]) for row in tx.tuples(mine.with_for_update())]


def told(tx: Tx, ids: Sequence[int]) -> None:
    tx.execute(table.delete().where(table.c.id.in_(list(ids))))


def carded(tx: Tx, ticket_id: int) -> None:
    """Its card has been written: that one was wanted is no news any more."""
    tx.execute(table.delete().where(table.c.ticket_id == ticket_id, table.c.event_id.is_(None)))


def drop(tx: Tx, ticket_id: int) -> None:
    tx.execute(table.delete().where(table.c.ticket_id == ticket_id))


def _heard_somewhere(tx: Tx, ticket_id: int) -> bool:
    whose = Offices(tx).whose_id(ticket_id)
    theirs = select(work_groups.c.id).where(work_groups.c.community_id == whose)
    return tx.scalar(theirs.join(chats, chats.c.id == work_groups.c.chat_id).where(chats.c.kind == "staff")) is not None


_STAFF = Hot(select(chats.c.id).where(chats.c.kind == "staff").limit(1))
_HOUSE = Hot(
    select(chats.c.id)
    .select_from(chats.outerjoin(work_groups, work_groups.c.chat_id == chats.c.id))
    .where(chats.c.kind == "staff", work_groups.c.community_id.is_(None))
    .limit(1)
)
