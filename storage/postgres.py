"""The city's database: the same units on a small pool of psycopg connections, each on its own thread.

Wake-ups travel by LISTEN/NOTIFY on a dedicated connection, so that every process hears of every commit; whoever waits
also polls slowly, so a lost notification costs time, never a message.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Concatenate

import psycopg
from sqlalchemy import URL, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError, OperationalError

from storage.engine import P, R, Storage, StorageClosed, StorageError
from storage.transaction import Clock, Tx, utc_now

CONNECTIONS = 5
ATTEMPTS = 5
CHANNEL = "lianxin"
RETRIED = {"40001", "40P01"}
"""SQLSTATEs of a lost race (serialisation failure, deadlock): nothing has happened, so the unit may run again."""
RECONNECT_AFTER = 1.0


class PostgresStorage(Storage):
    """Storage on PostgreSQL 13 or newer; ``url`` as ``postgresql://user@host:port/name``."""

    def __init__(self, url: str, *, clock: Clock = utc_now, schema: str | None = None) -> None:
        super().__init__(clock=clock)
        self.url = url
        self._schema = schema
        self._closed = True

    @property
    def dialect(self) -> str:
        return "postgresql"

    async def open(self) -> None:
        self._engine = postgres_engine(self.url, schema=self._schema, pool_size=CONNECTIONS)
        self._threads = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="storage")
        self._loop = asyncio.get_running_loop()
        try:
            await self._loop.run_in_executor(self._threads, self._probe)
        except (OperationalError, psycopg.Error) as error:
            self._threads.shutdown()
            raise StorageError(f"cannot reach PostgreSQL: {str(error).splitlines()[0]}") from error
        self._closed = False
        self._ear = asyncio.create_task(self._listen())

    def _probe(self) -> None:
        with self._engine.connect() as connection:
            connection.execute(text("SELECT 1"))

    async def run(self, unit: Callable[Concatenate[Tx, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        done: tuple[R, set[str]] = await self._hop(self._run_retrying, lambda tx: unit(tx, *args, **kwargs))
        self.signals.wake(done[1])
        return done[0]

    async def read(self, unit: Callable[Concatenate[Tx, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        return await self._hop(self._read, lambda tx: unit(tx, *args, **kwargs))

    async def _hop(self, function: Callable[..., R], *args: object) -> R:
        if self._closed:
            raise StorageClosed("the database is closed")
        result: R = await self._loop.run_in_executor(self._threads, function, *args)
        return result

    def _run_retrying(self, call: Callable[[Tx], R]) -> tuple[R, set[str]]:
        for attempt in range(ATTEMPTS):
            try:
                return self._run_once(call)
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) not in RETRIED or attempt == ATTEMPTS - 1:
                    raise
                time.sleep(random.uniform(0, 0.02 * 2**attempt))
        raise AssertionError("unreachable")

    def _run_once(self, call: Callable[[Tx], R]) -> tuple[R, set[str]]:
        with self._engine.begin() as connection:
            tx = Tx(connection, self.clock())
            result = call(tx)
            for topic in sorted(tx.wakes):
                connection.execute(text("SELECT pg_notify(:channel, :topic)"), {"channel": CHANNEL, "topic": topic})
        return result, tx.wakes

    def _read(self, call: Callable[[Tx], R]) -> R:
        with self._engine.connect() as connection:
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"))
            return call(Tx(connection, self.clock()))

    async def _listen(self) -> None:
        """Hear other processes' commits; reconnect for ever, waking everyone after each gap."""
        while not self._closed:
            with contextlib.suppress(psycopg.Error, OSError):
                async with await psycopg.AsyncConnection.connect(self.url, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self.signals.wake(["*"])
                    async for notice in connection.notifies():
                        self.signals.wake([notice.payload])
            await asyncio.sleep(RECONNECT_AFTER)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._ear.cancel()
        await asyncio.gather(self._ear, return_exceptions=True)
        await asyncio.to_thread(self._threads.shutdown)
        self._engine.dispose()


def postgres_engine(url: str, *, schema: str | None = None, pool_size: int = 1) -> Engine:
    """A plain engine on the psycopg driver; ``schema`` confines it to one schema (tests share a server)."""
    options = {"options": f"-csearch_path={schema}"} if schema else {}
    return create_engine(
        _driver_url(url), pool_size=pool_size, pool_pre_ping=True, connect_args=options, hide_parameters=True
    )


def _driver_url(url: str) -> str:
    scheme, rest = url.split("://", 1)
    return url if "+" in scheme else f"postgresql+psycopg://{rest}"


__all__ = ["URL", "PostgresStorage", "postgres_engine"]
