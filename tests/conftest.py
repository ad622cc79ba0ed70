"""Fixtures everybody shares: a real database, a clock that stands still until it is moved."""

from __future__ import annotations

import gc
import io
import os
import shutil
import sys
import tempfile
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from hypothesis import settings
from sqlalchemy import text

from bot.log import set_up_logging
from handlers.quick_aiogram import import_aiogram
from storage.engine import Storage
from storage.migrate import upgrade
from storage.postgres import PostgresStorage, postgres_engine
from storage.sqlite import SQLiteStorage
from tests.cost import pytest_runtest_makereport, pytest_runtest_protocol, pytest_terminal_summary
from tests.shared_room import empty_database, made_once, room

__all__ = ["pytest_runtest_makereport", "pytest_runtest_protocol", "pytest_terminal_summary"]
gc.disable()  # until everything is collected, which is nothing but making what stays
import_aiogram()
# The same examples everywhere, and no judgement about time: machines are shared, and a slow one is no failure.
settings.load_profile("ci")

ROOM_IN_MEMORY = 4 * 1024**3
PATTERN = "postgresql"
"""The file with the name of the database that each worker's is a copy of."""
POSTGRES = os.environ.get("LIANXIN_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")


def pytest_configure() -> None:
    """Databases stand in memory where there is room for them: most of the time was waiting for a disk."""
    memory = Path("/dev/shm")
    if "TMPDIR" not in os.environ and memory.is_dir() and shutil.disk_usage(memory).free > ROOM_IN_MEMORY:
        os.environ["TMPDIR"], tempfile.tempdir = str(memory), None
    room()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest first, so that nobody waits for one of them at the end: each worker begins with a stretch of the list,
    so each stretch begins with its share of them."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    long = [item for item in items if _takes_long(item)]
    short = [item for item in items if not _takes_long(item)]
    shares = [(long[worker::workers], _stretch(short, worker, workers)) for worker in range(workers)]
    items[:] = [item for share in shares for part in share for item in part]


def _takes_long(item: pytest.Item) -> bool:
    return item.path.name.startswith("test_kill") or item.path.parent.name == "browser"


