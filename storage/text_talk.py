"""Text messages as they come in: whose they are, what they answer, and when the machine keeps silent.

A number alone proves nobody: a text goes to the caller's own place under that number (storage.callers), to the one of
several that was texted last, and never into somebody's chat page. Taken once, by its id; stored before it is acknowledged.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, func, select

from knowledge import ticket_numbers
from knowledge.private_data import without_secrets
from knowledge.text_talk import choices, is_service, shipped
from storage import callers, conversations, facts, inbox, messages, ring_backs, telephone, texting
from storage.inbox import Arrival
from storage.messages import Message
from storage.offices import Offices
from storage.tables import chats, outbox, residents, tickets
from storage.tables import messages as message_table
from storage.tables import ring_backs as ring_table
from storage.transaction import Tx

LONGEST_WISH = 200
LONG_ENOUGH, MANY_WORDS = 40, 8
ECHOED = 5
"""So many of our last texts may come back word for word, from a machine at the other end."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text message from ``number`` (None: withheld) to our own number ``to``, where that is told."""

    key: str
    number: str | None
    words: str
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides how a text is answered: what it may choose from (newest offer first), whether the newest text offers
    that, or is a colleague's and may be answered with a number; whether it is our own text come back or the same words
    again, how many answers went out, and whether nothing may go out at all (EM-07)."""

    offers: list[Message]
    newest_offers: bool
    newest_by_staff: bool
    echo: bool
    said_before: bool
    an_hour: int
    a_day: int
    quiet: bool


def take_in(tx: Tx, text: Text) -> bool:
    """False when it was taken before. What a service sent, or nobody, or we ourselves, is noted and goes nowhere."""
    if not telephone.first_told(tx, text.key):
        return False
    if not facts.get(tx, facts.TEXTS_IN):
        facts.put(tx, facts.TEXTS_IN, True)
    number = text.number
    if number is None or is_service(number) or number == text.to or not text.words.strip():
        return True
    chat_id = chat_for(tx, number, text.words)
    remote = int(tx.scalar(select(chats.c.remote).where(chats.c.id == chat_id)))
    payload = json.dumps({"message": _message(tx, remote, text.words)}, separators=(",", ":"))
    arrival = Arrival(
        channel=texting.CHANNEL,
        kind=callers.KIND,
        remote=remote,
        key=text.key,
        payload=payload,
        words=text.words,
    )
    inbox.take_in(tx, [arrival])
    return True


def _message(tx: Tx, remote: int, words: str) -> dict[str, object]:
    """In the form of a Telegram message: one dispatcher for every channel."""
    who = {"id": 1, "is_bot": False, "first_name": "居民"}
    chat = {"id": remote, "type": "private"}
    return {"message_id": 1, "date": int(tx.now.timestamp()), "chat": chat, "from": who, "text": words}


def chat_for(tx: Tx, number: str, words: str) -> int:
    """Where words from this number belong: with the ticket they name, else where we texted last, else the newest."""
    theirs = _of_number(number)
    if found := ticket_numbers.find(words):
        named = select(tickets.c.chat_id).where(tickets.c.number == str(found), tickets.c.chat_id.in_(theirs))
        if (chat_id := tx.scalar(named)) is not None:
            return int(chat_id)
    last = select(outbox.c.chat_id).where(outbox.c.chat_id.in_(theirs)).order_by(outbox.c.id.desc()).limit(1)
    chat_id = tx.scalar(last) or tx.scalar(theirs.order_by(chats.c.id.desc()).limit(1))
    return int(chat_id) if chat_id is not None else callers.chat_for(tx, number=number, name=None)


def _of_number(number: str) -> Select[tuple[int]]:
    query = select(chats.c.id).join(residents, residents.c.id == chats.c.resident_id)
    mine = (residents.c.phone == number) & residents.c.erase_wished_at.is_(None)
    return query.where(mine, chats.c.kind == callers.KIND, chats.c.left_at.is_(None))


def standing(tx: Tx, chat_id: int, message_id: int) -> Standing:
    """How the text ``message_id`` meets this chat."""
    said = messages.get(tx, message_id)
    words = said.text.strip() if said else ""
    went_out = _went_out(tx, chat_id, before=message_id)
    offers = [one for one in went_out if choices(one.buttons) and one.at > tx.now - shipped().choice_for]
    return Standing(
        offers=offers,
        newest_offers=bool(offers) and offers[0].id == went_out[0].id,
        newest_by_staff=bool(went_out) and went_out[0].sender == "staff",
        echo=any(_comes_back(words, one.text) for one in went_out[:ECHOED]),
        said_before=_said_before(tx, chat_id, message_id, words),
        an_hour=_answers(tx, chat_id, timedelta(hours=1)),
        a_day=_answers(tx, chat_id, timedelta(days=1)),
        quiet=texting.is_quiet(tx, chat_id),
    )


def _comes_back(words: str, ours: str) -> bool:
    start = ours.strip()[:LONG_ENOUGH]
    return len(start) > MANY_WORDS and words.startswith(start)


def _went_out(tx: Tx, chat_id: int, *, before: int) -> list[Message]:
    """What was texted lately, newest first."""
    ids = select(outbox.c.message_id).where(outbox.c.chat_id == chat_id, outbox.c.message_id < before)
    newest = [int(key) for (key,) in tx.tuples(ids.order_by(outbox.c.id.desc()).limit(2 * ECHOED))]
    return [found for key in newest if (found := messages.get(tx, key)) is not None]


def _said_before(tx: Tx, chat_id: int, message_id: int, words: str) -> bool:
    """The same words, not just "1" or "好了", said shortly before."""
    if len(words) < 4:
        return False
    of_chat = (message_table.c.chat_id == chat_id) & (message_table.c.sender == "resident")
    lately = (message_table.c.id < message_id) & (message_table.c.at > tx.now - shipped().same_words)
    return bool(tx.scalar(select(message_table.c.id).where(of_chat, lately, message_table.c.text == words).limit(1)))


def _answers(tx: Tx, chat_id: int, within: timedelta) -> int:
    ours = (message_table.c.chat_id == chat_id) & (message_table.c.sender == "bot")
    counted = message_table.c.reply_to_id.is_not(None) & (message_table.c.at > tx.now - within)
    return int(tx.scalar(select(func.count()).where(ours, counted)))


# --- what a text brings about -----------------------------------------------------------------------------------------
def stop(tx: Tx, chat_id: int, *, on: bool) -> None:
    """This telephone wants no text messages any more (``on``), or wants them again; what waits does not go out."""
    at = tx.now if on else None
    theirs = select(residents.c.phone).join(chats, chats.c.resident_id == residents.c.id).where(chats.c.id == chat_id)
    number = tx.scalar(theirs)
    same = _of_number(str(number)) if number else select(chats.c.id).where(chats.c.id == chat_id)
    which: ColumnElement[bool] = chats.c.id.in_(same)
    tx.execute(chats.update().where(which).values(texts_stopped_at=at))
    if on:
        waiting = outbox.c.chat_id.in_(same) & (outbox.c.state == "pending")
        tx.execute(outbox.update().where(waiting).values(state="dropped", error="no texts wanted", finished_at=tx.now))


def ring_me(tx: Tx, chat_id: int, *, words: str, message_id: int | None) -> bool:
    """Somebody is to ring them, in open hours; False where they wait on the list already."""
    row = tx.first(
        select(residents.c.phone, residents.c.name)
        .join(chats, chats.c.resident_id == residents.c.id)
        .where(chats.c.id == chat_id)
    )
    if row is None or row["phone"] is None:
        return False
    waits = (ring_table.c.state == "open") & (ring_table.c.phone == row["phone"]) & (ring_table.c.reason == "asked")
    if tx.scalar(select(ring_table.c.id).where(waits)) is not None:
        return False
    here = Offices(tx).of_call(ticket_id=None, chat_id=chat_id, phone=row["phone"])
    due = here.next_opening(tx.now)
    wish = without_secrets(words)[:LONGEST_WISH] or None
    about = {"chat_id": chat_id, "message_id": message_id, "name": row["name"], "wish": wish}
    ring_backs.ask_for(tx, reason="asked", phone=row["phone"], due_at=due, **about)
    return True


def to_a_person(tx: Tx, chat_id: int, message_id: int) -> None:
    """Nothing may go out to this number (EM-07): a person reads what came, and decides how to answer."""
    conversation_id, _ = conversations.ask_for_person(tx, chat_id=chat_id, reason="asked")
    conversations.add(tx, conversation_id=conversation_id, message_id=message_id)
