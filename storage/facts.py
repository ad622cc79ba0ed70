"""Small durable facts about the service itself, such as the Telegram bot's name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select

from storage.tables import facts
from storage.transaction import Tx

TELEGRAM_NAME = "telegram_name"
TEXTS = "texts"
TEXTS_IN = "texts_in"
"""A text message has come in: choices can be offered to be answered by text."""
TELEGRAM_STATE = "telegram_state"


def put(tx: Tx, name: str, value: Any) -> None:
    """Keep a fact; the last word counts, whoever says it at the same time."""
    row = tx.inserting(facts).values(name=name, value=value, at=tx.now)
    tx.execute(row.on_conflict_do_update(index_elements=["name"], set_={"value": value, "at": tx.now}))


def get(tx: Tx, name: str) -> Any:
    """None where nothing is known."""
    return tx.scalar(select(facts.c.value).where(facts.c.name == name))


def said_at(tx: Tx, name: str) -> datetime | None:
    """When it was last said."""
    found: datetime | None = tx.scalar(select(facts.c.at).where(facts.c.name == name))
    return found
