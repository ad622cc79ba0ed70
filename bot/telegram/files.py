"""Fetches what residents attached from Telegram into our own keeping, so that a voice message can be played later.

Photos are drawn anew before they are kept, also those that were sent as a file: what a camera wrote beside the picture
(the place, the time) is seen by nobody, and the original is thrown away.
"""

from __future__ import annotations

import io

import structlog
from aiogram import Bot
from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramBadRequest
from aiohttp import ClientError

from handlers.web.arrived import Unfit, made_fit
from handlers.web.images import PhotoDesk
from storage import blobs
from storage.blobs import Wanted
from storage.engine import Storage

log = structlog.get_logger()
POLL = 5.0
AT_ONCE = 5


class TooBig(Exception):
    """Telegram keeps it, and will not hand it to a bot."""


class FileFetcher:
    def __init__(self, storage: Storage, bot: Bot) -> None:
        self._storage, self._bot, self._photos = storage, bot, PhotoDesk()
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

    async def _fetch(self, one: Wanted) -> None:
        try:
            content = await self._download(one.remote_file)
        except TooBig:
            await self._storage.run(blobs.refuse, one.id, error="larger than 20 MB")
        except (TelegramAPIError, ClientDecodeError, ClientError, OSError) as error:
            log.warning("attachment not fetched", blob=one.id, error=type(error).__name__)
            await self._storage.run(blobs.not_filled, one.id, error=type(error).__name__)
        else:
            await self._keep(one, content)

    async def _keep(self, one: Wanted, content: bytes) -> None:
        try:
            fit = await made_fit(content, kind=one.kind, mime=one.mime, name=one.name or "", photos=self._photos)
        except Unfit as error:
            await self._storage.run(blobs.refuse, one.id, error=error.code)
        else:
            await self._storage.run(blobs.filled, one.id, content=fit.content, mime=fit.mime, kind=fit.kind)

    async def _download(self, file_id: str) -> bytes:
        """The content; raises TooBig when it is more than a bot may fetch."""
        try:
            file = await self._bot.get_file(file_id)
        except TelegramBadRequest as error:
            if "too big" in error.message.lower():
                raise TooBig from error
            raise
        if (file.file_size or 0) > blobs.SIZE_LIMIT:
            raise TooBig
        target = io.BytesIO()
        await self._bot.download_file(file.file_path or "", target)
        return target.getvalue()
