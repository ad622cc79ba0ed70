"""What every way of failing at Telegram means. The one place that knows its wordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

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
from aiohttp import ClientConnectorError

from bot.outbox_worker import MANY_TRIES, TRIES, Failure

UNCHANGED = ("message is not modified",)
GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
NOT_DELETED = ("message can't be deleted",)
DELETED = ("message to delete not found",)
CAPTIONED = ("there is no text in the message to edit",)
NO_THREAD = ("message thread not found", "topic_id_invalid", "topic_deleted")
SHUT = ("topic_closed",)
AS_IT_WAS = ("topic_not_modified",)
NO_FORUM = ("is not a forum",)
NO_RIGHT = ("not enough rights", "have no rights", "chat_admin_required")
BAD_PICTURE = (
    "photo_invalid_dimensions",
    "image_process_failed",
    "photo_save_file_invalid",
    "wrong type of the web page",
)
NO_REACTION = ("reaction", "message to react not found", "message_id_invalid")
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


def says(error: TelegramAPIError, *words: str) -> bool:
    """True when Telegram refused with one of these wordings."""
    return any(said in error.message.lower() for said in words)


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


def failure_of(error: Exception, *, there: Sequence[int] = (), calls: int = 0) -> Failure:
    """What to do about an error: wait, try again, give up, or never again to this chat."""
    name = type(error).__name__
    if isinstance(error, TelegramRetryAfter):
        return Failure("wait", name, after=float(error.retry_after), there=there, calls=calls)
    if isinstance(error, TelegramMigrateToChat):
        return Failure("moved", name, to=int(error.migrate_to_chat_id))
    if isinstance(error, TelegramBadRequest) and any(said in error.message.lower() for said in BLOCKED):
        return Failure("blocked", name, there=there, calls=calls)
    if isinstance(error.__cause__, ClientConnectorError):
        return Failure("later", name, tries=MANY_TRIES, there=there, calls=calls)
    meaning = next((meaning for meaning in MEANINGS if isinstance(error, meaning.error)), OTHER)
    return Failure(meaning.kind, name, tries=meaning.tries, there=there, calls=calls)
