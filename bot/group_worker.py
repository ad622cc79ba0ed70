"""Tells the staff group what it has not been told: at once while its budget has room, together when it has not."""

from __future__ import annotations

from bot.stepping import Stepping
from handlers.clocks.topic_words import CardButtons, Clerk, no_buttons, tell_next
from handlers.texts.catalogue import load_catalogue
from storage import group_board, group_news
from storage.engine import Storage

NO_ROOM = 1.0
"""Seconds after which it looks because there was no room."""


class GroupWorker(Stepping):
    """Safe to run in several processes: each step holds the news it tells."""

    TOPICS = (group_news.TOPIC,)
    POLL = 5.0

    def __init__(self, storage: Storage, *, buttons: CardButtons = no_buttons) -> None:
        super().__init__(storage)
        self._clerk = Clerk(load_catalogue("console"), load_catalogue(), buttons)

    async def step(self) -> bool:
        """One ticket; False when there is nothing to tell now, or no room for it."""
        if not await self._storage.read(group_board.anything):
            return False
        return await self._storage.run(tell_next, self._clerk)

    async def patience(self) -> float:
        return NO_ROOM if await self._storage.read(group_board.anything) else self.POLL
