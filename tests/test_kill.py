"""Nothing is lost and nothing happens twice, whenever the process dies.

The real ``lianxin serve`` is killed with ``kill -9`` at random instants - at work, while it starts, while it comes back -
while people write on both channels without pause. Afterwards everything is counted. ``LIANXIN_KILLS=40`` for more;
``LIANXIN_KILLS_DATABASE_URL`` names an empty PostgreSQL database to do it on.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from knowledge.matcher import load_matcher
from tests.doubles.bot_api import BotApi, bot_api
from tests.doubles.service_process import ServiceProcess
from tests.doubles.telegram_people import Person
from tests.doubles.web_people import WebPerson
from tests.kill_ledger import FILED, QUESTION, Database, check
from tests.scenarios.conftest import CACHE

KILLS = int(os.environ.get("LIANXIN_KILLS", "4"))
SEED = int(os.environ.get("LIANXIN_KILLS_SEED", "20261123"))
ON_TELEGRAM, ON_THE_PAGE = 12, 12
SETTLES_WITHIN = int(os.environ.get("LIANXIN_KILLS_SETTLE", "180"))
DATABASE = os.environ.get("LIANXIN_KILLS_DATABASE_URL", "")
PIPE = "7栋1204厨房水管爆了"


@dataclass
class TelegramTalker:
    """Somebody on Telegram; what they say waits there while nobody fetches it."""

    person: Person
    said: list[str] = field(default_factory=list)
    pause: tuple[float, float] = (0.2, 2.2)
    """Seconds between two messages; answers come about one a second."""

    async def opens(self, name: str) -> None:
        await self.says(f"/start 口信{name}-0")

    async def says(self, text: str) -> None:
        await self.person.says(text)
        self.said.append(text)

    def is_patient(self) -> bool:
        """Nobody goes on for ever while no answer comes."""
        return len(self.said) - len(self.person.shown()) < 5

    async def presses(self, words: str) -> None:
        if words in self.person.buttons():
            await self.person.presses(words)

    async def hears(self, words: str, *, within: float) -> bool:
        return await self.person.api.world.pulse.until(lambda: self.person.heard(words), within)


@dataclass
class PageTalker:
    """Somebody on the chat page."""

    person: WebPerson
    pause: tuple[float, float] = (0.05, 0.6)

    @property
    def said(self) -> list[str]:
        return self.person.sent

    async def opens(self, name: str) -> None:
        await self.person.opens_the_page()
        await self.says(f"/start 口信{name}-0")

    async def says(self, text: str) -> None:
        await self.person.says(text)

    def is_patient(self) -> bool:
        return True

    async def presses(self, words: str) -> None:
        await self.person.presses(words)

    async def hears(self, words: str, *, within: float) -> bool:
        return await self.person.hears(words, within=within)


Talker = TelegramTalker | PageTalker


async def talks(talker: Talker, name: str, chance: random.Random, enough: asyncio.Event) -> None:
    """Numbered words without pause, a question now and then, and once a burst pipe, from the first word to the number."""
    await talker.opens(name)
    pipe_at = chance.randrange(2, 6)
    number = 0
    while not enough.is_set() or number <= pipe_at:
        number += 1
        await asyncio.sleep(chance.uniform(*talker.pause))
        if number == pipe_at:
            await files_a_request(talker, name)
        elif talker.is_patient():
            await talker.says(QUESTION if chance.random() < 0.2 else f"/help 口信{name}-{number}")


async def files_a_request(talker: Talker, name: str) -> None:
    await talker.says(f"{PIPE}，口信{name}")
    await presses_until(talker, "同意", "请您看看对不对")
    await presses_until(talker, "提交", FILED)


async def presses_until(talker: Talker, button: str, words: str) -> None:
    """As people do: press, wait a little, press again."""
    for _ in range(30 + 10 * KILLS):
        await talker.presses(button)
        if await talker.hears(words, within=3):
            return
    raise AssertionError(f"{words!r} never came")


async def dies_again_and_again(process: ServiceProcess, chance: random.Random, enough: asyncio.Event) -> None:
    """Killed at work mostly, sometimes before it is ready; in the end it lives."""
    for life in range(KILLS):
        await process.start(warm=life > 0)
        if chance.random() < 0.3:
            await asyncio.sleep(chance.uniform(0.02, 0.6))
        else:
            await process.ready()
            await asyncio.sleep(chance.uniform(0.05, 2.5))
        await process.kill()
    await process.start()
    await process.ready()
    enough.set()


@asynccontextmanager
async def page_people(process: ServiceProcess) -> AsyncIterator[list[WebPerson]]:
    async with AsyncExitStack() as stack:
        people = []
        for number in range(ON_THE_PAGE):
            client = httpx.AsyncClient(base_url=process.address, timeout=5, trust_env=False)
            people.append(WebPerson(await stack.enter_async_context(client), f"web{number}"))
        yield people


async def settles(database: Database, api: BotApi) -> None:
    """Until nothing waits any more, on either side."""
    for _ in range(SETTLES_WITHIN * 10):
        if not api.world.updates and not await asyncio.to_thread(database.waiting):
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"this still waits: {database.waiting()}, and {len(api.world.updates)} at Telegram")


async def test_killed_again_and_again_nothing_is_lost_and_nothing_happens_twice(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    load_matcher(CACHE)  # prepared, if it was not
    async with bot_api() as api:
        process = ServiceProcess(
            tmp_path, matcher=CACHE / "matcher", token=api.token, telegram=api.address, database=DATABASE
        )
        on_telegram = [TelegramTalker(api.person()) for _ in range(ON_TELEGRAM)]
        async with page_people(process) as people:
            on_the_page = [PageTalker(person) for person in people]
            try:
                await lives_through(process, chance, on_telegram, on_the_page)
                database = Database(DATABASE or f"sqlite:///file:{process.database}?mode=ro&uri=true")
                await settles(database, api)
                pages = [await person.shown() for person in people]
                assert await process.stop() == 0
            finally:
                await process.end_whatever_happens()
        said = [talker.said for talker in on_telegram] + [talker.said for talker in on_the_page]
        with closing(database):
            found = check(database, said=said, phones=[one.person for one in on_telegram], pages=pages)
        log_says_nothing_of_it(process.log.read_text(), api.token)
        report(found | {"cut before the answer": sum(person.doubtful for person in people)}, process)


async def lives_through(
    process: ServiceProcess, chance: random.Random, on_telegram: list[TelegramTalker], on_the_page: list[PageTalker]
) -> None:
    """Everybody talks until the process has died often enough and is back."""
    enough = asyncio.Event()
    async with asyncio.TaskGroup() as group:
        group.create_task(dies_again_and_again(process, chance, enough))
        for number, phone in enumerate(on_telegram):
            group.create_task(talks(phone, f"tg{number}", random.Random(chance.random()), enough))
        for page in on_the_page:
            group.create_task(talks(page, page.person.name, random.Random(chance.random()), enough))


def log_says_nothing_of_it(log: str, token: str) -> None:
    for words in ("口信", "水管", "社区用房", "7栋", "/help", token):  # not "1204": a timestamp may say that
        assert words not in log, f"{words!r} stands in the log"


def report(found: dict[str, int], process: ServiceProcess) -> None:
    """The figures, for whoever runs this by hand with -s."""
    starts = [round(seconds, 1) for seconds in process.starts]
    print(json.dumps({"kills": KILLS, **found, "seconds to start": starts}, ensure_ascii=False), file=sys.stderr)  # noqa: T201
