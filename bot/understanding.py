"""The matcher for commands that need nothing else of the service: what ships, and what was taught since."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from knowledge.phrases import Label

if TYPE_CHECKING:
    from knowledge.matcher import Matcher

DATA_DIR, DATABASE = "LIANXIN_DATA_DIR", "LIANXIN_DATABASE_URL"
TAUGHT = "SELECT text, route, category, clause, removed_at FROM phrases ORDER BY created_at, id"


def setting(name: str) -> str | None:
    """One setting, without loading what checks all the others."""
    return os.environ.get(name) or _in_env_file().get(name) or None


@cache
def _in_env_file() -> dict[str, str | None]:
    if not Path(".env").exists():
        return {}
    from dotenv import dotenv_values

    return dotenv_values(".env", encoding="utf-8-sig")


def load_reader() -> Matcher:
    """SQLAlchemy and the rest of storage would take longer to load than the answer takes: a plain query is enough."""
    from knowledge.matcher import load_matcher

    folder = Path(setting(DATA_DIR) or "var")
    matcher = load_matcher(folder)
    for text, label in taught(setting(DATABASE) or f"sqlite:///{folder / 'lianxin.db'}"):
        matcher.change(text, label)
    return matcher


def taught(database: str) -> Iterator[tuple[str, Label | None]]:
    """Phrases changed in a database, in order; none where there is no database (yet)."""
    rows = _from_postgres(database) if database.startswith("postgres") else _from_sqlite(database)
    for text, route, category, clause, removed_at in rows:
        yield text, None if removed_at else Label(route, category, clause)


def _from_sqlite(database: str) -> list[tuple[str, ...]]:
    file = Path(database.removeprefix("sqlite:///")).absolute()
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(TAUGHT).fetchall()
    except sqlite3.Error:
        return []


def _from_postgres(database: str) -> list[tuple[str, ...]]:
    import psycopg

    try:
        with psycopg.connect(database, connect_timeout=3) as connection:
            return connection.execute(TAUGHT).fetchall()
    except psycopg.Error:
        return []
