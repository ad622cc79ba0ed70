"""Answers nobody has read on the chat page: after the stated time they become a text message, or a call on the list.

Each stretch of silence is followed up once; whoever reads in the meantime is not rung any more.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, exists, func, select

from knowledge.hotline_rules import shipped
from knowledge.quiet import USUAL
from storage import ring_backs, texting
from storage.office_time import office
from storage.tables import chats, messages, residents, tickets
from storage.tables import ring_backs as table
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Unread:
    """A chat whose resident has not read; ``phone`` is theirs or the ticket's."""

    chat_id: int
    message_id: int
    ticket_id: int
    number: str
    confidential: bool
    phone: str | None
    name: str | None
    language: str


def due(tx: Tx, *, limit: int = 50) -> list[Unread]:
    """Those to be followed up now, the longest unread first; nobody is disturbed at night, and without a number there is
    nobody to ring: the ticket says it is unread."""
    if USUAL.holds(tx.now):
        return []
    first = _first_unread(tx).subquery()
    columns = (tickets.c.id, tickets.c.number, tickets.c.confidential)
    phone = func.coalesce(tickets.c.phone, residents.c.phone)
    query = select(chats.c.id, messages.c.id, *columns, phone, residents.c.name, chats.c.language)
    query = query.join(messages, messages.c.chat_id == chats.c.id).join(first, first.c.message_id == messages.c.id)
    query = query.join(tickets, tickets.c.id == messages.c.ticket_id)
    query = query.outerjoin(residents, residents.c.id == chats.c.resident_id)
    new = ~_followed() & ~texting.told_quietly(chats.c.id, tx.now) & phone.is_not(None)
    return [Unread(*row) for row in tx.tuples(query.where(new).order_by(messages.c.id).limit(limit))]


def _first_unread(tx: Tx) -> Select[tuple[int]]:
    """Of each chat page the first thing said about a ticket that was not read for so long."""
    before = tx.now - (shipped().unread_after.after(tx.now, office(tx), "").due_at - tx.now)
    unread = (messages.c.seq > chats.c.read_seq) & messages.c.ticket_id.is_not(None) & (messages.c.sender != "resident")
    query = select(func.min(messages.c.id).label("message_id")).join(chats, chats.c.id == messages.c.chat_id)
    behind = (chats.c.channel == "web") & (chats.c.read_seq < chats.c.last_seq) & chats.c.left_at.is_(None)
    return query.where(behind, unread, messages.c.at <= before, _wants_answers()).group_by(chats.c.id)


def _wants_answers() -> ColumnElement[bool]:
    """WO-15: whoever wants no answer gets none by telephone either."""
    return messages.c.ticket_id.in_(select(tickets.c.id).where(tickets.c.needs_reply.is_(True)))


def _followed() -> ColumnElement[bool]:
    return exists(select(table.c.id).where(table.c.message_id == messages.c.id))


def follow_up(tx: Tx, one: Unread, *, texted: bool) -> int:
    """A text message went out, or it is for the list to ring."""
    about = {"chat_id": one.chat_id, "message_id": one.message_id, "ticket_id": one.ticket_id, "name": one.name}
    made = ring_backs.ask_for(tx, reason="unread", phone=one.phone, due_at=tx.now, **about)
    if texted:
        _end(tx, table.c.id == made, "texted")
    return made


def read_meanwhile(tx: Tx) -> int:
    """Whoever has read by now need not be rung; how many."""
    seen = select(messages.c.id).join(chats, chats.c.id == messages.c.chat_id).where(messages.c.seq <= chats.c.read_seq)
    return _end(tx, (table.c.reason == "unread") & table.c.message_id.in_(seen), "read")


def _end(tx: Tx, which: ColumnElement[bool], outcome: str) -> int:
    values = {"state": "done", "outcome": outcome, "done_at": tx.now, "revision": table.c.revision + 1}
    return tx.changed(table.update().where(which, table.c.state == "open").values(values))
