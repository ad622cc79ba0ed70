"""Everything anybody said, in both directions, and how it gets to where it is read.

On the chat page a message is delivered by being committed: exactly once. On Telegram, and as a text message to whoever
called, a row in the outbox stands beside it until the channel has taken it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from knowledge.group import LONGEST, readable
from knowledge.private_data import without_secrets
from storage import outbox, search, texting
from storage.chats import next_place, next_seq
from storage.hot import Hot
from storage.tables import chats, deliveries, message_versions, messages, relays
from storage.transaction import Tx

Buttons = Sequence[Sequence[dict[str, str]]]

ALARM, REPLY, NOTICE, BROADCAST = 0, 1, 5, outbox.BROADCAST
"""Priorities: what goes out first."""


STANDING = ("web", texting.CHANNEL)
"""Channels on which nothing is changed by sending again: what stands on the page is the message, a text is gone."""


def topic(chat_id: int) -> str:
    """Woken when something can be seen anew in the chat."""
    return f"chat:{chat_id}"


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is shown; ``seq`` is its place in the chat's order of appearances, ``reply_to_id`` the message of the
    chat that it answers."""

    id: int
    chat_id: int
    seq: int
    sender: str
    text: str
    buttons: list[list[dict[str, str]]] | None
    attachments: list[dict[str, Any]] | None
    at: datetime
    edited_at: datetime | None
    client_key: str | None
    staff_id: int | None
    ticket_id: int | None
    conversation_id: int | None
    taken_back_at: datetime | None = None
    reply_to_id: int | None = None


def record(
    tx: Tx,
    *,
    chat_id: int,
    sender: str,
    text: str,
    buttons: Buttons | None = None,
    attachments: Sequence[dict[str, object]] = (),
    client_key: str | None = None,
    staff_id: int | None = None,
    ticket_id: int | None = None,
    conversation_id: int | None = None,
    reply_to_id: int | None = None,
) -> int:
    """Put a message into the chat, without sending it anywhere; its id."""
    return _record(
        tx,
        chat_id=chat_id,
        sender=sender,
        text=text,
        buttons=buttons,
        attachments=attachments,
        client_key=client_key,
        staff_id=staff_id,
        ticket_id=ticket_id,
        conversation_id=conversation_id,
        reply_to_id=reply_to_id,
    )[0]


def _record(
    tx: Tx,
    *,
    chat_id: int,
    buttons: Buttons | None,
    attachments: Sequence[dict[str, object]],
    client_key: str | None = None,
    **row: Any,
) -> tuple[int, str]:
    """The id of the new message, and the chat's channel."""
    seq, channel = next_place(tx, chat_id)
    shown = [list(line) for line in buttons] if buttons else None
    tx.wake(topic(chat_id))
    key = tx.insert(
        messages,
        chat_id=chat_id,
        seq=seq,
        buttons=shown,
        attachments=list(attachments) or None,
        at=tx.now,
        client_key=client_key,
        **row,
    )
    if row.get("ticket_id") is not None and row["sender"] != "bot":
        search.said(tx, row["ticket_id"], row["text"])
    return key, channel


def say(
    tx: Tx,
    *,
    chat_id: int,
    text: str,
    buttons: Buttons | None = None,
    attachments: Sequence[dict[str, object]] = (),
    sender: str = "bot",
    priority: int = REPLY,
    repeatable: bool = True,
    staff_id: int | None = None,
    ticket_id: int | None = None,
    conversation_id: int | None = None,
    topic_id: int | None = None,
    reply_to_id: int | None = None,
    besides: int = 0,
) -> int:
    """Say something in a chat; our id of it, at once. It is on its way when the unit has been committed.

    In the staff group a notice goes along with the one before it that still waits in the same topic (``topic_id``).
    ``besides``: what else of the group's budget bringing it there will take.
    """
    alone = priority != NOTICE or buttons or attachments or reply_to_id
    if not alone and (waiting := _joined(tx, chat_id, topic_id or 0, text)) is not None:
        return waiting
    message_id, channel = _record(
        tx,
        chat_id=chat_id,
        sender=sender,
        text=text,
        buttons=buttons,
        attachments=attachments,
        staff_id=staff_id,
        ticket_id=ticket_id,
        conversation_id=conversation_id,
        topic_id=topic_id,
        reply_to_id=reply_to_id,
    )
    spoken = sender == "staff" or ticket_id is not None
    by_text = channel == texting.CHANNEL and sender == "bot" and reply_to_id is not None
    goes_out = texting.may_answer(tx, chat_id) if by_text else _goes_out(tx, channel, chat_id, spoken=spoken)
    if goes_out and (by_text or priority == ALARM or not _left(tx, chat_id)):
        outbox.put(
            tx,
            chat_id=chat_id,
            message_id=message_id,
            operation="send",
            priority=priority,
            repeatable=repeatable,
            lane=topic_id or 0,
            weight=max(1, len(attachments)) + besides,
        )
    return message_id


