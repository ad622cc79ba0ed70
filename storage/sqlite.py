"""The embedded database: one writer thread owned by aiosqlite, whole units on it, commits shared.

Units that wait while another commits share the next commit, each in its own savepoint: a disk flush is paid once for all
of them. Readers have connections of their own and never wait for the writer (WAL).
"""

from __future__ import annotations

import asyncio
import itertools
import sqlite3
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Concatenate

import aiosqlite
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import NullPool

from storage.engine import P, R, Storage, StorageBusy, StorageClosed, StorageError
from storage.transaction import Clock, Tx, utc_now

UNITS_PER_COMMIT = 128
READERS = 2
NOTICE_OTHERS_EVERY = 0.5
"""Seconds between looks for commits made by another process (the command line)."""
WRITER_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=10000",
    "secure_delete=ON",
    "temp_store=MEMORY",  # a savepoint's way back is kept there: on disk it costs as much as the unit itself
)
READER_PRAGMAS = ("query_only=ON", "busy_timeout=10000")


HERE = threading.local()
"""``connection``: the one this thread owns."""


@cache
def _engine() -> Engine:
    """One for all connections: a statement that one of them has compiled is compiled for the others, too."""
    statements, mine = 2000, lambda: HERE.connection
    return create_engine(
        "sqlite://", creator=mine, poolclass=NullPool, hide_parameters=True, query_cache_size=statements
    )


class Thread(aiosqlite.Connection):
    """An aiosqlite connection that runs whole functions on its thread, each handed a SQLAlchemy connection."""

    sqlalchemy: Connection

    async def prepare(self, pragmas: tuple[str, ...]) -> None:
        await self.hop(self._prepare, pragmas)

    def _prepare(self, pragmas: tuple[str, ...]) -> None:
        self._conn.isolation_level = None
        for pragma in pragmas:
            self._conn.execute(f"PRAGMA {pragma}")
        HERE.connection = self._conn
        self.sqlalchemy = _engine().connect().execution_options(isolation_level="AUTOCOMMIT")

    @property
    def raw(self) -> sqlite3.Connection:
        return self._conn

    async def hop(self, function: Callable[..., R], *args: object) -> R:
        result: R = await self._execute(function, *args)  # type: ignore[no-untyped-call]
        return result


@dataclass(slots=True)
class Job:
    """One unit waiting for, or in, a shared commit."""

    call: Callable[[Tx], Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None
    wakes: set[str] = field(default_factory=set)

    def settle(self) -> None:
        if self.future.done():
            return
        if self.error is not None:
            self.future.set_exception(self.error)
        else:
            self.future.set_result(self.result)


class SQLiteStorage(Storage):
    """Storage in one SQLite file; ``path`` may not be ``:memory:`` (readers need the file)."""

    def __init__(self, path: Path, *, clock: Clock = utc_now) -> None:
        super().__init__(clock=clock)
        self.path = path
        self._queue: deque[Job] = deque()
        self._pump: asyncio.Task[None] | None = None
        self._watch: asyncio.Task[None] | None = None
        self._closed = True

    @property
    def dialect(self) -> str:
        return "sqlite"

    async def open(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self._writer = await self._connect(WRITER_PRAGMAS)
            self._readers = [await self._connect(READER_PRAGMAS) for _ in range(READERS)]
        except (OSError, sqlite3.Error) as error:
            raise StorageError(f"cannot open the database file {self.path}: {error}") from error
        self._turn = itertools.cycle(self._readers)
        self._closed = False
        self._watch = asyncio.create_task(self._notice_others())

    async def _connect(self, pragmas: tuple[str, ...]) -> Thread:
        path = self.path
        # check_same_thread stays on: only aiosqlite's own thread may touch the connection.
        thread = Thread(lambda: sqlite3.connect(path, cached_statements=512), 64)
        thread._thread.daemon = True
        await thread
        await thread.prepare(pragmas)
        return thread

    async def run(self, unit: Callable[Concatenate[Tx, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        if self._closed:
            raise StorageClosed("the database is closed")
        job = Job(lambda tx: unit(tx, *args, **kwargs), asyncio.get_running_loop().create_future())
        self._queue.append(job)
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._commit_until_idle())
        result: R = await job.future
        return result

    async def _commit_until_idle(self) -> None:
        while self._queue:
            for job in await self._writer.hop(self._commit_together):
                if job.error is None:
                    self.signals.wake(job.wakes)
                job.settle()

    def _commit_together(self) -> list[Job]:
        """On the writer's thread: as many waiting units as share one commit."""
        jobs: list[Job] = []
        try:
            self._writer.raw.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            return self._fail_waiting(StorageBusy(f"the database is busy: {error}"))
        while self._queue and len(jobs) < UNITS_PER_COMMIT and self._writer.raw.in_transaction:
            jobs.append(self._queue.popleft())
            self._run_in_savepoint(jobs[-1])
        self._commit(jobs)
        return jobs

    def _run_in_savepoint(self, job: Job) -> None:
        raw, tx = self._writer.raw, Tx(self._writer.sqlalchemy, self.clock())
        raw.execute("SAVEPOINT unit")
        try:
            job.result = job.call(tx)
        except BaseException as error:  # noqa: BLE001 - the error belongs to the caller, whatever it is
            job.error = error
            if raw.in_transaction:
                raw.execute("ROLLBACK TO unit")
        job.wakes = tx.wakes
        if raw.in_transaction:
            raw.execute("RELEASE unit")

    def _commit(self, jobs: list[Job]) -> None:
        """Commit; when that fails, every unit of this commit has failed, for none of it has happened."""
        raw = self._writer.raw
        try:
            if not raw.in_transaction:
                raise StorageError("the database gave up the whole transaction; nothing was changed")
            raw.execute("COMMIT")
        except (sqlite3.Error, StorageError) as error:
            if raw.in_transaction:
                raw.execute("ROLLBACK")
            for job in jobs:
                job.error = job.error or StorageError(f"the change could not be saved: {error}")

    def _fail_waiting(self, error: StorageError) -> list[Job]:
        jobs = [self._queue.popleft() for _ in range(len(self._queue))]
        for job in jobs:
            job.error = error
        return jobs

    async def read(self, unit: Callable[Concatenate[Tx, P], R], /, *args: P.args, **kwargs: P.kwargs) -> R:
        if self._closed:
            raise StorageClosed("the database is closed")
        reader = next(self._turn)
        return await reader.hop(self._read_on, reader, lambda tx: unit(tx, *args, **kwargs))

    def _read_on(self, reader: Thread, call: Callable[[Tx], R]) -> R:
        reader.raw.execute("BEGIN")
        try:
            return call(Tx(reader.sqlalchemy, self.clock()))
        finally:
            reader.raw.execute("COMMIT")

    async def _notice_others(self) -> None:
        """Wake everyone when another process has committed (`lianxin staff ...` beside a running service)."""
        seen = await self._data_version()
        while not self._closed:
            await asyncio.sleep(NOTICE_OTHERS_EVERY)
            version = await self._data_version()
            if version != seen:
                seen = version
                self.signals.wake(["*"])

    async def _data_version(self) -> int:
        # The writer's own view: it changes only for commits of *other* connections.
        return await self._writer.hop(lambda: int(self._writer.raw.execute("PRAGMA data_version").fetchone()[0]))

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        if self._pump is not None:
            await self._pump
        for thread in (*self._readers, self._writer):
            await thread.hop(thread.sqlalchemy.close)
            await thread.close()
