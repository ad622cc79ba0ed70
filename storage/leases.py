"""Leases: what only one process may do at a time, such as polling Telegram (two pollers answer each other with 409)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from storage.tables import facts, leases
from storage.transaction import Tx


def hold(tx: Tx, name: str, *, owner: str, span: timedelta) -> bool:
    """Take or keep a lease; False while somebody else's still runs."""
    make = postgres_insert if tx.connection.dialect.name == "postgresql" else sqlite_insert
    first = make(leases).values(name=name, owner=owner, until=tx.now + span)
    tx.execute(first.on_conflict_do_nothing(index_elements=["name"]))
    free = (leases.c.name == name) & or_(leases.c.owner == owner, leases.c.until < tx.now)
    return tx.changed(leases.update().where(free).values(owner=owner, until=tx.now + span)) == 1


def let_go(tx: Tx, name: str, *, owner: str) -> None:
    tx.execute(leases.delete().where(leases.c.name == name, leases.c.owner == owner))


def free_all(tx: Tx) -> None:
    """For the embedded database, which has one process: whatever is held was left by one that died."""
    tx.execute(leases.delete())


def remember(tx: Tx, name: str, value: Any) -> None:
    """Keep a small fact under its name."""
    make = postgres_insert if tx.connection.dialect.name == "postgresql" else sqlite_insert
    row = make(facts).values(name=name, value=value, at=tx.now)
    tx.execute(row.on_conflict_do_update(index_elements=["name"], set_={"value": value, "at": tx.now}))


def recall(tx: Tx, name: str) -> Any:
    """A fact kept before; None when there is none."""
    return tx.scalar(select(facts.c.value).where(facts.c.name == name))
