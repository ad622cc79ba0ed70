"""A night on call: an alarm finds one person after the other, a duty changes hands, a P0 ticket rings by itself."""

from __future__ import annotations

from datetime import date, time
from typing import Any

import pytest

from bot.scheduler import Scheduler
from handlers.texts.catalogue import load_catalogue
from knowledge.duty import Post
from storage import duty, duty_plan
from storage.engine import Storage
from storage.tables import alarms
from storage.tables import tickets as ticket_table
from tests.conftest import FrozenClock
from tests.desk_service import at_the_desk, file_ticket
from tests.scenarios.test_emergency import FIRE, takes_alarm
from tests.scenarios.test_first_slice import all_of
from tests.scenarios.test_person import said_in, staff_chat, ticks
from tests.town import Town


async def on_call(storage: Storage, admin: int, post: Post, staff_id: int | None, **outside: str) -> None:
    known = {one.staff_id for one in (await storage.read(duty.plan, None)).people.values()}
    if staff_id is None or staff_id not in known:
        assert await storage.run(duty_plan.add_person, None, by=admin, colleague=staff_id, **outside) is None
    people = (await storage.read(duty.plan, None)).people.values()
    [person] = [one.id for one in people if one.staff_id == staff_id]
    week: dict[str, Any] = {"days": range(7), "begins": time(0), "ends": time(0), "since": date(2026, 11, 23)}
    assert await storage.run(duty_plan.add_shifts, None, by=admin, post=post, person_id=person, **week) is None


@pytest.fixture
async def web_ana(town: Town) -> Any:
    return await town.resident("web")


async def test_a_night_through_the_whole_ladder(web_ana: Any, town: Town, clock: FrozenClock) -> None:
    group = await staff_chat(town)
    async with (
        at_the_desk(town.storage, name="王芳", role="admin") as head,
        at_the_desk(town.storage, name="周敏") as first,
        at_the_desk(town.storage, name="李强", role="worker") as second,
    ):
        assert "没人" in await first.opens("/console/duty")
        for post, desk in ((Post.FIRST, first), (Post.SECOND, second), (Post.COMMITTEE, head)):
            await on_call(town.storage, head.staff_id, post, desk.staff_id)
        outside = {"name": "街道值班室", "phone": "023-00000000"}
        await on_call(town.storage, head.staff_id, Post.SUBDISTRICT, None, **outside)
        assert "您在值班" in await first.opens("/console")
        assert "今后两周都有人值班" in await first.opens("/console/duty")
        clock.move(hours=16)  # two in the morning
        await web_ana.says(FIRE)
        assert "值班：周敏" in (await said_in(town, group))[-1]
        assert "在叫您" in await first.opens("/console")
        assert "在叫您" not in await second.opens("/console")
        await ticks(town, clock, minutes=2)
        assert "在叫您" in await second.opens("/console")
        assert "值班：周敏、李强" in (await said_in(town, group))[-1]
        # The service was down meanwhile: whatever came due is done at its first look, and once.
        clock.move(minutes=9)
        before = len(await said_in(town, group))
        for scheduler in (Scheduler(town.storage, load_catalogue()), Scheduler(town.storage, load_catalogue())):
            await scheduler.tick()
        [told] = (await said_in(town, group))[before:]
        assert "升级到街道" in told
        assert "值班：周敏、李强、王芳、街道值班室" in told
        page = await head.opens("/console/alarms/1")
        assert "023-00000000" in page
        await head.sends("/rung")
        assert "有人打了电话" in head.page
        await takes_alarm(second)
        assert "李强 已接手" in second.page
        await first.opens("/console/alarms/1")
        with pytest.raises(AssertionError, match="no form"):
            first.form("/alarms/1/take")
        count = len(await said_in(town, group))
        await ticks(town, clock, minutes=2)
        assert (await said_in(town, group))[count:] == ["✓ 警报已由 李强 接手（02:11）。"]
        page = await head.opens("/console/duty")
        assert "没及时接的警报" in page
        assert "11 分钟后由 李强 接手" in page


