"""The console before a real browser: the app on a port of its own, and its database open to whoever tells a story."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext
from pathlib import Path
from typing import Any

from bot.http import HttpServer
from handlers.web.parts import WebParts
from storage.sqlite import SQLiteStorage
from tests.console_routes import console_addresses
from tests.desk_service import desk_app
from tests.patience import PATIENCE
from tests.web_service import web_parts


class DeskService:
    """The app with its console on a real port, on a thread of its own; ``run`` changes its database from outside."""

    def __init__(self, database: Path, **others: Any) -> None:
        """``others``: parts the console has beside its storage."""
        self._database, self._others = database, others
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(PATIENCE), "the service did not start"

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._server.stop)
        self._thread.join(PATIENCE)

    def run(self, unit: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        done = asyncio.run_coroutine_threadsafe(self._storage.run(unit, *args, **kwargs), self._loop)
        return done.result(PATIENCE)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        async with AsyncExitStack() as stack:
            self._storage = SQLiteStorage(self._database)
            await self._storage.open()
            stack.push_async_callback(self._storage.close)
            parts = web_parts(self._storage, **self._others)
            await stack.enter_async_context(self._at_work(parts))
            self.addresses = console_addresses(parts)
            self._server = HttpServer(desk_app(parts), streams=parts.streams, host="127.0.0.1", port=0)
            self.address = f"http://127.0.0.1:{self._server.open()}"
            self._loop.call_later(0.05, self._ready.set)
            await self._server.run()

    def _at_work(self, parts: WebParts) -> AbstractAsyncContextManager[None]:
        """What else goes on while it serves: nobody hears residents here."""
        return nullcontext()
