"""Migrations go up, down and up again on both databases, and end at the shape the code expects."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Engine, Integer, create_engine, inspect, select, text

from storage import migrate, search
from storage.engine import begin_immediately
from storage.postgres import postgres_engine
from storage.tables import metadata, ticket_grams
from storage.transaction import Tx
from tests.conftest import POSTGRES
from tests.shared_room import empty_database


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
    is_what_the_tables_say(empty)
    migrate.upgrade(empty)
    assert tables(empty) == set(metadata.tables), "upgrading twice changes nothing"
    migrate.downgrade(empty, "base")
    assert tables(empty) == set()
    migrate.upgrade(empty)
    is_what_the_tables_say(empty)


def is_what_the_tables_say(engine: Engine) -> None:
    assert tables(engine) == set(metadata.tables)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert migrate.current(connection) == migrate.newest()


FILED = """INSERT INTO tickets (id, number, claim_code, chat_id, resident_id, source, route, title, description, building,
    unit, room, phone, urgency, confidential, anonymous, state, opened_at, first_contact_due, due_at, due_rule)
    VALUES (:id, :number, 'X', 1, 1, 'web', :route, '水管爆了', '厨房 leaking', '7', '2', '1204', '02300005678', 'P1',
    :secret, :secret, 'received', :now, :now, :now, 'r')"""
EARLIER = (
    "INSERT INTO residents (id, created_at) VALUES (1, :now)",
    "INSERT INTO chats (id, channel, remote, kind, resident_id, created_at) VALUES (1, 'web', 1, 'private', 1, :now)",
    "INSERT INTO messages (id, chat_id, seq, sender, text, at, ticket_id) VALUES (1, 1, 1, 'resident', '在滴水', :now, 1)",
    "INSERT INTO messages (id, chat_id, seq, sender, text, at, ticket_id) VALUES (2, 1, 2, 'bot', '您好', :now, 1)",
    "INSERT INTO ticket_events (id, ticket_id, at, actor, action, to_state, note) "
    "VALUES (1, 1, :now, 'staff', 'note', 'received', '总阀锈死')",
)


def test_what_existed_is_found_as_if_it_had_been_filed_today(empty: Engine) -> None:
    migrate.upgrade(empty, "0013")
    now = datetime(2026, 11, 1, tzinfo=UTC) if empty.dialect.name == "postgresql" else "2026-11-01 00:00:00.000000"
    with empty.begin() as connection:
        for statement in EARLIER[:2]:
            connection.execute(text(statement), {"now": now})
        for id, route, secret in ((1, "service_request", False), (2, "service_request", True), (3, "dispute", False)):
            row = {"id": id, "number": f"LX-261101-000{id}-1", "route": route, "secret": secret, "now": now}
            connection.execute(text(FILED), row)
        for statement in EARLIER[2:]:
            connection.execute(text(statement), {"now": now})
    migrate.upgrade(empty)
    kept = select(ticket_grams.c.ticket_id, ticket_grams.c.gram).order_by(ticket_grams.c.ticket_id, ticket_grams.c.gram)
    with empty.begin() as connection:
        filled = connection.execute(kept).all()
        search.renew_all(Tx(connection, datetime.now(UTC)), [1, 2, 3])
        assert sorted(connection.execute(kept).all()) == sorted(filled)
    found = {gram for ticket_id, gram in filled if ticket_id == 1}
    assert {"水管", "滴水", "锈死", "leak", "7栋", "*1204", "*5678"} <= found
    assert "您好" not in found
    assert {gram for ticket_id, gram in filled if ticket_id > 1 and not gram.lstrip("*").isdigit()} == set()


def test_tickets_can_be_copied_by_a_later_migration(tmp_path: Path) -> None:
    """SQLite changes a table by copying it; a computed column and the indices on it must come along."""
    engine = create_engine(f"sqlite:///{shutil.copyfile(empty_database(), tmp_path / 'm.db')}")
    begin_immediately(engine)
    before = {index["name"] for index in inspect(engine).get_indexes("tickets")}
    with engine.begin() as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("tickets", recreate="always") as batch:
            batch.add_column(Column("new", Integer))
    found = {column["name"]: column for column in inspect(engine).get_columns("tickets")}
    assert "computed" in found["next_due"]
    assert {index["name"] for index in inspect(engine).get_indexes("tickets")} == before
    engine.dispose()