async def test_two_presses_at_once_one_has_it_and_the_other_reads_who(web_ana: Any, town: Town) -> None:
    await web_ana.says(FIRE)
    async with at_the_desk(town.storage) as one, at_the_desk(town.storage, name="李强") as other:
        await other.opens("/console")
        await takes_alarm(one)
        await other.sends("/alarms/1/take")
        assert other.status == 409
        assert "周敏 已接手" in other.page
        assert "慢了一步" in other.page


async def test_a_duty_is_handed_over_in_the_console(web_ana: Any, town: Town, clock: FrozenClock) -> None:
    async with (
        at_the_desk(town.storage, name="王芳", role="admin") as head,
        at_the_desk(town.storage, name="周敏") as giver,
        at_the_desk(town.storage, name="李强", role="worker") as taker,
    ):
        await on_call(town.storage, head.staff_id, Post.FIRST, giver.staff_id)
        await on_call(town.storage, head.staff_id, Post.SECOND, taker.staff_id)
        await web_ana.says(FIRE)
        await takes_alarm(giver)
        people = (await town.storage.read(duty.plan, None)).people.values()
        [person] = [one.id for one in people if one.staff_id == taker.staff_id]
        await giver.opens("/console/duty")
        offer = {"post": "first", "person": str(person), "until": "2026-11-24T09:00", "note": "等消防回话"}
        await giver.sends("/duty/handovers", **(offer | {"until": "2026-11-20T09:00"}))
        assert giver.status == 422
        assert "时间没填对" in giver.page
        assert "等消防回话" in giver.page, "what was typed is still there"
        await giver.sends("/duty/handovers", **offer)
        assert "交接班等您确认" in await taker.opens("/console")
        page = await taker.opens("/console/duty")
        assert "一起交的警报：1 个" in page
        await taker.sends("/answer", said="accepted")
        assert "改好了" in taker.page
        assert "您在值班" in taker.page
        [alarm] = await all_of(town, alarms)
        assert alarm["taken_by"] == taker.staff_id
        await giver.opens("/console/duty")
        assert "您在值班" not in giver.page
        clock.move(days=1)
        assert "您在值班" in await giver.opens("/console/duty"), "the roster holds again"


@pytest.mark.parametrize("role", ["admin"])
async def test_the_week_is_written_at_the_desk(role: str, town: Town) -> None:
    async with at_the_desk(town.storage, name="王芳", role=role) as desk:
        await desk.opens("/console/duty/plan")
        await desk.sends("/duty/people", colleague=str(desk.staff_id), phone="不是号码")
        assert desk.status == 422
        await desk.opens("/console/duty/plan")
        await desk.sends("/duty/people", colleague=str(desk.staff_id), phone="023-00000000")
        [person] = (await town.storage.read(duty.plan, None)).people
        week = {f"day_{day}": "yes" for day in range(5)}
        shift = {"post": "first", "person": str(person), "begins": "18:00", "ends": "09:00", "since": "2026-11-23"}
        await desk.sends("/duty/shifts", **shift)
        assert desk.status == 422, "no day was ticked"
        await desk.sends("/duty/shifts", **shift, **week)
        assert "18:00–次日 09:00" in desk.page
        assert "段没人值班" in desk.page


async def test_a_p0_ticket_nobody_was_in_touch_about_rings_and_stops_when_somebody_was(
    town: Town, clock: FrozenClock
) -> None:
    group = await staff_chat(town)
    filed = await town.storage.run(file_ticket, urgency="P0")
    await ticks(town, clock, seconds=15, times=2)
    assert [text for text in await said_in(town, group) if "P0 工单" in text]
    [alarm] = await all_of(town, alarms)
    assert alarm["place"] == "7栋", "no more than the building"
    async with at_the_desk(town.storage) as desk:
        page = await desk.opens("/console")
        assert "紧急工单还没有人联系" in page
        assert filed.number in page
        await desk.opens("/console/alarms/1")
        await desk.sends("/alarms/1/take")
        assert f"/console/tickets/{filed.number}" in desk.page
        contact = ticket_table.update().where(ticket_table.c.id == filed.id).values(first_contact_at=clock.now)
        await town.storage.run(lambda tx: tx.changed(contact))
        await ticks(town, clock, seconds=15, times=2)
        assert "现在没有警报" in await desk.opens("/console/alarms")
    assert len(await all_of(town, alarms)) == 1
