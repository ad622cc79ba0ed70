"""Into the topic of a ticket: made when first needed, made anew when somebody deleted it, opened when somebody shut it.

Without the right to manage topics, or in a group without any, everything goes as plain messages that answer the card, and
whoever looks at the console's health learns why. Killed between the making of a topic and its commit we cannot know that it
was made: a second one is, and the first stays there empty. Nothing that was to be said is lost or said twice by that.
"""

from __future__ import annotations

from collections.abc import Sequence

from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramBadRequest
from aiogram.types import ReactionTypeEmoji

from bot.outbox_worker import Brought
from bot.telegram.courier import Courier
from bot.telegram.failures import (
    AS_IT_WAS,
    NO_FORUM,
    NO_REACTION,
    NO_RIGHT,
    NO_THREAD,
    SHUT,
    failure_of,
    says,
)
from bot.telegram.pieces import Piece, keyboard
from storage import messages, topic_healing, topics
from storage.blobs import Blob
from storage.engine import Storage
from storage.parcels import Parcel, Place

HEALINGS = 4
"""Tries within one delivery; each heals something else."""
SIGN = "👍"


class TopicDesk:
    """One parcel for one topic."""

    def __init__(self, bot: Bot, storage: Storage, parcel: Parcel) -> None:
        self._bot, self._storage, self._parcel = bot, storage, parcel
        place = parcel.place
        self._topics = place is not None and place.topics
        self._thread = place.thread if place is not None and place.topics else None
        self._courier = Courier(bot, parcel, thread=self._thread, reply_to=parcel.reply_to)
        self._opened = False

    async def deliver(self, files: Sequence[Blob]) -> Brought:
        try:
            return await self._healing(files)
        except (TelegramAPIError, ClientDecodeError) as error:
            raise failure_of(error, there=self._courier.there, calls=self._courier.calls) from error

    async def _healing(self, files: Sequence[Blob]) -> Brought:
        for left in reversed(range(HEALINGS)):
            try:
                return await self._once(files)
            except TelegramBadRequest as error:
                if not left or not await self._heal(error):
                    raise
        raise AssertionError("unreachable")

    async def _once(self, files: Sequence[Blob]) -> Brought:
        parcel, place = self._parcel, self._parcel.place
        if parcel.operation == topics.REACT:
            return await self._react()
        assert place is not None
        if parcel.operation in (topics.CLOSE, topics.REOPEN, topics.REMOVE):
            return await self._turn(place)
        if self._topics and self._thread is None:
            await self._make(place)
        await self._courier.bring(files)
        if self._opened and place.state == "closed":
            await self._bot.close_forum_topic(parcel.remote, self._thread or 0)
            self._courier.calls += 1
        return Brought(self._courier.there, max(1, self._courier.calls))

    # --- topics --------------------------------------------------------------------------------------------------
    async def _make(self, place: Place) -> None:
        """A topic; where the card stood elsewhere before, it stands in this one first."""
        made = await self._bot.create_forum_topic(self._parcel.remote, place.title or "…")
        self._courier.calls += 1
        self._thread = self._courier.thread = made.message_thread_id
        await self._storage.run(topic_healing.made, place.topic_id, thread=made.message_thread_id)
        stood = await self._storage.read(topic_healing.card_stood, place.topic_id)
        if place.card_id is not None and place.card_id != self._parcel.message_id and stood:
            await self._put_card(place.card_id)
        elif place.card_id == self._parcel.message_id:
            self._courier.known = ()
        self._courier.reply_to = self._parcel.reply_to if self._parcel.reply_to_id else None

    async def _put_card(self, card_id: int) -> None:
        card = await self._storage.read(messages.get, card_id)
        if card is not None:
            plain = Courier(self._bot, self._parcel, thread=self._thread)
            [remote] = await plain.put(Piece(card.text), keyboard(card.buttons))
            self._courier.calls += plain.calls
            await self._storage.run(topic_healing.card_stands, card_id, remote=remote)

    async def _turn(self, place: Place) -> Brought:
        """Close it, open it, take it away; where there is none there is nothing to be done."""
        chat, thread = self._parcel.remote, self._thread
        done = Brought(self._parcel.remote_messages, 1)
        if thread is None:
            return done
        act = {
            topics.CLOSE: self._bot.close_forum_topic,
            topics.REOPEN: self._bot.reopen_forum_topic,
            topics.REMOVE: self._bot.delete_forum_topic,
        }[self._parcel.operation]
        await act(chat, thread)
        if self._parcel.operation == topics.REMOVE:
            await self._storage.run(topic_healing.lost, place.topic_id, thread=thread)
            return Brought((), 1)
        return done

    async def _react(self) -> Brought:
        """A courtesy: where Telegram will not have it, nothing is lost."""
        for number in self._parcel.remote_messages[:1]:
            try:
                await self._bot.set_message_reaction(
                    self._parcel.remote, number, reaction=[ReactionTypeEmoji(emoji=SIGN)]
                )
            except TelegramBadRequest as error:
                if not says(error, *NO_REACTION):
                    raise
        return Brought(self._parcel.remote_messages, 0)

    # --- healing -------------------------------------------------------------------------------------------------
    async def _heal(self, error: TelegramBadRequest) -> bool:
        """True when another try may go well, for what was wrong is known and put right."""
        place = self._parcel.place
        if place is None or not self._topics:
            return False
        if says(error, *NO_THREAD) and self._thread is not None:
            return await self._lost(place)
        if says(error, *AS_IT_WAS):
            self._thread = None
            return self._parcel.operation in (topics.CLOSE, topics.REOPEN)
        if says(error, *SHUT) and self._thread is not None and not self._opened:
            return await self._open()
        if says(error, *NO_FORUM, *NO_RIGHT):
            return await self._without_topics(error)
        return False

    async def _lost(self, place: Place) -> bool:
        await self._storage.run(topic_healing.lost, place.topic_id, thread=self._thread or 0)
        self._thread = self._courier.thread = None
        self._courier.known, self._courier.reply_to = (), None
        return True

    async def _open(self) -> bool:
        """Somebody shut it by hand, or the ticket is over and there is a last word: it is opened for that."""
        self._opened = True
        try:
            await self._bot.reopen_forum_topic(self._parcel.remote, self._thread or 0)
            self._courier.calls += 1
        except TelegramBadRequest as error:
            return says(error, *AS_IT_WAS) or await self._without_topics(error)
        return True

    async def _without_topics(self, error: TelegramBadRequest) -> bool:
        """No topics here (any more), or none that we may make: plain messages that answer the card."""
        place = self._parcel.place
        assert place is not None
        if says(error, *NO_FORUM):
            await self._storage.run(topic_healing.no_forum, self._parcel.chat_id)
        else:
            await self._storage.run(topic_healing.no_right, self._parcel.chat_id)
        if self._parcel.operation == topics.REMOVE:
            await self._storage.run(topics.unsay, place.topic_id)
        self._topics, self._thread, self._opened = False, None, False
        self._courier.thread = None
        if place.card_id is not None and place.card_id != self._parcel.message_id:
            self._courier.reply_to = await self._storage.read(topic_healing.stands_as, place.card_id)
        return True
