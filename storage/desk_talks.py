"""Conversations a person is wanted for, as staff see them and act on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, RowMapping, func, or_, select

from storage import alarms, appointments, conversations, desk_alarms, drafts, messages, staff, stepping_aside
from storage.access import access_conversation, talks_of
from storage.chats import Draft, language_of
from storage.desk_acts import Notice
from storage.messages import Message
from storage.staff import Member
from storage.stepping_aside import no_complaint
from storage.tables import chats, residents
from storage.tables import conversations as talk_table
from storage.tables import messages as message_table
from storage.tables import staff as staff_table
from storage.transaction import Tx
from storage.types import UtcDateTime

THREAD = 80
"""How much of a chat whoever takes it over sees."""
QUOTE = 120

Words = Callable[[str], str]
"""From a chat's language to what is said there."""
Farewell = Callable[[str, Draft | None, bool], Notice]
"""From a chat's language, the form that was open, and whether its resident was never told how we keep their words, to
what is said when a person leaves."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation; ``position`` is its place among those waiting, from 1, or 0. ``since``: in the line since then;
    ``owed``: since when its resident has waited for a word of whoever holds it."""

    id: int
    chat_id: int
    channel: str
    state: str
    reason: str
    opened_at: datetime
    since: datetime
    owed: datetime | None
    nudged_at: datetime | None
    level: int | None
    ended_by: str | None
    blocked_at: datetime | None
    taken_by: int | None
    holder: str | None
    building: str | None
    unit: str | None
    room: str | None
    last_words: str
    position: int


def talks(tx: Tx, *, member: Member | None = None) -> list[Talk]:
    """Conversations not over: those waiting in their order, whoever is in danger first, then those somebody has."""
    query = _TALKS.where(talk_table.c.state != "ended", *_theirs(member))
    calm = talk_table.c.reason != conversations.EMERGENCY
    rows = tx.all(query.order_by(talk_table.c.state.desc(), calm, talk_table.c.id))
    waiting = [int(row["id"]) for row in rows if row["state"] == "waiting"]
    return [_talk(tx, row, waiting, member) for row in rows]


def talk(tx: Tx, conversation_id: int, *, member: Member | None = None) -> tuple[Talk, list[Message]] | None:
    """One conversation, and the last words of its chat, the bot's included, as far as this member may read them."""
    row = tx.first(_TALKS.where(talk_table.c.id == conversation_id, *_theirs(member)))
    if row is None:
        return None
    chat_id = int(row["chat_id"])
    thread = messages.latest(tx, chat_id=chat_id, limit=THREAD)
    readable = desk_alarms.readable(tx, chat_id, thread, member)
    return _talk(tx, row, [], member), stepping_aside.without_begun(tx, chat_id, readable, member)


def _talk(tx: Tx, row: RowMapping, waiting: list[int], member: Member | None) -> Talk:
    mine = (message_table.c.chat_id == row["chat_id"]) & (message_table.c.sender == "resident")
    said = select(message_table).where(mine, no_complaint()).order_by(message_table.c.id.desc()).limit(1)
    if (since := stepping_aside.begun_about(tx, int(row["chat_id"]), member)) is not None:
        said = said.where(or_(message_table.c.id < since, message_table.c.conversation_id.is_not(None)))
    last = desk_alarms.readable(tx, int(row["chat_id"]), tx.all(said), member)
    position = waiting.index(int(row["id"])) + 1 if row["id"] in waiting else 0
    return Talk(**row, last_words=last[0].text[:QUOTE] if last else "", position=position)


def waiting(tx: Tx, *, member: Member | None = None) -> int:
    """How many residents wait for a person, of those this member may speak with."""
    waits = talk_table.c.state == "waiting"
    return int(tx.scalar(select(func.count()).select_from(talk_table).where(waits, *_theirs(member))))


def _theirs(member: Member | None) -> list[ColumnElement[bool]]:
    return [] if member is None else [talks_of(member.id)]


Taken = Literal["taken", "held", "ended"]


def take_talk(tx: Tx, conversation_id: int, *, staff_id: int, over: bool, words: Words) -> Taken:
    """Have a conversation; the resident is told once. ``over``: also out of a colleague's hands, which is audited.

    "held" when a colleague has it, "ended" when nobody waits there any more.
    """
    access_conversation(tx, conversation_id, staff_id=staff_id, act="act")
    row = tx.first(select(talk_table).where(talk_table.c.id == conversation_id).with_for_update())
    if row is None or row["state"] == "ended":
        return "ended"
    if row["taken_by"] == staff_id:
        return "taken"
    if row["state"] == "held":
        if not over:
            return "held"
        _take_over(tx, conversation_id, staff_id, row["taken_by"])
        return "taken"
    conversations.take(tx, conversation_id, staff_id=staff_id)
    _taken(tx, row, staff_id)
    _say(tx, row, words, sender="bot", staff_id=staff_id)
    return "taken"


