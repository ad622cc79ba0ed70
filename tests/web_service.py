"""The chat page with a small bot behind it: the real app, server and inbox worker, and a dispatcher of a few lines."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from copy import copy
from functools import cache
from pathlib import Path
from typing import Any

from aiogram import Bot, Dispatcher
from aiogram.enums import ContentType
from aiogram.types import CallbackQuery, Message
from argon2 import PasswordHasher
from fastapi import FastAPI
from prometheus_client import CollectorRegistry
from starlette.datastructures import State

from bot.http import HttpServer
from bot.inbox_worker import InboxWorker
from bot.nursery import Nursery
from handlers.incoming import Incoming
from handlers.outcome import Button, Edit, Outcome, Say, say
from handlers.web.app import create_app
from handlers.web.console import console_router
from handlers.web.console.desk_pages import Console
from handlers.web.console.passwords import Passwords
from handlers.web.parts import WebParts
from handlers.web.streams import Streams
from knowledge.sealing import Seal
from storage.engine import Storage
from storage.sqlite import SQLiteStorage
from tests.patience import PATIENCE

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
NOBODYS = CHEAP.hash("nobody's")
"""What costs a burglar a tenth of a second a guess would cost these tests a minute; one in tests/test_sign_in.py pays."""
SEAL = Seal(b"a secret of the tests, which nobody else knows")
CHOICES = (
    (Button("厨房", "place:kitchen"), Button("卫生间", "place:bath")),
    (Button("打给值班室 023-00000000", "tel:02300000000"),),
)


async def answer(message: Message) -> Outcome[Any]:
    """Repeats words, asks where a leak is, and names the kind of whatever else came."""
    if message.text == "漏水":
        return say(Say("漏水的地方在哪儿?", buttons=CHOICES))
    if message.text:
        return say(Say(f"您说的是:{message.text}"))
    return say(Say(f"收到{ContentType(message.content_type).value}:{message.caption or ''}"))


async def choose(press: CallbackQuery, incoming: Incoming) -> Outcome[Any]:
    """Takes the buttons away; a press on what is not there any more gets a notice."""
    if incoming.pressed is None:
        return say().with_toast("这个按钮已经用过了")
    return say(Edit(incoming.pressed.id, "漏水的地方:厨房"), Say("记下了。"))


@cache
def small_dispatcher() -> Dispatcher:
    dispatcher = Dispatcher()
    dispatcher.message.register(answer)
    dispatcher.callback_query.register(choose)
    return dispatcher


def web_parts(storage: Storage, **others: Any) -> WebParts:
    return WebParts(
        seal=SEAL, storage=storage, streams=Streams(storage.signals), registry=CollectorRegistry(), **others
    )


def app_of(parts: WebParts, *, console: bool = False) -> FastAPI:
    """The service's app with these parts. Its routes are made once: making them takes longer than most stories."""
    app = copy(_with_routes(console))
    app.state = State({"parts": parts, "console": Console(parts, passwords=Passwords(CHEAP, nobodys=NOBODYS))})
    app.middleware_stack = None
    return app


@cache
def _with_routes(console: bool) -> FastAPI:
    nobodys = web_parts(SQLiteStorage(Path("nowhere")))
    return create_app(nobodys, routers=[console_router()] if console else [])


@asynccontextmanager
async def working(parts: WebParts, dispatcher: Dispatcher | None = None) -> AsyncIterator[None]:
    """The inbox is worked on while this lasts: by the small bot, where nothing else is given."""
    nursery = Nursery()
    worker = InboxWorker(
        parts.storage,
        dispatcher or small_dispatcher(),
        {"web": Bot("1:web")},
        nursery,
        owner="test",
        apology=lambda scene: say(Say("出了点问题")),
        toast=lambda row, update, text: parts.streams.notice(row.chat_id, text) if text else None,
    )
    running = nursery.keep_running(worker.run, name="inbox")
    try:
        yield
    finally:
        worker.stop()
        await nursery.drain({running})
        await nursery.cancel()


class WebService:
    """Everything on a real port, on a thread of its own: for browsers, and for whoever cuts connections."""

    def __init__(self, database: Path, *, port: int = 0) -> None:
        self._database = database
        self.port = port
        self._ready = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self._ready.clear()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)
        self._thread.start()
        assert self._ready.wait(PATIENCE), "the service did not start"

    def stop(self) -> None:
        assert self._thread is not None
        self._loop.call_soon_threadsafe(self._server.stop)
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive(), "the service did not stop"

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with AsyncExitStack() as stack:
            storage = SQLiteStorage(self._database)
            await storage.open()
            stack.push_async_callback(storage.close)
            parts = web_parts(storage)
            await stack.enter_async_context(working(parts))
            self._server = HttpServer(app_of(parts), streams=parts.streams, host="127.0.0.1", port=self.port)
            self.port = self._server.open()
            self._loop.call_later(0.05, self._ready.set)
            await self._server.run()
