"""Text messages: to which telephone something may be sent, and what the letter is.

Never to a number somebody else may hold (EM-07), never to whoever gave none, left, or did not agree; of a confidential
matter the letter says only that there is something to hear.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, RowMapping, exists, select

from knowledge.emergencies import emergency, shipped_emergencies
from storage import facts
from storage.parcels import Parcel
from storage.tables import alarms, chats, messages, residents, tickets
from storage.transaction import Tx

CHANNEL = "phone"
QUIET_FOR = timedelta(days=90)
QUIET = tuple(kind for kind in shipped_emergencies() if emergency(kind).quiet)


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes out: the number, our words, and whether they may be said to whoever holds the telephone."""

    number: str
    text: str
    language: str
    secret: bool


def switch(tx: Tx, on: bool) -> None:
    """Whether there is a service that sends text messages; said at every start."""
    facts.put(tx, facts.TEXTS, on or None)


def may_text(tx: Tx, chat_id: int) -> bool:
    """True where a text message may go out for this caller."""
    if not facts.get(tx, facts.TEXTS):
        return False
    who = _who(tx, chat_id)
    return who is not None and not is_quiet(tx, chat_id)


def _who(tx: Tx, chat_id: int) -> RowMapping | None:
    query = select(residents.c.phone, chats.c.language).join(chats, chats.c.resident_id == residents.c.id)
    agreed = residents.c.refused_at.is_(None) & residents.c.phone.is_not(None)
    return tx.first(query.where(chats.c.id == chat_id, agreed))


def is_quiet(tx: Tx, chat_id: int) -> bool:
    """They told of a danger of which the other side must not hear by this telephone."""
    return bool(tx.scalar(select(exists().where(chats.c.id == chat_id, told_quietly(chats.c.id, tx.now)))))


def told_quietly(chat_id: ColumnElement[int], now: datetime) -> ColumnElement[bool]:
    """The same, of the chats of a query."""
    lately = alarms.c.raised_at > now - QUIET_FOR
    return exists(select(alarms.c.id).where(alarms.c.chat_id == chat_id, alarms.c.kind.in_(QUIET), lately))


def letter(tx: Tx, parcel: Parcel) -> Letter | None:
    """The letter as it may go out now; None where it must not any more."""
    who = _who(tx, parcel.chat_id)
    if who is None or is_quiet(tx, parcel.chat_id):
        return None
    about = select(tickets.c.confidential).join(messages, messages.c.ticket_id == tickets.c.id)
    secret = bool(tx.scalar(about.where(messages.c.id == parcel.message_id)))
    return Letter(str(who["phone"]), parcel.text, str(who["language"]), secret)
