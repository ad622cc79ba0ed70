"""What this process knows of the communities, and what residents read there: kept true to the database within a second."""

from __future__ import annotations

import structlog

from handlers.texts.own import StandingTexts
from knowledge.towns import Towns
from storage import own_words, towns
from storage.engine import Storage

POLL = 30.0
"""Seconds between two looks when nobody says that something has changed."""
log = structlog.get_logger()


class LivingTowns:
    """``towns`` and ``texts`` may be handed around; what they say follows the desks of every process."""

    def __init__(self, storage: Storage, texts: StandingTexts) -> None:
        self._storage = storage
        self._stopping = False
        self.texts, self.towns = texts, Towns()

    async def run(self) -> None:
        """Work until ``stop``."""
        waiter = self._storage.signals.waiter(towns.TOPIC)
        try:
            while not self._stopping:
                await self.look()
                await waiter.wait(POLL)
        finally:
            waiter.close()

    def stop(self) -> None:
        self._stopping = True
        self._storage.signals.wake([towns.TOPIC])

    async def look(self) -> None:
        found = await self._storage.read(towns.all_of)
        self.towns.stand(found)
        self.texts.stand(await self._storage.read(own_words.standing))
