"""Long polling that loses nothing: raw updates, stored first, acknowledged by the next request's offset.

One update nobody can decode must not hold up the batch (aiogram 1840), so none is decoded here. The offset is never kept:
a poller that starts asks for whatever is unconfirmed, and what it had stored before is known by its key. A kept one would
confirm updates unread after a quiet week, when Telegram begins its ids anew, and after a change of the bot.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramConflictError,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod

from bot.telegram.arrivals import arrival_of
from storage import inbox, leases
from storage.engine import Storage

log = structlog.get_logger()
LEASE = "telegram polling"
LEASE_SPAN = timedelta(seconds=45)
"""A little longer than one request. Two pollers at once are no harm: Telegram sends one away, and keys are unique."""
WAIT = 25
"""Seconds Telegram holds a request open."""
BATCH = 100
LONGEST_BACKOFF = 60.0
OTHERS_TURN = 2.0
"""Seconds between looks whether the lease has become free."""
STEP_BACK = 30.0
KINDS = ["message", "edited_message", "channel_post", "callback_query", "my_chat_member", "chat_member"]


class GetRawUpdates(TelegramMethod[list[Any]]):
    """``getUpdates`` whose answer stays as it came."""

    __returning__ = list[Any]
    __api_method__ = "getUpdates"

    offset: int | None = None
    limit: int = BATCH
    timeout: int = WAIT
    allowed_updates: list[str] = KINDS


class Poller:
    """Asks for updates for as long as it holds the lease."""

    def __init__(self, storage: Storage, bot: Bot, *, owner: str, wait: int = WAIT) -> None:
        self._storage, self._bot, self._owner, self._wait = storage, bot, owner, wait
        self._stopping = asyncio.Event()
        self._asking: asyncio.Timeout | None = None
        self._backoff = 1.0
        self._confirms: int | None = None

    def stop(self) -> None:
        """Also puts an end to the request that is waiting; what it would have brought comes with the next."""
        self._stopping.set()
        if self._asking is not None:
            self._asking.reschedule(asyncio.get_running_loop().time())

    async def run(self) -> None:
        try:
            while not self._stopping.is_set():
                if await self._storage.run(leases.hold, LEASE, owner=self._owner, span=LEASE_SPAN):
                    await self._poll()
                else:
                    await self._rest(OTHERS_TURN)
        finally:
            await self._storage.run(leases.let_go, LEASE, owner=self._owner)

    async def _poll(self) -> None:
        """One request; whatever goes wrong is waited out, and nothing is skipped."""
        try:
            await self.take_batch()
            self._backoff = 1.0
        except TelegramRetryAfter as error:
            await self._rest(error.retry_after)
        except TelegramConflictError as error:
            await self._step_back(error)
        except TelegramUnauthorizedError:
            log.error("Telegram refuses the token; check LIANXIN_TELEGRAM_TOKEN")
            await self._rest(LONGEST_BACKOFF)
        except (TelegramAPIError, ClientDecodeError, OSError) as error:
            log.warning("Telegram does not answer", error=type(error).__name__, again_in=self._backoff)
            await self._rest(self._backoff)
            self._backoff = min(self._backoff * 2, LONGEST_BACKOFF)

    async def _step_back(self, error: TelegramConflictError) -> None:
        """Somebody else polls, or somebody has set a webhook: we were told to poll, so that one goes."""
        if "webhook" in error.message.lower():
            log.warning("a webhook is set for this bot; taking it away, for LIANXIN_TELEGRAM_MODE is polling")
            await self._bot.delete_webhook(drop_pending_updates=False)
        else:
            log.warning("somebody else polls with this bot's token; stepping back")
            await self._rest(STEP_BACK)

    async def take_batch(self) -> int:
        """Fetch what waits and store it; how many. The next request confirms it, and only that."""
        updates = [update for update in await self._ask() if isinstance(update, dict)]
        if updates:
            arrivals = [arrival_of(update, bot_id=self._bot.id) for update in updates]
            await self._storage.run(inbox.take_in, arrivals)
        numbers = [update["update_id"] for update in updates if isinstance(update.get("update_id"), int)]
        self._confirms = max(numbers) + 1 if numbers else None
        return len(updates)

    async def _ask(self) -> list[Any]:
        asked = GetRawUpdates(offset=self._confirms, timeout=self._wait)
        if self._stopping.is_set():
            return []
        try:
            async with asyncio.timeout(None) as self._asking:
                return await self._bot(asked, request_timeout=self._wait + 10)
        except TimeoutError:
            return []
        finally:
            self._asking = None

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return
