"""Each process says twice a minute that it is alive, how late its clock is and how much room there is; now and then one
looks how Telegram stands."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import Any

import structlog
from aiogram.exceptions import TelegramNotFound, TelegramUnauthorizedError

from bot import backup
from bot.scheduler import Scheduler
from bot.settings import Settings
from bot.telegram.channel import API_ERRORS, describe
from handlers.web.telegram_hook import PATH
from knowledge.running import Process
from storage import facts, leases, running
from storage.engine import Storage

log = structlog.get_logger()
EVERY = 30.0
SIZE_EVERY = timedelta(minutes=10)
TELEGRAM_EVERY, TELEGRAM_FIRST = timedelta(minutes=5), timedelta(minutes=1)
LEASE = "telegram look"


class Pulse:
    def __init__(self, storage: Storage, settings: Settings, scheduler: Scheduler, *, owner: str) -> None:
        self._storage, self._settings, self._scheduler, self._owner = storage, settings, scheduler, owner
        self._stopped = asyncio.Event()
        self._started = storage.clock()
        self._measured: tuple[datetime, int | None] | None = None
        self._looked = self._started - TELEGRAM_EVERY + TELEGRAM_FIRST

    async def run(self) -> None:
        while not self._stopped.is_set():
            await self.beat()
            await self._telegram()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), EVERY)
        await self._storage.run(running.stopped, self._owner)

    def stop(self) -> None:
        self._stopped.set()

    async def beat(self) -> None:
        disk = shutil.disk_usage(self._settings.data_dir)
        process = Process(
            owner=self._owner,
            version=version("lianxin"),
            started_at=self._started,
            seen_at=self._storage.clock(),
            ticked_at=self._scheduler.ticked,
            free=disk.free,
            total=disk.total,
            database=await self._size(),
        )
        await self._storage.run(running.beat, process)

    async def _size(self) -> int | None:
        now = self._storage.clock()
        if self._measured is None or now - self._measured[0] >= SIZE_EVERY:
            self._measured = now, await asyncio.to_thread(backup.size_of, self._settings)
        return self._measured[1]

    async def _telegram(self) -> None:
        now, token = self._storage.clock(), self._settings.telegram_token
        if token is None or now - self._looked < TELEGRAM_EVERY:
            return
        self._looked = now
        if await self._storage.run(leases.hold, LEASE, owner=self._owner, span=TELEGRAM_EVERY):
            await self._storage.run(facts.put, facts.TELEGRAM_STATE, await self._found(token))

    async def _found(self, token: str) -> dict[str, Any]:
        chosen = self._settings
        wanted = f"{chosen.public_url}{PATH}" if chosen.telegram_mode == "webhook" else ""
        try:
            return {**await describe(token, chosen.telegram_api), "wanted": wanted, "mode": chosen.telegram_mode}
        except (TelegramUnauthorizedError, TelegramNotFound):
            return {"trouble": "refused"}
        except API_ERRORS as error:
            log.info("telegram not looked at", error=type(error).__name__)
            return {"trouble": "unreachable"}
