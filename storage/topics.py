"""A ticket's place in the staff group of the community that has it: a forum topic, or its card where there are none.

Units of work only: what they decide goes out by the outbox, within the group's budget, and heals there what was deleted by
hand (bot.telegram.topic_delivery). Nothing of what must never go to the group (knowledge.group) has a topic, and what
becomes such loses it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, RowMapping, exists, func, select

from knowledge import group
from knowledge.emergencies import shipped_emergencies
from knowledge.group import Matter
from storage import alarms, group_home, group_news, messages, outbox, relays
from storage.hot import insert_new
from storage.messages import NOTICE, REPLY, Buttons
from storage.offices import Offices
from storage.tables import chats, deliveries, mediations, ticket_barred, tickets, topics
from storage.tables import messages as message_table
from storage.transaction import Tx

GONE = "〔已删除 / deleted〕"
LIVE = ("open", "closed")
CLOSE, REOPEN, REMOVE, REACT = "close", "reopen", "remove", "react"


@dataclass(frozen=True, slots=True)
class Topic:
    """``thread``: Telegram's id of it; None while none is made, in a group without topics, and after it was lost."""

    id: int
    chat_id: int
    ticket_id: int
    thread: int | None
    state: str
    title: str
    card_id: int | None


def kept_out(tx: Tx, ticket: RowMapping) -> str | None:
    """The rule by which this ticket never goes to the group; None where it may."""
    ticket_id = ticket["id"]
    private = {name for name, known in shipped_emergencies().items() if known.private}
    return group.kept_out(
        Matter(
            route=str(ticket["route"]),
            category=ticket["category"],
            confidential=bool(ticket["confidential"]),
            aside=bool(tx.scalar(select(exists().where(ticket_barred.c.ticket_id == ticket_id)))),
            mediated=bool(tx.scalar(select(exists().where(mediations.c.ticket_id == ticket_id)))),
            private_danger=bool(private & alarms.kinds_in(tx, int(ticket["chat_id"]))),
        )
    )


def find(tx: Tx, ticket_id: int) -> Topic | None:
    """Its topic in the group it belongs to today, where it was opened before; whatever became of it."""
    chat_id = group_home.of_community(tx, Offices(tx).whose_id(ticket_id))
    return _one(tx, topics.c.ticket_id == ticket_id, topics.c.chat_id == chat_id) if chat_id is not None else None


def topic_of(tx: Tx, ticket_id: int) -> Topic | None:
    """Its topic, opened on first use; None where no group can be reached or it must never go there.

    What it is called is decided here once; its card is written by the first news (handlers.clocks.topic_words).
    """
    ticket = tx.first(select(tickets).where(tickets.c.id == ticket_id))
    chat_id = group_home.of_ticket(tx, ticket) if ticket is not None else None
    if chat_id is None or ticket is None or kept_out(tx, ticket) is not None:
        return None
    found = _one(tx, topics.c.ticket_id == ticket_id, topics.c.chat_id == chat_id)
    if found is not None and found.state != "left":
        return found if found.state != "gone" else None
    about = group.readable(_about(ticket))
    title = group.title(str(ticket["number"]), str(ticket["urgency"]), about)
    if found is None:
        _NEW.scalar(tx, chat_id=chat_id, ticket_id=ticket_id, title=title, created_at=tx.now)
    else:
        again = {"state": "open", "title": title, "card_id": None}
        tx.execute(topics.update().where(topics.c.id == found.id).values(again))
    group_news.put(tx, ticket_id)
    return _one(tx, topics.c.ticket_id == ticket_id, topics.c.chat_id == chat_id)


def _about(ticket: RowMapping) -> str:
    """Where and what, each said once: a list of topics is read in passing."""
    short = " ".join(str(ticket["title"]).split())[:60]
    place = f"{ticket['building']}栋" if ticket["building"] else ""
    return short if place in short else f"{place} {short}"


