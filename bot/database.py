"""Opens the database the settings name: migrated, and on SQLite ours alone."""

from __future__ import annotations

import asyncio
import fcntl
import os
from pathlib import Path

from sqlalchemy import create_engine

from bot.settings import Settings
from storage.engine import Storage, StorageBusy, begin_immediately
from storage.migrate import upgrade
from storage.postgres import PostgresStorage, postgres_engine
from storage.sqlite import SQLiteStorage


class OneService:
    """A lock on the database file: two services on one file would each believe that all work is theirs."""

    def __init__(self, database: Path) -> None:
        self._path = database.with_suffix(database.suffix + ".lock")
        self._handle: int | None = None

    def take(self) -> None:
        """Raises StorageBusy when another service has it. The lock dies with the process, however that ends."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._handle)
            raise StorageBusy("another Lianxin is already running on this database; stop it first") from error

    def release(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


class LockedSQLite(SQLiteStorage):
    """The embedded database of a serving process; the lock, taken before, is let go of when it closes."""

    def __init__(self, path: Path, lock: OneService) -> None:
        super().__init__(path)
        self._lock = lock

    async def close(self) -> None:
        await super().close()
        self._lock.release()


def migrate(settings: Settings) -> None:
    """Bring the database to this version's shape; blocking."""
    if settings.is_postgres:
        engine = postgres_engine(settings.database_url)
    else:
        settings.sqlite_path.parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(f"sqlite:///{settings.sqlite_path}", hide_parameters=True)
        begin_immediately(engine)
    try:
        upgrade(engine)
    finally:
        engine.dispose()


async def open_storage(settings: Settings, *, alone: bool = True) -> Storage:
    """Migrated and open. ``alone`` False for the command line beside a running service."""
    storage = _storage(settings, alone=alone)
    await asyncio.to_thread(migrate, settings)
    await storage.open()
    return storage


def _storage(settings: Settings, *, alone: bool) -> Storage:
    if settings.is_postgres:
        return PostgresStorage(settings.database_url)
    if not alone:
        return SQLiteStorage(settings.sqlite_path)
    lock = OneService(settings.sqlite_path)
    lock.take()
    return LockedSQLite(settings.sqlite_path, lock)
