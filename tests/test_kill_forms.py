"""The process dies in the middle of every form, again and again, and everybody goes on where they were.

All forms are walked at the same time, step by step; in every step the real ``lianxin serve`` is killed with ``kill -9``
while the words are on their way, and started again. Nobody says anything twice, and nobody has to.
"""

from __future__ import annotations

import asyncio
import random
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from knowledge.matcher import load_matcher
from tests.doubles.service_process import ServiceProcess
from tests.doubles.web_people import WebPerson
from tests.kill_ledger import Database
from tests.scenarios.conftest import CACHE
from tests.scenarios.test_own_data import code_in

SEED = 20261126
LIFT = "3栋2单元的电梯门关不上了"
LOOKS, LOOKS_EVERY = 400, 0.3
"""So often somebody looks at their page, and after so many seconds again, before they give up."""
SUMMARY, FILED, CONSENT = "请您看看对不对", "登记好了", "您同意吗"
Step = tuple[str, str, str]
"""How (``says``, ``presses``, ``may press`` where there is such a button, or ``waits``), what, and what is heard then."""

AGREE = ("presses", "同意", SUMMARY)
SUBMIT = ("presses", "提交", FILED)
WAIT = ("waits", "", "")
STORIES: dict[str, Sequence[Step]] = {
    "request": [
        ("says", "7栋1204厨房水管爆了", CONSENT),
        AGREE,
        ("says", "打13900000001", "电话：139"),
        SUBMIT,
    ],
    "neighbour": [("says", LIFT, CONSENT), AGREE, SUBMIT],
    "joining": [
        WAIT,
        WAIT,
        WAIT,
        ("says", LIFT, CONSENT),
        ("presses", "同意", "已经有人报过"),
        ("says", "我也是", "告诉您"),
    ],
    "dispute": [
        ("says", "楼上半夜拖桌子，吵得睡不着", CONSENT),
        ("presses", "同意", "在哪里"),
        ("says", "5栋2单元802", ""),
    ],
    "volunteer": [("says", "我想报名当志愿者，周六有空，会修电脑", "您看看"), ("presses", "同意，登记", "LV-")],
    "suggestion": [("says", "建议在楼下装几把椅子", CONSENT), AGREE, SUBMIT],
    "praise": [("says", "我要表扬物业的王师傅，修水管修得又快又好", CONSENT), AGREE, ("presses", "提交", "已经记下")],
    "complaint": [
        ("says", "我要投诉窗口的工作人员，骂人", CONSENT),
        ("presses", "同意", "替您保密吗"),
        ("presses", "要保密", SUMMARY),
        SUBMIT,
    ],
    "appointment": [
        ("says", "转人工", "您"),
        ("may press", "不等了，约个时间", ""),
        ("presses", "给我打电话", "打哪个电话"),
        ("says", "13900000002", "13900000002"),
    ],
    "correction": [("says", "我要改电话", "新的电话号码"), ("says", "13900000003", "改好了")],
    "deletion": [
        ("says", "我的电话改成13900000004", "改好了"),
        ("says", "删除我的资料", "真的删掉"),
        ("presses", "继续删除", "最后问一次"),
        ("presses", "是的，删除", "都删掉了"),
    ],
    "elder": [("says", "让我女儿帮我看工单", "到哪一步"), ("presses", "能看，也能办", "代办码"), WAIT, WAIT],
    "daughter": [WAIT, WAIT, ("says", "{code}", "您可以替")],
    "verdict": [
        ("says", "11栋楼道灯不亮了", CONSENT),
        AGREE,
        SUBMIT,
        ("says", "没修好", "重新办"),
        ("says", "换了灯泡还是不亮", "转给负责人"),
    ],
}
"""Each form by a resident of its own."""
COUNTED = {
    "one ticket for each that was filed": ("SELECT count(*), count(DISTINCT description) FROM tickets", None),
    "one follower": ("SELECT count(*) FROM ticket_followers WHERE kind = 'me_too'", [(1,)]),
    "one open appointment": ("SELECT count(*) FROM appointments WHERE state = 'open'", [(1,)]),
    "the telephone as corrected": ("SELECT count(*) FROM residents WHERE phone = '13900000003'", [(1,)]),
    "nothing of who left": ("SELECT count(*) FROM residents WHERE phone = '13900000004'", [(0,)]),
    "one authority, used": (
        "SELECT count(*) FROM proxies WHERE accepted_at IS NOT NULL AND ended_at IS NULL",
        [(1,)],
    ),
    "one verdict, and its reason": (
        "SELECT solved, reason FROM call_backs ORDER BY id",
        [("not_solved", None), (None, "换了灯泡还是不亮")],
    ),
    "every update done": ("SELECT state, count(*) FROM inbox WHERE state <> 'done' GROUP BY state", []),
    "and once": ("SELECT update_key FROM inbox GROUP BY channel, update_key HAVING count(*) > 1", []),
}


