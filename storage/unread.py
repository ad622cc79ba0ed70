"""Answers nobody has read on the chat page: after the stated time they become a text message, or a call on the list.

Each stretch of silence is followed up once; whoever reads in the meantime is not rung any more. A text message that was
lost on its way becomes a call as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, exists, func, or_, select

from knowledge.hotline_rules import shipped
from knowledge.quiet import USUAL
from storage import ring_backs, texting
from storage.tables import chats, messages, outbox, residents, tickets
from storage.tables import ring_backs as table
from storage.transaction import Tx

LATELY = timedelta(days=3)
"""Of a text that was lost longer ago nobody need be told by telephone."""


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
    before = tx.now - shipped().unread_after
    unread = (messages.c.seq > chats.c.read_seq) & messages.c.ticket_id.is_not(None) & (messages.c.sender != "resident")
    query = select(func.min(messages.c.id).label("message_id")).join(chats, chats.c.id == messages.c.chat_id)
    behind = (chats.c.channel == "web") & (chats.c.read_seq < chats.c.last_seq) & chats.c.left_at.is_(None)
    return query.where(behind, unread, messages.c.at <= before, _wants_answers()).group_by(chats.c.id)


def _wants_answers() -> ColumnElement[bool]:
    """WO-15: whoever wants no answer gets none by telephone either."""
    return messages.c.ticket_id.in_(select(tickets.c.id).where(tickets.c.needs_reply.is_(True)))


def _followed() -> ColumnElement[bool]:
    return exists(select(table.c.id).where(table.c.message_id == messages.c.id))


def waits(tx: Tx) -> bool:
    """Whether anything is to be followed up."""
    return bool(due(tx, limit=1) or lost(tx, limit=1))


def follow_up(tx: Tx, one: Unread, *, texted: bool) -> int:
    """A text message went out, or it is for the list to ring."""
    about = {"chat_id": one.chat_id, "message_id": one.message_id, "ticket_id": one.ticket_id, "name": one.name}
    made = ring_backs.ask_for(tx, reason="unread", phone=one.phone, due_at=tx.now, **about)
    if texted:
        _end(tx, table.c.id == made, "texted")
    return made


def lost(tx: Tx, *, limit: int = 50) -> list[Unread]:
    """Text messages the service did not take: whoever they were for is to be rung, by day, and where they may be (EM-07).
    Several to one number are one call."""
    if USUAL.holds(tx.now):
        return []
    first = (
        select(func.min(outbox.c.message_id).label("message_id"))
        .join(chats, chats.c.id == outbox.c.chat_id)
        .where(chats.c.channel == texting.CHANNEL, _not_taken(), outbox.c.finished_at > tx.now - LATELY)
        .group_by(outbox.c.chat_id)
        .subquery()
    )
    columns = (tickets.c.id, tickets.c.number, tickets.c.confidential, residents.c.phone, residents.c.name)
    query = select(chats.c.id, messages.c.id, *columns, chats.c.language)
    query = query.join(messages, messages.c.chat_id == chats.c.id).join(first, first.c.message_id == messages.c.id)
    query = query.join(tickets, tickets.c.id == messages.c.ticket_id)
    query = query.join(residents, residents.c.id == chats.c.resident_id)
    rung = exists(select(table.c.id).where(table.c.chat_id == chats.c.id, table.c.reason == "lost", _still_fresh(tx)))
    new = ~rung & ~texting.told_quietly(chats.c.id, tx.now) & residents.c.phone.is_not(None)
    may = residents.c.refused_at.is_(None) & chats.c.left_at.is_(None) & chats.c.texts_stopped_at.is_(None)
    return [Unread(*row) for row in tx.tuples(query.where(new, may).order_by(messages.c.id).limit(limit))]


def _not_taken() -> ColumnElement[bool]:
    """Refused by the service, or reported afterwards as never delivered."""
    return or_(outbox.c.state == "dead", outbox.c.reported == "failed")


def _still_fresh(tx: Tx) -> ColumnElement[bool]:
    return or_(table.c.state == "open", table.c.created_at > tx.now - LATELY)


def ring_about(tx: Tx, one: Unread) -> int:
    """A text was lost: a line on the list."""
    about = {"chat_id": one.chat_id, "message_id": one.message_id, "ticket_id": one.ticket_id, "name": one.name}
    return ring_backs.ask_for(tx, reason="lost", phone=one.phone, due_at=tx.now, **about)


def read_meanwhile(tx: Tx) -> int:
    """Whoever has read by now need not be rung; how many."""
    seen = select(messages.c.id).join(chats, chats.c.id == messages.c.chat_id).where(messages.c.seq <= chats.c.read_seq)
    read = _end(tx, (table.c.reason == "unread") & table.c.message_id.in_(seen), "read")
    return read + _end(tx, (table.c.reason == "lost") & ~_still_lost(tx), "texted")


def _still_lost(tx: Tx) -> ColumnElement[bool]:
    """A text to this telephone has not arrived, or is being sent again; once all have, nobody need be rung about it."""
    missing = or_(_not_taken(), outbox.c.state.in_(("pending", "sending"))) & (
        outbox.c.created_at > tx.now - 2 * LATELY
    )
    query = select(outbox.c.id).join(messages, messages.c.id == outbox.c.message_id)
    return exists(query.where(messages.c.chat_id == table.c.chat_id, missing))


def _end(tx: Tx, which: ColumnElement[bool], outcome: str) -> int:
    values = {"state": "done", "outcome": outcome, "done_at": tx.now, "revision": table.c.revision + 1}
    return tx.changed(table.update().where(which, table.c.state == "open").values(values))
