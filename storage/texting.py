"""Text messages: to which telephone something may be sent, and what the letter is.

Never to a number somebody else may hold (EM-07), never to whoever gave none, left, or did not agree; of a confidential
matter the letter says only that there is something to hear.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, RowMapping, exists, select

from knowledge.emergencies import emergency, shipped_emergencies
from knowledge.life import State
from knowledge.text_talk import choices, may_be_answered
from storage import facts
from storage.parcels import Parcel
from storage.tables import alarms, chats, messages, residents, tickets
from storage.transaction import Tx

CHANNEL = "phone"
Kept = Literal["must_not", "overtaken"]
VERDICT, ASKED = re.compile(r"t:(\d+):(?:ok|no|unseen):(\d+)"), re.compile(r"t:(\d+):unseen:(\d+)")
"""The choices of a verdict, and the one that stands only where it is asked whether a matter is solved."""
CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")
ANSWER_FOR = timedelta(hours=6)
"""An answer to a text is worth sending so long; later a person rings."""
QUIET_FOR = timedelta(days=90)
QUIET = tuple(kind for kind in shipped_emergencies() if emergency(kind).quiet)


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes out: the number, our words, whether they are no business of whoever holds the telephone, and whether an
    answer can come by text."""

    number: str
    text: str
    language: str
    secret: bool
    by_text: bool = False


def switch(tx: Tx, on: bool) -> None:
    """Whether there is a service that sends text messages; said at every start."""
    facts.put(tx, facts.TEXTS, on or None)


def may_text(tx: Tx, chat_id: int) -> bool:
    """True where a text message may go out for this caller."""
    if not facts.get(tx, facts.TEXTS):
        return False
    who = _who(tx, chat_id)
    return who is not None and _agrees(who) and not is_quiet(tx, chat_id)


def may_answer(tx: Tx, chat_id: int) -> bool:
    """True where a text of theirs may be answered: also whoever agreed to nothing, or wants no other texts, may ask; never
    where the other side may hold the telephone, nor a number that costs more."""
    if not facts.get(tx, facts.TEXTS):
        return False
    who = _who(tx, chat_id)
    return who is not None and may_be_answered(str(who["phone"])) and not is_quiet(tx, chat_id)


def _who(tx: Tx, chat_id: int) -> RowMapping | None:
    columns = (residents.c.phone, residents.c.refused_at, chats.c.language, chats.c.texts_stopped_at, chats.c.left_at)
    query = select(*columns).join(chats, chats.c.resident_id == residents.c.id)
    return tx.first(query.where(chats.c.id == chat_id, residents.c.phone.is_not(None)))


def _agrees(who: RowMapping) -> bool:
    return who["refused_at"] is None and who["texts_stopped_at"] is None


def is_quiet(tx: Tx, chat_id: int) -> bool:
    """By this telephone somebody told of a danger of which the other side must not hear, whoever else uses it."""
    same = select(residents.c.phone).join(chats, chats.c.resident_id == residents.c.id).where(chats.c.id == chat_id)
    holders = select(residents.c.id).where(residents.c.phone.in_(same))
    mine = (chats.c.id == chat_id) | chats.c.resident_id.in_(holders)
    return bool(tx.scalar(select(exists().where(mine, told_quietly(chats.c.id, tx.now)))))


def quiet_numbers(tx: Tx) -> frozenset[str]:
    """Telephones the other side may hold: they are not rung from a list, a person decides how (EM-07)."""
    query = select(residents.c.phone).join(chats, chats.c.resident_id == residents.c.id)
    named = residents.c.phone.is_not(None) & told_quietly(chats.c.id, tx.now)
    return frozenset(str(phone) for (phone,) in tx.tuples(query.where(named).distinct()))


def told_quietly(chat_id: ColumnElement[int], now: datetime) -> ColumnElement[bool]:
    """The same, of the chats of a query."""
    lately = alarms.c.raised_at > now - QUIET_FOR
    return exists(select(alarms.c.id).where(alarms.c.chat_id == chat_id, alarms.c.kind.in_(QUIET), lately))


def letter(tx: Tx, parcel: Parcel) -> Letter | Kept:
    """The letter as it may go out now, or why it must not any more."""
    who = _who(tx, parcel.chat_id)
    about = tx.first(_ABOUT.where(messages.c.id == parcel.message_id))
    answers = parcel.reply_to_id is not None and about is not None and about["sender"] == "bot"
    if who is None or is_quiet(tx, parcel.chat_id) or not (answers or _agrees(who)):
        return "must_not"
    if about is not None and (about["taken_back_at"] or _overtaken(tx, parcel, about, answers)):
        return "overtaken"
    secret = bool(about and about["confidential"])
    by_text = bool(facts.get(tx, facts.TEXTS_IN))
    return Letter(str(who["phone"]), parcel.text, str(who["language"]), secret, by_text)


def _overtaken(tx: Tx, parcel: Parcel, about: RowMapping, answers: bool) -> bool:
    """What a text says is no longer so: it asks whether it is solved and that was answered, its claim code is another by
    now, or it is an answer nobody waits for any more."""
    asked = [ASKED.fullmatch(one.data) for one in choices(parcel.buttons)]
    judging = next((found for found in asked if found), None)
    if judging is not None:
        now = tx.first(select(tickets.c.state, tickets.c.redos).where(tickets.c.id == int(judging[1])))
        return now is None or (now["state"], now["redos"]) != (State.CALLING_BACK, int(judging[2]))
    if answers and about["at"] < tx.now - ANSWER_FOR:
        return True
    code = CODE.search(parcel.text)
    return bool(code and about["claim_code"] and code[0] != about["claim_code"])


_ABOUT = select(
    messages.c.sender, messages.c.at, messages.c.taken_back_at, tickets.c.confidential, tickets.c.claim_code
).outerjoin(tickets, tickets.c.id == messages.c.ticket_id)
