"""A person, at any time: called, waited for, spoken with. While one has the conversation the bot keeps silent."""

from __future__ import annotations

from typing import Any

from handlers.outcome import Button, Outcome, Say, both, do, say
from handlers.residents.case import Case
from handlers.texts.catalogue import Catalogue
from knowledge.places import place
from storage import alarms, conversations
from storage.chats import Scene
from storage.transaction import Tx


def call(case: Case, *, reason: str = "asked", question_id: int | None = None) -> Outcome[Any]:
    """Call a person; in office hours with the place in the line, otherwise with the time they are back."""
    if case.scene.conversation is not None:
        return keep(case).saying(Say(case.words("person.already"), _leave(case, case.scene.conversation_id)))
    message_id = question_id or case.incoming.message_id
    called = do(_call, chat_id=case.chat_id, reason=reason, message_id=message_id)
    return called.then(lambda found: [Say(_waiting_words(case, reason, found[1]), _leave(case, found[0]))])


def _call(tx: Tx, *, chat_id: int, reason: str, message_id: int | None) -> tuple[int, int]:
    conversation_id, ahead = conversations.ask_for_person(tx, chat_id=chat_id, reason=reason)
    if message_id is not None:
        conversations.add(tx, conversation_id=conversation_id, message_id=message_id)
    return conversation_id, ahead


def _waiting_words(case: Case, reason: str, ahead: int) -> str:
    lead = case.words("person.voice") + "\n" if reason == "voice" else ""
    if not case.front.office.is_open(case.now):
        opening = case.time(case.front.office.next_opening(case.now))
        return lead + case.words("person.closed_hours", opening=opening)
    position = case.words("person.ahead", count=ahead) if ahead else case.words("person.next")
    return lead + case.words("person.waiting", position=position)


def _leave(case: Case, conversation_id: int | None) -> tuple[tuple[Button, ...], ...]:
    return ((Button(case.words("person.leave"), f"p:{conversation_id}:end"),),)


async def hear(case: Case) -> Outcome[Any]:
    """Words while somebody has, or is called to, the conversation. In danger nobody is left without an answer (EM-03)."""
    kept, conversation_id = keep(case), case.scene.conversation_id
    if case.scene.conversation != "waiting" or conversation_id is None:
        return kept
    reason = await case.front.storage.read(conversations.reason_of, conversation_id)
    return kept.saying(Say(case.words("emergency.still"))) if reason == "emergency" else kept


def keep(case: Case) -> Outcome[Any]:
    """Something said while a person has, or is called to, the conversation: they see it, the bot says nothing.

    A place said now also reaches an alarm that is waiting for one.
    """
    conversation_id, message_id = case.scene.conversation_id, case.incoming.message_id
    if conversation_id is None or message_id is None:
        return say()
    kept = do(conversations.add, conversation_id=conversation_id, message_id=message_id)
    found = place(case.text) if case.text else None
    if found is None:
        return kept
    return both(kept, do(alarms.note_place, chat_id=case.chat_id, place=case.text[:80]))


def leave(case: Case, conversation_id: int) -> Outcome[Any]:
    """The resident does not want to wait any longer; pressing twice, or too late, changes nothing."""
    if conversation_id != case.scene.conversation_id:
        return say(Say(case.words("person.ended")))
    return do(conversations.end, conversation_id, by="resident").saying(Say(case.words("person.left")))


def apology(texts: Catalogue, scene: Scene) -> Outcome[Any]:
    """What somebody hears whose message could not be handled: it is not lost, and a person has been called."""
    called = do(conversations.ask_for_person, chat_id=scene.chat_id, reason="failed")
    return called.saying(Say(texts[scene.language]("person.failed")))
