"""A service that sends text messages: it checks every signature, keeps what it got, and answers what it is told to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientSession, web

from bot.nursery import Nursery
from bot.outbox_worker import OutboxWorker
from bot.texts.channel import PACE
from bot.texts.delivery import deliverer
from handlers.texts.catalogue import load_catalogue
from knowledge import signatures
from storage import texting
from storage.engine import Storage

SECRET = "a-secret-of-the-telephone"


class TextService:
    def __init__(self) -> None:
        self.got: list[tuple[dict[str, Any], str]] = []
        self.answers: list[int] = []

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        stamp, signature = (request.headers[name].encode() for name in (signatures.TIMESTAMP, signatures.SIGNATURE))
        now = datetime.fromtimestamp(int(stamp), UTC)
        assert signatures.problem(SECRET, body, timestamp=stamp, signature=signature, now=now) is None
        self.got.append((json.loads(body), request.headers["Idempotency-Key"]))
        status = self.answers.pop(0) if self.answers else 200
        return web.Response(status=status, headers={"Retry-After": "7"} if status == 429 else {})

    def texted(self, number: str) -> list[str]:
        """What this number got, each letter once."""
        got = {told["id"]: told["text"] for told, _ in self.got if told["to"] == number}
        return list(got.values())


@asynccontextmanager
async def sending(storage: Storage) -> AsyncIterator[tuple[TextService, OutboxWorker]]:
    service, nursery = TextService(), Nursery()
    app = web.Application()
    app.router.add_post("/send", service.receive)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}/send"
    try:
        async with ClientSession() as session:
            deliver = deliverer(storage, load_catalogue(), url=url, secret=SECRET, session=lambda: session)
            await storage.run(texting.switch, True)
            yield service, OutboxWorker(storage, deliver, nursery, channel="phone", owner="test", pace=PACE)
    finally:
        await nursery.cancel()
        await runner.cleanup()
