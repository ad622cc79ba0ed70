"""Keeps the matcher of a running service true to the phrases in the database: a change counts within a second."""

from __future__ import annotations

import structlog

from knowledge.matcher import Matcher
from knowledge.phrases import Label
from storage import phrases
from storage.engine import Storage

POLL = 30.0
"""Seconds between two looks when nobody says that something has changed."""
log = structlog.get_logger()


class Lexicon:
    """Applies changes to a matcher, each once."""

    def __init__(self, storage: Storage, matcher: Matcher) -> None:
        self._storage, self._matcher = storage, matcher
        self._applied: dict[str, Label | None] = {}
        self._stopping = False

    async def run(self) -> None:
        """Work until ``stop``."""
        waiter = self._storage.signals.waiter(phrases.TOPIC)
        try:
            while not self._stopping:
                await self.catch_up()
                await waiter.wait(POLL)
        finally:
            waiter.close()

    def stop(self) -> None:
        self._stopping = True
        self._storage.signals.wake([phrases.TOPIC])

    async def catch_up(self) -> int:
        """Apply what has changed since the last time; how many phrases that were."""
        fresh = [
            change
            for change in await self._storage.read(phrases.changes)
            if change.text not in self._applied or self._applied[change.text] != change.label
        ]
        for change in fresh:
            self._matcher.change(change.text, change.label)
            self._applied[change.text] = change.label
        if fresh:
            log.info("phrases changed", count=len(fresh))
        return len(fresh)
