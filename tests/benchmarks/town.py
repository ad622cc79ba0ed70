"""What the benchmarks share: an update, an empty database, a dispatcher that repeats what it hears."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiogram import Dispatcher
from aiogram.types import Message

from handlers.outcome import Outcome, Say, say
from storage.sqlite import SQLiteStorage
from tests import shared_room

HERE = Path(__file__).parents[2]
KNOWLEDGE = HERE / "var"
"""Where ``make setup`` keeps the fitted matcher."""


def update(number: int, chat: int) -> dict[str, Any]:
    """A short private message as Telegram sends it."""
    person = {"id": chat, "is_bot": False, "first_name": "居民", "language_code": "zh-hans"}
    return {
        "update_id": number,
        "message": {
            "message_id": number,
            "date": 1_764_000_000,
            "chat": {"id": chat, "type": "private", "first_name": "居民"},
            "from": person,
            "text": f"您好 {number}",
        },
    }


async def repeat(message: Message) -> Outcome[Any]:
    return say(Say(message.text or ""))


def echo_dispatcher() -> Dispatcher:
    dispatcher = Dispatcher()
    dispatcher.message.register(repeat)
    return dispatcher


@asynccontextmanager
async def empty_database(folder: Path) -> AsyncIterator[SQLiteStorage]:
    file = folder / "lianxin.db"
    shutil.copyfile(shared_room.empty_database(), file)
    storage = SQLiteStorage(file)
    await storage.open()
    try:
        yield storage
    finally:
        await storage.close()
