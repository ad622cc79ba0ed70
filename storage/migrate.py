"""Bring a database to the shape this version expects, once, however many processes start at the same time."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, text

FOLDER = Path(__file__).parent / "migrations"
LOCK = 0x11A9_0001
"""Key of PostgreSQL's advisory lock for migrations and the first load of data."""


def config(connection: Connection) -> Config:
    """Alembic's settings for one open connection; no ini file is needed."""
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    settings.attributes["connection"] = connection
    return settings


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Migrate up to ``revision`` in one transaction, under a lock."""
    with engine.begin() as connection:
        _lock(connection)
        command.upgrade(config(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        _lock(connection)
        command.downgrade(config(connection), revision)


def current(connection: Connection) -> str | None:
    """The revision a database is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    return _scripts().get_current_head()


def known() -> set[str | None]:
    """Every revision this version can bring up to date; None is an empty database."""
    return {None, *(script.revision for script in _scripts().walk_revisions())}


def _scripts() -> ScriptDirectory:
    settings = Config()
    settings.set_main_option("script_location", str(FOLDER))
    return ScriptDirectory.from_config(settings)


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
