"""Everything that is kept, as one SQLite file: taken while the service runs, and counted before it is called good.

The file is the same whichever database it came from, so a laptop's backup can be restored into a city's PostgreSQL. Rows
are counted and summed where they were and where they now are; whatever stops in between leaves nothing under its name.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from sqlalchemy import Connection, Engine, Integer, create_engine, func, inspect, select, text
from sqlalchemy.exc import DBAPIError

from bot import backup_file
from bot.backup_file import BackupFailed, Whole
from bot.server_key import known_seal
from bot.settings import Settings
from storage import migrate
from storage.checksums import A_FEW, ROWS_AT_ONCE, Sum, Tally, of_file, of_tables, written
from storage.engine import StorageError, begin_immediately
from storage.postgres import postgres_engine
from storage.tables import metadata

__all__ = ["BackupFailed", "Whole", "rehearse", "restore", "take"]
PAGES_AT_ONCE = 4096
MEBIBYTE = 1 << 20
SPARE = 32 * MEBIBYTE
"""What must be left on the disk besides."""
Progress = Callable[[int, int], None]
"""Called with how much is done and how much there is."""


def quietly(_done: int, _all: int) -> None:
    """Nobody watches."""


def take(settings: Settings, file: Path, progress: Progress = quietly) -> Whole:
    """Write a backup to ``file``, which must not be there yet; what it holds, counted in the file itself."""
    if file.exists() and (file.is_dir() or file.stat().st_size):
        raise BackupFailed(f"{file} is there already and is not overwritten")
    if not settings.is_postgres and not settings.sqlite_path.exists():
        raise BackupFailed(f"there is no database at {settings.sqlite_path} yet")
    seal = known_seal(settings)
    with _beside(file) as part:
        _expect_room(part, size_of(settings))
        expected = _copy_out(settings, part, progress)
        mine, now = version("lianxin"), datetime.now(UTC)
        found = backup_file.note(part, version=mine, made_at=now, key=seal.mark if seal else None)
        _expect_same(expected, found.tables)
        return found


def restore(settings: Settings, file: Path, progress: Progress = quietly) -> Whole:
    """Put a backup where the settings point, if nothing is there; what it held, counted where it now is."""
    if not file.is_file():
        raise BackupFailed(f"there is no file {file}")
    whole = backup_file.read_through(file)
    if settings.is_postgres:
        target = postgres_engine(settings.database_url)
        try:
            _into_postgres(target, file, progress)
        finally:
            target.dispose()
        return whole
    target_file = settings.sqlite_path
    if target_file.exists() and target_file.stat().st_size:
        raise BackupFailed(f"there is a database at {target_file} already; move it away first")
    if left := next((one for one in _logs_of(target_file) if one.exists() and one.stat().st_size), None):
        raise BackupFailed(f"{left} is left of an earlier database; move it away first")
    with _beside(target_file) as part:
        _into_file(file, part, whole, progress)
    return whole


def rehearse(settings: Settings, file: Path, *, into: str = "rehearsal") -> Whole:
    """Restore a backup for a trial, in a scratch place beside the real one, and take it away again; what it held."""
    whole = backup_file.read_through(file)
    if settings.is_postgres:
        with _scratch_schema(settings, f"lianxin_{into}") as engine:
            _into_postgres(engine, file, quietly)
        return whole
    with tempfile.TemporaryDirectory(prefix=".rehearsal-", dir=file.parent) as folder:
        part = Path(folder) / "lianxin.db"
        _expect_room(part, file.stat().st_size)
        _into_file(file, part, whole, quietly)
        _open_as_the_service_does(part)
    return whole


def size_of(settings: Settings) -> int:
    """Bytes the database takes now."""
    if not settings.is_postgres:
        return sum(
            one.stat().st_size for one in (settings.sqlite_path, *_logs_of(settings.sqlite_path)) if one.exists()
        )
    engine = postgres_engine(settings.database_url)
    with engine.connect() as connection:
        size = int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)
    engine.dispose()
    return size


def _logs_of(database: Path) -> list[Path]:
    """What SQLite keeps beside a file; a foreign one would be played into the restored database."""
    return [database.with_name(database.name + ending) for ending in ("-wal", "-journal")]


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """A place beside ``file``, renamed to it when all is well, so that nothing half has ever its name."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    os.close(handle)
    part = Path(name)
    try:
        yield part
        with part.open("rb+") as stream:
            os.fsync(stream.fileno())
        part.replace(file)
    except sqlite3.Error as error:
        raise BackupFailed(f"{file} cannot be written: {error}; nothing was kept") from error
    except DBAPIError as error:
        raise BackupFailed(f"{file} cannot be written: {error.orig}; nothing was kept") from error
    finally:
        part.unlink(missing_ok=True)


