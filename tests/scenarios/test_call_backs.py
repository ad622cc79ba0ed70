"""Whom to ring, as the clerks do it: two of them, missed calls of the night, a wrong hour, somebody who is not there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from handlers.texts.moments import CHINA
from storage import alarms, callers, ring_backs, telephone
from storage import tables as t
from storage.engine import Storage
from storage.telephone import Told
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk, file_ticket

PAGE = "/console/call-backs"


async def misses(storage: Storage, number: str | None, call: str) -> None:
    await storage.run(telephone.take_in, Told(call, call, "missed", storage.clock(), number=number))


@asynccontextmanager
async def two_clerks(storage: Storage) -> AsyncIterator[tuple[Desk, Desk]]:
    async with at_the_desk(storage, name="周敏") as first, at_the_desk(storage, name="吴静") as second:
        yield first, second


async def lines(storage: Storage) -> list[dict[str, Any]]:
    found = await storage.read(lambda tx: tx.all(select(t.ring_backs).order_by(t.ring_backs.c.id)))
    return [dict(row) for row in found]


async def test_nobody_is_rung_by_two_clerks(any_storage: Storage, clock: FrozenClock) -> None:
    storage = any_storage
    await misses(storage, "13800000021", "m1")
    async with two_clerks(storage) as (zhou, wu):
        [line] = await lines(storage)
        await zhou.opens(PAGE)
        await wu.opens(PAGE)
        await zhou.sends(f"/ring-backs/{line['id']}/ringing")
        assert "您正在打这个电话" in zhou.page
        await wu.sends(f"/ring-backs/{line['id']}/ringing")
        assert (wu.status, "周敏正在打" in wu.page) == (409, True)
        await wu.sends(f"/ring-backs/{line['id']}", outcome="reached", note="")
        assert wu.status == 409, "nor written down by the other meanwhile"
        await wu.sends(f"/ring-backs/{line['id']}/ringing")
        assert "您正在打这个电话" in wu.page, "taken over in so many words"
        clock.move(minutes=11)
        assert "正在打" not in await zhou.opens(PAGE), "and it lapses"
        await zhou.sends(f"/ring-backs/{line['id']}", outcome="reached", note="水管的事，已登记")
        assert (await lines(storage))[0]["outcome"] == "reached"
        assert await storage.read(lambda tx: tx.all(select(t.ringing_now))) == []


async def test_another_time_is_no_try_in_vain_and_who_is_not_there_is_told_nothing(
    storage: Storage, clock: FrozenClock
) -> None:
    await misses(storage, "13800000022", "m1")
    async with at_the_desk(storage) as desk:
        [line] = await lines(storage)
        address = f"/ring-backs/{line['id']}"
        assert "别说什么事" in await desk.opens(PAGE)
        await desk.sends(address, outcome="absent", note="")
        clock.move(days=1)
        await desk.opens(PAGE)
        await desk.sends(address, outcome="later", note="六点以后", again_at="yesterday")
        assert desk.status == 422
        evening = (clock.now.astimezone(CHINA) + timedelta(hours=8)).replace(hour=18, minute=30)
        await desk.sends(address, outcome="later", note="六点以后", again_at=f"{evening:%Y-%m-%dT%H:%M}")
        assert "到时间会再出现" in desk.page
        assert "13800000022" not in desk.page
        assert "还没到时间的（1）" in desk.page
        [line] = await lines(storage)
        assert (line["tries"], line["due_at"]) == (1, evening.replace(second=0, microsecond=0))
        clock.now = evening
        assert "13800000022" in await desk.opens(PAGE)


async def test_a_night_of_missed_calls_in_order_of_urgency(storage: Storage, clock: FrozenClock) -> None:
    def urgent_of_number(tx: Tx) -> None:
        file_ticket(tx, phone="13800000033", urgency="P1")

    await storage.run(urgent_of_number)
    clock.now = clock.now.astimezone(CHINA).replace(hour=23)
    for at, number in enumerate(("13800000031", "13800000032", "13800000033", None, None, "13800000031")):
        clock.move(minutes=5)
        await misses(storage, number, f"n{at}")
    async with at_the_desk(storage) as desk:
        page = await desk.opens(PAGE)
        assert "tel:13800000031" not in page, "nobody is rung at night"
        assert "还没到时间的（3）" in page
        clock.now = (clock.now + timedelta(hours=10)).replace(hour=9, minute=30)
        page = await desk.opens(PAGE)
        places = [page.index(f"tel:{number}") for number in ("13800000033", "13800000032", "13800000031")]
        assert places[0] == min(places), "something urgent of that number is open"
        assert "打来过 2 次" in page
        await telephone_answers(storage, desk, "13800000031")
        assert "tel:13800000031" not in await desk.opens(PAGE), "she got through, and is not rung twice"


async def telephone_answers(storage: Storage, desk: Desk, number: str) -> None:
    await storage.run(telephone.take_in, Told("again", "again", "ringing", storage.clock(), number=number))
    await desk.opens("/console/calls")
    await desk.sends("/take")


async def test_withheld_numbers_are_counted_and_a_quiet_one_is_not_rung(storage: Storage, clock: FrozenClock) -> None:
    def in_danger(tx: Tx) -> None:
        chat_id = callers.chat_for(tx, number="13800000041", name=None)
        alarms.raise_alarm(tx, chat_id=chat_id, message_id=None, kind="domestic_violence", rule="operator")

    await storage.run(in_danger)
    await misses(storage, None, "w1")
    await misses(storage, "13800000041", "q1")
    async with at_the_desk(storage) as desk:
        page = await desk.opens(PAGE)
    assert "还有 1 个没接到的电话没显示号码" in page
    assert "别打" in page
    assert "tel:13800000041" not in page
    assert await storage.read(ring_backs.soon, staff_id=desk.staff_id) == []
