"""The matcher for commands that need nothing else of the service: what ships, and what was taught since."""

from __future__ import annotations

import json
import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import date
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from knowledge.phrases import Label

if TYPE_CHECKING:
    from knowledge.faq_live import Live
    from knowledge.matcher import Matcher

DATA_DIR, DATABASE = "LIANXIN_DATA_DIR", "LIANXIN_DATABASE_URL"
TAUGHT = "SELECT text, route, category, clause, removed_at FROM phrases ORDER BY created_at, id"

PUBLISHED = """SELECT e.id, e.key, e.version, e.general, e.checked_on, e.retired_at, v.content FROM faq_entries e
    JOIN faq_versions v ON v.entry_id = e.id AND v.number = e.version ORDER BY e.id"""
LEADING = "SELECT entry_id, kind, text FROM faq_phrases WHERE removed_at IS NULL ORDER BY id"


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
    return load_both()[0]


def load_both() -> tuple[Matcher, Live]:
    """SQLAlchemy and the rest of storage would take longer to load than the answer takes: plain queries are enough."""
    from knowledge.faq_live import apply, led, shipped
    from knowledge.matcher import load_matcher

    matcher, changes = load_matcher(folder()), list(taught())
    for text, label in changes:
        matcher.change(text, label)
    ships = shipped()
    live = published(frozenset(text for text, _ in changes)) or ships
    apply(live, matcher, led(ships.entries))
    return matcher, live


def taught() -> Iterator[tuple[str, Label | None]]:
    """Phrases changed in the database, in order; none where there is no database (yet)."""
    for text, route, category, clause, removed_at in rows(TAUGHT):
        yield text, None if removed_at else Label(route, category, clause)


def published(changed: frozenset[str]) -> Live | None:
    """The FAQ as it was published there; None where nothing was (yet)."""
    from knowledge.faq_live import Live
    from knowledge.faq_wording import as_entry, wording

    said: dict[tuple[int, str], list[str]] = defaultdict(list)
    for entry_id, kind, text in rows(LEADING):
        said[entry_id, kind].append(text)
    entries, silent = [], set()
    for entry_id, key, version, general, checked_on, retired_at, content in rows(PUBLISHED):
        examples, keywords = tuple(said[entry_id, "example"]), tuple(said[entry_id, "keyword"])
        kept = wording(json.loads(content) if isinstance(content, str) else content)
        known: dict[str, Any] = {"key": key, "version": version, "checked_on": date.fromisoformat(checked_on)}
        entries.append(as_entry(kept, examples=examples, keywords=keywords, general=bool(general), **known))
        if retired_at:
            silent.add(key)
    return Live(tuple(entries), frozenset(silent), changed) if entries else None


def folder() -> Path:
    return Path(setting(DATA_DIR) or "var")


def rows(query: str) -> list[tuple[Any, ...]]:
    """Of the database the settings name; none where there is none (yet), or it is of another version."""
    database = setting(DATABASE) or f"sqlite:///{folder() / 'lianxin.db'}"
    return _from_postgres(database, query) if database.startswith("postgres") else _from_sqlite(database, query)


def _from_sqlite(database: str, query: str) -> list[tuple[Any, ...]]:
    file = Path(database.removeprefix("sqlite:///")).absolute()
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
            return connection.execute(query).fetchall()
    except sqlite3.Error:
        return []


def _from_postgres(database: str, query: str) -> list[tuple[Any, ...]]:
    import psycopg

    try:
        with psycopg.connect(database, connect_timeout=3) as connection:
            return connection.execute(query.encode()).fetchall()
    except psycopg.Error:
        return []