def of_thread(tx: Tx, chat_id: int, thread: int) -> Topic | None:
    """Which ticket's topic this is."""
    return _one(tx, topics.c.chat_id == chat_id, topics.c.thread == thread, topics.c.state.in_(LIVE))


def of_message(tx: Tx, chat_id: int, remote_message: int) -> Topic | None:
    """Which ticket a message of the group is about, ours or a colleague's: for replies in groups without topics."""
    about = select(message_table.c.topic_id).join(deliveries, deliveries.c.message_id == message_table.c.id)
    topic_id = tx.scalar(about.where(deliveries.c.chat_id == chat_id, deliveries.c.remote == remote_message))
    return _one(tx, topics.c.id == topic_id, topics.c.state.in_(LIVE)) if topic_id is not None else None


def belongs(tx: Tx, message_id: int, topic_id: int) -> None:
    """A colleague's message was written in this topic, or in answer to its card."""
    tx.execute(message_table.update().where(message_table.c.id == message_id).values(topic_id=topic_id))


def _one(tx: Tx, *which: ColumnElement[bool]) -> Topic | None:
    row = tx.first(select(*_COLUMNS).where(*which))
    return Topic(**row) if row is not None else None


_NEW = insert_new(topics, ("chat_id", "ticket_id"), ("chat_id", "ticket_id", "title", "created_at"))
_COLUMNS = [topics.c[name] for name in Topic.__dataclass_fields__]


def say_in(
    tx: Tx,
    ticket_id: int,
    text: str,
    *,
    buttons: Buttons | None = None,
    attachments: Sequence[dict[str, object]] = (),
    priority: int = REPLY,
    note: bool = False,
    reply_to: int | None = None,
    sources: Sequence[int] = (),
    head: str = "",
) -> int | None:
    """Say something about a ticket in the group; our id of it, None where it does not go there.

    ``note``: a line about what was done; while the line before it still waits, the two go as one message. ``reply_to``:
    our id of the message there that it answers. ``sources``: the messages whose words these are, ``head`` what stands
    above them: when they are edited, so is this (``follow_edit``).
    """
    topic = topic_of(tx, ticket_id)
    if topic is None:
        return None
    message_id = messages.say(
        tx,
        chat_id=topic.chat_id,
        text=text,
        buttons=buttons,
        attachments=attachments,
        priority=NOTICE if note else priority,
        topic_id=topic.id,
        reply_to_id=reply_to,
        besides=_besides(tx, topic),
    )
    for source_id in sources:
        relays.relay(tx, source_id, message_id, head=head)
    return message_id


def write_card(tx: Tx, topic: Topic, text: str, *, buttons: Buttons = (), priority: int = REPLY) -> int:
    """The card: the first message of a topic, and in a group without topics what replies refer to."""
    message_id = messages.say(
        tx,
        chat_id=topic.chat_id,
        text=text,
        buttons=buttons,
        priority=priority,
        topic_id=topic.id,
        besides=_besides(tx, topic),
    )
    tx.execute(topics.update().where(topics.c.id == topic.id).values(card_id=message_id))
    return message_id


def _besides(tx: Tx, topic: Topic) -> int:
    """A topic that is not there has to be made, one that is shut opened and shut again."""
    if not tx.scalar(select(chats.c.forum & chats.c.may_topics).where(chats.c.id == topic.chat_id)):
        return 0
    return 1 if topic.thread is None and topic.card_id is None else 2 if topic.state == "closed" else 0


def close(tx: Tx, ticket_id: int) -> None:
    """The ticket is over: its topic is closed behind whatever still waits there, when the group has nothing to read."""
    topic = find(tx, ticket_id)
    if topic is not None and topic.state == "closed" and outbox.take_back(tx, topic.id, CLOSE):
        tx.execute(topics.update().where(topics.c.id == topic.id).values(state="open"))
    _turn(tx, ticket_id, "open", "closed", CLOSE)


def reopen(tx: Tx, ticket_id: int) -> None:
    _turn(tx, ticket_id, "closed", "open", REOPEN)


