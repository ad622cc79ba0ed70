"""Updates a second through inbox, handler and outbox on a SQLite file, against a bare aiogram echo in memory.

Both sides run in turns within one run, so that what else the machine does falls on both alike. The durable side counts an
update when its reply lies in the outbox, committed; taking updates in (100 a unit, as polling brings them) is part of it.
"""

from __future__ import annotations

import gc
import json
import statistics
import tempfile
import time
from pathlib import Path

from aiogram import Bot, Dispatcher
from aiogram.types import Update
from sqlalchemy import func, select

from bot.inbox_worker import InboxWorker
from bot.nursery import Nursery
from handlers.outcome import say
from storage import inbox, outbox
from storage.hot import Hot
from storage.inbox import Arrival
from storage.sqlite import SQLiteStorage
from storage.tables import outbox as outbox_table
from storage.transaction import Tx
from tests.benchmarks.town import echo_dispatcher, empty_database, update

UPDATES, CHATS, BATCH, ROUNDS = 1000, 50, 100, 15


async def measure(*, updates: int = UPDATES, rounds: int = ROUNDS) -> dict[str, float]:
    """Medians of a few rounds: updates a second on either side, and durable ÷ bare."""
    dispatcher, bot = echo_dispatcher(), Bot("42:bench")
    bare, durable = [], []
    with tempfile.TemporaryDirectory() as folder:
        async with empty_database(Path(folder)) as storage:
            gc.collect()
            gc.freeze()  # as the service does when it has started
            for turn in range(rounds):
                bare.append(await _bare(dispatcher, bot, updates))
                durable.append(await _durable(storage, dispatcher, bot, updates, first=turn * updates))
    gc.unfreeze()
    await bot.session.close()
    ratio = statistics.median(one / other for one, other in zip(durable, bare, strict=True))
    return {
        "bare_updates_per_s": round(statistics.median(bare)),
        "durable_updates_per_s": round(statistics.median(durable)),
        "durable_to_bare": round(ratio, 3),
    }


async def _bare(dispatcher: Dispatcher, bot: Bot, updates: int) -> float:
    raw = [json.dumps(update(number, number % CHATS)) for number in range(updates)]
    start = time.perf_counter()
    for text in raw:
        await dispatcher.feed_update(bot, Update.model_validate(json.loads(text), context={"bot": bot}))
    return updates / (time.perf_counter() - start)


async def _durable(storage: SQLiteStorage, dispatcher: Dispatcher, bot: Bot, updates: int, *, first: int) -> float:
    arrivals = [_arrival(first + number) for number in range(updates)]
    nursery = Nursery()
    worker = InboxWorker(storage, dispatcher, {"telegram": bot}, nursery, owner="bench", apology=lambda scene: say())
    start = time.perf_counter()
    running = nursery.keep_running(worker.run, name="inbox")
    replied = storage.signals.waiter(outbox.TOPIC)
    for batch in range(0, updates, BATCH):
        await storage.run(inbox.take_in, arrivals[batch : batch + BATCH])
    while await storage.read(_replies) < first + updates:
        await replied.wait(0.05)
    took = time.perf_counter() - start
    replied.close()
    worker.stop()
    await running
    await nursery.cancel()
    return updates / took


def _replies(tx: Tx) -> int:
    """How many there are: every one has a row, and none is taken away."""
    return _LAST.scalar(tx) or 0


_LAST = Hot(select(func.max(outbox_table.c.id)))


def _arrival(number: int) -> Arrival:
    raw = update(number, number % CHATS)
    return Arrival(
        channel="telegram",
        key=str(number),
        remote=number % CHATS + 1,
        payload=json.dumps(raw),
        words=raw["message"]["text"],
        remote_message=number + 1,
    )
