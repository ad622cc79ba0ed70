"""Where a colleague acts on a ticket - its topic, an answer to its card, their own chat - and how they are spoken to there.

In the group every line counts, so that what went as it should is a sign under the message and not a line; why something
did not go is said, the same thing once an hour.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from aiogram.types import Message
from sqlalchemy import select

from handlers.outcome import Rows, plain
from handlers.staff.work import Work
from knowledge.group_talk import Answers
from storage import group_home, group_news, messages, relays, staff_forms, topics
from storage.staff_forms import StaffForm
from storage.tables import messages as message_table
from storage.topics import Topic
from storage.transaction import Tx

AGAIN_AFTER = timedelta(hours=1)


@dataclass(frozen=True)
class Spot:
    """``ticket_id`` None: the general part, or a message of no ticket's. ``message_id``: ours of what was written;
    ``topic``: where that was; ``form``: what the message answers, or its writer is in the middle of; ``replied``: our id of
    what it replies to."""

    work: Work
    message_id: int | None
    topic: Topic | None = None
    ticket_id: int | None = None
    answers: Answers = "nothing"
    form: StaffForm | None = None
    replied: int | None = None

    @property
    def in_group(self) -> bool:
        return self.work.case.scene.kind == "staff"

    @property
    def in_its_topic(self) -> bool:
        return self.in_group and self.topic is not None and self.topic.ticket_id == self.ticket_id

    def seen_here(self, tx: Tx, before: set[int]) -> None:
        """What was done just now everybody in the topic has read: it is not told there once more."""
        if self.in_its_topic and self.ticket_id is not None:
            group_news.told(tx, sorted(untold(tx, self.ticket_id) - before))

    def say(self, tx: Tx, text: str) -> None:
        """In answer to what was written, where it was written."""
        chat_id, topic = self.work.case.chat_id, self.topic
        if self.in_group and topic is not None and group_home.is_home(tx, chat_id, topic.ticket_id):
            topics.say_in(tx, topic.ticket_id, text, reply_to=self.message_id)
        else:
            reply_to = self.message_id if self.in_group else None
            messages.say(tx, chat_id=chat_id, text=text, reply_to_id=reply_to)

    def ask(self, tx: Tx, text: str, rows: Rows) -> int | None:
        """In the ticket's own topic, where the answer belongs; our id of it, None where nothing may be said there."""
        if self.in_group and self.ticket_id is not None:
            reply_to = self.message_id if self.in_its_topic else None
            return topics.say_in(tx, self.ticket_id, text, buttons=plain(rows), reply_to=reply_to)
        return messages.say(tx, chat_id=self.work.case.chat_id, text=text, buttons=plain(rows))

    def explain(self, tx: Tx, text: str) -> None:
        """Why something did not go; not again while it stands there."""
        topic_id = self.topic.id if self.topic else None
        same = (message_table.c.chat_id == self.work.case.chat_id) & (message_table.c.text == text)
        lately = same & (message_table.c.at > tx.now - AGAIN_AFTER) & (message_table.c.topic_id == topic_id)
        if not self.in_group or tx.scalar(select(message_table.c.id).where(lately).limit(1)) is None:
            self.say(tx, text)

    def went(self, tx: Tx, said: str = "") -> None:
        """A sign under the message; in their own chat it is ``said``."""
        if self.in_group and self.message_id is not None:
            topics.react(tx, self.message_id)
        elif said and not self.in_group:
            self.say(tx, said)


def spot_of(tx: Tx, work: Work, message: Message) -> Spot:
    """A message's place: by the topic it stands in, by what it replies to, by what its writer was asked."""
    chat_id, ours = work.case.chat_id, work.case.incoming.message_id
    reply = message.reply_to_message
    reply = None if reply is not None and reply.forum_topic_created is not None else reply
    replied = messages.ours(tx, chat_id, reply.message_id) if reply is not None else None
    topic = _topic(tx, chat_id, message, reply)
    if topic is not None and ours is not None:
        topics.belongs(tx, ours, topic.id)
    form = staff_forms.of_prompt(tx, replied) if replied is not None else None
    ticket_id = topic.ticket_id if topic else form.ticket_id if form else None
    return Spot(work, ours, topic, ticket_id, _answers(tx, topic, reply, replied), form, replied)


def _topic(tx: Tx, chat_id: int, message: Message, reply: Message | None) -> Topic | None:
    if message.is_topic_message and message.message_thread_id is not None:
        return topics.of_thread(tx, chat_id, message.message_thread_id)
    return topics.of_message(tx, chat_id, reply.message_id) if reply is not None else None


def _answers(tx: Tx, topic: Topic | None, reply: Message | None, replied: int | None) -> Answers:
    if reply is None:
        return "nothing"
    if reply.from_user is None or not reply.from_user.is_bot:
        return "colleague"
    if topic is not None and replied is not None and replied == topic.card_id:
        return "card"
    return "resident" if replied is not None and _of_resident(tx, replied) else "ours"


def _of_resident(tx: Tx, message_id: int) -> bool:
    """A line of ours that says what a resident said."""
    said = (messages.get(tx, one) for one in relays.sources(tx, message_id))
    return any(one is not None and one.sender == "resident" for one in said)


def untold(tx: Tx, ticket_id: int) -> set[int]:
    """What the group has still to be told of a ticket."""
    return {row for row, _ in group_news.of_ticket(tx, ticket_id)}
