"""Fetches what residents attached from Telegram into our own keeping, so that a voice message can be played later."""

from __future__ import annotations

import io
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramBadRequest

from storage import blobs
from storage.engine import Storage

log = structlog.get_logger()
LARGEST = 20 * 1024 * 1024
"""What a bot may download (Bot API)."""
POLL = 5.0
AT_ONCE = 5


class FileFetcher:
    def __init__(self, storage: Storage, bot: Bot) -> None:
        self._storage, self._bot = storage, bot
        self._stopping = False

    def stop(self) -> None:
        self._stopping = True
        self._storage.signals.wake([blobs.TOPIC])

    async def run(self) -> None:
        waiter = self._storage.signals.waiter(blobs.TOPIC)
        try:
            while not self._stopping:
                if not await self.fetch_some():
                    await waiter.wait(POLL)
        finally:
            waiter.close()

    async def fetch_some(self) -> int:
        """Fetch what is due; how many were tried."""
        wanted = await self._storage.read(blobs.wanted, limit=AT_ONCE)
        for one in wanted:
            await self._fetch(one)
        return len(wanted)

    async def _fetch(self, one: Any) -> None:
        try:
            content = await self._download(one.remote_file)
        except TelegramBadRequest as error:
            await self._storage.run(blobs.refuse, one.id, error=type(error).__name__)
        except (TelegramAPIError, ClientDecodeError, TimeoutError, OSError) as error:
            log.warning("attachment not fetched", blob=one.id, error=type(error).__name__)
            await self._storage.run(blobs.not_filled, one.id, error=type(error).__name__)
        else:
            await self._keep(one.id, content)

    async def _keep(self, blob_id: int, content: bytes | None) -> None:
        if content is None:
            await self._storage.run(blobs.refuse, blob_id, error="larger than 20 MB")
        else:
            await self._storage.run(blobs.filled, blob_id, content=content)

    async def _download(self, file_id: str) -> bytes | None:
        """The content; None when it is larger than a bot may fetch."""
        file = await self._bot.get_file(file_id)
        if (file.file_size or 0) > LARGEST or not file.file_path:
            return None
        target = io.BytesIO()
        await self._bot.download_file(file.file_path, target)
        return target.getvalue()
