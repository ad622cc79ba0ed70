"""A reply to a certain word of a colleague's is said about the ticket that word was about, whatever stands in it."""

from __future__ import annotations

from typing import Any

from aiogram.enums import ContentType
from aiogram.types import Message

from handlers.outcome import Outcome, Say, both, do
from handlers.residents import delegates, people
from handlers.residents.case import Case
from knowledge.life import State, is_open
from knowledge.proxies import Act
from storage import messages, rights, tickets
from storage.rights import Glance
from storage.transaction import Tx

HEARD = frozenset({ContentType.VOICE, ContentType.AUDIO, ContentType.VIDEO_NOTE})
PLACES = frozenset({ContentType.LOCATION, ContentType.VENUE})


async def concern(case: Case, message: Message) -> Glance | None:
    """The open ticket whose answer or question it replies to. Once it is reported as done a verdict is what is waited for,
    and that is heard elsewhere."""
    reply = message.reply_to_message
    kept = case.text or case.blobs or message.content_type in PLACES
    if reply is None or case.is_command or not kept:
        return None
    return await case.front.storage.read(_about, case.chat_id, reply.message_id)


def _about(tx: Tx, chat_id: int, remote: int) -> Glance | None:
    said = messages.get(tx, messages.ours(tx, chat_id, remote) or 0)
    if said is None or said.sender != "staff" or said.ticket_id is None:
        return None
    right = rights.access(tx, said.ticket_id, chat_id=chat_id, act=Act.ADD)
    state = right.ticket.state if right is not None else None
    return right.ticket if right and state and is_open(state) and state != State.CALLING_BACK else None


def hear(case: Case, message: Message, ticket: Glance) -> Outcome[Any]:
    """A form that is open waits. Nobody but a person hears what a voice says, and it may be danger: one is called."""
    added = do(
        tickets.add_words, ticket.id, chat_id=case.chat_id, message_id=case.incoming.message_id, blobs=case.blobs
    )
    words, number = case.words, ticket.number
    told = added.then(lambda done: [Say(words("ticket.words_added" if done else "ticket.finished", number=number))])
    watched = delegates.watched(case, ticket.id, Act.ADD, told)
    watched = watched.before(Say(words("odd.too_large"))) if case.too_large else watched
    called = ContentType(message.content_type) in HEARD
    return both(watched, people.call(case, reason="voice")) if called else watched
