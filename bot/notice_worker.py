"""Sends notices in small steps, each a transaction of its own, with a breath between them for everybody else's messages."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from bot.stepping import Stepping
from handlers import notice_words
from handlers.texts.catalogue import Catalogue
from storage import notice_sending, notices
from storage.engine import Storage
from storage.transaction import Tx

BREATH = 0.1
Sleep = Callable[[float], Awaitable[None]]


class NoticeWorker(Stepping):
    """Safe to run in several processes: each step takes rows nobody else holds."""

    TOPICS = (notices.TOPIC,)
    POLL = 5.0
    """Quiet hours end, letters have gone."""

    def __init__(self, storage: Storage, texts: Catalogue, *, sleep: Sleep = asyncio.sleep) -> None:
        super().__init__(storage)
        self._texts = texts
        self._sleep = sleep

    async def step(self) -> bool:
        """One step of whatever is to be done; False when there is nothing now."""
        if await self._storage.run(notice_sending.find_some) >= 0:
            return True
        if await self._storage.run(_tell, self._texts):
            return True
        return await self._storage.run(notice_sending.finish) > 0

    async def breathe(self) -> None:
        await self._sleep(BREATH)


def _tell(tx: Tx, texts: Catalogue) -> int:
    return notice_sending.tell_some(tx, notice_words.maker(texts, tx.now))
