"""What the staff group should hear next: the ticket with the most pressing news, and everything that is new about it.

Read by whoever puts it to words (``handlers.clocks.topic_words``), only as long as the group's budget has room: what waits
here costs nothing, and whatever more happens to the same ticket meanwhile goes along in one message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import RowMapping, and_, case, func, select

from knowledge.group import ROOM
from storage import group_news, outbox, topics
from storage.tables import blobs as blob_table
from storage.tables import group_news as news
from storage.tables import messages, staff, ticket_blobs, ticket_events, tickets
from storage.tables import topics as topic_table
from storage.transaction import Tx

URGENT = ("P0", "P1")


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a ticket's history, as the group hears of it. ``said``: the resident's own words, where it has some."""

    action: str
    actor: str
    who: str | None
    note: str | None
    said: RowMapping | None


@dataclass(frozen=True, slots=True)
class Fresh:
    """What is new about one ticket; ``rows`` are the news that are told with it."""

    ticket: RowMapping
    rows: Sequence[int]
    happened: Sequence[Happening]


def anything(tx: Tx) -> bool:
    """True while the group has not been told everything, and can be."""
    return topics.home(tx) is not None and tx.scalar(select(news.c.id).limit(1)) is not None


def next_up(tx: Tx) -> Fresh | None:
    """The most pressing ticket whose topic has nothing on its way; None where there is none, or no room in the budget."""
    chat_id = topics.home(tx)
    if chat_id is None:
        return None
    waiting = outbox.waiting_in(tx, chat_id)
    if sum(max(1, weight) for _, weight in waiting) >= ROOM:
        return None
    ticket_id = tx.scalar(_pressing(chat_id, [lane for lane, _ in waiting if lane]))
    return _fresh(tx, int(ticket_id)) if ticket_id is not None else None


def _pressing(chat_id: int, busy: Sequence[int]) -> Any:
    """Urgent matters first, then what residents said, then tickets the group does not know, then what was done."""
    theirs = and_(topic_table.c.ticket_id == news.c.ticket_id, topic_table.c.chat_id == chat_id)
    spoken = func.max(
        case((ticket_events.c.message_id.is_not(None) & (ticket_events.c.actor == "resident"), 1), else_=0)
    )
    urgent = case((tickets.c.urgency.in_(URGENT), 0), else_=1)
    unknown = case((topic_table.c.card_id.is_(None), 0), else_=1)
    return (
        select(news.c.ticket_id)
        .join(tickets, tickets.c.id == news.c.ticket_id)
        .outerjoin(ticket_events, ticket_events.c.id == news.c.event_id)
        .outerjoin(topic_table, theirs)
        .where(func.coalesce(topic_table.c.id, 0).not_in(busy))
        .group_by(news.c.ticket_id, tickets.c.urgency, topic_table.c.card_id)
        .order_by(urgent, spoken.desc(), unknown, func.min(news.c.id))
        .limit(1)
    )


def _fresh(tx: Tx, ticket_id: int) -> Fresh | None:
    rows = group_news.of_ticket(tx, ticket_id)
    ticket = tx.first(select(tickets).where(tickets.c.id == ticket_id))
    assert ticket is not None
    wanted = [event_id for _, event_id in rows if event_id is not None]
    columns = [ticket_events.c[name] for name in ("id", "action", "actor", "note", "message_id")]
    query = select(*columns, staff.c.name.label("who")).outerjoin(staff, staff.c.id == ticket_events.c.staff_id)
    events = tx.all(query.where(ticket_events.c.id.in_(wanted)).order_by(ticket_events.c.id))
    theirs = _said(tx, [event["message_id"] for event in events if event["message_id"] is not None])
    happened = [
        Happening(event["action"], event["actor"], event["who"], event["note"], theirs.get(event["message_id"]))
        for event in events
    ]
    return Fresh(ticket, [row_id for row_id, _ in rows], happened)


def _said(tx: Tx, message_ids: Sequence[int]) -> dict[int, RowMapping]:
    """Of these messages those that are a resident's own words."""
    query = select(messages).where(messages.c.id.in_(list(message_ids)), messages.c.sender == "resident")
    return {int(row["id"]): row for row in tx.all(query)}


def files_of(tx: Tx, ticket_id: int) -> list[dict[str, object]]:
    """What was attached to a ticket so far, as a message's attachments."""
    columns = [blob_table.c[name] for name in ("id", "kind", "mime", "name", "size")]
    query = select(*columns).join(ticket_blobs, ticket_blobs.c.blob_id == blob_table.c.id)
    rows = tx.tuples(query.where(ticket_blobs.c.ticket_id == ticket_id).order_by(ticket_blobs.c.id))
    return [{"blob": row[0], "kind": row[1], "mime": row[2], "name": row[3], "size": row[4]} for row in rows]
