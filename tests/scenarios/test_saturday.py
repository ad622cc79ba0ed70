"""A whole Saturday: a patrol is called, who fits is asked, they come and go; hours, a correction, the certificate."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from storage import certificates, occasions, volunteer_hours, volunteers
from storage.engine import Storage
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk
from tests.scenarios.activities import plan
from tests.scenarios.office import passes
from tests.town import Town

PATROL = plan(
    kind="shift", category="order", title="周六夜间巡逻", place="3栋岗亭", with_family=False, places_min=2, places_max=4,
    insurance_note="团体意外险", starts_at=datetime(2026, 11, 28, 11, 30, tzinfo=UTC),
)  # fmt: skip
OFFERS = ("我退休了，晚上有空，想参加巡逻", "我白天上班，晚上可以来巡逻，电话13900000000")


async def signs_up(person: Any, words: str) -> str:
    await person.says(words)
    await person.presses("同意，登记")
    found = await person.town.storage.read(volunteers.of_chat, person.chat_id)
    assert found is not None
    return str(found.number)


async def calls(town: Town, desk: Desk, numbers: list[str]) -> int:
    """The shift is opened and whoever fits is asked from its page."""
    shift = await town.storage.run(occasions.create, PATROL, staff_id=desk.staff_id)
    assert await town.storage.run(occasions.open_, shift, revision=1, staff_id=desk.staff_id) is None
    page = await desk.opens(f"/console/volunteers/fits/{shift}")
    assert all(number in page for number in numbers)
    ticked = re.findall(r'name="(v\d+)" value="yes"', page)
    await desk.sends("/invite", **dict.fromkeys(ticked, "yes"))
    assert f"新邀请了 {len(numbers)} 人" in desk.page
    return shift


async def attended(town: Town, desk: Desk, shift: int) -> None:
    """The organiser confirms what the list proposes."""
    await desk.opens(f"/console/occasions/{shift}/attendance")
    came = dict.fromkeys(re.findall(r'name="(came\d+)" value="yes"', desk.page), "yes")
    times = dict(re.findall(r'<input type="time" name="(\w+)" value="([^"]+)"', desk.page))
    assert len(came) == 2
    await desk.sends("/attendance", **times, **came)


@pytest.mark.parametrize("channel", ["web", "telegram"])
async def test_a_saturday_from_call_to_certificate(channel: str, any_town: Town, clock: FrozenClock) -> None:
    town = any_town
    ana, bob = [await town.resident(channel) for _ in range(2)]
    numbers = [await signs_up(person, words) for person, words in zip((ana, bob), OFFERS, strict=True)]
    async with at_the_desk(town.storage, name="周敏") as desk:
        shift = await calls(town, desk, numbers)
        await passes(town, clock, minutes=1)
        for person in (ana, bob):
            heard = "\n".join(await person.hears())
            assert "周六夜间巡逻" in heard
            assert "遇到打架、盗窃打 110" in heard, "the risks are told before"
            await person.presses("我看看，想去")
            await person.presses("参加：周六夜间巡逻")
        clock.now = PATROL.starts_at - timedelta(minutes=10)
        await passes(town, clock, seconds=1)
        for person in (ana, bob):
            await person.says("我到了")
        clock.now = PATROL.ends_at
        await ana.says("搞完了")
        await passes(town, clock, hours=12)
        await attended(town, desk, shift)
    await hours_and_certificate(town, ana, numbers[0])


async def hours_and_certificate(town: Town, ana: Any, number: str) -> None:
    """What the book says, what the resident asks of it, and what the paper says in the end."""
    storage: Storage = town.storage
    assert any("记上了：周六夜间巡逻，2小时" in text for text in await ana.hears())
    await ana.says("我有几个小时？")
    assert "2小时（1次）" in await ana.sees()
    await ana.says("周六巡逻2个小时给我记了没？")
    assert "不能记两次" in await ana.sees()
    await ana.presses("就是这次，记上了")
    await ana.says("开个志愿服务证明")
    await ana.says("李小明")
    assert "已请社区开具" in await ana.sees()
    async with at_the_desk(storage, name="王芳") as desk:
        assert number in await desk.opens("/console/volunteers/claims")
        await desk.opens(f"/console/volunteers/{number}")
        paper = {"name": "李小明", "responsible": "王主任", "phone": "023-12345678"}
        await desk.sends("/certificate", **paper)
        known = await storage.read(volunteers.of_chat, ana.chat_id)
        assert known is not None
        [first] = await storage.read(certificates.of_volunteer, known.id)
        assert (first.stands, first.minutes) == ("valid", 120)
        [entry] = await storage.read(volunteer_hours.of_volunteer, known.id)
        await desk.opens(f"/console/volunteers/{number}")
        await desk.sends(f"/hours/{entry.id}", hours="1", minutes="30", reason="提前半小时走的")
        await desk.sends("/certificate", **paper)
        first, second = await storage.read(certificates.of_volunteer, known.id)
        assert (first.stands, first.replaced_by) == ("replaced", second.number)
        assert (second.stands, second.minutes) == ("valid", 90)
    await town.works()
    told = "\n".join(await ana.hears())
    assert "从2小时改成1.5小时。原因：提前半小时走的" in told
    assert str(second.number) in told
