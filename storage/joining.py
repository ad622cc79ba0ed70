"""Me too: somebody has what a neighbour reported already. They follow that ticket and hear how it goes - never whose it
is, never a word of what was said, no claim code: category, building, day and state are all they see.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, or_, select

from storage import drafts, folded, residents, search
from storage.tables import chats, messages, ticket_followers, tickets
from storage.tickets import OPEN, record
from storage.transaction import Tx

SIMILAR_FOR = timedelta(days=14)
"""So long after it was reported a ticket is offered to the next one with the same trouble."""


@dataclass(frozen=True, slots=True)
class Public:
    """What a neighbour may know of a ticket."""

    id: int
    number: str
    route: str
    category: str
    topic: str
    building: str
    unit: str | None
    state: str
    opened_at: datetime
    due_at: datetime


def similar(tx: Tx, *, chat_id: int, category: str, topic: str, building: str, unit: str | None) -> Public | None:
    """The newest open ticket of somebody else about the same thing in the same building; None where there is none."""
    query = select(*_PUBLIC).where(
        _SHAREABLE,
        tickets.c.category == category,
        tickets.c.topic == topic,
        tickets.c.building == building,
        tickets.c.opened_at > tx.now - SIMILAR_FOR,
        ~_known_to(chat_id),
    )
    if unit is not None:
        query = query.where(or_(tickets.c.unit.is_(None), tickets.c.unit == unit))
    return next((Public(*row) for row in tx.tuples(query.order_by(tickets.c.id.desc()).limit(1))), None)


def join(
    tx: Tx, ticket_id: int, *, chat_id: int, draft_id: int, draft_revision: int, said_id: int | None
) -> Public | None:
    """Follow a neighbour's ticket in place of filing the draft; None when either is over or was taken before.

    What this resident said stands in the ticket for staff, and for nobody else.
    """
    found = next(
        (Public(*row) for row in tx.tuples(select(*_PUBLIC).where(_SHAREABLE, tickets.c.id == ticket_id))), None
    )
    if found is None or not drafts.close(tx, draft_id, revision=draft_revision, state="joined", ticket_id=ticket_id):
        return None
    resident_id = residents.of_chat(tx, chat_id)
    tx.insert(
        ticket_followers, ticket_id=ticket_id, resident_id=resident_id, chat_id=chat_id, kind="me_too", since=tx.now
    )
    if said_id is not None:
        mine = (messages.c.id == said_id) & (messages.c.chat_id == chat_id)
        tx.execute(messages.update().where(mine).values(ticket_id=ticket_id))
        search.renew(tx, ticket_id)
    values = {"unread": tickets.c.unread + 1, "revision": tickets.c.revision + 1}
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(values))
    record(tx, ticket_id, actor="resident", action="me_too", from_state=found.state, to_state=found.state)
    tx.wake("desk")
    return found


def leave(tx: Tx, ticket_id: int, *, chat_id: int) -> bool:
    """Hear no more of it; False when they did not follow it."""
    mine = (ticket_followers.c.chat_id == chat_id) & (ticket_followers.c.kind == "me_too")
    return bool(tx.changed(ticket_followers.delete().where(mine, ticket_followers.c.ticket_id == ticket_id)))


def of_chat(tx: Tx, chat_id: int, *, limit: int = 5) -> list[Public]:
    """What a chat's resident follows in this way, newest first."""
    query = select(*_PUBLIC).where(tickets.c.id.in_(_joined(chat_id))).order_by(tickets.c.id.desc()).limit(limit)
    return [Public(*row) for row in tx.tuples(query)]


def one_of_chat(tx: Tx, ticket_id: int, *, chat_id: int) -> Public | None:
    """One of them; None when it is not followed from here."""
    query = select(*_PUBLIC).where(tickets.c.id == ticket_id, tickets.c.id.in_(_joined(chat_id)))
    return next((Public(*row) for row in tx.tuples(query)), None)


def listeners(tx: Tx, ticket_id: int) -> list[int]:
    """The chats that hear of each step in public words; those of what is folded into it too."""
    both = ticket_followers.c.ticket_id.in_([ticket_id, *folded.held_in(tx, ticket_id)])
    mine = select(ticket_followers.c.chat_id).where(both, ticket_followers.c.kind == "me_too").distinct()
    return [chat_id for (chat_id,) in tx.tuples(mine.order_by(ticket_followers.c.chat_id))]


def reporters(tx: Tx, ticket_id: int) -> int:
    """How many households have it, whoever filed it included."""
    mine = (ticket_followers.c.ticket_id == ticket_id) & (ticket_followers.c.kind == "me_too")
    return 1 + int(tx.scalar(select(func.count()).select_from(ticket_followers).where(mine)))


def _known_to(chat_id: int) -> ColumnElement[bool]:
    """Filed or followed by this chat's resident."""
    resident = select(chats.c.resident_id).where(chats.c.id == chat_id, chats.c.resident_id.is_not(None))
    followed = select(ticket_followers.c.ticket_id).where(ticket_followers.c.resident_id.in_(resident))
    return or_(tickets.c.resident_id.in_(resident), tickets.c.id.in_(followed))


def _joined(chat_id: int) -> Select[tuple[int]]:
    resident = select(chats.c.resident_id).where(chats.c.id == chat_id)
    mine = ticket_followers.c.resident_id.in_(resident) & (ticket_followers.c.kind == "me_too")
    return select(ticket_followers.c.ticket_id).where(mine)


_PUBLIC = [tickets.c[name] for name in Public.__dataclass_fields__]
_SHAREABLE: ColumnElement[bool] = (
    tickets.c.state.in_(OPEN)
    & tickets.c.topic.is_not(None)
    & tickets.c.building.is_not(None)
    & tickets.c.confidential.is_(False)
    & tickets.c.anonymous.is_(False)
    & (tickets.c.route == "service_request")
)
