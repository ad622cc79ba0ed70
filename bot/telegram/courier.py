"""One parcel on its way to Telegram: each piece to its place, and the count of what that took of the chat's pace."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardMarkup,
    InputMediaAudio,
    InputMediaDocument,
    InputMediaPhoto,
    InputMediaVideo,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)

from bot.telegram.failures import BAD_PICTURE, CAPTIONED, DELETED, GONE, NOT_DELETED, UNCHANGED, says
from bot.telegram.pieces import LONGEST_CAPTION, Piece, fitting, keyboard, method_of, pieces
from storage.blobs import Blob
from storage.parcels import Parcel

MEDIA: dict[str, Callable[..., Any]] = {
    "photo": InputMediaPhoto,
    "video": InputMediaVideo,
    "audio": InputMediaAudio,
    "document": InputMediaDocument,
}
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


class Courier:
    """``there``: Telegram's ids of what stands there now, also when the rest failed. ``thread``, ``reply_to``: where a
    message goes that is not there yet. ``known``: what of the parcel arrived before."""

    def __init__(self, bot: Bot, parcel: Parcel, *, thread: int | None = None, reply_to: int | None = None) -> None:
        self._bot, self._parcel = bot, parcel
        self.thread, self.reply_to = thread, reply_to
        self.known: Sequence[int] = parcel.remote_messages
        self.there: list[int] = []
        self.calls = 0

    async def bring(self, files: Sequence[Blob]) -> None:
        """Send or edit. Parts that had arrived before are edited, or left as they are when it was the sending of the rest
        that had failed."""
        self.there = []
        if self._parcel.operation == "unsay":
            await self._unsay()
        else:
            await self._bring_all(files)

    async def _bring_all(self, files: Sequence[Blob]) -> None:
        parts = pieces(self._parcel.text, files, buttons=bool(self._parcel.buttons))
        for number, piece in enumerate(parts):
            last_words = not any(later.text for later in parts[number + 1 :])
            shown = keyboard(self._parcel.buttons) if last_words and piece.text else None
            self.there += await self._bring(piece, shown)
        for surplus in self.known[len(self.there) :]:
            with contextlib.suppress(TelegramBadRequest):  # gone already, or too old to go
                await self._bot.delete_message(self._parcel.remote, surplus)

    async def _unsay(self) -> None:
        """Words are written over by the line that says so; pictures and voice go, and it stands in a message of its own."""
        if not self.known:
            return
        self.calls += 1
        rest = self.known[1:]
        try:
            await self._bot.edit_message_text(
                self._parcel.text, chat_id=self._parcel.remote, message_id=self.known[0], reply_markup=None
            )
        except TelegramBadRequest as error:
            if says(error, *CAPTIONED):
                rest = self.known
                self.there = await self.put(Piece(self._parcel.text))
            elif not says(error, *GONE, *UNCHANGED):
                raise
        self.there = self.there or [self.known[0]]
        for number in rest:
            await self._take_away(number)

    async def _take_away(self, number: int) -> None:
        """What cannot be deleted any more keeps its picture, and says at least that it does not count."""
        chat = self._parcel.remote
        try:
            await self._bot.delete_message(chat, number)
        except TelegramBadRequest as error:
            if says(error, *NOT_DELETED):
                with contextlib.suppress(TelegramBadRequest):
                    await self._bot.edit_message_caption(chat_id=chat, message_id=number, caption=self._parcel.text)
            elif not says(error, *DELETED):
                raise

    async def _bring(self, piece: Piece, shown: InlineKeyboardMarkup | None) -> list[int]:
        at = len(self.there)
        known = list(self.known[at : at + piece.size])
        if len(known) < piece.size:
            return await self.put(piece, shown)
        if self._parcel.operation == "edit" and (piece.text or not piece.files):
            return await self._edit(piece, known, shown)
        return known

    async def _edit(self, piece: Piece, known: list[int], shown: InlineKeyboardMarkup | None) -> list[int]:
        """What cannot be edited any more is sent anew where somebody works by it, or where it asks something."""
        self.calls += 1
        try:
            await self._write_over(piece, known[0], shown)
        except TelegramBadRequest as error:
            if says(error, *GONE):
                needed = self._parcel.buttons or self._parcel.place is not None
                return await self.put(Piece(piece.text), shown) + known[1:] if needed else known
            if not says(error, *UNCHANGED):
                raise
        return known

    async def _write_over(self, piece: Piece, known: int, shown: InlineKeyboardMarkup | None) -> None:
        chat = self._parcel.remote
        try:
            if piece.files:
                await self._bot.edit_message_caption(
                    chat_id=chat, message_id=known, caption=piece.text, reply_markup=shown
                )
            else:
                await self._bot.edit_message_text(piece.text, chat_id=chat, message_id=known, reply_markup=shown)
        except TelegramBadRequest as error:
            if not says(error, *CAPTIONED):
                raise
            caption = piece.text[: fitting(piece.text, LONGEST_CAPTION)]
            await self._bot.edit_message_caption(chat_id=chat, message_id=known, caption=caption, reply_markup=shown)

    async def put(self, piece: Piece, shown: InlineKeyboardMarkup | None = None) -> list[int]:
        """A new message, or several together."""
        sent = await self._put(piece, shown)
        self.calls += len(sent)
        return [one.message_id for one in sent]

    async def _put(self, piece: Piece, shown: InlineKeyboardMarkup | None) -> list[Message]:
        chat, where = self._parcel.remote, self._where()
        if not piece.files:
            return [
                await self._bot.send_message(
                    chat, piece.text, reply_markup=shown, link_preview_options=NO_PREVIEW, **where
                )
            ]
        if len(piece.files) > 1:
            return await self._bot.send_media_group(chat, _album(piece), **where)
        [file] = piece.files
        more = {"caption": piece.text or None, "reply_markup": shown} | where
        try:
            return [await _send_as(self._bot, method_of(file))(chat, _upload(file), **more)]
        except TelegramBadRequest as error:
            if not says(error, *BAD_PICTURE):
                raise
            return [await self._bot.send_document(chat, _upload(file), **more)]

    def _where(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        if self.thread is not None:
            found["message_thread_id"] = self.thread
        if self.reply_to is not None:
            found["reply_parameters"] = ReplyParameters(message_id=self.reply_to, allow_sending_without_reply=True)
        return found


def _album(piece: Piece) -> list[Any]:
    captions = [piece.text or None] + [None] * len(piece.files)
    return [
        MEDIA[method_of(file)](media=_upload(file), caption=caption)
        for file, caption in zip(piece.files, captions, strict=False)
    ]


def _upload(file: Blob) -> BufferedInputFile:
    return BufferedInputFile(file.content, filename=file.name or file.kind)


def _send_as(bot: Bot, method: str) -> Callable[..., Coroutine[Any, Any, Message]]:
    found: Callable[..., Coroutine[Any, Any, Message]] = getattr(bot, f"send_{method}")
    return found
