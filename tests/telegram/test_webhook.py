"""The webhook through the real web server: stored first, 200 afterwards; strangers are turned away and leave no trace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from bot.http import HttpServer
from bot.nursery import Nursery
from handlers.web.app import create_app
from handlers.web.telegram_hook import LARGEST, PATH
from storage import inbox as inbox_units
from storage.engine import Storage, StorageBusy
from storage.tables import inbox, messages
from tests.conftest import FrozenClock
from tests.doubles.bot_api import SECRET_HEADER, TOKEN, BotApi
from tests.patience import PATIENCE
from tests.telegram_office import PUBLIC, Office, open_office
from tests.web_service import web_parts


@asynccontextmanager
async def served(office: Office) -> AsyncIterator[str]:
    """The web server with the hook's route; its address."""
    router = office.channel.router
    parts = web_parts(office.storage)
    app = create_app(parts, routers=[router] if router else [])
    server = HttpServer(app, streams=parts.streams, host="127.0.0.1", port=0)
    address = f"http://127.0.0.1:{server.open()}"
    nursery = Nursery()
    running = nursery.keep_running(server.run, name="http")
    try:
        yield address
    finally:
        server.stop()
        await nursery.drain({running})


@pytest.fixture
async def office(storage: Storage, api: BotApi, clock: FrozenClock) -> AsyncIterator[Office]:
    async with open_office(storage, api, clock, mode="webhook") as opened, served(opened) as address:
        api.reach[PUBLIC] = address
        yield opened


async def starts(office: Office, api: BotApi) -> None:
    """The channel has told Telegram how updates shall come."""
    office.channel.start()
    assert await api.world.pulse.until(lambda: api.world.commands, PATIENCE)


async def test_in_webhook_mode_the_hook_is_set_at_start_and_brings_what_waited(office: Office, api: BotApi) -> None:
    ana = api.person()
    await ana.says("早")
    await starts(office, api)
    [set_up] = api.called("setWebhook")
    assert set_up["url"] == f"{PUBLIC}{PATH}"
    assert "drop_pending_updates" not in set_up
    await ana.says("晚")
    await office.worker.work_off()
    await ana.hears("您说的是:晚")
    assert ana.sees() == ["您说的是:早", "您说的是:晚"]
    assert api.called("getUpdates") == []


async def test_in_polling_mode_a_hook_left_behind_is_taken_away_and_nothing_dropped(
    storage: Storage, api: BotApi, clock: FrozenClock
) -> None:
    ana = api.person()
    api.methods.hook = {"url": "https://somewhere.example.org/hook", "secret": "x"}
    await api.world.pulse.until(lambda: False, 0)
    api.world.happened("message", ana.chat.put(ana.about, text="在吗"))
    async with open_office(storage, api, clock) as office:
        await starts(office, api)
        assert api.methods.hook == {"url": ""}
        assert await api.world.pulse.until(lambda: not api.world.updates, PATIENCE)
        await office.worker.work_off()
        await ana.hears("您说的是:在吗")


async def test_a_hook_somebody_sets_while_we_poll_is_taken_away(
    storage: Storage, api: BotApi, clock: FrozenClock
) -> None:
    ana = api.person()
    async with open_office(storage, api, clock) as office:
        await starts(office, api)
        api.methods.hook = {"url": "https://somewhere.example.org/hook", "secret": "x"}
        api.world.happened("message", ana.chat.put(ana.about, text="在吗"))
        assert await api.world.pulse.until(lambda: not api.world.updates, PATIENCE)
        assert api.methods.hook == {"url": ""}


async def test_how_updates_come_is_said_again_until_telegram_hears_it(office: Office, api: BotApi) -> None:
    """It was said once; a Telegram out of reach at that moment never brought anything."""
    api.trouble("setWebhook", "cut before")
    await starts(office, api)
    assert api.methods.hook["url"] == f"{PUBLIC}{PATH}"
    assert len(api.called("setWebhook")) == 2


@pytest.mark.parametrize("secret", [None, "", "wrong", "错的".encode(), b"\xff\xfe"])
async def test_without_the_secret_it_is_403_and_nothing_is_kept(secret: Any, office: Office, api: BotApi) -> None:
    headers = {} if secret is None else {SECRET_HEADER: secret}
    async with httpx.AsyncClient(timeout=PATIENCE) as stranger:
        answer = await stranger.post(f"{api.reach[PUBLIC]}{PATH}", json={"update_id": 1}, headers=headers)
    assert answer.status_code == 403
    assert await office.rows(inbox) == []


async def test_telegrams_secret_is_not_the_token_and_stays_the_same(office: Office) -> None:
    assert TOKEN.split(":")[1] not in office.channel.secret
    assert len(office.channel.secret) == 64


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"update_id": ', b"\xff", b"[" * 100_000, b'{"update_id":1,"x":"' + b"x" * LARGEST]
)
async def test_what_is_no_update_is_refused(body: bytes, office: Office, api: BotApi) -> None:
    async with httpx.AsyncClient(timeout=PATIENCE) as sender:
        headers = {SECRET_HEADER: office.channel.secret}
        answer = await sender.post(f"{api.reach[PUBLIC]}{PATH}", content=body, headers=headers)
    assert answer.status_code == 400
    assert await office.rows(inbox) == []


async def test_while_nothing_can_be_stored_telegram_is_told_to_wait_and_comes_again(
    office: Office, api: BotApi, storage: Storage
) -> None:
    await starts(office, api)
    full = storage.run

    async def busy(*_: Any, **__: Any) -> Any:
        raise StorageBusy("disk full")

    storage.run = busy  # type: ignore[method-assign]
    ana = api.person()
    await ana.says("在吗")
    assert await api.pushes() == [503]
    storage.run = full  # type: ignore[method-assign]
    assert await api.pushes() == [200]
    await office.worker.work_off()
    assert "在吗" in await office.column(messages.c.text)


async def test_the_same_update_brought_twice_is_one(office: Office, api: BotApi) -> None:
    ana = api.person()
    told = api.world.happened("message", ana.chat.put(ana.about, text="一"))
    headers = {SECRET_HEADER: office.channel.secret}
    async with httpx.AsyncClient(timeout=PATIENCE) as telegram, asyncio.TaskGroup() as group:
        for _ in range(5):
            group.create_task(telegram.post(f"{api.reach[PUBLIC]}{PATH}", json=told, headers=headers))
    assert len(await office.rows(inbox)) == len(await office.rows(messages)) == 1


async def test_an_undecodable_update_is_taken_and_parked(office: Office, api: BotApi) -> None:
    await starts(office, api)
    api.world.injected({"telepathy": {"thought": "坏"}})
    assert await api.pushes() == [200]
    await office.worker.work_off()
    [parked] = await office.storage.read(inbox_units.parked)
    assert parked["error"] == "cannot be decoded: UpdateTypeLookupError"
