"""What this process knows of the communities, and what residents read there: kept true to the database within a second."""

from __future__ import annotations

import structlog

from bot.living import Living
from handlers.texts.own import StandingTexts
from knowledge.towns import Towns
from storage import office_time, own_words, towns
from storage.engine import Storage

log = structlog.get_logger()


class LivingTowns(Living):
    """``towns`` and ``texts`` may be handed around; what they say follows the desks of every process."""

    TOPICS = (towns.TOPIC,)

    def __init__(self, storage: Storage, texts: StandingTexts) -> None:
        super().__init__(storage)
        self.texts, self.towns = texts, Towns()

    async def catch_up(self) -> None:
        found, house = await self._storage.read(towns.all_of), await self._storage.read(office_time.office)
        self.towns.stand(found, house)
        self.texts.stand(await self._storage.read(own_words.standing))