def _joined(tx: Tx, chat_id: int, lane: int, text: str) -> int | None:
    """The message that waits in the staff group and says this too from now on."""
    waiting = outbox.joinable(tx, chat_id, lane, NOTICE)
    found = get(tx, waiting) if waiting is not None else None
    if found is None or found.buttons or found.attachments or len(found.text) + len(text) >= LONGEST:
        return None
    values = {"text": f"{found.text}\n{text}", "seq": next_seq(tx, chat_id)}
    tx.execute(messages.update().where(messages.c.id == found.id).values(values))
    tx.wake(topic(chat_id))
    return found.id


def edit(tx: Tx, message_id: int, *, text: str | None = None, buttons: Buttons | None = None) -> None:
    """Change what one of our messages says. ``text`` None leaves the words; ``buttons`` None takes the buttons away.

    A message that is still on its way changes before it leaves; one that arrived is edited there; one that was lost is
    sent anew.
    """
    columns = (messages.c.chat_id, messages.c.text, messages.c.buttons, messages.c.ticket_id)
    row = tx.first(select(*columns).where(messages.c.id == message_id))
    wanted = [list(line) for line in buttons] if buttons else None
    if row is None or (text in (None, row["text"]) and wanted == row["buttons"]):
        return
    chat_id = int(row["chat_id"])
    values: dict[str, Any] = {"seq": next_seq(tx, chat_id), "buttons": wanted}
    if text not in (None, row["text"]):  # a button that is gone is no change of what was said
        values |= {"text": text, "edited_at": tx.now}
    tx.execute(messages.update().where(messages.c.id == message_id).values(values))
    if "text" in values and row["ticket_id"] is not None:
        _keep_version(tx, message_id, row["text"])
        search.renew(tx, row["ticket_id"])
    tx.wake(topic(chat_id))
    if _channel(tx, chat_id) not in STANDING:
        outbox.put_edit(tx, chat_id=chat_id, message_id=message_id)


def since(tx: Tx, *, chat_id: int, seq: int, limit: int = 200) -> list[Message]:
    """What appeared, or was edited, after ``seq``, in order."""
    return [Message(*row) for row in _SINCE.all(tx, chat=chat_id, seq=seq, limit=limit)]


def latest(tx: Tx, *, chat_id: int, limit: int = 50) -> list[Message]:
    """The last ``limit`` messages by the order of their first appearance, oldest first."""
    query = select(*_SHOWN).where(messages.c.chat_id == chat_id).order_by(messages.c.id.desc()).limit(limit)
    return [Message(*row) for row in tx.tuples(query)][::-1]


def get(tx: Tx, message_id: int) -> Message | None:
    found = _GET.first(tx, message=message_id)
    return Message(*found) if found else None


def count(tx: Tx, chat_id: int) -> int:
    return int(tx.scalar(select(func.count()).where(messages.c.chat_id == chat_id)))


def _channel(tx: Tx, chat_id: int) -> str:
    return str(_CHANNEL.scalar(tx, chat=chat_id))


def _goes_out(tx: Tx, channel: str, chat_id: int, *, spoken: bool) -> bool:
    """Whether anything must carry it: to a caller's telephone only what is about a ticket or said by a person, and only
    while text messages are on and may be sent there."""
    return spoken and texting.may_text(tx, chat_id) if channel == texting.CHANNEL else channel != "web"


def _left(tx: Tx, chat_id: int) -> bool:
    """They want no more messages: what is said stands in the chat and goes nowhere. The farewell itself still does."""
    left_at = _LEFT.scalar(tx, chat=chat_id)
    return left_at is not None and left_at < tx.now


