"""Attachments a channel still holds: wanted, fetched later, or given up on in the open."""

from __future__ import annotations

from sqlalchemy import select

from storage import blobs
from storage.chats import find_or_open
from storage.engine import Storage
from storage.tables import blobs as table
from storage.transaction import Tx
from tests.conftest import FrozenClock


def want_one(tx: Tx) -> int:
    chat_id = find_or_open(tx, channel="telegram", remote=7)
    return blobs.want(tx, chat_id=chat_id, kind="voice", mime="audio/ogg", remote_file="AwAC")


async def test_a_wanted_file_is_nothing_to_look_at_until_it_is_filled(any_storage: Storage) -> None:
    key = await any_storage.run(want_one)
    assert await any_storage.read(blobs.get, key) is None
    (wanted,) = await any_storage.read(blobs.wanted)
    assert (wanted.id, wanted.remote_file) == (key, "AwAC")
    await any_storage.run(blobs.filled, key, content=b"OggS\x00")
    blob = await any_storage.read(blobs.get, key)
    assert blob is not None
    assert blob.content == b"OggS\x00"
    assert await any_storage.read(blobs.wanted) == []


async def test_a_file_that_cannot_be_fetched_is_tried_less_and_less_then_given_up(
    any_storage: Storage, clock: FrozenClock
) -> None:
    key = await any_storage.run(want_one)
    tries = 0
    given_up = False
    while not given_up:
        given_up = await any_storage.run(blobs.not_filled, key, error="gone")
        tries += 1
        assert await any_storage.read(blobs.wanted) == [], "not again at once"
        clock.move(hours=1)
    assert tries == blobs.TRIES
    assert await any_storage.read(blobs.wanted) == []
    assert await any_storage.read(lambda tx: tx.scalar(select(table.c.state))) == "failed"


async def test_a_refused_file_is_never_fetched(any_storage: Storage) -> None:
    key = await any_storage.run(want_one)
    await any_storage.run(blobs.refuse, key, error="too big")
    await any_storage.run(blobs.filled, key, content=b"late")
    assert await any_storage.read(blobs.wanted) == []
    assert await any_storage.read(blobs.get, key) is None


async def test_a_file_opens_only_in_its_own_chat(any_storage: Storage) -> None:
    def store(tx: Tx) -> tuple[int, int]:
        chat_id = find_or_open(tx, channel="web", remote=1)
        return chat_id, blobs.store(tx, chat_id=chat_id, kind="photo", mime="image/jpeg", content=b"\xff")

    chat_id, key = await any_storage.run(store)
    assert await any_storage.read(blobs.get, key, chat_id=chat_id) is not None
    assert await any_storage.read(blobs.get, key, chat_id=chat_id + 1) is None
