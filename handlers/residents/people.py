"""A person, at any time: called, waited for, spoken with. While one has the conversation the bot keeps silent.

In office hours one waits in an honest line; outside them an appointment is kept at once and can be moved
(``appointments``). Whoever waits may go on waiting, choose an appointment, or go back to the bot.
"""

from __future__ import annotations

from typing import Any

from handlers.outcome import Button, Outcome, Reply, Rows, Say, both, do, say
from handlers.residents import appointments, returning
from handlers.residents.case import Case
from handlers.texts.catalogue import Catalogue, Texts
from knowledge.calling import asks_for_bot
from knowledge.forms import where
from knowledge.places import place
from storage import alarms, conversations, drafts, line, messages, rights, text_talk
from storage.chats import Scene
from storage.line import Place


def call(case: Case, *, reason: str = "asked", question_id: int | None = None) -> Outcome[Any]:
    """Call a person; in office hours with the place in the line, otherwise with a time to be called back."""
    if case.scene.conversation is not None:
        return _already(case)
    message_id = question_id or case.incoming.message_id
    if case.scene.channel == "phone":
        return _ring(case, message_id)
    if not case.office.is_open(case.now):
        return appointments.offer(case, reason=reason, message_id=message_id)
    joined = do(line.join, chat_id=case.chat_id, reason=reason, message_id=message_id)
    return joined.then(lambda found: [Say(_joined(case.words, reason, found), choices(case.words, found))])


def _ring(case: Case, message_id: int | None) -> Outcome[Any]:
    """A text has no line to wait in: they are rung, in open hours."""
    listed = do(text_talk.ring_me, case.chat_id, words=case.text, message_id=message_id)
    at = case.time(case.office.next_opening(case.now))
    open_now = case.office.is_open(case.now)
    text = case.words("text.rung_soon") if open_now else case.words("text.rung_at", at=at)
    return listed.then(lambda new: [Say(text if new else case.words("text.rung_already"))])


def _already(case: Case) -> Outcome[Any]:
    """Asked once more: where one stands now. Somebody who is being spoken with is not talked into."""
    kept, conversation_id = keep(case), case.scene.conversation_id
    if case.scene.conversation == "held" or conversation_id is None:
        return kept
    asked = do(line.place, conversation_id)
    told = asked.then(lambda found: [Say(_still(case.words, found), choices(case.words, found))])
    return both(kept, told)


def _joined(words: Texts, reason: str, found: Place) -> str:
    lead = words("person.voice") + "\n" if reason == "voice" else ""
    return lead + words("person.waiting", line=line_words(words, found))


def _still(words: Texts, found: Place) -> str:
    return words("person.already", line=line_words(words, found))


def line_words(words: Texts, found: Place) -> str:
    """Where somebody stands, who is there, and what the wait has been lately; nothing that is not known."""
    said = [words("person.ahead", count=found.ahead) if found.ahead else words("person.next")]
    said.append(words("person.on_duty", count=found.on_duty) if found.on_duty else words("person.nobody_there"))
    if found.usual is not None:
        said.append(words("person.usual", minutes=found.usual))
    gap = " " if words.language == "en" else ""
    return gap.join(said) + gap


def choices(words: Texts, found: Place, *, keep_waiting: bool = False) -> Rows:
    """Under a notice of the line: go on waiting, an appointment, the bot."""
    mark = f"p:{found.conversation_id}"
    leave = (Button(words("person.book"), f"{mark}:book"), Button(words("person.leave"), f"{mark}:end"))
    return ((Button(words("person.wait"), f"{mark}:wait"),), leave) if keep_waiting else (leave,)


async def hear(case: Case) -> Outcome[Any]:
    """Words while somebody has, or is called to, the conversation. In danger nobody is left without an answer (EM-03)."""
    kept, conversation_id = keep(case), case.scene.conversation_id
    if conversation_id is None:
        return kept
    reason = await case.front.storage.read(conversations.reason_of, conversation_id)
    if reason != conversations.EMERGENCY and asks_for_bot(case.text):
        return both(kept, leave(case, conversation_id))
    if case.scene.conversation != "waiting" or reason != conversations.EMERGENCY:
        return kept
    return both(kept, say(Say(case.words("emergency.waiting"))))


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
    said = where({part: getattr(found, part) for part in ("building", "unit", "floor", "room")}) or case.text[:80]
    return both(kept, do(alarms.note_place, chat_id=case.chat_id, place=said))


def edited(case: Case, message_id: int, *, danger: bool = False) -> Outcome[Any]:
    """Somebody changed their words while a person reads along: the person sees the new ones, the bot says nothing.

    In ``danger`` they are shown whatever ticket they stand in.
    """
    revised: Outcome[Any] = do(rights.revise, message_id, chat_id=case.chat_id, text=case.text)
    if danger:
        revised = do(messages.revise, message_id, text=case.text)
    if case.scene.conversation_id is None:
        return revised
    return both(revised, do(conversations.add, conversation_id=case.scene.conversation_id, message_id=message_id))


def press(case: Case, conversation_id: int, action: str) -> Outcome[Any]:
    """A button of the line; pressed late it says how things are."""
    if conversation_id != case.scene.conversation_id:
        return say(Say(case.words("person.ended")))
    if action == "book":
        return appointments.instead(case, conversation_id)
    if action == "wait":
        asked = do(line.place, conversation_id)
        return asked.then(lambda found: [Say(_still(case.words, found), choices(case.words, found))])
    return leave(case, conversation_id)


def leave(case: Case, conversation_id: int) -> Outcome[Any]:
    """The resident does not want to wait, or to talk, any longer; pressing twice, or too late, changes nothing.

    While somebody may be in danger the conversation stays open until staff close it (EM-03).
    """
    return do(_leave, case.chat_id, conversation_id).then(lambda found: _left(case, found))


def _leave(tx: Any, chat_id: int, conversation_id: int) -> Any:
    if alarms.in_danger(tx, chat_id):
        return "open"
    ended = conversations.end(tx, conversation_id, by="resident")
    return drafts.keep_open(tx, chat_id) if ended else "over"


def _left(case: Case, found: Any) -> list[Reply]:
    if found == "open":
        return [Say(case.words("emergency.stays_open"))]
    if found == "over":
        return [Say(case.words("person.ended"))]
    return [Say(case.words("person.left")), *returning.draft_again(case.words, found)]


def apology(texts: Catalogue, scene: Scene) -> Outcome[Any]:
    """What somebody hears whose message could not be handled: it is not lost, and a person has been called."""
    called = do(conversations.ask_for_person, chat_id=scene.chat_id, reason="failed")
    return called.saying(Say(texts[scene.language]("person.failed")))
