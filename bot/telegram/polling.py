"""Long polling that loses nothing: raw updates, stored first, acknowledged by the next request's offset.

One update nobody can decode must not hold up the batch (aiogram 1840), so none is decoded here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
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

from bot.telegram.arrivals import CHANNEL, arrival_of
from storage import inbox, leases
from storage.engine import Storage
from storage.transaction import Tx

log = structlog.get_logger()
LEASE = "telegram polling"
LEASE_SPAN = timedelta(seconds=90)
OFFSET = "telegram offset"
WAIT = 25
"""Seconds Telegram holds a request open."""
BATCH = 100
LONGEST_BACKOFF = 60.0
KINDS = ["message", "edited_message", "callback_query", "my_chat_member"]
Sleep = Callable[[float], Awaitable[None]]


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

    def __init__(self, storage: Storage, bot: Bot, *, owner: str, sleep: Sleep = asyncio.sleep) -> None:
        self._storage, self._bot, self._owner, self._sleep = storage, bot, owner, sleep
        self._stopping = asyncio.Event()
        self._backoff = 1.0

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        try:
            while not self._stopping.is_set():
                if await self._storage.run(leases.hold, LEASE, owner=self._owner, span=LEASE_SPAN):
                    await self._poll()
                else:
                    await self._rest(5.0)
        finally:
            await self._storage.run(leases.let_go, LEASE, owner=self._owner)

    async def _poll(self) -> None:
        """One request; whatever goes wrong is waited out, and nothing is skipped."""
        try:
            await self.take_batch()
            self._backoff = 1.0
        except TelegramRetryAfter as error:
            await self._rest(error.retry_after)
        except TelegramConflictError:
            log.warning("somebody else polls with this bot's token; stepping back")
            await self._rest(30.0)
        except TelegramUnauthorizedError:
            log.error("Telegram refuses the token; check LIANXIN_TELEGRAM_TOKEN")
            await self._rest(LONGEST_BACKOFF)
        except (TelegramAPIError, ClientDecodeError, TimeoutError, OSError) as error:
            log.warning("Telegram does not answer", error=type(error).__name__, again_in=self._backoff)
            await self._rest(self._backoff)
            self._backoff = min(self._backoff * 2, LONGEST_BACKOFF)

    async def take_batch(self) -> int:
        """Fetch what waits and store it; how many. The offset is kept with it, in the same transaction."""
        offset = await self._storage.read(leases.recall, OFFSET)
        asking = asyncio.create_task(self._bot(GetRawUpdates(offset=offset), request_timeout=WAIT + 10))
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({asking, stopping}, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not asking.done():
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            return 0
        updates = [update for update in await asking if isinstance(update, dict)]
        if updates:
            await self._storage.run(store_batch, updates)
        return len(updates)

    async def _rest(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._stopping.wait(), seconds)
        except TimeoutError:
            return


def store_batch(tx: Tx, updates: list[dict[str, Any]]) -> None:
    """All of a batch, and where to go on: together or not at all."""
    inbox.take_in(tx, [arrival_of(update) for update in updates])
    numbers = [update["update_id"] for update in updates if isinstance(update.get("update_id"), int)]
    if numbers:
        leases.remember(tx, OFFSET, max(numbers) + 1)


__all__ = ["CHANNEL", "GetRawUpdates", "Poller", "store_batch"]
