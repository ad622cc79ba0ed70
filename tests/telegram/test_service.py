"""The whole service as it is started, with Telegram at its other end: a question, a burst pipe, a farewell."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import func, select

from bot.database import open_storage
from bot.service import Service
from bot.settings import Settings
from handlers.web.telegram_hook import PATH
from knowledge import ticket_numbers
from storage import desk_health
from storage.tables import chats, inbox, outbox, tickets
from storage.transaction import Tx
from tests.doubles.bot_api import BotApi
from tests.patience import PATIENCE
from tests.scenarios.conftest import CACHE
from tests.shared_room import empty_database
from tests.telegram_office import NOT_PACED, PUBLIC

PIPE = "7栋1204厨房水管爆了"
QUESTION = "一百户要配多大的社区用房？"


@asynccontextmanager
async def started(api: BotApi, folder: Path, **more: Any) -> AsyncIterator[Service]:
    """The service, running; it is stopped as SIGTERM stops it."""
    given: dict[str, Any] = {
        "database_url": f"sqlite:///{folder / 'lianxin.db'}",
        "data_dir": CACHE,
        "telegram_token": api.token,
        "telegram_api": api.address,
        "http_port": 0,
    }
    settings = Settings(_env_file=None, **given | more)  # type: ignore[call-arg]
    if not settings.is_postgres and not settings.sqlite_path.exists():
        shutil.copyfile(empty_database(), settings.sqlite_path)
    storage = await open_storage(settings)
    stop = asyncio.Event()
    service = Service(settings, storage, pace=NOT_PACED)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(service.run(stop))
            try:
                await _serving(service)
                yield service
            finally:
                stop.set()
    finally:
        await storage.close()


async def _serving(service: Service) -> None:
    for _ in range(int(PATIENCE * 100)):
        if service.server.started:
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the server did not start")


def _page(service: Service) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=f"http://127.0.0.1:{service.server.port}", timeout=PATIENCE)


def _count(tx: Tx, table: Any) -> int:
    return int(tx.scalar(select(func.count()).select_from(table)))


def _states(tx: Tx) -> tuple[set[str], set[str]]:
    """What became of everything that came in, and of everything that went out."""
    coming, going = tx.tuples(select(inbox.c.state)), tx.tuples(select(outbox.c.state))
    return {state for (state,) in coming}, {state for (state,) in going}


async def test_from_a_question_to_a_ticket_and_back_after_a_block(
    api: BotApi, tmp_path: Path, logged: list[Any]
) -> None:
    ana = api.person()
    await ana.says(QUESTION)  # before the service is there: Telegram keeps it
    async with started(api, tmp_path) as service:
        answer = await ana.hears("二(一)")
        assert "渝民发〔2013〕30号" in answer
        assert {"有帮助", "没帮上", "找人问"} <= set(ana.buttons())
        await ana.presses("有帮助")

        await ana.says(PIPE)
        await ana.hears("同意吗")
        await ana.presses("同意")
        summary = await ana.hears("请您看看对不对")
        assert "7栋1204" in summary
        presses = await ana.presses("提交", times=3)
        told = await ana.hears("登记好了")
        assert ticket_numbers.find(told) is not None
        await ana.hears("没有重复登记", times=2)
        await api.world.pulse.until(lambda: all(press.answers for press in presses), PATIENCE)
        assert [len(press.answers) for press in presses] == [1, 1, 1]
        assert await service.storage.read(_count, tickets) == 1

        await ana.blocks()
        await api.world.pulse.until(lambda: not api.world.updates, PATIENCE)
        await ana.unblocks()
        await ana.says("/help")
        await ana.hears("您好")
        assert await service.storage.read(lambda tx: tx.scalar(select(chats.c.blocked_at))) is None
    assert [command["command"] for command in api.world.commands] == [
        "start",
        "tickets",
        "person",
        "mydata",
        "language",
    ]
    assert not [line for line in logged if line["log_level"] in ("warning", "error")]


async def test_stopping_loses_nothing_that_was_said_or_owed(api: BotApi, tmp_path: Path) -> None:
    """Stopped in the middle of work, and started again: everybody is answered, once."""
    people = [api.person() for _ in range(5)]
    for turn in range(3):
        async with started(api, tmp_path):
            for person in people:
                await person.says(f"/help {turn}")
            await people[turn].hears("您好", times=turn + 1)
    async with started(api, tmp_path) as service:
        for person in people:
            await person.hears("您好", times=3)
        assert [len(person.heard("您好")) for person in people] == [3] * 5
        assert await service.storage.read(_states) == ({"done"}, {"sent"})


async def test_a_strange_update_reaches_staffs_list_and_the_chat_goes_on(api: BotApi, tmp_path: Path) -> None:
    ana = api.person()
    api.refuses("setMyCommands", 404, "Not Found", times=99)  # a server that knows no menus: nothing waits for it
    api.world.injected({"telepathy": {"from": ana.about}})
    await ana.says("/help")
    async with started(api, tmp_path) as service:
        await ana.hears("您好")
        found = await service.storage.read(desk_health.health)
        assert [row["error"] for row in found.parked] == ["cannot be decoded: UpdateTypeLookupError"]
        assert await service.storage.read(desk_health.troubles) == 1


async def test_by_webhook_the_same_service_answers(api: BotApi, tmp_path: Path) -> None:
    ana = api.person()
    async with started(api, tmp_path, telegram_mode="webhook", public_url=PUBLIC) as service:
        api.reach[PUBLIC] = f"http://127.0.0.1:{service.server.port}"
        assert await api.world.pulse.until(lambda: api.world.commands, PATIENCE)
        await ana.says("/help")
        await ana.hears("您好")
        async with httpx.AsyncClient(timeout=PATIENCE) as stranger:
            assert (await stranger.post(f"{api.reach[PUBLIC]}{PATH}", json={"update_id": 5})).status_code == 403
        assert await service.storage.read(_count, inbox) == 1


async def test_with_a_wrong_token_the_chat_page_works_on(api: BotApi, tmp_path: Path, logged: list[Any]) -> None:
    async with started(api, tmp_path, telegram_token="1:revoked") as service:
        async with _page(service) as page:
            session = (await page.post("/api/chat/sessions")).json()["session"]
            headers = {"Authorization": f"Bearer {session}"}
            sent = await page.post("/api/chat/messages", json={"text": "/help", "client_id": "a1"}, headers=headers)
            assert sent.status_code == 202
            shown: list[Any] = []
            async with asyncio.timeout(PATIENCE):
                while len(shown) < 3:
                    await asyncio.sleep(0.05)
                    shown = (await page.get("/api/chat/messages?since=0", headers=headers)).json()
        assert "您好" in "".join(message["text"] for message in shown)
    assert "Telegram refuses the token" in next(line["event"] for line in logged if line["log_level"] == "error")
