"""Whatever is not words: photos, voice, files, stickers, places on a map, edits. Each has a decided, kind answer."""

from __future__ import annotations

from typing import Any

from aiogram.enums import ContentType
from aiogram.types import Message

from handlers.outcome import Outcome, Say, both, do, say
from handlers.residents import (
    applying,
    delegates,
    following,
    hearing,
    judging,
    mine,
    people,
    taking_in,
    to_mediator,
    volunteer_talk,
)
from handlers.residents.case import Case
from knowledge import forms
from knowledge.proxies import Act
from storage import drafts, messages, rights, tickets
from storage.chats import Draft
from storage.transaction import Tx

PHOTOS = {ContentType.PHOTO, ContentType.VIDEO, ContentType.DOCUMENT, ContentType.ANIMATION}
VOICES = {ContentType.VOICE, ContentType.AUDIO, ContentType.VIDEO_NOTE}
PLACES = {ContentType.LOCATION, ContentType.VENUE}
REPLIES = {
    ContentType.STICKER: "odd.sticker",
    ContentType.LOCATION: "odd.location",
    ContentType.VENUE: "odd.location",
    ContentType.CONTACT: "odd.contact",
    ContentType.TEXT: "odd.empty",
}
"""Anything else is answered with ``odd.poll``: a kind of message we cannot read, and what to do instead."""
NOTICES = {
    ContentType.PINNED_MESSAGE,
    ContentType.MESSAGE_AUTO_DELETE_TIMER_CHANGED,
    ContentType.WRITE_ACCESS_ALLOWED,
    ContentType.CHAT_BACKGROUND_SET,
}
"""What Telegram itself notes in a private chat: nobody has said anything."""

NO_ALBUM = (following.WORDS_FORM, applying.FORM, to_mediator.FORM)
"""Forms that keep no pictures of their own."""


WORDS_ONLY = (mine.FORM, *volunteer_talk.FORMS)
"""Forms that take words and presses, and no photos."""


async def hear(case: Case, message: Message) -> Outcome[Any]:
    """A message without words of its own. What is too large to be fetched is said to be, and only its words count."""
    if not case.too_large:
        return await _hear(case, message)
    told = Say(case.words("odd.too_large"))
    return (await _hear(case, message)).before(told) if case.text else say(told)


async def _hear(case: Case, message: Message) -> Outcome[Any]:
    kind = ContentType(message.content_type)
    if kind in NOTICES:
        return say()
    draft = case.scene.draft if case.scene.draft and case.scene.draft.form not in WORDS_ONLY else None
    if case.blobs and (told := await _to_the_mediator(case, draft, kind)) is not None:
        return told
    if kind in VOICES:
        return await _voice(case, draft)
    if kind in PLACES and draft is not None and draft.form == following.WORDS_FORM and draft.step != following.WHY:
        return await into_ticket(case, draft)
    if draft is not None and case.blobs and _of_its_album(draft, message):
        return do(_join_album, draft=draft, blobs=case.blobs)
    if draft is not None and draft.state == "open" and case.blobs and draft.form != applying.FORM:
        return await _into_draft(case, draft, message)
    if kind in PHOTOS:
        return await _photo(case, message)
    if kind is ContentType.CONTACT and draft is not None and message.contact:
        return hearing.hear(case.about(message.contact.phone_number), draft)
    return say(Say(case.words(REPLIES.get(kind, "odd.poll"))))


async def _to_the_mediator(case: Case, draft: Draft | None, kind: ContentType) -> Outcome[Any] | None:
    """Whatever is sent while words for the mediator are asked for is theirs, a voice message too; a photo out of the blue
    also while the mediator waits for an answer."""
    if draft is not None and draft.form == to_mediator.FORM:
        return await to_mediator.hear(case, draft)
    return await to_mediator.awaited(case) if draft is None and kind in PHOTOS else None


