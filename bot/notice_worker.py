"""Sends notices in small steps, each a transaction of its own, with a breath between them for everybody else's messages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from handlers import notice_words
from handlers.texts.catalogue import Catalogue
from storage import notice_sending, notices
from storage.engine import Storage
from storage.transaction import Tx

POLL = 5.0
"""Seconds after which it looks even though nothing woke it: quiet hours end, letters have gone."""
BREATH = 0.1
Sleep = Callable[[float], Awaitable[None]]


class NoticeWorker:
    """Safe to run in several processes: each step takes rows nobody else holds."""

    def __init__(self, storage: Storage, texts: Catalogue, *, sleep: Sleep = asyncio.sleep) -> None:
        self._storage = storage
        self._texts = texts
        self._sleep = sleep
        self._stopping = False

    async def run(self) -> None:
        """Until ``stop``; the step in hand is finished first."""
        waiter = self._storage.signals.waiter(notices.TOPIC)
        try:
            while not self._stopping:
                if await self.step():
                    await self._sleep(BREATH)
                else:
                    await waiter.wait(POLL)
        finally:
            waiter.close()

    def stop(self) -> None:
        self._stopping = True
        self._storage.signals.wake([notices.TOPIC])

    async def step(self) -> bool:
        """One step of whatever is to be done; False when there is nothing now."""
        if await self._storage.run(notice_sending.find_some) >= 0:
            return True
        if await self._storage.run(_tell, self._texts):
            return True
        return await self._storage.run(notice_sending.finish) > 0


def _tell(tx: Tx, texts: Catalogue) -> int:
    return notice_sending.tell_some(tx, notice_words.maker(texts, tx.now))
