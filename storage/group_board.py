"""What a staff group should hear next: the ticket with the most pressing news, and everything that is new about it.

Read by whoever puts it to words (``handlers.clocks.topic_words``), only as long as the group's budget has room: what waits
here costs nothing, and whatever more happens to the same ticket meanwhile goes along in one message. Each group has its own
tickets, budget and room; one that is shut, or full, holds up no other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, and_, case, func, or_, select, true

from knowledge.group import ROOM, shipped
from storage import group_home, group_news, outbox, topics
from storage.group_home import Group
from storage.tables import blobs as blob_table
from storage.tables import group_news as news
from storage.tables import messages, staff, ticket_blobs, ticket_events, tickets
from storage.tables import topics as topic_table
from storage.tickets import OPEN
from storage.transaction import Tx

URGENT = ("P0", "P1")
_elsewhere = topic_table.alias("elsewhere")


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a ticket's history, as the group hears of it. ``said``: the resident's own words, where it has some;
    ``told_id``: what the resident was told."""

    action: str
    actor: str
    who: str | None
    note: str | None
    said: RowMapping | None
    told_id: int | None = None


@dataclass(frozen=True, slots=True)
class Fresh:
    """What is new about one ticket; ``rows`` are the news that are told with it."""

    ticket: RowMapping
    rows: Sequence[int]
    happened: Sequence[Happening]


def anything(tx: Tx) -> bool:
    """True while some group has not been told everything, and can be."""
    return any(tx.scalar(_untold(tx, one).limit(1)) is not None for one in group_home.groups(tx) if one.open)


def _untold(tx: Tx, of: Group) -> Any:
    """The news of the tickets whose home this group is."""
    if len(group_home.groups(tx)) == 1 and of.community_id is None:
        return select(news.c.id)
    return select(news.c.id).join(tickets, tickets.c.id == news.c.ticket_id).where(group_home.among(tx, of))


def next_up(tx: Tx) -> Fresh | None:
    """The most pressing ticket whose topic has nothing on its way, of one group after the other; None where there is none,
    or no room in the budgets. What has to leave another group first waits until that one has room, too."""
    waiting = {one: outbox.waiting_in(tx, one.chat_id) for one in group_home.groups(tx)}
    full = [
        one.chat_id for one, lanes in waiting.items() if one.open and sum(max(1, each) for _, each in lanes) >= ROOM
    ]
    for one, lanes in waiting.items():
        if not one.open or one.chat_id in full:
            continue
        rested = tx.now - shipped().rest if lanes else None
        ticket_id = tx.scalar(_pressing(tx, one, [lane for lane, _ in lanes if lane], full, rested))
        if ticket_id is not None:
            return _fresh(tx, int(ticket_id))
    return None


def _pressing(tx: Tx, of: Group, busy: Sequence[int], full: Sequence[int], rested: datetime | None) -> Any:
    """Urgent matters first, then what residents said, then tickets the group does not know, then what was done, and last
    what may go along with something; that, while the group is busy, only where it has waited since ``rested``, or all is
    over."""
    chat_id = of.chat_id
    stuck = select(_elsewhere.c.ticket_id).where(_elsewhere.c.chat_id.in_(full), _elsewhere.c.state.in_(topics.LIVE))
    theirs = and_(topic_table.c.ticket_id == news.c.ticket_id, topic_table.c.chat_id == chat_id)
    spoken = func.max(
        case((ticket_events.c.message_id.is_not(None) & (ticket_events.c.actor == "resident"), 1), else_=0)
    )
    urgent = case({urgency: place for place, urgency in enumerate(URGENT)}, value=tickets.c.urgency, else_=len(URGENT))
    unknown = case((topic_table.c.card_id.is_(None), 0), else_=1)
    along = func.min(case((ticket_events.c.action.in_(shipped().along), 1), else_=0))
    ready = or_(
        tickets.c.urgency.in_(URGENT),
        topic_table.c.card_id.is_(None),
        along == 0,
        tickets.c.state.not_in(OPEN),
        func.min(news.c.at) <= rested if rested is not None else true(),
    )
    return (
        select(news.c.ticket_id)
        .join(tickets, tickets.c.id == news.c.ticket_id)
        .outerjoin(ticket_events, ticket_events.c.id == news.c.event_id)
        .outerjoin(topic_table, theirs)
        .where(func.coalesce(topic_table.c.id, 0).not_in(busy), group_home.among(tx, of))
        .where(news.c.ticket_id.not_in(stuck) if full else true())
        .group_by(news.c.ticket_id, tickets.c.urgency, tickets.c.state, topic_table.c.card_id)
        .having(ready)
        .order_by(urgent, spoken.desc(), unknown, along, func.min(news.c.id))
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
    happened = [_happened(event, theirs.get(event["message_id"])) for event in events]
    return Fresh(ticket, [row_id for row_id, _ in rows], happened)


def _happened(event: RowMapping, said: RowMapping | None) -> Happening:
    told_id = None if said is not None else event["message_id"]
    return Happening(event["action"], event["actor"], event["who"], event["note"], said, told_id)


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
