"""What a backup file says of itself, and whether it is true: from which version, when, sealed with which key, how many
rows of what. A file that does not hold what it says is refused before anything is touched.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from storage import migrate
from storage.checksums import OUR_NOTE, Sum, of_file

FORMAT = 1


class BackupFailed(Exception):
    """Nothing was kept, or nothing was changed; ``str()`` says why in one line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A backup that was read through. ``key``: the mark of the server key its secrets are sealed with, where it is known;
    ``noted``: it says itself what it holds (files of early versions do not)."""

    tables: Mapping[str, Sum]
    revision: str
    version: str = ""
    made_at: datetime | None = None
    key: str | None = None
    noted: bool = False

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.tables.values())


def note(file: Path, *, version: str, made_at: datetime, key: str | None) -> Whole:
    """Write into a finished copy what it holds."""
    with closing(sqlite3.connect(file)) as connection, connection:
        sums = of_file(connection)
        values = {"format": FORMAT, "version": version, "made_at": made_at.isoformat(), "key": key}
        values["tables"] = {name: [one.rows, one.mark] for name, one in sums.items()}
        connection.execute(f"CREATE TABLE {OUR_NOTE} (said TEXT NOT NULL)")
        connection.execute(f"INSERT INTO {OUR_NOTE} VALUES (?)", (json.dumps(values),))
        return Whole(tables=sums, revision=_revision(connection), version=version, made_at=made_at, key=key, noted=True)


def forget_note(file: Path) -> None:
    """A restored database is no backup."""
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(f"DROP TABLE IF EXISTS {OUR_NOTE}")


def read_through(file: Path) -> Whole:
    """Every page and every row of it; BackupFailed unless all is there, and for this version."""
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            if connection.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise BackupFailed(f"{file} is damaged")
            found = of_file(connection)
            if "alembic_version" not in found:
                raise BackupFailed(f"{file} is no backup of Lianxin")
            whole = _against_its_note(file, connection, found)
    except sqlite3.Error as error:
        raise BackupFailed(f"{file} is no backup, or not all of one: {error}") from error
    if not whole.revision:
        raise BackupFailed(f"{file} is no backup of Lianxin")
    if whole.revision not in migrate.known():
        made = f" (Lianxin {whole.version})" if whole.version else ""
        raise BackupFailed(f"{file} was made by a newer version{made}; install that one and restore with it")
    return whole


def _against_its_note(file: Path, connection: sqlite3.Connection, found: Mapping[str, Sum]) -> Whole:
    revision = _revision(connection)
    if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (OUR_NOTE,)).fetchone():
        return Whole(tables=found, revision=revision)
    try:
        said = json.loads(connection.execute(f"SELECT said FROM {OUR_NOTE}").fetchone()[0])
        tables = {name: Sum(rows, mark) for name, (rows, mark) in said["tables"].items()}
        made_at, version, key = datetime.fromisoformat(said["made_at"]), str(said["version"]), said["key"]
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise BackupFailed(f"{file} was changed after it was made: its own note cannot be read") from error
    if tables != found:
        wrong = sorted(name for name in {*tables, *found} if tables.get(name) != found.get(name))
        raise BackupFailed(f"{file} was changed after it was made: {', '.join(wrong[:3])} is not as it was saved")
    return Whole(tables=found, revision=revision, version=version, made_at=made_at, key=key, noted=True)


def _revision(connection: sqlite3.Connection) -> str:
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""
