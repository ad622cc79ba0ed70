"""A day of the staff group on a simulated clock: 200 tickets an hour, and no minute over the budget.

python -m tests.group_day 8      # eight hours; prints the figures as JSON

Everything is real - units of work, clerk, outbox, courier, HTTP - but Telegram, which is the strict double, and the clock.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import func, select

from storage import dead_letters, group_home, messages, outbox, parcels
from storage.chats import FIRST_WEB_CHAT
from storage.engine import Storage
from storage.sqlite import SQLiteStorage
from storage.tables import group_news
from storage.tables import outbox as outbox_table
from storage.tables import topics as topic_table
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.doubles.bot_api import BotApi, bot_api
from tests.group_office import GroupOffice, group_office
from tests.shared_room import empty_database

AN_HOUR = 200
LONGEST_STEP = 5.0
Happens = Callable[[], Awaitable[None]]


@dataclass
class Day:
    """What was put in, and when; ``waits`` in seconds until it stood in the group."""

    desk: GroupOffice
    chance: random.Random = field(default_factory=lambda: random.Random(20261126))
    due: list[tuple[datetime, int, Happens]] = field(default_factory=list)
    said: dict[str, datetime] = field(default_factory=dict)
    filed: dict[int, datetime] = field(default_factory=dict)
    alarms: dict[str, datetime] = field(default_factory=dict)
    notices: dict[str, datetime] = field(default_factory=dict)
    backlog: list[int] = field(default_factory=list)
    _order: Any = field(default_factory=itertools.count)

    def at(self, moment: datetime, happens: Happens) -> None:
        heapq.heappush(self.due, (moment, next(self._order), happens))

    def plan(self, start: datetime, hours: float) -> None:
        """A ticket every eighteen seconds, each with a life of its own; two alarms an hour, a notice every other minute."""
        for number in range(round(AN_HOUR * hours)):
            self.at(start + timedelta(hours=1) * number / AN_HOUR, lambda number=number: self._files(number))  # type: ignore[misc]
        for number in range(round(30 * hours)):
            self.at(start + timedelta(minutes=2) * number, lambda number=number: self._notice(number))  # type: ignore[misc]
        for number in range(max(2, round(2 * hours))):
            moment = start + timedelta(hours=hours * self.chance.uniform(0.2, 0.95))
            self.at(moment, lambda number=number: self._alarm(number))  # type: ignore[misc]

    async def _files(self, number: int) -> None:
        urgency = self.chance.choices(("P1", "P2", "P3"), (15, 60, 25))[0]
        more = {"urgency": urgency, "building": str(number % 20 + 1), "remote": FIRST_WEB_CHAT + 10 + number}
        ticket_id = await self.desk.files(f"第{number}件事：楼道的灯不亮", **more)
        self.filed[ticket_id] = now = self.desk.clock.now
        words = self._words
        life: list[tuple[float, float, Callable[[int], Awaitable[None]]]] = [
            (1.0, 8, lambda one: self._acts(one, "take")),
            (0.9, 15, lambda one: self._acts(one, "answer", words("答"))),
            (0.4, 20, lambda one: self._adds(one, words("居民说"))),
            (0.2, 25, lambda one: self._adds(one, words("居民看"), photos=2)),
            (0.3, 30, lambda one: self._acts(one, "note", words("记"))),
            (0.8, 60, lambda one: self._acts(one, "finish", words("完"))),
            (0.7, 150, lambda one: self._acts(one, "withdraw", words("了"))),
        ]
        for share, minutes, step in life:
            if self.chance.random() < share:
                later = now + timedelta(minutes=minutes * self.chance.uniform(0.6, 1.4))
                self.at(later, lambda step=step: step(ticket_id))  # type: ignore[misc]

    def _words(self, about: str) -> str:
        text = f"{about}#{len(self.said) + 1:05d}。"
        self.said[text] = self.desk.clock.now
        return text

    async def _acts(self, ticket_id: int, action: str, text: str | None = None) -> None:
        await self.desk.acts(ticket_id, self.staff_id, action, text)

    async def _adds(self, ticket_id: int, text: str, *, photos: int = 0) -> None:
        await self.desk.adds(ticket_id, text, photos=photos)

    async def _notice(self, number: int) -> None:
        await self._general(self.notices, f"【快到期】第{number:04d}号。", messages.NOTICE)

    async def _alarm(self, number: int) -> None:
        await self._general(self.alarms, f"🚨 警报{number:03d}。", messages.ALARM)

    async def _general(self, kept: dict[str, datetime], text: str, priority: int) -> None:
        kept[text] = self.desk.clock.now

        def tell(tx: Tx) -> None:
            messages.say(tx, chat_id=group_home.of_community(tx, None) or 0, text=text, priority=priority)

        await self.desk.storage.run(tell)

    # --- the clock -------------------------------------------------------------------------------------------------
    async def runs(self, start: datetime, hours: float) -> None:
        self.staff_id = await self.desk.hires()
        self.plan(start, hours)
        end = start + timedelta(hours=hours)
        while self.desk.clock.now < end:
            await self._what_is_due()
            await self.desk.works()
            self.desk.clock.now = min(end, await self._next())
            self.backlog.append(await self.desk.storage.read(untold))

    async def _what_is_due(self) -> None:
        while self.due and self.due[0][0] <= self.desk.clock.now:
            await heapq.heappop(self.due)[2]()

    async def _next(self) -> datetime:
        ahead = self.desk.pace.ahead
        sending = await self.desk.storage.read(parcels.next_due, channel="telegram", ahead=ahead)
        now = self.desk.clock.now
        soon = [
            now + timedelta(seconds=LONGEST_STEP),
            *([self.due[0][0]] if self.due else []),
            *([sending] if sending else []),
        ]
        return max(min(soon), now + timedelta(seconds=0.1))

    async def quietens(self) -> float:
        """Nothing new comes; minutes until the group has heard everything."""
        begun = self.desk.clock.now
        while await self.desk.storage.read(untold) or await self.desk.storage.read(unshut):
            self.desk.clock.now = await self._next()
            await self.desk.works()
            assert self.desk.clock.now - begun < timedelta(hours=3), "the backlog does not go down"
        return (self.desk.clock.now - begun).total_seconds() / 60

    # --- what came of it -------------------------------------------------------------------------------------------
    def stood(self, kept: dict[str, datetime]) -> dict[str, float]:
        """Seconds each of these waited until it stood in the group; whatever never did is missing."""
        shown = [(int(one["date"]), one.get("text") or one.get("caption") or "") for one in self.desk.group.shown()]
        found: dict[str, float] = {}
        for date, text in shown:
            for words in kept:
                if words in text:
                    assert words not in found, f"{words!r} stands there twice"
                    found[words] = max(0.0, date - kept[words].timestamp())
        return found


def untold(tx: Tx) -> int:
    """What somebody could still read: facts, and messages on their way."""
    waiting = select(func.count()).where(outbox_table.c.state.in_(outbox.WAITING), outbox_table.c.operation != "close")
    return int(tx.scalar(select(func.count()).select_from(group_news))) + int(tx.scalar(waiting))


def unshut(tx: Tx) -> int:
    """Topics of finished tickets that are still open: they are shut when there is nothing to read."""
    waiting = outbox_table.c.state.in_(outbox.WAITING) & (outbox_table.c.operation == "close")
    return int(tx.scalar(select(func.count()).where(waiting)))


async def simulate(storage: Storage, api: BotApi, clock: FrozenClock, hours: float) -> dict[str, Any]:
    """Run it; the figures. Asserts that nothing was lost or said twice, and the budget."""
    async with group_office(storage, api, clock, paced=True) as desk:
        day = Day(desk)
        await day.runs(clock.now, hours)
        at_the_end, shut_later, quiet = day.backlog[-1], await storage.read(unshut), 0.0
        quiet = await day.quietens()
        known = {row["ticket_id"] for row in await desk.office.rows(topic_table) if row["thread"] is not None}
        assert known == set(day.filed), "a ticket has no topic"
        alarms, words, notices = (day.stood(kept) for kept in (day.alarms, day.said, day.notices))
        assert (set(alarms), set(words), set(notices)) == (set(day.alarms), set(day.said), set(day.notices))
        assert await desk.storage.read(dead_letters.listed) == []
        cards = _cards(day)
        return {
            "hours": hours,
            "tickets": len(day.filed),
            "messages_and_edits": len(desk.group.group.spoken),
            "a_ticket": round(len(desk.group.group.spoken) / len(day.filed), 2),
            "most_in_a_minute": desk.group.group.most_in_a_minute(),
            "alarm_wait_s": _spread(list(alarms.values())),
            "card_wait_s": _spread(cards),
            "residents_wait_s": _spread(_of(words, "居")),
            "answers_wait_s": _spread(_of(words, "答")),
            "ends_wait_s": _spread(_of(words, "了")),
            "along_wait_s": _spread(_of(words, "记完")),
            "notice_wait_s": _spread(list(notices.values())),
            "backlog_most": max(day.backlog),
            "backlog_at_the_end": at_the_end,
            "topics_to_shut_at_the_end": shut_later,
            "quiet_after_min": round(quiet, 1),
        }


def _cards(day: Day) -> list[float]:
    """Seconds from filing to the card."""
    shown = {}
    for one in day.desk.group.shown():
        text = str(one.get("text", ""))
        if "“第" in text:
            shown[int(text.split("“第")[1].split("件")[0])] = int(one["date"])
    filed = list(day.filed.values())
    assert len(shown) == len(filed), "a card is missing"
    return [max(0.0, date - filed[number].timestamp()) for number, date in shown.items()]


def _of(words: dict[str, float], first: str) -> list[float]:
    """The waits of those that begin with one of these signs."""
    return [waited for text, waited in words.items() if text[0] in first]


def _spread(waits: list[float]) -> dict[str, float]:
    ordered = sorted(waits) or [0.0]
    found = {"median": median(ordered), "p95": ordered[max(0, int(len(ordered) * 0.95) - 1)], "most": ordered[-1]}
    return {name: round(seconds, 1) for name, seconds in found.items()}


async def main(hours: float) -> None:
    with tempfile.TemporaryDirectory(prefix="topics-day-") as folder:
        path, clock = Path(folder) / "day.db", FrozenClock()
        shutil.copyfile(empty_database(), path)
        store = SQLiteStorage(path, clock=clock)
        await store.open()
        async with bot_api() as api:
            figures = await simulate(store, api, clock, hours)
            sys.stdout.write(json.dumps(figures, ensure_ascii=False) + "\n")
        await store.close()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 1.0))
