"""Fixtures everybody shares: a real database, a clock that stands still until it is moved."""

from __future__ import annotations

import gc
import io
import os
import sys
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from hypothesis import settings
from sqlalchemy import create_engine, text

from bot.log import set_up_logging
from storage.engine import Storage, begin_immediately
from storage.migrate import upgrade
from storage.postgres import PostgresStorage, postgres_engine
from storage.sqlite import SQLiteStorage

# The same examples everywhere, and no judgement about time: machines are shared, and a slow one is no failure.
settings.load_profile("ci")

POSTGRES = os.environ.get("LIANXIN_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")


def pytest_collection_finish() -> None:
    """What stands by now stays to the end: looking through it for garbage again and again took a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


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


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty migrated SQLite file, to be copied: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    engine = create_engine(f"sqlite:///{path}")
    begin_immediately(engine)
    upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def sqlite_file(migrated_file: Path, tmp_path: Path) -> Path:
    path = tmp_path / "lianxin.db"
    path.write_bytes(migrated_file.read_bytes())
    return path


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
    """An empty migrated database, to be copied: a copy takes a tenth of the time that migrating does."""
    with _database_of_its_own() as name:
        engine = postgres_engine(_address(name))
        upgrade(engine)
        engine.dispose()
        yield name


@asynccontextmanager
async def open_postgres(migrated: str, clock: FrozenClock) -> AsyncIterator[Storage]:
    with _database_of_its_own(template=migrated) as name:
        store = PostgresStorage(_address(name), clock=clock)
        await store.open()
        yield store
        await store.close()


@contextmanager
def _database_of_its_own(template: str = "template1") -> Iterator[str]:
    """Gone afterwards, whoever still holds a connection to it."""
    name = f"t_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(POSTGRES, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        yield name
        server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _address(database: str) -> str:
    return urlunsplit(urlsplit(POSTGRES)._replace(path=f"/{database}"))
