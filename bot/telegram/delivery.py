"""Parcels to Telegram: what to call for each, and what every way of failing means. The one place that knows wordings."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    RestartingTelegram,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions
from aiohttp import ClientConnectorError

from bot.outbox_worker import MANY_TRIES, TRIES, Deliver, Failure
from storage import blobs
from storage.blobs import Blob
from storage.engine import Storage
from storage.outbox import Parcel

LONGEST = 4096
"""UTF-16 units in one message (Bot API)."""
UNCHANGED = "message is not modified"
GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
BLOCKED = (
    "chat not found",
    "peer_id_invalid",
    "chat_write_forbidden",
    "user is deactivated",
    "bot was kicked",
    "not enough rights",
    "have no rights",
    "topic_closed",
)


async def deliver(bot: Bot, parcel: Parcel, files: Sequence[Blob] = ()) -> list[int]:
    """Send or edit; Telegram's ids of what stands there now. Raises Failure, which says what to do about it.

    A message too long for one is several, and each of its files is one behind them. Parts that had arrived before are
    edited, or left as they are when it was the sending of the rest that had failed.
    """
    parts, there = list(split(parcel.text)), []
    try:
        for number, part in enumerate(parts):
            keyboard = _keyboard(parcel) if number == len(parts) - 1 else None
            there.append(await _bring(bot, parcel, number, part, keyboard))
        for number, file in enumerate(files, len(parts)):
            there.append(await _bring_file(bot, parcel, number, file))
        for surplus in parcel.remote_messages[len(parts) + len(files) :]:
            await _remove(bot, parcel.remote, surplus)
    except (TelegramAPIError, ClientDecodeError) as error:
        raise failure_of(error, there=there) from error
    return there


async def _bring(bot: Bot, parcel: Parcel, number: int, part: str, keyboard: InlineKeyboardMarkup | None) -> int:
    """One part to its place; Telegram's id of it."""
    if number >= len(parcel.remote_messages):
        return await _send(bot, parcel.remote, part, keyboard)
    known = parcel.remote_messages[number]
    if parcel.operation == "send":
        return known
    try:
        await bot.edit_message_text(part, chat_id=parcel.remote, message_id=known, reply_markup=keyboard)
    except TelegramBadRequest as error:
        words = error.message.lower()
        if any(said in words for said in GONE):
            return await _send(bot, parcel.remote, part, keyboard) if parcel.buttons else known
        if UNCHANGED not in words:
            raise
    return known


async def _bring_file(bot: Bot, parcel: Parcel, number: int, file: Blob) -> int:
    """A file goes once and is never edited."""
    if number < len(parcel.remote_messages):
        return parcel.remote_messages[number]
    document = BufferedInputFile(file.content, filename=file.name or file.kind)
    return (await bot.send_document(parcel.remote, document)).message_id


async def _send(bot: Bot, chat: int, part: str, keyboard: InlineKeyboardMarkup | None) -> int:
    preview = LinkPreviewOptions(is_disabled=True)
    return (await bot.send_message(chat, part, reply_markup=keyboard, link_preview_options=preview)).message_id


async def _remove(bot: Bot, chat: int, message: int) -> None:
    """The edited message has fewer parts now; one that is gone, or too old to go, is no failure."""
    with contextlib.suppress(TelegramBadRequest):
        await bot.delete_message(chat, message)


def _keyboard(parcel: Parcel) -> InlineKeyboardMarkup | None:
    """Inline buttons. A number to ring cannot be one on Telegram; it stands in the words."""
    rows = [[made for button in row if (made := _button(button))] for row in parcel.buttons or ()]
    return InlineKeyboardMarkup(inline_keyboard=[row for row in rows if row]) if any(rows) else None


def _button(button: dict[str, str]) -> InlineKeyboardButton | None:
    text, data = button["text"], button["data"]
    if data.startswith("tel:"):
        return None
    if data.startswith(("https://", "http://")):
        return InlineKeyboardButton(text=text, url=data)
    return InlineKeyboardButton(text=text, callback_data=data)


def split(text: str) -> Iterator[str]:
    """Parts that fit, cut at a line or sentence where there is one; a text of nothing to see is one blank-looking part."""
    rest = text.strip() or "…"
    while _units(rest) > LONGEST:
        most = _fitting(rest)
        cut = max(rest.rfind("\n", 0, most), rest.rfind("。", 0, most) + 1)
        cut = cut if cut > most // 2 else most
        yield rest[:cut].strip()
        rest = rest[cut:].strip()
    if rest:
        yield rest


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _fitting(text: str) -> int:
    """How many characters fit in one message."""
    units = 0
    for number, character in enumerate(text):
        units += 1 + (ord(character) > 0xFFFF)
        if units > LONGEST:
            return number
    return len(text)


@dataclass(frozen=True, slots=True)
class Meaning:
    """One kind of error and what it means."""

    error: type[Exception]
    kind: str
    tries: int = TRIES


MEANINGS: Sequence[Meaning] = (
    Meaning(TelegramForbiddenError, "blocked"),
    Meaning(TelegramUnauthorizedError, "later", MANY_TRIES),
    Meaning(TelegramEntityTooLarge, "dead"),
    Meaning(TelegramNetworkError, "doubtful", MANY_TRIES),
    Meaning(ClientDecodeError, "doubtful"),
    Meaning(RestartingTelegram, "later"),
    Meaning(TelegramServerError, "doubtful"),
    Meaning(TelegramNotFound, "dead"),
    Meaning(TelegramBadRequest, "dead"),
)
"""In order; the first that fits counts. A 502 with an HTML body is a ClientDecodeError, which is no TelegramAPIError."""
OTHER = Meaning(Exception, "later")


def failure_of(error: Exception, *, there: Sequence[int] = ()) -> Failure:
    """What to do about an error: wait, try again, give up, or never again to this chat."""
    name = type(error).__name__
    if isinstance(error, TelegramRetryAfter):
        return Failure("wait", name, after=float(error.retry_after), there=there)
    if isinstance(error, TelegramMigrateToChat):
        return Failure("moved", name, to=int(error.migrate_to_chat_id))
    if isinstance(error, TelegramBadRequest) and any(said in error.message.lower() for said in BLOCKED):
        return Failure("blocked", name, there=there)
    if isinstance(error.__cause__, ClientConnectorError):
        return Failure("later", name, tries=MANY_TRIES, there=there)
    meaning = next((meaning for meaning in MEANINGS if isinstance(error, meaning.error)), OTHER)
    return Failure(meaning.kind, name, tries=meaning.tries, there=there)


def deliverer(bot: Bot, storage: Storage) -> Deliver:
    async def send(parcel: Parcel) -> list[int]:
        return await deliver(bot, parcel, await _files(storage, parcel))

    return send


async def _files(storage: Storage, parcel: Parcel) -> list[Blob]:
    """What is attached, as far as it is still kept."""
    wanted = [int(str(part["blob"])) for part in parcel.attachments or () if part.get("blob")]
    found = [await storage.read(blobs.get, blob_id, chat_id=parcel.chat_id) for blob_id in wanted]
    return [blob for blob in found if blob is not None]