@dataclass
class Walk:
    """One resident on their way through one form."""

    name: str
    person: WebPerson
    steps: Sequence[Step]

    async def does(self, at: int, code: Callable[[], str]) -> None:
        if at >= len(self.steps):
            return
        how, what, heard = self.steps[at]
        before = set(await self.said_by_bot())
        if how == "says":
            await self.person.says(what.format(code=code()) if "{" in what else what)
        if how == "presses":
            await self.presses(what)
        if how == "may press" and not await self.person.presses(what):
            return
        if how != "waits":
            await self.hears(heard, before, f"{self.name}, step {at}: {what} -> {heard}")

    async def presses(self, words: str) -> None:
        for _ in range(LOOKS):
            if await self.person.presses(words):
                return
            await asyncio.sleep(LOOKS_EVERY)
        raise AssertionError(f"{self.name}: no button says {words}; there stands {await self.said_by_bot()}")

    async def hears(self, words: str, before: set[int], told: str) -> None:
        for _ in range(LOOKS):
            fresh = [text for id, text in (await self.said_by_bot()).items() if id not in before]
            if fresh and (not words or any(words in each for each in fresh)):
                return
            await asyncio.sleep(LOOKS_EVERY)
        raise AssertionError(f"{told}; heard {fresh}")

    async def said_by_bot(self) -> dict[int, str]:
        """What stands there, by its id: somebody who has everything deleted sees less than before."""
        return {one["id"]: one["text"] for one in await self.person.shown() if one["from"] == "bot"}


async def test_killed_in_the_middle_of_every_form_everybody_goes_on(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    load_matcher(CACHE)  # prepared, if it was not
    process = ServiceProcess(tmp_path, matcher=CACHE / "matcher")
    async with AsyncExitStack() as stack:
        walks = []
        for name, steps in STORIES.items():
            client = httpx.AsyncClient(base_url=process.address, timeout=5, trust_env=False)
            walks.append(Walk(name, WebPerson(await stack.enter_async_context(client), name), steps))
        try:
            await _everybody_walks(process, walks, chance)
            assert await process.stop() == 0
        finally:
            await process.end_whatever_happens()
    with closing(Database(f"sqlite:///file:{process.database}?mode=ro&uri=true")) as database:
        _nothing_lost_nothing_doubled(database, walks)


async def _everybody_walks(process: ServiceProcess, walks: list[Walk], chance: random.Random) -> None:
    await process.start()
    await process.ready()
    for walk in walks:
        await walk.person.opens_the_page()
    elder = next(walk for walk in walks if walk.name == "elder")
    given: list[str] = []
    for at in range(max(len(walk.steps) for walk in walks)):
        if at == 2:
            given.append(code_in("\n".join((await elder.said_by_bot()).values())))
        if at == 3:
            _say_it_is_done(process.database)
        step = [asyncio.create_task(walk.does(at, lambda: given[0])) for walk in walks]
        await asyncio.sleep(chance.uniform(0.02, 0.8))
        await process.kill()
        await process.start()
        await process.ready()
        await asyncio.gather(*step)


def _say_it_is_done(path: Path) -> None:
    """What staff would have done meanwhile: the lamp is reported as mended and its resident asked."""
    with closing(sqlite3.connect(path, timeout=30)) as database:
        done = "UPDATE tickets SET state = 'calling_back' WHERE description LIKE '%楼道灯%'"
        database.execute(done)
        database.commit()


def _nothing_lost_nothing_doubled(database: Database, walks: list[Walk]) -> None:
    for name, (query, expected) in COUNTED.items():
        found = database.rows(query)
        if expected is None:
            [(number, different)] = found
            assert number == different, name
        else:
            assert found == expected, name
    stored: dict[str, int] = {}
    for (text,) in database.rows("SELECT text FROM messages WHERE sender = 'resident'"):
        stored[text] = stored.get(text, 0) + 1
    said: dict[str, int] = {}
    for walk in walks:
        for text in walk.person.sent if walk.name != "deletion" else ():
            said[text] = said.get(text, 0) + 1
    assert stored == said, "something said is not there, or is there twice"
    open_forms: list[tuple[Any, ...]] = database.rows("SELECT form, step FROM drafts WHERE state = 'open'")
    assert {form for form, _ in open_forms} <= {"dispute", "volunteer"}, open_forms
