"""Parcels to Telegram: what to call for each, and what every way of failing means. The one place that knows wordings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    RestartingTelegram,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions

from bot.outbox_worker import Failure
from storage.outbox import Parcel

LONGEST = 4096
"""UTF-16 units in one message (Bot API)."""
UNCHANGED = "message is not modified"
GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
BLOCKED = (
    "chat not found",
    "user is deactivated",
    "bot was kicked",
    "not enough rights",
    "have no rights",
    "topic_closed",
)


async def deliver(bot: Bot, parcel: Parcel) -> list[int]:
    """Send or edit; Telegram's ids of what stands there now. Raises Failure, which says what to do about it."""
    try:
        if parcel.operation == "edit" and parcel.remote_message is not None:
            return await _edit(bot, parcel, parcel.remote_message)
        return await _send(bot, parcel)
    except (TelegramAPIError, ClientDecodeError) as error:
        raise failure_of(error) from error


async def _send(bot: Bot, parcel: Parcel) -> list[int]:
    parts, sent = list(split(parcel.text)), []
    for number, part in enumerate(parts, 1):
        keyboard = _keyboard(parcel) if number == len(parts) else None
        made = await bot.send_message(
            parcel.remote, part, reply_markup=keyboard, link_preview_options=LinkPreviewOptions(is_disabled=True)
        )
        sent.append(made.message_id)
    return sent


async def _edit(bot: Bot, parcel: Parcel, remote: int) -> list[int]:
    """Telegram's own complaints about an edit that changes nothing, or has nothing to change, are no failures."""
    try:
        await bot.edit_message_text(
            next(split(parcel.text)), chat_id=parcel.remote, message_id=remote, reply_markup=_keyboard(parcel)
        )
    except TelegramBadRequest as error:
        if UNCHANGED in error.message.lower():
            return [remote]
        if any(words in error.message.lower() for words in GONE):
            return await _send(bot, parcel) if parcel.buttons else [remote]
        raise
    return [remote]


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
    """Parts that fit, cut at a line or sentence where there is one; an empty text is one blank-looking part."""
    rest = text or "…"
    while _units(rest) > LONGEST:
        most = _fitting(rest)
        cut = max(rest.rfind("\n", 0, most), rest.rfind("。", 0, most) + 1)
        cut = cut if cut > most // 2 else most
        yield rest[:cut]
        rest = rest[cut:].lstrip("\n")
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


MEANINGS: Sequence[Meaning] = (
    Meaning(TelegramForbiddenError, "blocked"),
    Meaning(TelegramUnauthorizedError, "later"),
    Meaning(TelegramNetworkError, "doubtful"),
    Meaning(ClientDecodeError, "doubtful"),
    Meaning(TelegramServerError, "doubtful"),
    Meaning(RestartingTelegram, "later"),
    Meaning(TelegramNotFound, "dead"),
    Meaning(TelegramBadRequest, "dead"),
)
"""In order; the first that fits counts. A 502 with an HTML body is a ClientDecodeError, which is no TelegramAPIError."""


def failure_of(error: Exception) -> Failure:
    """What to do about an error: wait, try again, give up, or never again to this chat."""
    words = type(error).__name__
    if isinstance(error, TelegramRetryAfter):
        return Failure("wait", words, after=float(error.retry_after))
    if isinstance(error, TelegramMigrateToChat):
        return Failure("moved", words, to=int(error.migrate_to_chat_id))
    if isinstance(error, TelegramBadRequest) and any(said in error.message.lower() for said in BLOCKED):
        return Failure("blocked", words)
    kind = next((meaning.kind for meaning in MEANINGS if isinstance(error, meaning.error)), "later")
    return Failure(kind, words)


def deliverer(bot: Bot) -> Any:
    async def send(parcel: Parcel) -> list[int]:
        return await deliver(bot, parcel)

    return send
