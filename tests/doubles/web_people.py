"""People with the chat page open: what they do is sent until it is acknowledged, under the same id, as the page does."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import httpx

PATIENCE = 300.0
"""Seconds somebody waits for the service to come back, or for an answer."""


class WebPerson:
    """``client`` is a browser of their own; ``sent`` what was acknowledged, in order."""

    def __init__(self, client: httpx.AsyncClient, name: str) -> None:
        self.client, self.name = client, name
        self.sent: list[str] = []
        self.doubtful = 0
        """How often the connection was cut before the answer, so that nobody knew whether it had arrived."""
        self._numbers = itertools.count(1)
        self._page: dict[int, dict[str, Any]] = {}

    async def opens_the_page(self) -> None:
        answer = await self._posts("/api/chat/sessions", {})
        self.client.headers["Authorization"] = f"Bearer {answer['session']}"

    async def says(self, text: str) -> None:
        await self._posts("/api/chat/messages", {"text": text, "client_id": self._new_id()})
        self.sent.append(text)

    async def presses(self, words: str) -> bool:
        """Press the newest button that says this; False when there is none."""
        await self._looks()
        messages = sorted(self._page.values(), key=lambda message: int(message["id"]))
        offered = [(message, button) for message in messages for row in message["buttons"] for button in row]
        found = [(message["id"], button["data"]) for message, button in offered if button["text"] == words]
        if not found:
            return False
        message_id, data = found[-1]
        pressed = {"message_id": message_id, "data": data, "client_id": self._new_id()}
        await self._posts("/api/chat/presses", pressed)
        return True

    async def shown(self, *, since: int = 0) -> list[dict[str, Any]]:
        """Everything on the page, in order."""
        shown: list[dict[str, Any]] = []
        while more := await self._gets(f"/api/chat/messages?since={shown[-1]['seq'] if shown else since}"):
            shown += more
        return shown

    async def _looks(self) -> None:
        """What is new since the last look, each message in its last shape."""
        seen = max((int(message["seq"]) for message in self._page.values()), default=0)
        self._page |= {message["id"]: message for message in await self.shown(since=seen)}

    async def hears(self, words: str, *, within: float = PATIENCE) -> bool:
        """Wait until the bot has said this."""
        end = asyncio.get_running_loop().time() + within
        for _ in itertools.takewhile(lambda _: asyncio.get_running_loop().time() < end, itertools.count()):
            await self._looks()
            if any(words in message["text"] for message in self._page.values() if message["from"] == "bot"):
                return True
            await asyncio.sleep(0.1)
        return False

    def _new_id(self) -> str:
        return f"{self.name}-{next(self._numbers)}"

    async def _posts(self, path: str, content: dict[str, Any]) -> Any:
        return await self._until_answered("POST", path, json=content)

    async def _gets(self, path: str) -> Any:
        return await self._until_answered("GET", path)

    async def _until_answered(self, method: str, path: str, **content: Any) -> Any:
        async with asyncio.timeout(PATIENCE):
            for tried in itertools.count():
                try:
                    answer = await self.client.request(method, path, **content)
                except httpx.TransportError as error:
                    self.doubtful += method == "POST" and not isinstance(error, httpx.ConnectError)
                    await asyncio.sleep(0.3)
                    continue
                assert answer.status_code in (200, 201, 202, 503), f"{path}: {answer.status_code} after {tried} tries"
                if answer.status_code != 503:
                    return answer.json()
                await asyncio.sleep(0.3)
        raise AssertionError("unreachable")
