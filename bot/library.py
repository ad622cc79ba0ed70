"""Keeps the answerer and the matcher of a running service true to the FAQ in the database, within a second of a commit."""

from __future__ import annotations

import structlog

from knowledge.answers import Answerer
from knowledge.faq import load_entries
from knowledge.faq_live import apply, led
from knowledge.matcher import Matcher
from storage import faq_live, faq_seed, phrases
from storage.engine import Storage
from storage.faq_rows import TOPIC

POLL = 30.0
"""Seconds between two looks when nobody says that something has changed."""
log = structlog.get_logger()


class Library:
    """What ships is known already; only what differs from it is applied."""

    def __init__(self, storage: Storage, matcher: Matcher, answerer: Answerer) -> None:
        self._storage, self._matcher, self._answerer = storage, matcher, answerer
        self._led = led(load_entries())
        self._seen: object = None
        self._stopping = False

    async def seed(self) -> None:
        """Bring what ships into the database, and answer from there from now on."""
        if changed := await self._storage.run(faq_seed.seed, load_entries()):
            log.info("shipped answers taken in", count=changed)
        await self.catch_up()

    async def run(self) -> None:
        """Work until ``stop``."""
        waiter = self._storage.signals.waiter(TOPIC, phrases.TOPIC)
        try:
            while not self._stopping:
                await self.catch_up()
                await waiter.wait(POLL)
        finally:
            waiter.close()

    def stop(self) -> None:
        self._stopping = True
        self._storage.signals.wake([TOPIC])

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
