"""Backups: both databases, both ways and across; whatever is wrong with a file is said, and nothing half is left."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest
from sqlalchemy import create_engine, text

from bot import backup
from bot.backup import BackupFailed
from bot.settings import Settings
from storage import staff, tables
from storage.checksums import of_tables
from storage.engine import begin_immediately
from storage.postgres import postgres_engine
from storage.transaction import Tx
from tests.conftest import drop_database
from tests.desk_service import file_ticket

SAID = "7栋1204厨房水管爆了"


class Usage(NamedTuple):
    free: int


def settings_at(folder: Path, **given: Any) -> Settings:
    folder.mkdir(exist_ok=True)
    return Settings(_env_file=None, data_dir=folder, **given)  # type: ignore[call-arg]


@pytest.fixture
def full(tmp_path: Path, sqlite_file: Path) -> Settings:
    """A database with somebody's ticket in it."""
    here = settings_at(tmp_path / "full")
    shutil.copy(sqlite_file, here.sqlite_path)
    engine = create_engine(f"sqlite:///{here.sqlite_path}")
    begin_immediately(engine)
    with engine.begin() as connection:
        tx = Tx(connection, datetime(2026, 11, 23, 2, tzinfo=UTC))
        file_ticket(tx, title=SAID)
        staff.add(tx, name="周敏", role="admin")
        tx.insert(tables.blobs, kind="photo", mime="image/jpeg", content=bytes(range(256)), created_at=tx.now)
    engine.dispose()
    return here


@pytest.fixture
def new_postgres(postgres_server: str) -> Iterator[Callable[[str], str]]:
    """Empty databases on the test server, gone afterwards."""
    made: list[str] = []

    def make(name: str) -> str:
        database = f"lx_backup_{name}_{os.getpid()}"
        with psycopg.connect(postgres_server, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {database}")
        made.append(database)
        return urlunsplit(urlsplit(postgres_server)._replace(path=f"/{database}"))

    yield make
    for database in made:
        drop_database(postgres_server, database)


def test_from_either_database_into_either(full: Settings, new_postgres: Callable[[str], str], tmp_path: Path) -> None:
    """A laptop's goes to the city, the city's to another city, and back to a laptop: row by row the same."""
    first, second, third = (tmp_path / f"{name}.db" for name in ("first", "second", "third"))
    city, other = (settings_at(tmp_path / name, database_url=new_postgres(name)) for name in ("city", "other"))
    laptop = settings_at(tmp_path / "laptop")
    saved = backup.take(full, first)
    backup.restore(city, first)
    backup.take(city, second)
    assert backup.rehearse(city, second).rows == saved.rows
    backup.restore(other, second)
    backup.take(other, third)
    backup.restore(laptop, third)
    with pytest.raises(BackupFailed, match="not empty"):
        backup.restore(city, second)
    sums = []
    for where in (full, city, laptop):
        engine = (
            postgres_engine(where.database_url)
            if where.is_postgres
            else create_engine(f"sqlite:///{where.sqlite_path}")
        )
        with engine.connect() as connection:
            sums.append(of_tables(connection, tables.metadata.sorted_tables))
            if where.is_postgres:
                assert connection.scalar(text("SELECT nextval('staff_id_seq')")) == 2, "counting goes on"
                assert not connection.scalar(text("SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'lianxin%'"))
        engine.dispose()
    assert sums[0] == sums[1] == sums[2]
    assert sums[0]["tickets"].rows == sums[0]["blobs"].rows == 1


def test_what_is_wrong_with_a_file_is_said_and_nothing_appears(full: Settings, tmp_path: Path) -> None:
    good, bad, empty = tmp_path / "good.db", tmp_path / "bad.db", settings_at(tmp_path / "empty")
    backup.take(full, good)

    def refused(because: str) -> None:
        with pytest.raises(BackupFailed, match=because):
            backup.restore(empty, bad)
        assert not any(empty.data_dir.iterdir())

    def changed(statement: str) -> None:
        shutil.copy(good, bad)
        with sqlite3.connect(bad) as connection:
            connection.execute(statement)

    bad.write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    refused("not all of one|damaged|changed")
    changed("UPDATE tickets SET title = '别的'")
    refused("changed after it was made: tickets")
    changed("DELETE FROM staff")
    refused("changed after it was made: staff")
    changed("UPDATE lianxin_backup SET said = '[]'")
    refused("its own note")
    changed("DROP TABLE alembic_version")
    refused("no backup of Lianxin")
    changed("DROP TABLE lianxin_backup")
    assert not backup.rehearse(full, bad).noted, "an early file can only be counted"
    changed("UPDATE alembic_version SET version_num = '9999'")
    with sqlite3.connect(bad) as connection:
        connection.execute("DROP TABLE lianxin_backup")
    refused("made by a newer version")
    empty.sqlite_path.with_name("lianxin.db-wal").write_bytes(b"old")
    with pytest.raises(BackupFailed, match="left of an earlier database"):
        backup.restore(empty, good)


def test_a_full_disk_is_said_before_and_while_it_happens(
    full: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out" / "saved.db"
    with monkeypatch.context() as patch:
        patch.setattr("shutil.disk_usage", lambda _: Usage(1000))
        with pytest.raises(BackupFailed, match="0 MiB free, and about"):
            backup.take(full, target)

    def runs_full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("bot.backup_file.note", runs_full)
    with pytest.raises(BackupFailed, match="disk is full; nothing was kept"):
        backup.take(full, target)
    assert not any(target.parent.iterdir())


@pytest.mark.parametrize("what", ["take", "restore"])
def test_killed_in_the_middle_there_is_nothing_under_its_name(full: Settings, tmp_path: Path, what: str) -> None:
    """And the next try succeeds."""
    good, target = tmp_path / "good.db", settings_at(tmp_path / "target")
    backup.take(full, good)
    written = tmp_path / "killed.db" if what == "take" else target.sqlite_path
    program = (
        "import sys, time; from pathlib import Path; from bot import backup; from bot.settings import Settings\n"
        "def stop(*_): print('here', flush=True); time.sleep(60)\n"
        "folder, file = map(Path, sys.argv[1:])\n"
        f"backup.{what}(Settings(_env_file=None, data_dir=folder), file, stop)\n"
    )
    folder, file = (full.data_dir, written) if what == "take" else (target.data_dir, good)
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder), str(file)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "here"
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not written.exists()
    whole = backup.take(full, written) if what == "take" else backup.restore(target, good)
    assert whole.tables["tickets"].rows == 1