def _expect_room(place: Path, needed: int) -> None:
    free = shutil.disk_usage(place.parent).free
    if free < needed + SPARE:
        wanted = (needed + SPARE) // MEBIBYTE + 1
        raise BackupFailed(
            f"{place.parent} has {free // MEBIBYTE} MiB free, and about {wanted} MiB are needed; nothing was written"
        )


def _expect_same(expected: Mapping[str, Sum], found: Mapping[str, Sum]) -> None:
    wrong = sorted(name for name in expected if expected[name] != found.get(name))
    if wrong:
        raise BackupFailed(f"the copy does not hold the same rows ({', '.join(wrong[:3])}); nothing was kept")


def _copy_out(settings: Settings, part: Path, progress: Progress) -> Mapping[str, Sum]:
    if not settings.is_postgres:
        return _copy_file(settings.sqlite_path, part, progress)
    source, engine = postgres_engine(settings.database_url), _file_engine(part)
    try:
        with source.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            _expect_current(connection)
            migrate.upgrade(engine)
            _copy_rows(connection, engine, progress)
    finally:
        engine.dispose()
        source.dispose()
    return {}


def _copy_file(source: Path, part: Path, progress: Progress) -> Mapping[str, Sum]:
    """One consistent state of a SQLite file, whoever writes to it meanwhile; what it held in that state."""
    try:
        with (
            closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, isolation_level=None)) as reading,
            closing(sqlite3.connect(part, isolation_level=None)) as writing,
        ):
            reading.execute("BEGIN")
            sums = of_file(reading)
            reading.backup(writing, pages=PAGES_AT_ONCE, progress=lambda _, left, all_: progress(all_ - left, all_))
            writing.execute("PRAGMA journal_mode=DELETE")
            return sums
    except sqlite3.Error as error:
        raise BackupFailed(f"{source} cannot be copied: {error}") from error


def _into_file(file: Path, part: Path, whole: Whole, progress: Progress) -> None:
    _expect_room(part, file.stat().st_size)
    _copy_file(file, part, progress)
    backup_file.forget_note(part)
    with closing(sqlite3.connect(f"file:{part}?mode=ro", uri=True)) as connection:
        if connection.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise BackupFailed("the restored database is damaged; nothing was kept")
        _expect_same(whole.tables, of_file(connection))


def _open_as_the_service_does(part: Path) -> None:
    """A database nobody can bring up to date is none."""
    engine = _file_engine(part)
    try:
        migrate.upgrade(engine)
        with engine.connect() as connection:
            _expect_current(connection)
    finally:
        engine.dispose()


@contextmanager
def _scratch_schema(settings: Settings, name: str) -> Iterator[Engine]:
    """A schema of its own in the same PostgreSQL; what an interrupted trial left there goes first."""
    drop, outer = text(f"DROP SCHEMA IF EXISTS {name} CASCADE"), postgres_engine(settings.database_url)
    inner = postgres_engine(settings.database_url, schema=name)
    try:
        with outer.begin() as connection:
            connection.execute(drop)
            connection.execute(text(f"CREATE SCHEMA {name}"))
        yield inner
    finally:
        inner.dispose()
        with outer.begin() as connection:
            connection.execute(drop)
        outer.dispose()


def _into_postgres(target: Engine, file: Path, progress: Progress) -> None:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "backup.db"
        _copy_file(file, copy, quietly)
        source = _file_engine(copy)
        migrate.upgrade(source)
        migrate.upgrade(target)
        with source.connect() as reading:
            _copy_rows(reading, target, progress, empty_first=True)
        source.dispose()


def _copy_rows(source: Connection, target: Engine, progress: Progress, *, empty_first: bool = False) -> None:
    """Every row of every table of ours, in one transaction on either side; counted and summed on both."""
    tables = metadata.sorted_tables
    total = sum(int(source.scalar(select(func.count()).select_from(table)) or 0) for table in tables)
    read: dict[str, Sum] = {}
    with target.begin() as writing:
        if empty_first:
            _expect_empty(writing)
        done = 0
        for table in tables:
            tally = Tally()
            with source.execute(written(table), execution_options=A_FEW) as found:
                for part in found.partitions(ROWS_AT_ONCE):
                    for row in part:
                        tally.add(row)
                    writing.execute(table.insert(), [dict(row._mapping) for row in part])
                    done += len(part)
                    progress(done, total)
            read[table.name] = tally.sum
        _expect_same(read, of_tables(writing, tables))
        _go_on_counting(writing)


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