async def _voice(case: Case, draft: Draft | None) -> Outcome[Any]:
    """A voice message can be about anything, danger too, and a machine does not hear it: a person is called to listen.
    It also belongs to the form that is open, which waits meanwhile, or to the ticket it was asked for."""
    called = people.call(case, reason="voice")
    if case.blobs and draft is not None and draft.form == following.WORDS_FORM and draft.step != following.WHY:
        return both(await into_ticket(case, draft), called)
    asked = await case.front.storage.read(tickets.answering, case.chat_id) if case.blobs and draft is None else None
    if asked is not None:
        return both(following.take_words(case, asked.id, number=asked.number), called)
    if draft is None or draft.state != "open" or draft.form in NO_ALBUM or not case.blobs:
        return called
    return both(do(_join_album, draft=draft, blobs=case.blobs), called)


async def _into_draft(case: Case, draft: Draft, message: Message) -> Outcome[Any]:
    if draft.form == following.WORDS_FORM:
        return await into_ticket(case, draft)
    return taking_in.attach(case, draft, album=message.media_group_id)


def _of_its_album(draft: Draft, message: Message) -> bool:
    return message.media_group_id is not None and message.media_group_id == draft.answers.get("album")


def _join_album(tx: Tx, *, draft: Draft, blobs: list[int]) -> bool:
    """A further picture of an album whose first one was answered: added without another word."""
    answers = draft.answers | {"blobs": [*draft.answers.get("blobs", []), *blobs]}
    return drafts.set_answers(tx, draft.id, answers=answers)


async def into_ticket(case: Case, draft: Draft) -> Outcome[Any]:
    """Words or a photo for a ticket that was chosen before."""
    ticket = await case.front.storage.read(rights.visible, int(draft.answers["ticket"]), chat_id=case.chat_id)
    if ticket is None:
        return say(Say(case.words("ticket.not_yours")))
    if draft.step == following.WHY:
        return judging.take_why(case, draft)
    return following.take_words(case, ticket.id, number=ticket.number)


async def _photo(case: Case, message: Message) -> Outcome[Any]:
    """A photo out of the blue: an answer where staff wait for one; otherwise the beginning of a request."""
    asked = await case.front.storage.read(tickets.answering, case.chat_id) if case.blobs else None
    if asked is not None and not case.text:
        return following.take_words(case, asked.id, number=asked.number)
    return _first_photo(case, message)


def _first_photo(case: Case, message: Message) -> Outcome[Any]:
    """A photo out of the blue opens a request that lacks only its words."""
    answers = forms.begin(
        "", route="service_request", category=None, told_at=case.incoming.received_at, blobs=case.blobs
    )
    answers["album"] = message.media_group_id
    held = case.scene.consent != "given"
    answers["said_id"] = case.incoming.message_id
    opened = do(
        drafts.open_draft, chat_id=case.chat_id, form="service_request", step="description", answers=answers, held=held
    )
    key = "form.photo_first" if message.photo else "odd.file"
    return opened.then(lambda draft_id: [Say(case.words(key), prompt_of=draft_id)])


async def edited(case: Case, message_id: int | None) -> Outcome[Any]:
    """An edited message shows its new words to whoever reads it; an open form takes them over."""
    said = await case.front.storage.read(messages.get, message_id) if message_id else None
    if said is None:
        return say()
    if (corrected := await to_mediator.corrects(case, said.id)) is not None:
        return corrected
    changed = _edited(case, said.id)
    return changed if said.ticket_id is None else delegates.watched(case, said.ticket_id, Act.EDIT, changed)


def _edited(case: Case, message_id: int) -> Outcome[Any]:
    revised = do(rights.revise, message_id, chat_id=case.chat_id, text=case.text)
    draft = case.scene.draft
    if draft is None or draft.form in (*NO_ALBUM, *WORDS_ONLY):
        return revised.then(lambda done: [Say(case.words("odd.edited" if done else "odd.not_edited"))])
    return both(revised, taking_in.replace_words(case, draft))
