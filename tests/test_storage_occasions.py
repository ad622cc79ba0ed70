"""Places in an occasion on both databases: the last one goes to one of two, the line moves up by itself."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from knowledge.occasions import Occasion, Party, Plan
from storage import erasure, occasion_places, occasions, own_data, retention
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.staff import MayNot
from storage.tables import occasion_entries
from tests.conftest import FrozenClock
from tests.desk_service import hire
from tests.scenarios.activities import plan

SATURDAY = datetime(2026, 11, 28, 10, 30, tzinfo=UTC)  # 18:30 in Chongqing


async def opened(storage: Storage, **values: Any) -> Occasion:
    """An occasion residents may join, and its organiser."""
    member, _ = await storage.run(hire, "周敏", "operator")
    made = await storage.run(occasions.create, plan(**values), staff_id=member)
    assert await storage.run(occasions.open_, made, revision=1, staff_id=member) is None
    found = await storage.read(occasions.get, made)
    assert found is not None
    return found


async def people(storage: Storage, count: int) -> list[int]:
    return [
        await storage.run(find_or_open, channel="web", remote=FIRST_WEB_CHAT + 100 + number) for number in range(count)
    ]


async def joins(storage: Storage, occasion: Occasion, chat_id: int, *party: int) -> occasion_places.Joined:
    wanted = Party(*party) if party else None
    return await storage.run(occasion_places.join, occasion_id=occasion.id, chat_id=chat_id, party=wanted)


async def leaves(storage: Storage, occasion: Occasion, chat_id: int) -> occasion_places.Left:
    return await storage.run(occasion_places.leave, occasion_id=occasion.id, chat_id=chat_id)


async def standing(storage: Storage, occasion: Occasion) -> Sequence[tuple[int, str]]:
    found = await storage.read(occasion_places.of_occasion, occasion.id)
    return [(entry.chat_id, entry.state) for entry in found]


async def test_of_two_who_want_the_last_place_at_once_one_gets_it(any_storage: Storage) -> None:
    dinner = await opened(any_storage, places_max=1)
    both = await asyncio.gather(*(joins(any_storage, dinner, chat) for chat in await people(any_storage, 2)))
    assert sorted(one.kind for one in both) == ["joined", "waiting"]
    again = await any_storage.read(occasions.get, dinner.id)
    assert again is not None
    assert (again.taken, again.waiting, again.free) == (1, 1, 0)


async def test_one_resident_asking_many_times_at_once_has_one_place(any_storage: Storage) -> None:
    dinner = await opened(any_storage, places_max=5)
    [ana] = await people(any_storage, 1)
    found = await asyncio.gather(*(joins(any_storage, dinner, ana) for _ in range(4)))
    assert sorted(one.kind for one in found) == ["had", "had", "had", "joined"]


async def test_a_place_given_back_goes_to_the_first_it_is_enough_for(any_storage: Storage) -> None:
    dinner = await opened(any_storage, places_max=2)
    ana, family, bob = await people(any_storage, 3)
    assert (await joins(any_storage, dinner, ana, 1, 1)).kind == "joined"
    assert (await joins(any_storage, dinner, family, 1, 2)).kind == "too_many"
    assert (await joins(any_storage, dinner, family, 2, 0)).ahead == 0
    assert (await joins(any_storage, dinner, bob)).ahead == 2
    fewer = await joins(any_storage, dinner, ana, 1, 0)
    assert (fewer.kind, [entry.chat_id for entry in fewer.moved]) == ("changed", [bob])
    assert (await joins(any_storage, dinner, ana, 1, 1)).kind == "no_room"
    await leaves(any_storage, dinner, bob)
    left = await leaves(any_storage, dinner, ana)
    assert [entry.chat_id for entry in left.moved] == [family]
    assert await standing(any_storage, dinner) == [(family, "joined")]
    assert (await leaves(any_storage, dinner, ana)).entry is None


async def test_whoever_comes_new_does_not_pass_the_line(any_storage: Storage) -> None:
    dinner = await opened(any_storage, places_max=2)
    ana, family, bob = await people(any_storage, 3)
    await joins(any_storage, dinner, ana)
    await joins(any_storage, dinner, family, 2, 0)
    assert (await joins(any_storage, dinner, bob)).kind == "waiting"


async def test_what_is_over_cancelled_or_not_yet_open_takes_nobody(any_storage: Storage, clock: FrozenClock) -> None:
    [ana] = await people(any_storage, 1)
    dinner = await opened(any_storage)
    member = dinner.organiser_id
    draft = await any_storage.run(occasions.create, plan(), staff_id=member)
    assert (await any_storage.run(occasion_places.join, occasion_id=draft, chat_id=ana)).kind == "draft"
    assert (await any_storage.run(occasion_places.join, occasion_id=4711, chat_id=ana)).kind == "gone"
    clock.now = dinner.ends_at
    assert (await joins(any_storage, dinner, ana)).kind == "begun"
    told = await any_storage.run(occasions.cancel, dinner.id, revision=2, reason="下雨", staff_id=member)
    assert told == []
    assert (await joins(any_storage, dinner, ana)).kind == "cancelled"


async def test_a_patrol_opens_only_insured_and_takes_no_family(any_storage: Storage) -> None:
    member, _ = await any_storage.run(hire, "周敏", "operator")
    patrol = plan(kind="shift", category="order", with_family=False)
    made = await any_storage.run(occasions.create, patrol, staff_id=member)
    assert await any_storage.run(occasions.open_, made, revision=1, staff_id=member) == "insurance"
    insured = plan(kind="shift", category="order", with_family=False, insurance_note="团体意外险")
    assert await any_storage.run(occasions.change, made, insured, revision=1, staff_id=member)
    assert await any_storage.run(occasions.change, made, insured, revision=1, staff_id=member) is None
    assert await any_storage.run(occasions.open_, made, revision=1, staff_id=member) == "changed"
    assert await any_storage.run(occasions.open_, made, revision=2, staff_id=member) is None
    copies = await any_storage.run(occasions.copy_weekly, made, times=2, staff_id=member)
    found = [await any_storage.read(occasions.get, copy) for copy in copies]
    assert [one and (one.starts_at - SATURDAY, one.state, one.insured_at) for one in found] == [
        (timedelta(days=7), "draft", None),
        (timedelta(days=14), "draft", None),
    ]
    [ana] = await people(any_storage, 1)
    party = Party(1, 1)
    assert (await any_storage.run(occasion_places.join, occasion_id=made, chat_id=ana, party=party)).kind == "no_family"


async def test_only_who_acts_may_organise_and_nobody_loses_a_place(any_storage: Storage) -> None:
    dinner = await opened(any_storage, places_max=3)
    watching, _ = await any_storage.run(hire, "李监督", "supervisor")
    with pytest.raises(MayNot):
        await any_storage.run(occasions.create, plan(), staff_id=watching)
    for chat in await people(any_storage, 2):
        await joins(any_storage, dinner, chat)
    with pytest.raises(ValueError, match="more have a place"):
        await any_storage.run(occasions.change, dinner.id, plan(places_max=1), revision=2, staff_id=dinner.organiser_id)


async def test_a_wiped_out_resident_leaves_a_free_place_and_no_name(any_storage: Storage) -> None:
    dinner = await opened(any_storage, places_max=1)
    ana, bob = await people(any_storage, 2)
    await joins(any_storage, dinner, ana)
    await joins(any_storage, dinner, bob)
    assert len((await any_storage.read(own_data.everything, ana))["places"]) == 1
    assert await any_storage.run(erasure.erase, chat_id=ana, row_id=0)
    assert [entry.chat_id for entry in await any_storage.run(occasion_places.settle, dinner.id)] == [bob]
    rows = await any_storage.read(lambda tx: tx.all(select(occasion_entries).order_by(occasion_entries.c.id)))
    assert [(row["state"], row["chat_id"] == ana) for row in rows] == [("gone", False), ("joined", False)]


async def test_after_its_time_nobody_is_named(any_storage: Storage, clock: FrozenClock) -> None:
    dinner = await opened(any_storage)
    [ana] = await people(any_storage, 1)
    await joins(any_storage, dinner, ana)
    clock.move(days=300)
    assert await any_storage.run(retention.sweep, "places") == 0
    clock.move(days=100)
    assert await any_storage.run(retention.sweep, "places") == 1
    assert await any_storage.run(retention.sweep, "places") == 0
    assert (await any_storage.read(own_data.everything, ana))["places"] == []


def test_the_plan_of_these_stories_is_a_good_one() -> None:
    assert isinstance(plan(), Plan)
    assert plan().starts_at == SATURDAY
