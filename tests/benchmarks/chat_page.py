"""From sending a message on the chat page to reading the reply: the whole service, over real HTTP, at a steady rate.

``lianxin serve`` runs as a process of its own on an empty database; residents listen to their event streams and take
turns to write, whether or not earlier replies have come. Between the bursts a bare request (``GET /healthz``, the least the
service can be asked) goes to and fro alone; the ratios are to its median.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import socket
import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.benchmarks.town import HERE, KNOWLEDGE

RESIDENTS, RATE, SECONDS, ROUNDS, BARE = 25, 50, 3.0, 4, 60
PATIENCE = 120.0
"""Seconds a reply, or the service's start, may take before the benchmark gives up."""
SERVE = "from bot.main import main; main(['serve'])"
SAID = {
    "greeting": ("您好", "你好呀", "在吗"),
    "policy": (
        "请问居委会要管多少户才能成立",
        "楼栋长是怎么产生的",
        "居务公开多久公布一次",
        "人民调解委员会管哪些事情",
        "居委会一般配几个人",
        "社区服务站要多大面积",
    ),
}
COUNTER = itertools.count()


@dataclass(slots=True)
class Resident:
    """Somebody with the page open. Replies come in the order of what was said."""

    client: httpx.AsyncClient
    headers: dict[str, str]
    asked: deque[float] = field(default_factory=deque)
    took: list[float] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def says(self, text: str) -> None:
        self.asked.append(time.perf_counter())
        said = {"text": text, "client_id": f"c{next(COUNTER)}"}
        (await self.client.post("/api/chat/messages", json=said, headers=self.headers)).raise_for_status()

    async def listens(self, opened: asyncio.Event) -> None:
        async with self.client.stream("GET", "/api/chat/events", headers=self.headers, timeout=None) as stream:
            async for line in stream.aiter_lines():
                opened.set()
                if line.startswith("data:"):
                    self._hears(json.loads(line[5:]))

    def _hears(self, message: dict[str, object]) -> None:
        if message["from"] == "bot" and self.asked:
            self.took.append(time.perf_counter() - self.asked.popleft())
            self.heard.set()

    async def answered(self) -> None:
        """Until everything they said has its reply."""
        while self.asked:
            self.heard.clear()
            await self.heard.wait()


async def measure(
    *, residents: int = RESIDENTS, seconds: float = SECONDS, rounds: int = ROUNDS, bare: int = BARE
) -> dict[str, float]:
    """p50, p95 and p99 in milliseconds for each kind of message, and each ÷ the bare round trip."""
    replies: dict[str, list[float]] = {kind: [] for kind in SAID}
    trips: list[float] = []
    async with _service() as client, _neighbours(client, residents) as everybody:
        for texts in SAID.values():
            await _burst(everybody, texts, residents / RATE)  # the first of everything is not measured
        for _ in range(rounds):
            for kind, texts in SAID.items():
                trips += await _bare(client, bare)
                replies[kind] += await _burst(everybody, texts, seconds)
    return _figures(replies, statistics.median(trips))


def _figures(replies: dict[str, list[float]], trip: float) -> dict[str, float]:
    found = {"chat_messages_per_s": RATE, "bare_round_trip_ms": round(trip * 1000, 2)}
    for kind, took in replies.items():
        cuts = statistics.quantiles(took, n=100)
        for name, at in (("p50", 49), ("p95", 94), ("p99", 98)):
            found[f"chat_{kind}_{name}_ms"] = round(cuts[at] * 1000, 1)
            found[f"chat_{kind}_{name}_to_bare"] = round(cuts[at] / trip, 1)
    return found


async def _burst(everybody: Sequence[Resident], texts: Sequence[str], seconds: float) -> list[float]:
    """Messages at the steady rate; what every reply took."""
    begun = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number in range(max(2, round(seconds * RATE))):
            await asyncio.sleep(begun + number / RATE - time.perf_counter())
            group.create_task(everybody[number % len(everybody)].says(texts[number % len(texts)]))
    async with asyncio.timeout(PATIENCE):
        for resident in everybody:
            await resident.answered()
    took = [seconds for resident in everybody for seconds in resident.took]
    for resident in everybody:
        resident.took.clear()
    return took


async def _bare(client: httpx.AsyncClient, count: int) -> list[float]:
    trips = []
    for _ in range(count):
        start = time.perf_counter()
        (await client.get("/healthz")).raise_for_status()
        trips.append(time.perf_counter() - start)
    return trips


@asynccontextmanager
async def _neighbours(client: httpx.AsyncClient, count: int) -> AsyncIterator[list[Resident]]:
    """Residents with their pages open and listening."""
    everybody = []
    for _ in range(count):
        session = (await client.post("/api/chat/sessions")).raise_for_status().json()["session"]
        everybody.append(Resident(client, {"Authorization": f"Bearer {session}"}))
    client.cookies.clear()
    opened = [asyncio.Event() for _ in everybody]
    async with asyncio.TaskGroup() as group:
        streams = [group.create_task(one.listens(event)) for one, event in zip(everybody, opened, strict=True)]
        await asyncio.gather(*(event.wait() for event in opened))
        yield everybody
        for stream in streams:
            stream.cancel()


@asynccontextmanager
async def _service() -> AsyncIterator[httpx.AsyncClient]:
    """The service on an empty database and a free port, stopped afterwards."""
    port = _free_port()
    address = f"http://127.0.0.1:{port}"
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (folder / "matcher").symlink_to(KNOWLEDGE / "matcher")
        given = {name: value for name, value in os.environ.items() if not name.startswith("LIANXIN_")}
        settings = {"LIANXIN_DATA_DIR": str(folder), "LIANXIN_HTTP_PORT": str(port), "PYTHONPATH": str(HERE)}
        child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            SERVE,
            cwd=folder,
            env=given | settings,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        stack.push_async_callback(_ended, child)
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
        client = await stack.enter_async_context(httpx.AsyncClient(base_url=address, limits=limits, timeout=PATIENCE))
        await _answers(client, child)
        yield client


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


async def _answers(client: httpx.AsyncClient, child: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(PATIENCE):
        while child.returncode is None:
            with contextlib.suppress(httpx.TransportError):
                if (await client.get("/readyz")).is_success:
                    return
            await asyncio.sleep(0.1)
    raise RuntimeError(f"lianxin serve ended with {child.returncode}")


async def _ended(child: asyncio.subprocess.Process) -> None:
    with contextlib.suppress(ProcessLookupError):
        child.terminate()
    await child.wait()