def _stretch(items: list[pytest.Item], place: int, of: int) -> list[pytest.Item]:
    return items[len(items) * place // of : len(items) * (place + 1) // of]


def pytest_collection_finish() -> None:
    """What stands by now stays to the end: looking through it for garbage again and again took a fifth of the time."""
    _keep_what_stands()
    gc.enable()
    gc.set_threshold(50_000, 20, 50)


def pytest_sessionfinish() -> None:
    """Whatever complains when it is thrown away has done so now: pytest would look five times more, for seconds each."""
    _keep_what_stands()


def _keep_what_stands() -> None:
    gc.collect()
    gc.freeze()


class FrozenClock:
    """Starts on Monday 2026-11-23, 10:00 in Chongqing, and moves only when told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        self.now += timedelta(**span)


class CurrentError(io.StringIO):
    """Standard error as it is now: pytest exchanges it for every test."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)


@pytest.fixture(scope="session", autouse=True)
def _logging() -> None:
    """As the service logs; structlog's own tracebacks, with every local variable, take many seconds each."""
    set_up_logging(stream=CurrentError())


@pytest.fixture
def clock() -> FrozenClock:
    return FrozenClock()


@pytest.fixture(scope="session")
def postgres_server() -> str:
    """A PostgreSQL that answers; its absence is a failure in CI and a plain skip elsewhere."""
    try:
        psycopg.connect(POSTGRES, connect_timeout=3).close()
    except psycopg.Error:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL does not answer, and in CI it must (LIANXIN_TEST_POSTGRES_URL)")
        pytest.skip("no PostgreSQL answers; set LIANXIN_TEST_POSTGRES_URL to one")
    return POSTGRES


@pytest.fixture
def postgres_schema(postgres_server: str) -> Iterator[str]:
    """A schema of this test's own, gone afterwards."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    engine = postgres_engine(postgres_server)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    yield name
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {name} CASCADE"))
    engine.dispose()


@pytest.fixture
def sqlite_file(tmp_path: Path) -> Path:
    """A migrated SQLite file."""
    return Path(shutil.copyfile(empty_database(), tmp_path / "lianxin.db"))


@pytest.fixture
async def storage(sqlite_file: Path, clock: FrozenClock) -> AsyncIterator[Storage]:
    """A migrated SQLite storage on the frozen clock."""
    store = SQLiteStorage(sqlite_file, clock=clock)
    await store.open()
    yield store
    await store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
async def any_storage(request: pytest.FixtureRequest, tmp_path: Path, clock: FrozenClock) -> AsyncIterator[Storage]:
    """The same on both databases: for contracts."""
    if request.param == "postgresql":
        async with open_postgres(request.getfixturevalue("migrated_database"), clock) as store:
            yield store
    else:
        embedded = SQLiteStorage(request.getfixturevalue("sqlite_file"), clock=clock)
        await embedded.open()
        yield embedded
        await embedded.close()


@pytest.fixture
async def postgres_storage(migrated_database: str, clock: FrozenClock) -> AsyncIterator[Storage]:
    """A migrated PostgreSQL storage on the frozen clock."""
    async with open_postgres(migrated_database, clock) as store:
        yield store


@pytest.fixture(scope="session")
def migrated_database(postgres_server: str) -> Iterator[str]:
    """The address of a migrated database, this process's own; ``open_postgres`` leaves it empty again."""
    name, pattern = f"t_{uuid.uuid4().hex[:12]}", made_once(PATTERN, _migrate_on(postgres_server)).read_text("ascii")
    with psycopg.connect(postgres_server, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {pattern}".encode())
        server.execute(f"ALTER DATABASE {name} SET synchronous_commit = off".encode())
    yield _address(postgres_server, name)
    drop_database(postgres_server, name)


def _migrate_on(server: str) -> Callable[[Path], object]:
    """What writes the name of a new migrated database of this server into a file."""

    def migrate(path: Path) -> None:
        name = f"t_{uuid.uuid4().hex[:12]}"
        path.write_text(name, "ascii")
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}".encode())
        engine = postgres_engine(_address(server, name))
        upgrade(engine)
        engine.dispose()

    return migrate


def _address(server: str, database: str) -> str:
    return urlunsplit(urlsplit(server)._replace(path=f"/{database}"))


def pytest_unconfigure(config: pytest.Config) -> None:
    """The last to go takes along what was migrated for all."""
    if not hasattr(config, "workerinput") and (room() / PATTERN).exists():
        drop_database(POSTGRES, (room() / PATTERN).read_text("ascii"))


def drop_database(server: str, name: str) -> None:
    """Said, and not waited for: the server writes everything else down first, which takes it up to half a minute."""
    connection = psycopg.connect(server, autocommit=True)
    connection.pgconn.send_query(f"DROP DATABASE {name} WITH (FORCE)".encode())
    connection.pgconn.flush()
    connection.close()


@asynccontextmanager
async def open_postgres(address: str, clock: FrozenClock) -> AsyncIterator[Storage]:
    store = PostgresStorage(address, clock=clock)
    await store.open()
    try:
        yield store
    finally:
        await store.close()
        _empty(address)


def _empty(address: str) -> None:
    """As migrations left it, whoever still holds a connection to it; a new database a test took a second of waiting."""
    with psycopg.connect(address, autocommit=True) as database:
        database.execute(EVERYBODY_ELSE_OUT)
        database.execute(NOTHING_LEFT)


EVERYBODY_ELSE_OUT = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
NOTHING_LEFT = """
DO $$
DECLARE found text; used boolean;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR found IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', found) INTO used;
        IF used THEN EXECUTE format('DELETE FROM %I', found); END IF;
    END LOOP;
    FOR found IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
        EXECUTE format('ALTER SEQUENCE %I RESTART', found);
    END LOOP;
END $$
"""
"""Only what was used is emptied (foreign keys asleep meanwhile), and numbers begin at one again."""
