"""Everything that is kept, as one SQLite file: taken while the service runs, and counted before it is called good.

The file is the same whichever database it came from, so a laptop's backup can be restored into a city's PostgreSQL.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from sqlalchemy import Connection, Engine, Integer, create_engine, func, inspect, select, text

from bot.settings import Settings
from storage import migrate
from storage.engine import StorageError, begin_immediately
from storage.postgres import postgres_engine
from storage.tables import metadata

PAGES_AT_ONCE = 4096
ROWS_AT_ONCE = 500
Counts = Mapping[str, int]
Progress = Callable[[int, int], None]
"""Called with how much is done and how much there is."""


def quietly(_done: int, _all: int) -> None:
    """Nobody watches."""


class BackupFailed(Exception):
    """Nothing was kept, or nothing was changed; ``str()`` says why in one line."""


def take(settings: Settings, file: Path, progress: Progress = quietly) -> Counts:
    """Write a backup to ``file``, which must not be there yet; rows by table, counted in the file itself."""
    if file.exists() and (file.is_dir() or file.stat().st_size):
        raise BackupFailed(f"{file} is there already and is not overwritten")
    if not settings.is_postgres and not settings.sqlite_path.exists():
        raise BackupFailed(f"there is no database at {settings.sqlite_path} yet")
    return _into_place(file, lambda path: _copy_out(settings, path, progress))


def restore(settings: Settings, file: Path, progress: Progress = quietly) -> Counts:
    """Put a backup where the settings point, if nothing is there; rows by table, counted where they now are."""
    if not file.is_file():
        raise BackupFailed(f"there is no file {file}")
    _check(file)
    if settings.is_postgres:
        return _restore_to_postgres(settings, file, progress)
    target = settings.sqlite_path
    if target.exists() and target.stat().st_size:
        raise BackupFailed(f"there is a database at {target} already; move it away first")
    return _into_place(target, lambda path: _copy_file(file, path, progress))


def _into_place(file: Path, write: Callable[[Path], Counts]) -> Counts:
    """Write beside ``file`` and rename when all is well, so that no half backup ever has its name."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    os.close(handle)
    part = Path(name)
    try:
        expected = write(part)
        found = _check(part)
        if found != expected:
            raise BackupFailed("the copy does not hold the same rows; nothing was kept")
        with part.open("rb+") as stream:
            os.fsync(stream.fileno())
        part.replace(file)
        return found
    finally:
        part.unlink(missing_ok=True)


def _copy_out(settings: Settings, part: Path, progress: Progress) -> Counts:
    if not settings.is_postgres:
        return _copy_file(settings.sqlite_path, part, progress)
    source = postgres_engine(settings.database_url)
    with source.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        _expect_current(connection)
        engine = _file_engine(part)
        migrate.upgrade(engine)
        counts = _copy_rows(connection, engine, progress)
    engine.dispose()
    source.dispose()
    return counts


def _copy_file(source: Path, part: Path, progress: Progress) -> Counts:
    """One consistent state of a SQLite file, whoever writes to it meanwhile; the rows it had in that state."""
    reading = sqlite3.connect(f"file:{source}?mode=ro", uri=True, isolation_level=None)
    writing = sqlite3.connect(part, isolation_level=None)
    try:
        reading.execute("BEGIN")
        counts = _counts(reading)
        reading.backup(writing, pages=PAGES_AT_ONCE, progress=lambda _, left, all_: progress(all_ - left, all_))
        writing.execute("PRAGMA journal_mode=DELETE")
        return counts
    except sqlite3.Error as error:
        raise BackupFailed(f"{source} cannot be copied: {error}") from error
    finally:
        reading.close()
        writing.close()


def _check(file: Path) -> Counts:
    """The rows of a backup by table, if it is whole."""
    try:
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        try:
            if connection.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise BackupFailed(f"{file} is damaged")
            counts = _counts(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise BackupFailed(f"{file} is no backup: {error}") from error
    if "alembic_version" not in counts:
        raise BackupFailed(f"{file} is no backup of Lianxin")
    return counts


def _counts(connection: sqlite3.Connection) -> Counts:
    query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
    tables = [name for (name,) in connection.execute(query).fetchall()]
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}


def _restore_to_postgres(settings: Settings, file: Path, progress: Progress) -> Counts:
    target = postgres_engine(settings.database_url)
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "backup.db"
        _copy_file(file, copy, quietly)
        source = _file_engine(copy)
        migrate.upgrade(source)
        migrate.upgrade(target)
        with source.connect() as reading:
            counts = _copy_rows(reading, target, progress, empty_first=True)
        source.dispose()
    target.dispose()
    return counts


def _copy_rows(source: Connection, target: Engine, progress: Progress, *, empty_first: bool = False) -> Counts:
    """Every row of every table of ours, in one transaction on either side."""
    tables = metadata.sorted_tables
    counts = {"alembic_version": 1}
    total = sum(int(source.scalar(select(func.count()).select_from(table)) or 0) for table in tables)
    with target.begin() as writing:
        if empty_first:
            _expect_empty(writing)
        for table in tables:
            rows = source.execution_options(yield_per=ROWS_AT_ONCE).execute(select(table)).mappings()
            counts[table.name] = 0
            for part in rows.partitions(ROWS_AT_ONCE):
                writing.execute(table.insert(), [dict(row) for row in part])
                counts[table.name] += len(part)
                progress(sum(counts.values()) - 1, total)
        _verify(writing, counts)
        _go_on_counting(writing)
    return counts


def _verify(writing: Connection, counts: Counts) -> None:
    for table in metadata.sorted_tables:
        if writing.scalar(select(func.count()).select_from(table)) != counts[table.name]:
            raise BackupFailed(f"table {table.name} does not hold the same rows; nothing was changed")


def _go_on_counting(writing: Connection) -> None:
    """PostgreSQL: the next id follows the largest that was copied."""
    if writing.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        if "id" in table.c and isinstance(table.c.id.type, Integer):
            sequence = f"pg_get_serial_sequence('{table.name}', 'id')"
            last = f"SELECT setval({sequence}, GREATEST(max(id), 1), max(id) IS NOT NULL) FROM {table.name}"
            writing.execute(text(last))


def _expect_empty(writing: Connection) -> None:
    for table in metadata.sorted_tables:
        if writing.execute(select(table).limit(1)).first() is not None:
            raise BackupFailed("the database is not empty; restore into an empty one")


def _expect_current(connection: Connection) -> None:
    if not inspect(connection).has_table("alembic_version") or migrate.current(connection) != migrate.newest():
        raise StorageError("the database is not at this version; start the service once, then back up")


def _file_engine(file: Path) -> Engine:
    engine = create_engine(f"sqlite:///{file}", hide_parameters=True)
    begin_immediately(engine)
    return engine
