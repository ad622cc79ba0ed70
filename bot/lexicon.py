"""Keeps the matcher of a running service true to the phrases in the database: a change counts within a second."""

from __future__ import annotations

import structlog

from bot.living import Living
from knowledge.matcher import Matcher
from knowledge.phrases import Label
from storage import phrases
from storage.engine import Storage

log = structlog.get_logger()


class Lexicon(Living):
    """Applies changes to a matcher, each once."""

    TOPICS = (phrases.TOPIC,)

    def __init__(self, storage: Storage, matcher: Matcher) -> None:
        super().__init__(storage)
        self._matcher = matcher
        self._applied: dict[str, Label | None] = {}

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
