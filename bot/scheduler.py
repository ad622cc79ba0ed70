"""What happens because time goes by: alarms climb, the line moves, appointments and promises pass, drafts expire."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from handlers import ticket_notices
from handlers.clocks import alarms as alarm_clock
from handlers.clocks import appointments, care, disclosure, line, mediations
from handlers.clocks import occasions as occasion_clock
from handlers.clocks import volunteers as volunteer_clock
from handlers.outcome import speak
from handlers.texts.catalogue import Catalogue
from knowledge.calendar import OFFICE, OfficeCalendar
from knowledge.retention import rules
from storage import drafts, erasure, occasion_days, promises, proxies, retention, verdicts
from storage.engine import Storage
from storage.transaction import Tx

EVERY = 15.0
"""Seconds between looks; every clock we keep is in minutes."""
TIDY_EVERY = timedelta(hours=1)


class Scheduler:
    """Looks at the clock now and then; each look is one unit, safe to run in several processes."""

    def __init__(self, storage: Storage, texts: Catalogue, office: OfficeCalendar = OFFICE) -> None:
        self._storage = storage
        self._office = office
        self._texts = texts
        self._stopped = asyncio.Event()
        self._tidied: datetime | None = None

    async def run(self) -> None:
        while not self._stopped.is_set():
            await self.tick()
            try:
                await asyncio.wait_for(self._stopped.wait(), EVERY)
            except TimeoutError:
                continue

    def stop(self) -> None:
        self._stopped.set()

    async def tick(self) -> None:
        """Everything that is due now."""
        await self._storage.run(alarm_clock.repeat, self._texts)
        await self._storage.run(line.watch, self._texts, self._office)
        await self._storage.run(appointments.watch, self._texts, self._office)
        await self._storage.run(care.remind, self._texts)
        await self._storage.run(mediations.watch, self._texts)
        await self._storage.run(disclosure.watch, self._texts)
        await self._storage.run(keep_promises, self._texts)
        await self._storage.run(volunteer_clock.watch, self._texts)
        await self._storage.run(ask_again, self._texts)
        for occasion_id in await self._storage.read(occasion_days.near):
            await self._storage.run(occasion_clock.watch, self._texts, occasion_id)
        now = self._storage.clock()
        if self._tidied is None or now - self._tidied >= TIDY_EVERY:
            self._tidied = now
            await self._storage.run(drafts.expire)
            await self._storage.run(proxies.expire)
            await self._forget()

    async def _forget(self) -> None:
        """Whatever has been kept its time, kind by kind, each in a unit of its own (knowledge.retention)."""
        await self._storage.run(erasure.finish)
        for kind in rules():
            while await self._storage.run(retention.sweep, kind) >= erasure.AT_ONCE:
                continue


def keep_promises(tx: Tx, texts: Catalogue) -> int:
    """Tell staff of promises about to pass, and everybody of those that have; how many."""
    late, near = promises.late(tx), promises.soon(tx)
    for passing in late:
        speak(tx, ticket_notices.missed(tx, texts, passing))
    for passing in near:
        speak(tx, ticket_notices.near(tx, texts, passing))
    return len(late) + len(near)


def ask_again(tx: Tx, texts: Catalogue) -> int:
    """Ask residents once more who have not said whether it is solved, or not answered; how many."""
    due = verdicts.due_to_ask(tx)
    for row, chat_ids in due:
        speak(tx, ticket_notices.asked_again(tx, texts, row, chat_ids))
    return len(due)
