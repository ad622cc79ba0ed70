"""The service as its own process, to be started, killed at any instant, and started again on the same data."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import sys
import time
from pathlib import Path

import httpx

from tests.doubles.warm_start import WarmProcess, begin
from tests.patience import PATIENCE

COMMAND = Path(sys.executable).parent / "lianxin"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as asked:
        return int(asked.getsockname()[1])


class ServiceProcess:
    """``lianxin serve`` with its own data folder; the port stays the same from one life to the next.

    ``database``: another than the SQLite file in that folder. ``demo``: with the demo community in it.
    """

    def __init__(
        self,
        folder: Path,
        *,
        matcher: Path,
        token: str = "",
        telegram: str = "http://127.0.0.1:1",
        database: str = "",
        demo: bool = False,
    ) -> None:
        self.folder, self.port = folder, free_port()
        self.log, self.printed = folder / "stderr.log", folder / "stdout.log"
        self.data = folder / "data"
        self.starts: list[float] = []
        """Seconds each life took until it was ready."""
        self._process: asyncio.subprocess.Process | WarmProcess | None = None
        if matcher.exists():
            shutil.copytree(matcher, self.data / "matcher")
        self._environment = {name: value for name, value in os.environ.items() if not name.startswith("LIANXIN_")} | {
            "LIANXIN_DATA_DIR": str(self.data),
            "LIANXIN_HTTP_PORT": str(self.port),
            "LIANXIN_TELEGRAM_TOKEN": token,
            "LIANXIN_TELEGRAM_API": telegram,
            "LIANXIN_DATABASE_URL": database,
            "LIANXIN_DEMO": "1" if demo else "0",
        }

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def database(self) -> Path:
        return self.data / "lianxin.db"

    async def start(self, *, warm: bool = True) -> None:
        """Not warm: by the installed script, which takes some seconds longer."""
        if warm:
            files = {"folder": self.folder, "printed": self.printed, "log": self.log}
            self._process = await begin("serve", environment=self._environment, **files)
            return
        with self.log.open("ab") as log, self.printed.open("ab") as printed:
            self._process = await asyncio.create_subprocess_exec(
                COMMAND, "serve", cwd=self.folder, env=self._environment, stdout=printed, stderr=log
            )

    async def ready(self) -> None:
        """Wait until it says so."""
        begun = time.monotonic()
        async with httpx.AsyncClient(base_url=self.address, timeout=2, trust_env=False) as client:
            while not await _says_ready(client):
                assert self._process is not None
                assert self._process.returncode is None, f"it ended by itself: {self._last_words()}"
                assert time.monotonic() - begun < 2 * PATIENCE, "it did not become ready"
                await asyncio.sleep(0.05)
        self.starts.append(time.monotonic() - begun)

    def _last_words(self) -> str:
        return f"{self.printed.read_text('utf-8')[-500:]}\n{self.log.read_text('utf-8')[-2000:]}"

    async def sign_in_link(self) -> str:
        """The way in to the console that the first life prints."""
        for _ in range(int(PATIENCE * 10)):
            if found := re.search(r"\S+/console/enter\S+", self.printed.read_text("utf-8")):
                return found[0]
            await asyncio.sleep(0.1)
        raise AssertionError(f"no sign-in link was printed: {self.printed.read_text('utf-8')}")

    async def kill(self) -> None:
        """As ``kill -9``, or the power cut, does it."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> int:
        """As an operator does it; the exit code."""
        return await self._end(signal.SIGTERM)

    async def _end(self, how: signal.Signals) -> int:
        assert self._process is not None
        self._process.send_signal(how)
        return await asyncio.wait_for(self._process.wait(), PATIENCE)

    async def end_whatever_happens(self) -> None:
        if self._process is not None and self._process.returncode is None:
            await self.kill()


async def _says_ready(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/readyz")).status_code == 200
    except httpx.TransportError:
        return False
