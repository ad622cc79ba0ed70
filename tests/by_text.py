"""People with a keypad telephone: they text, are texted, and neither side sees more than a telephone shows.

async with keypads(town) as texts:
    wang = texts.phone("13800000011")
    heard = await wang.texts("厨房水管爆了")
"""

from __future__ import annotations

import itertools
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx

from bot.outbox_worker import OutboxWorker
from handlers.web.app import create_app
from handlers.web.telephone_hook import PATH, telephone_router
from knowledge import signatures
from tests.conftest import FrozenClock
from tests.doubles.text_service import SECRET, TextService, sending
from tests.town import Town
from tests.web_service import web_parts

COUNTER = itertools.count(1)


class Exchange:
    """The way in (the signed webhook), the dispatcher, and the way out (the service that sends texts)."""

    def __init__(self, town: Town, client: httpx.AsyncClient, service: TextService, worker: OutboxWorker) -> None:
        self.town, self.client, self.service, self.worker = town, client, service, worker

    def phone(self, number: str) -> Keypad:
        return Keypad(self, number)

    async def tells(self, **told: Any) -> httpx.Response:
        """One event, signed."""
        body = json.dumps({"id": f"x{next(COUNTER)}"} | told).encode()
        return await self.client.post(
            PATH, content=body, headers=signatures.sign(SECRET, body, at=self.town.storage.clock())
        )

    async def settles(self) -> None:
        """Everything that can happen now has happened, and what may go out has gone."""
        await self.town.works()
        clock: FrozenClock = self.town.storage.clock  # type: ignore[assignment]
        while await self.worker.send_some():
            clock.move(seconds=2)


class Keypad:
    def __init__(self, exchange: Exchange, number: str) -> None:
        self.exchange, self.number = exchange, number
        self._seen = 0

    async def texts(self, words: str, **beside: Any) -> list[str]:
        """Text these words; what comes back."""
        await self.hears()
        answer = await self.exchange.tells(**{"event": "text", "from": self.number, "text": words} | beside)
        assert answer.status_code == 200, answer.text
        return await self.hears()

    async def hears(self) -> list[str]:
        """Texts that came since the last look."""
        await self.exchange.settles()
        got = self.exchange.service.texted(self.number)
        fresh, self._seen = got[self._seen :], len(got)
        return fresh


@asynccontextmanager
async def keypads(town: Town) -> AsyncIterator[Exchange]:
    app = create_app(web_parts(town.storage), routers=[telephone_router(SECRET)])
    transport = httpx.ASGITransport(app)
    async with (
        sending(town.storage) as (service, worker),
        httpx.AsyncClient(transport=transport, base_url="http://desk") as client,
    ):
        yield Exchange(town, client, service, worker)
