"""What a dead process held is free at once where its death is certain, and otherwise when its lease has run out."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest

from bot.owner import is_dead, process_name
from storage import inbox, leases
from storage.chats import find_or_open
from storage.engine import Storage
from storage.inbox import Arrival
from tests.conftest import FrozenClock

ME = process_name()


def somebody(number: int, host: str = "") -> str:
    return f"{host or ME.split(':')[0]}:{number}:0123abcd"


@pytest.fixture(scope="module")
def dead_number() -> int:
    """A process that was, and is no more."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    return gone.pid


def test_a_name_is_this_very_process() -> None:
    assert process_name() != ME
    assert f":{os.getpid()}:" in ME


def test_who_surely_is_dead(dead_number: int) -> None:
    assert is_dead(somebody(dead_number), me=ME)
    assert is_dead(somebody(os.getpid()), me=ME), "it had our number, so it is gone"


@pytest.mark.parametrize(
    "name",
    [ME, somebody(os.getppid()), somebody(1), somebody(10**30), "test", "a:b:c", ""],
    ids=["ourselves", "our parent", "the first", "no such number", "a word", "no number", "nothing"],
)
def test_who_may_be_alive(name: str) -> None:
    assert not is_dead(name, me=ME)


def test_on_another_machine_nobody_can_be_known_to_be_dead(dead_number: int) -> None:
    assert not is_dead(somebody(dead_number, host="elsewhere"), me=ME)


async def test_what_the_dead_held_is_free_at_once_and_what_others_hold_is_not(
    any_storage: Storage, clock: FrozenClock
) -> None:
    for remote in (1, 2):
        await any_storage.run(
            inbox.take_in, [Arrival(channel="telegram", key=f"{remote}", remote=remote, payload="{}")]
        )
    assert len(await any_storage.run(inbox.claim, owner="dead", limit=1)) == 1
    assert len(await any_storage.run(inbox.claim, owner="alive", limit=1)) == 1
    assert await any_storage.run(leases.hold, "telegram polling", owner="dead", span=timedelta(minutes=1))
    assert await any_storage.read(leases.holders) == {"dead", "alive"}
    await any_storage.run(leases.free, {"dead"})
    assert await any_storage.read(leases.holders) == {"alive"}
    first = await any_storage.run(find_or_open, channel="telegram", remote=1)
    assert await any_storage.run(inbox.claim, owner="next", limit=9) == [first]
    assert await any_storage.run(leases.hold, "telegram polling", owner="next", span=timedelta(minutes=1))