def _taken(tx: Tx, row: RowMapping, staff_id: int) -> None:
    """Whoever speaks with somebody looks after their alarm, and has kept the appointment to be in touch here."""
    for alarm_id in alarms.untaken_in(tx, row["chat_id"]):
        alarms.take(tx, alarm_id, staff_id=staff_id)
        staff.note(tx, staff_id, "take_alarm", str(alarm_id))
    appointments.done_here(tx, row["chat_id"], staff_id=staff_id)


def begin_talk(tx: Tx, chat_id: int, *, staff_id: int, reason: str, words: Words) -> int:
    """Speak with a resident who waits for nobody now: the conversation that is open there, or a new one, held.

    One a colleague has stays theirs. The resident is told once.
    """
    staff.actor(tx, staff_id)
    conversation_id, _ = conversations.ask_for_person(tx, chat_id=chat_id, reason=reason)
    take_talk(tx, conversation_id, staff_id=staff_id, over=False, words=words)
    return conversation_id


def _take_over(tx: Tx, conversation_id: int, staff_id: int, holder: int | None) -> None:
    values = {"taken_by": staff_id, "taken_at": tx.now, "waiting_since": tx.now, "nudged_at": None}
    tx.execute(talk_table.update().where(talk_table.c.id == conversation_id).values(values))
    staff.note(tx, staff_id, "take_over", str(conversation_id), holder=holder)
    tx.wake("desk")


def _say(tx: Tx, row: RowMapping, words: Words, *, sender: str, staff_id: int) -> int:
    language = language_of(tx, row["chat_id"])
    return messages.say(
        tx,
        chat_id=int(row["chat_id"]),
        text=words(language),
        sender=sender,
        staff_id=staff_id,
        conversation_id=int(row["id"]),
    )


def reply(tx: Tx, conversation_id: int, *, staff_id: int, text: str, key: str) -> bool:
    """Say something in a conversation this member has; the same ``key`` twice says it once. False: it is not theirs."""
    access_conversation(tx, conversation_id, staff_id=staff_id, act="act")
    mine = (talk_table.c.state == "held") & (talk_table.c.taken_by == staff_id)
    row = tx.first(select(talk_table).where(talk_table.c.id == conversation_id, mine).with_for_update())
    if row is None:
        return False
    client_key = f"desk:{staff_id}:{key}"
    sent = (message_table.c.chat_id == row["chat_id"]) & (message_table.c.client_key == client_key)
    if tx.scalar(select(message_table.c.id).where(sent)) is None:
        message_id = _say(tx, row, lambda _: text, sender="staff", staff_id=staff_id)
        tx.execute(message_table.update().where(message_table.c.id == message_id).values(client_key=client_key))
        conversations.answered(tx, conversation_id)
        tx.wake("desk")
    return True


HandedBack = Literal["done", "not_yours", "danger"]


def hand_back(tx: Tx, conversation_id: int, *, staff_id: int, farewell: Farewell) -> HandedBack:
    """The bot has the chat again, and the resident is told, with the form that was open before offered again.

    "not_yours" when the bot had it before, or a colleague has it; "danger" while an alarm of this resident is not over.
    """
    access_conversation(tx, conversation_id, staff_id=staff_id, act="act")
    row = tx.first(select(talk_table).where(talk_table.c.id == conversation_id).with_for_update())
    if row is None or row["taken_by"] not in (None, staff_id):
        return "not_yours"
    if alarms.open_in(tx, row["chat_id"]):
        return "danger"
    if not conversations.end(tx, conversation_id, by="staff"):
        return "not_yours"
    _say_farewell(tx, row, farewell, staff_id)
    return "done"


def _say_farewell(tx: Tx, row: RowMapping, farewell: Farewell, staff_id: int) -> None:
    chat = tx.first(select(chats).where(chats.c.id == row["chat_id"]))
    assert chat is not None
    draft = drafts.keep_open(tx, row["chat_id"])
    unnoticed = row["reason"] == conversations.EMERGENCY and chat["noticed_version"] is None
    said = farewell(str(chat["language"]), draft, unnoticed)
    message_id = messages.say(
        tx,
        chat_id=int(row["chat_id"]),
        text=said.text,
        buttons=said.buttons,
        staff_id=staff_id,
        conversation_id=int(row["id"]),
    )
    if draft is not None and said.buttons:
        drafts.set_prompt(tx, draft.id, message_id)


_TALKS = (
    select(
        talk_table.c.id,
        talk_table.c.chat_id,
        chats.c.channel,
        talk_table.c.state,
        talk_table.c.reason,
        talk_table.c.opened_at,
        func.coalesce(talk_table.c.queued_at, talk_table.c.opened_at, type_=UtcDateTime).label("since"),
        talk_table.c.waiting_since.label("owed"),
        talk_table.c.nudged_at,
        talk_table.c.level,
        talk_table.c.ended_by,
        chats.c.blocked_at,
        talk_table.c.taken_by,
        staff_table.c.name.label("holder"),
        residents.c.building,
        residents.c.unit,
        residents.c.room,
    )
    .join(chats, chats.c.id == talk_table.c.chat_id)
    .outerjoin(residents, residents.c.id == chats.c.resident_id)
    .outerjoin(staff_table, staff_table.c.id == talk_table.c.taken_by)
)
