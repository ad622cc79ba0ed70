"""Migrations go up, down and up again on both databases, and end at the shape the code expects."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Engine, Integer, create_engine, inspect

from storage import migrate
from storage.engine import begin_immediately
from storage.postgres import postgres_engine
from storage.tables import metadata
from tests.conftest import POSTGRES


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    if request.param == "sqlite":
        engine = create_engine(f"sqlite:///{tmp_path / 'm.db'}")
        begin_immediately(engine)
    else:
        engine = postgres_engine(POSTGRES, schema=request.getfixturevalue("postgres_schema"))
    yield engine
    engine.dispose()


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_up_down_up(empty: Engine) -> None:
    migrate.upgrade(empty)
    assert tables(empty) == set(metadata.tables)
    migrate.downgrade(empty, "base")
    assert tables(empty) == set()
    migrate.upgrade(empty)
    assert tables(empty) == set(metadata.tables)


def test_the_migrated_database_is_what_the_tables_say(empty: Engine) -> None:
    migrate.upgrade(empty)
    with empty.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert migrate.current(connection) == migrate.newest()


def test_tickets_can_be_copied_by_a_later_migration(tmp_path: Path) -> None:
    """SQLite changes a table by copying it; a computed column and the indices on it must come along."""
    engine = create_engine(f"sqlite:///{tmp_path / 'm.db'}")
    begin_immediately(engine)
    migrate.upgrade(engine)
    before = {index["name"] for index in inspect(engine).get_indexes("tickets")}
    with engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("tickets", recreate="always") as batch:
            batch.add_column(Column("new", Integer))
    found = {column["name"]: column for column in inspect(engine).get_columns("tickets")}
    assert "computed" in found["next_due"]
    assert {index["name"] for index in inspect(engine).get_indexes("tickets")} == before
    engine.dispose()


def test_upgrading_twice_changes_nothing(empty: Engine) -> None:
    migrate.upgrade(empty)
    migrate.upgrade(empty)
    assert tables(empty) == set(metadata.tables)
