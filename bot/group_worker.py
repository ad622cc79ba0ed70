"""Tells the staff group what it has not been told: at once while its budget has room, together when it has not."""

from __future__ import annotations

from handlers.clocks.topic_words import CardButtons, Clerk, no_buttons, tell_next
from handlers.texts.catalogue import load_catalogue
from storage import group_board, group_news
from storage.engine import Storage

POLL, NO_ROOM = 5.0, 1.0
"""Seconds after which it looks: because nothing woke it, and because there was no room."""


class GroupWorker:
    """Safe to run in several processes: each step holds the news it tells."""

    def __init__(self, storage: Storage, *, buttons: CardButtons = no_buttons) -> None:
        self._storage = storage
        self._clerk = Clerk(load_catalogue("console"), load_catalogue(), buttons)
        self._stopping = False

    async def run(self) -> None:
        """Until ``stop``; the step in hand is finished first."""
        waiter = self._storage.signals.waiter(group_news.TOPIC)
        try:
            while not self._stopping:
                if not await self.step():
                    more = await self._storage.read(group_board.anything)
                    await waiter.wait(NO_ROOM if more else POLL)
        finally:
            waiter.close()

    def stop(self) -> None:
        self._stopping = True
        self._storage.signals.wake([group_news.TOPIC])

    async def step(self) -> bool:
        """One ticket; False when there is nothing to tell now, or no room for it."""
        if not await self._storage.read(group_board.anything):
            return False
        return await self._storage.run(tell_next, self._clerk)
