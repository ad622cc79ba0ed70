"""The text messages' channel as one thing: started and stopped beside Telegram's, with the same outbox worker."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from aiohttp import ClientSession

from bot.nursery import Nursery
from bot.outbox_worker import OutboxWorker, Pace
from bot.texts.delivery import deliverer
from handlers.texts.catalogue import Catalogue
from storage import texting
from storage.engine import Storage

PACE = Pace(private=timedelta(seconds=1), group=timedelta(seconds=1), overall=0.05)


class TextChannel:
    """Letters go out while this runs; nothing is opened before the first."""

    def __init__(
        self,
        *,
        storage: Storage,
        texts: Catalogue,
        url: str,
        secret: str,
        nursery: Nursery,
        owner: str,
        pace: Pace = PACE,
    ) -> None:
        self._nursery = nursery
        self._session: ClientSession | None = None
        deliver = deliverer(storage, texts, url=url, secret=secret, session=self._open)
        self.outbox = OutboxWorker(storage, deliver, nursery, channel=texting.CHANNEL, owner=owner, pace=pace)
        self._task: asyncio.Task[None] | None = None

    def _open(self) -> ClientSession:
        if self._session is None or self._session.closed:
            self._session = ClientSession()
        return self._session

    def start(self) -> None:
        self._task = self._nursery.keep_running(self.outbox.run, name="text messages")

    async def stop(self) -> None:
        """What is in hand is finished first."""
        self.outbox.stop()
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=15)
        if self._session is not None:
            await self._session.close()
