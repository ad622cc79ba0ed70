"""What happens because time goes by: alarms climb, the line moves, appointments and promises pass, drafts expire."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.stepping import Stepping
from bot.watches import due
from handlers.clocks import occasions as occasion_clock
from handlers.clocks import unread as unread_clock
from handlers.texts.catalogue import Catalogue
from knowledge.retention import rules
from storage import (
    alarms,
    drafts,
    erasure,
    imports,
    occasion_days,
    proxies,
    retention,
    retention_terms,
    telephone,
    unread,
)
from storage.engine import Storage

TIDY_EVERY = timedelta(hours=1)


class Scheduler(Stepping):
    """Looks at the clock now and then; each look is one unit, safe to run in several processes."""

    TOPICS = (alarms.TOPIC,)
    POLL = 15.0
    """Every clock we keep is in minutes; an alarm is looked at as soon as it changes."""

    def __init__(self, storage: Storage, texts: Catalogue) -> None:
        super().__init__(storage)
        self._texts = texts
        self._tidied: datetime | None = None
        self.ticked: datetime | None = None
        """When everything due was last seen to."""

    async def step(self) -> bool:
        await self.tick()
        return False

    async def tick(self) -> None:
        """Everything that is due now: one look says which watches have something to do, and only those write."""
        for watch in await self._storage.read(due):
            await self._storage.run(watch.unit, self._texts)
        for occasion_id in await self._storage.read(occasion_days.near):
            await self._storage.run(occasion_clock.watch, self._texts, occasion_id)
        now = self._storage.clock()
        if self._tidied is None or now - self._tidied >= TIDY_EVERY:
            self._tidied = now
            await self._storage.run(drafts.expire)
            await self._storage.run(imports.lapse)
            await self._storage.run(proxies.expire)
            await self._storage.run(telephone.lapse)
            await self._storage.run(unread.read_meanwhile)
            if await self._storage.read(unread.waits):
                await self._storage.run(unread_clock.watch, self._texts)
            await self._forget()
        self.ticked = self._storage.clock()

    async def _forget(self) -> None:
        """Whatever has been kept its time, kind by kind, each in a unit of its own (knowledge.retention)."""
        counts = {"finished": await self._storage.run(erasure.finish)}
        for kind in rules():
            counts[kind] = 0
            while (number := await self._storage.run(retention.sweep, kind)) >= erasure.AT_ONCE:
                counts[kind] += number
            counts[kind] += number
        await self._storage.run(retention_terms.ran, counts)