_SHOWN = (
    messages.c.id,
    messages.c.chat_id,
    messages.c.seq,
    messages.c.sender,
    messages.c.text,
    messages.c.buttons,
    messages.c.attachments,
    messages.c.at,
    messages.c.edited_at,
    messages.c.client_key,
    messages.c.staff_id,
    messages.c.ticket_id,
    messages.c.conversation_id,
    messages.c.taken_back_at,
    messages.c.reply_to_id,
)
_GET = Hot(select(*_SHOWN).where(messages.c.id == bindparam("message")))
_SINCE = Hot(
    select(*_SHOWN)
    .where(messages.c.chat_id == bindparam("chat"), messages.c.seq > bindparam("seq"))
    .order_by(messages.c.seq)
    .limit(bindparam("limit"))
)
_LEFT = Hot(select(chats.c.left_at).where(chats.c.id == bindparam("chat")))
_CHANNEL = Hot(select(chats.c.channel).where(chats.c.id == bindparam("chat")))


def pressed(tx: Tx, chat_id: int, remote: int, data: str) -> Message | None:
    """Our message whose button was pressed; None when it is not ours or has no such button (any more)."""
    message = get(tx, ours(tx, chat_id, remote) or 0)
    offered = {button["data"] for line in (message.buttons or ()) for button in line} if message else set()
    return message if data in offered else None


def ours(tx: Tx, chat_id: int, remote: int) -> int | None:
    """Our id of a message the channel names by its own; on the chat page the two are the same."""
    if _channel(tx, chat_id) == "web":
        query = select(messages.c.id).where(messages.c.chat_id == chat_id, messages.c.id == remote)
    else:
        query = select(deliveries.c.message_id).where(deliveries.c.chat_id == chat_id, deliveries.c.remote == remote)
    found: int | None = tx.scalar(query)
    return found


def of_these(tx: Tx, message_ids: Sequence[int], *, chat_id: int) -> int | None:
    """The newest of these messages that stands in this chat."""
    query = select(messages.c.id).where(messages.c.id.in_(list(message_ids)), messages.c.chat_id == chat_id)
    found: int | None = tx.scalar(query.order_by(messages.c.id.desc()).limit(1))
    return found


def revise(tx: Tx, message_id: int, *, text: str) -> None:
    """The sender edited what they had said: it shows the new words, without going anywhere."""
    query = select(messages.c.chat_id, messages.c.ticket_id, messages.c.text).where(messages.c.id == message_id)
    [(chat_id, ticket_id, before)] = tx.tuples(query)
    values = {"text": without_secrets(text), "seq": next_seq(tx, chat_id), "edited_at": tx.now}
    tx.execute(messages.update().where(messages.c.id == message_id).values(values))
    if ticket_id is not None:
        _keep_version(tx, message_id, before)
        search.renew(tx, ticket_id)
    tx.wake(topic(chat_id))
    _say_anew(tx, message_id)


def _say_anew(tx: Tx, source_id: int) -> None:
    """What says in the staff group what was said here (storage.relays) says it as it reads now. What residents
    read of a colleague's words stands in a frame of its own (handlers.staff.acting)."""
    query = select(relays.c.copy_id, relays.c.head).join(messages, messages.c.id == relays.c.copy_id)
    in_group = query.join(chats, chats.c.id == messages.c.chat_id).where(chats.c.kind == "staff")
    for row in tx.all(in_group.where(relays.c.source_id == source_id)):
        said = select(messages.c.text).join(relays, relays.c.source_id == messages.c.id)
        texts = [
            str(text) for (text,) in tx.tuples(said.where(relays.c.copy_id == row["copy_id"]).order_by(relays.c.id))
        ]
        standing = get(tx, int(row["copy_id"]))
        words = readable("\n".join(filter(None, texts)))
        edit(tx, int(row["copy_id"]), text=f"{row['head']}{words}", buttons=standing.buttons if standing else None)


def _keep_version(tx: Tx, message_id: int, before: str) -> None:
    """What a ticket's message said until now: staff see that, and how, it was changed."""
    tx.insert(message_versions, message_id=message_id, text=without_secrets(before), until=tx.now)
