"""Keeps the answerer and the matcher of a running service true to the FAQ in the database, within a second of a commit."""

from __future__ import annotations

import structlog

from bot.living import Living
from knowledge.answers import Answerer
from knowledge.faq import load_entries
from knowledge.faq_live import apply, led
from knowledge.matcher import Matcher
from storage import faq_live, faq_seed, phrases
from storage.engine import Storage
from storage.faq_rows import TOPIC

log = structlog.get_logger()


class Library(Living):
    """What ships is known already; only what differs from it is applied."""

    TOPICS = (TOPIC, phrases.TOPIC)

    def __init__(self, storage: Storage, matcher: Matcher, answerer: Answerer) -> None:
        super().__init__(storage)
        self._matcher, self._answerer = matcher, answerer
        self._led = led(load_entries())
        self._seen: object = None

    async def seed(self) -> None:
        """Bring what ships into the database, and answer from there from now on."""
        if changed := await self._storage.run(faq_seed.seed, load_entries()):
            log.info("shipped answers taken in", count=changed)
        await self.catch_up()

    async def catch_up(self) -> bool:
        """Read anew where something has changed since the last time; whether it had."""
        stamp = await self._storage.read(faq_live.stamp)
        if stamp == self._seen:
            return False
        found = await self._storage.read(faq_live.live)
        if found.entries:
            self._led = apply(found, self._matcher, self._led)
            self._answerer.renew(found.entries, found.silent)
        self._seen = stamp
        return True
