"""A list of fifty thousand brought in: how long anything else has to wait meanwhile, a message in danger among it.

What counts is the longest wait beside the time it takes to read the same rows, compare them and put them in one by one, in
one transaction.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot.import_worker import ImportWorker
from handlers.sheet_files import SheetFile
from handlers.texts.catalogue import load_catalogue
from knowledge.sheets import Record, shipped
from storage import imports
from storage import tables as t
from storage.carried_households import CARRIER
from storage.import_changes import Changes
from storage.sqlite import SQLiteStorage
from storage.transaction import Tx
from tests.benchmarks.town import empty_database

ROWS, BUILDINGS = 50_000, 50
BREATH = 0.01


def people(count: int) -> list[Record]:
    return [
        {
            "building": str(one % BUILDINGS + 1),
            "unit": str(one % 2 + 1),
            "room": f"{one // BUILDINGS % 999 + 1:04d}",
            "name": f"居民{one}",
            "role": "member" if one % 3 else "tenant",
            "phone": f"138{one:08d}",
        }
        for one in range(count)
    ]


def file_of(records: list[Record]) -> bytes:
    writer = SheetFile(shipped()["households"], {}, load_catalogue("console")["zh"])
    try:
        writer.rows(records)
        return b"".join(writer.end())
    finally:
        writer.close()


def _town(tx: Tx) -> tuple[int, int]:
    """A community, and an admin."""
    here = tx.insert(t.communities, name="望江家园", profile={}, created_at=tx.now)
    for name in range(1, BUILDINGS + 1):
        tx.insert(t.buildings, community_id=here, name=str(name), floors=30, units=2)
    return here, tx.insert(t.staff, name="周敏", role="admin", created_at=tx.now)


class Waits:
    """Writes something small again and again, and keeps how long the longest wait for it was."""

    def __init__(self, storage: SQLiteStorage) -> None:
        self._storage, self.longest = storage, 0.0

    async def during(self, work: Awaitable[Any]) -> float:
        """Seconds the longest of them waited while this went on."""
        self.longest, going = 0.0, asyncio.ensure_future(work)  # noqa: TID251
        while not going.done():
            begun = time.perf_counter()
            await self._storage.run(lambda tx: None)
            self.longest = max(self.longest, time.perf_counter() - begun)
            await asyncio.sleep(BREATH)
        await going
        return self.longest


class Undone(Exception):
    pass


def _one_by_one(tx: Tx, here: int, key: int) -> None:
    """As it would be without statements over all of them; and as if it had not been."""
    now, same = CARRIER.current(tx, here), {"community_id": here, "entered_at": tx.now, "import_id": key}
    wanted = [one for one in Changes(key).listed(tx) if one.before == now.get(one.key)]
    tx.execute(t.household_people.insert(), [{**(one.after or {}), **same} for one in wanted])
    raise Undone


async def _plainly(storage: SQLiteStorage, here: int, key: int) -> None:
    with suppress(Undone):
        await storage.run(_one_by_one, here, key)


async def measure(*, rows: int = ROWS) -> Mapping[str, float]:
    records, figures = people(rows), dict[str, float]()
    with tempfile.TemporaryDirectory() as folder:
        async with empty_database(Path(folder)) as storage:
            here, admin = await storage.run(_town)
            waits, worker = Waits(storage), ImportWorker(storage, owner="bench")
            given: dict[str, Any] = {"staff_id": admin, "kind": "households", "community_id": here, "whole": True}
            content = file_of(records)
            key = await storage.run(lambda tx: imports.begin(tx, file_name="a.xlsx", content=content, **given))
            figures["import_wait_check"] = await waits.during(worker.step())
            said: dict[str, Any] = {"by": admin, "reason": "x", "basis": "consent", "note": "x"}
            await storage.run(lambda tx: imports.confirm(tx, key, **said))
            plain = await waits.during(_plainly(storage, here, key))
            figures["import_wait_carry_out"] = await waits.during(worker.step())
            done = await storage.read(imports.get, key)
            assert done is not None
            assert (done.state, done.done) == ("done", rows)
            figures["import_wait_take_back"] = await waits.during(
                storage.run(lambda tx: imports.take_back(tx, key, by=admin))
            )
    longest = figures["import_wait_carry_out"]
    return figures | {"import_one_by_one": plain, "import_wait_to_one_by_one": longest / plain}
