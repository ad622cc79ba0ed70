"""Conversations a person is wanted for, and alarms, as staff see them and act on them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import RowMapping, func, select

from storage import alarms, conversations, messages, staff
from storage.messages import Message
from storage.stepping_aside import no_complaint
from storage.tables import alarms as alarm_table
from storage.tables import chats, residents
from storage.tables import conversations as talk_table
from storage.tables import messages as message_table
from storage.tables import staff as staff_table
from storage.transaction import Tx

THREAD = 80
"""How much of a chat whoever takes it over sees."""
QUOTE = 120

Words = Callable[[str], str]
"""From a chat's language to what is said there."""


@dataclass(frozen=True, slots=True)
class Talk:
    """One conversation; ``position`` is its place among those waiting, from 1, or 0."""

    id: int
    chat_id: int
    channel: str
    state: str
    reason: str
    opened_at: datetime
    taken_by: int | None
    holder: str | None
    building: str | None
    unit: str | None
    room: str | None
    last_words: str
    position: int


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm that is not over. ``said_false``: the resident took it back, and somebody still has to look."""

    id: int
    chat_id: int
    kind: str
    place: str | None
    words: str
    raised_at: datetime
    repeats: int
    taken_by: int | None
    holder: str | None
    said_false: bool
    conversation_id: int | None


def talks(tx: Tx) -> list[Talk]:
    """Conversations not over: those waiting in their order, then those somebody has."""
    rows = tx.all(_TALKS.where(talk_table.c.state != "ended").order_by(talk_table.c.state.desc(), talk_table.c.id))
    waiting = [int(row["id"]) for row in rows if row["state"] == "waiting"]
    return [_talk(tx, row, waiting) for row in rows]


def talk(tx: Tx, conversation_id: int) -> tuple[Talk, list[Message]] | None:
    """One conversation, and the last words of its chat, the bot's included."""
    row = tx.first(_TALKS.where(talk_table.c.id == conversation_id))
    if row is None:
        return None
    return _talk(tx, row, []), messages.latest(tx, chat_id=int(row["chat_id"]), limit=THREAD)


def _talk(tx: Tx, row: RowMapping, waiting: list[int]) -> Talk:
    said = select(message_table.c.text).where(
        message_table.c.chat_id == row["chat_id"], message_table.c.sender == "resident", no_complaint()
    )
    last = tx.scalar(said.order_by(message_table.c.id.desc()).limit(1)) or ""
    position = waiting.index(int(row["id"])) + 1 if row["id"] in waiting else 0
    return Talk(**row, last_words=str(last)[:QUOTE], position=position)


def waiting(tx: Tx) -> int:
    """How many residents wait for a person."""
    return int(tx.scalar(select(func.count()).select_from(talk_table).where(talk_table.c.state == "waiting")))


Taken = Literal["taken", "held", "ended"]


def take_talk(tx: Tx, conversation_id: int, *, staff_id: int, over: bool, words: Words) -> Taken:
    """Have a conversation; the resident is told once. ``over``: also out of a colleague's hands, which is audited.

    "held" when a colleague has it, "ended" when nobody waits there any more.
    """
    staff.actor(tx, staff_id)
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
    _say(tx, row, words, sender="bot", staff_id=staff_id)
    return "taken"


def _take_over(tx: Tx, conversation_id: int, staff_id: int, holder: int | None) -> None:
    values = {"taken_by": staff_id, "taken_at": tx.now}
    tx.execute(talk_table.update().where(talk_table.c.id == conversation_id).values(values))
    staff.note(tx, staff_id, "take_over", str(conversation_id), holder=holder)
    tx.wake("desk")


def _say(tx: Tx, row: RowMapping, words: Words, *, sender: str, staff_id: int) -> int:
    language = str(tx.scalar(select(chats.c.language).where(chats.c.id == row["chat_id"])))
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
    staff.actor(tx, staff_id)
    mine = (talk_table.c.state == "held") & (talk_table.c.taken_by == staff_id)
    row = tx.first(select(talk_table).where(talk_table.c.id == conversation_id, mine).with_for_update())
    if row is None:
        return False
    client_key = f"desk:{staff_id}:{key}"
    sent = (message_table.c.chat_id == row["chat_id"]) & (message_table.c.client_key == client_key)
    if tx.scalar(select(message_table.c.id).where(sent)) is None:
        message_id = _say(tx, row, lambda _: text, sender="staff", staff_id=staff_id)
        tx.execute(message_table.update().where(message_table.c.id == message_id).values(client_key=client_key))
        tx.wake("desk")
    return True


def hand_back(tx: Tx, conversation_id: int, *, staff_id: int, words: Words) -> bool:
    """The bot has the chat again, and the resident is told; False when it had it before, or a colleague has it."""
    staff.actor(tx, staff_id)
    row = tx.first(select(talk_table).where(talk_table.c.id == conversation_id).with_for_update())
    if row is None or row["taken_by"] not in (None, staff_id):
        return False
    if not conversations.end(tx, conversation_id, by="staff"):
        return False
    _say(tx, row, words, sender="bot", staff_id=staff_id)
    return True


def open_alarms(tx: Tx) -> list[Alarm]:
    """Alarms not over, those nobody has taken first."""
    return [_alarm(tx, row) for row in alarms.open_alarms(tx)]


def _alarm(tx: Tx, row: RowMapping) -> Alarm:
    words = tx.scalar(select(message_table.c.text).where(message_table.c.id == row["message_id"]))
    talk = select(func.max(talk_table.c.id)).where(talk_table.c.chat_id == row["chat_id"])
    return Alarm(
        id=row["id"],
        chat_id=row["chat_id"],
        kind=row["kind"],
        place=row["place"],
        words=str(words or ""),
        raised_at=row["raised_at"],
        repeats=row["repeats"],
        taken_by=row["taken_by"],
        holder=tx.scalar(select(staff_table.c.name).where(staff_table.c.id == row["taken_by"])),
        said_false=row["outcome"] == "false_alarm",
        conversation_id=tx.scalar(talk),
    )


def take_alarm(tx: Tx, alarm_id: int, *, staff_id: int) -> bool:
    """Look after an alarm; False when a colleague was first or it is over."""
    staff.actor(tx, staff_id)
    mine = select(alarm_table.c.id).where(alarm_table.c.id == alarm_id, alarm_table.c.taken_by == staff_id)
    if tx.scalar(mine) is not None:
        return True
    taken = alarms.take(tx, alarm_id, staff_id=staff_id)
    if taken:
        staff.note(tx, staff_id, "take_alarm", str(alarm_id))
        tx.wake(alarms.TOPIC)
    return taken


def end_alarm(tx: Tx, alarm_id: int, *, staff_id: int, outcome: Literal["handled", "false_alarm"]) -> bool:
    """It is over; False when nobody had taken it, or it was over before."""
    staff.actor(tx, staff_id)
    taken = select(alarm_table.c.id).where(alarm_table.c.id == alarm_id, alarm_table.c.taken_at.is_not(None))
    if tx.scalar(taken) is None or not alarms.end(tx, alarm_id, outcome=outcome):
        return False
    staff.note(tx, staff_id, "end_alarm", str(alarm_id), outcome=outcome)
    tx.wake(alarms.TOPIC)
    return True


_TALKS = (
    select(
        talk_table.c.id,
        talk_table.c.chat_id,
        chats.c.channel,
        talk_table.c.state,
        talk_table.c.reason,
        talk_table.c.opened_at,
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
