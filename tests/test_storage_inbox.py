"""Claiming chats, on both databases: one worker a chat, never more than asked for, nothing before its time."""

from __future__ import annotations

import asyncio

from storage import inbox
from storage.engine import Storage
from storage.inbox import Arrival
from tests.conftest import FrozenClock


def words(number: int, *, chat: int, channel: str = "web") -> Arrival:
    return Arrival(channel=channel, key=str(number), remote=chat, payload='{"message": {"text": "x"}}', words="x")


async def claimed(storage: Storage, *, owner: str = "one", limit: int = 99) -> list[int]:
    return await storage.run(inbox.claim, owner=owner, limit=limit)


async def test_a_chat_is_claimed_once_however_much_waits_in_it(any_storage: Storage) -> None:
    await any_storage.run(inbox.take_in, [words(number, chat=number % 3) for number in range(9)])
    assert len(await claimed(any_storage)) == 3
    assert await claimed(any_storage, owner="two") == []


async def test_no_more_chats_are_claimed_than_asked_for_and_the_rest_stay_free(any_storage: Storage) -> None:
    await any_storage.run(inbox.take_in, [words(number, chat=number) for number in range(10)])
    first = await claimed(any_storage, limit=4)
    others = await claimed(any_storage, owner="two")
    assert (len(first), len(others)) == (4, 6)
    assert not {*first} & {*others}


async def test_workers_that_claim_at_the_same_moment_share_the_chats_out(any_storage: Storage) -> None:
    await any_storage.run(inbox.take_in, [words(number, chat=number) for number in range(40)])
    shares = await asyncio.gather(*(claimed(any_storage, owner=f"w{n}", limit=5) for n in range(12)))
    taken = [chat for share in shares for chat in share]
    assert len(taken) == len({*taken})
    assert len({*taken, *await claimed(any_storage)}) == 40


async def test_a_chat_given_back_or_left_by_a_dead_worker_is_claimed_again(
    any_storage: Storage, clock: FrozenClock
) -> None:
    await any_storage.run(inbox.take_in, [words(1, chat=1), words(2, chat=2)])
    one, other = await claimed(any_storage)
    await any_storage.run(inbox.release, chat_id=one, owner="one")
    assert await claimed(any_storage, owner="two") == [one]
    clock.move(seconds=inbox.LEASE.total_seconds() + 1)
    assert await claimed(any_storage, owner="three") == [one, other]


async def test_a_failed_update_holds_its_chat_back_until_its_next_try(any_storage: Storage, clock: FrozenClock) -> None:
    await any_storage.run(inbox.take_in, [words(1, chat=1), words(2, chat=1)])
    [chat] = await claimed(any_storage)
    [first, _] = await any_storage.read(inbox.waiting_rows, chat)
    await any_storage.run(inbox.failed, first.id, error="Broken")
    await any_storage.run(inbox.release, chat_id=chat, owner="one")
    assert await claimed(any_storage) == []
    clock.move(seconds=3)
    assert await claimed(any_storage) == [chat]


async def test_only_the_named_channels_are_claimed(any_storage: Storage) -> None:
    await any_storage.run(inbox.take_in, [words(1, chat=1), words(2, chat=1, channel="telegram")])
    on_web = await any_storage.run(inbox.claim, owner="one", limit=9, channels=["web"])
    on_telegram = await any_storage.run(inbox.claim, owner="one", limit=9, channels=["telegram"])
    assert (len(on_web), len(on_telegram)) == (1, 1)
    assert on_web != on_telegram