def _turn(tx: Tx, ticket_id: int, before: str, after: str, operation: str) -> None:
    topic = find(tx, ticket_id)
    if topic is None or topic.state != before:
        return
    tx.execute(topics.update().where(topics.c.id == topic.id).values(state=after))
    if not outbox.take_back(tx, topic.id, CLOSE if operation == REOPEN else REOPEN) and topic.card_id is not None:
        outbox.put_topic(tx, chat_id=topic.chat_id, message_id=topic.card_id, lane=topic.id, operation=operation)


def withdraw(tx: Tx, ticket_id: int) -> None:
    """It must not be spoken of in the group any more: the topic and all that was said there goes (WO-24, PI-12)."""
    group_news.drop(tx, ticket_id)
    _take_away(tx, topics.c.ticket_id == ticket_id, "gone")


def leave_others(tx: Tx, ticket_id: int) -> list[int]:
    """It belongs to another group now: what was said of it elsewhere goes, for whoever has no more to do with it keeps
    nothing of it (WO-23, WO-24). The chats it left."""
    home = group_home.own_or_house(tx, Offices(tx).whose_id(ticket_id))
    elsewhere = topics.c.chat_id != (home.chat_id if home is not None else 0)
    return _take_away(tx, (topics.c.ticket_id == ticket_id) & elsewhere, "left")


def go_home(tx: Tx, ticket_id: int) -> None:
    """Where it belongs may have changed: what stands of it elsewhere goes, and the group it belongs to hears of it."""
    if leave_others(tx, ticket_id):
        group_news.put(tx, ticket_id)


def leave(tx: Tx, chat_id: int) -> None:
    """This chat is no staff group any more: nothing of any ticket stays there."""
    _take_away(tx, topics.c.chat_id == chat_id, "left")


def _take_away(tx: Tx, which: ColumnElement[bool], state: str) -> list[int]:
    """The topics go, where there are some, and else what we said; the chats in which something stood."""
    rows = tx.all(select(topics).where(which, topics.c.state.in_(LIVE)))
    for row in rows:
        topic_id, chat_id = int(row["id"]), int(row["chat_id"])
        outbox.drop(tx, lane=topic_id)
        tx.execute(topics.update().where(topics.c.id == topic_id).values(state=state, title=""))
        said = select(message_table.c.id).where(message_table.c.topic_id == topic_id)
        stands = tx.scalar(select(func.max(deliveries.c.message_id)).where(deliveries.c.message_id.in_(said)))
        if row["thread"] is not None and stands is not None:
            outbox.put_topic(tx, chat_id=chat_id, message_id=int(stands), lane=topic_id, operation=REMOVE)
        else:
            unsay(tx, topic_id)
    return [int(row["chat_id"]) for row in rows]


def unsay(tx: Tx, topic_id: int) -> None:
    """Where there is no topic that could be taken away, what we said about it is."""
    ours = (message_table.c.topic_id == topic_id) & (message_table.c.sender == "bot")
    for (message_id,) in tx.tuples(select(message_table.c.id).where(ours)):
        messages.edit(tx, int(message_id), text=GONE)


def forget(tx: Tx, ticket_id: int) -> None:
    """A ticket that names nobody any more: nor does what was said of it in the group, here and there."""
    withdraw(tx, ticket_id)
    theirs = select(topics.c.id).where(topics.c.ticket_id == ticket_id)
    said = select(message_table.c.id).where(message_table.c.topic_id.in_(theirs))
    relays.drop(tx, said)
    blank = {"text": GONE, "attachments": None, "buttons": None}
    tx.execute(message_table.update().where(message_table.c.topic_id.in_(theirs)).values(blank))


def react(tx: Tx, message_id: int) -> None:
    """A small sign under a colleague's message that it went where it should; takes nothing of the budget."""
    row = tx.first(select(message_table).where(message_table.c.id == message_id))
    if row is not None:
        lane = int(row["topic_id"] or 0)
        outbox.put_topic(tx, chat_id=int(row["chat_id"]), message_id=message_id, lane=lane, operation=REACT)
