"""The storage contract, on both databases: a unit happens whole or not at all, and nobody sees half of one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from storage.engine import Storage, StorageClosed
from storage.signals import Waiter
from storage.tables import facts
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.patience import PATIENCE


def put(tx: Tx, name: str, value: int) -> str:
    tx.execute(facts.insert(), {"name": name, "value": value, "at": tx.now})
    tx.wake(name)
    return name


def put_and_fail(tx: Tx, name: str) -> None:
    put(tx, name, 1)
    raise RuntimeError("half way")


def count(tx: Tx) -> int:
    return int(tx.scalar(select(func.count()).select_from(facts)))


def add_one(tx: Tx, name: str) -> None:
    row = tx.first(select(facts.c.value).where(facts.c.name == name).with_for_update())
    assert row is not None
    tx.execute(facts.update().where(facts.c.name == name).values(value=row["value"] + 1))


async def test_what_returned_is_committed_and_seen_by_others(any_storage: Storage) -> None:
    assert await any_storage.run(put, "a", 1) == "a"
    assert await any_storage.read(count) == 1


async def test_a_unit_that_raises_changes_nothing_and_its_error_arrives(any_storage: Storage) -> None:
    with pytest.raises(RuntimeError, match="half way"):
        await any_storage.run(put_and_fail, "a")
    assert await any_storage.read(count) == 0


async def test_one_failure_among_many_fails_alone(any_storage: Storage) -> None:
    results = await asyncio.gather(
        *(any_storage.run(put_and_fail if n == 5 else _put_ten, f"k{n}") for n in range(10)), return_exceptions=True
    )
    assert [type(r).__name__ for r in results].count("RuntimeError") == 1
    assert await any_storage.read(count) == 9


def _put_ten(tx: Tx, name: str) -> str:
    return put(tx, name, 10)


async def test_fifty_increments_at_once_lose_none(any_storage: Storage) -> None:
    await any_storage.run(put, "n", 0)
    await asyncio.gather(*(any_storage.run(add_one, "n") for _ in range(50)))
    assert await any_storage.read(lambda tx: tx.scalar(select(facts.c.value))) == 50


async def test_a_read_cannot_write(any_storage: Storage) -> None:
    with pytest.raises(Exception, match=r"(?i)read-?only"):
        await any_storage.read(put, "a", 1)
    assert await any_storage.read(count) == 0


async def test_instants_come_back_as_they_went_in(any_storage: Storage, clock: FrozenClock) -> None:
    await any_storage.run(put, "a", 1)
    assert await any_storage.read(lambda tx: tx.scalar(select(facts.c.at))) == clock.now
    assert clock.now.tzinfo is UTC


async def test_a_time_without_a_zone_is_refused(any_storage: Storage) -> None:
    def naive(tx: Tx) -> None:
        tx.execute(facts.insert(), {"name": "x", "value": 1, "at": datetime(2026, 1, 1)})  # noqa: DTZ001

    with pytest.raises(Exception, match="without a time zone"):
        await any_storage.run(naive)


async def test_a_commit_wakes_who_waits_for_it_and_nobody_else(any_storage: Storage) -> None:
    waiter, other = any_storage.signals.waiter("a"), any_storage.signals.waiter("b")
    await _listener_is_up(any_storage, waiter)
    await other.wait(0)
    await any_storage.run(put, "a", 1)
    assert await waiter.wait(PATIENCE)
    assert not await other.wait(0.05)


async def _listener_is_up(storage: Storage, waiter: Waiter) -> None:
    """On PostgreSQL everybody is woken once when the listener begins; that must not be taken for a commit's."""
    await waiter.wait(10 if storage.dialect == "postgresql" else 0)


async def test_a_failed_unit_wakes_nobody(any_storage: Storage) -> None:
    waiter = any_storage.signals.waiter("a")
    await _listener_is_up(any_storage, waiter)
    with pytest.raises(RuntimeError):
        await any_storage.run(put_and_fail, "a")
    assert not await waiter.wait(0.05)


async def test_close_finishes_what_was_begun_and_refuses_the_rest(any_storage: Storage) -> None:
    async with asyncio.TaskGroup() as group:
        begun = [group.create_task(any_storage.run(put, f"k{n}", n)) for n in range(20)]
        await asyncio.sleep(0)
        await any_storage.close()
    assert [one.result() for one in begun] == [f"k{n}" for n in range(20)]
    with pytest.raises(StorageClosed):
        await any_storage.run(put, "late", 1)
