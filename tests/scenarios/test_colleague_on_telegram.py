"""A colleague's Telegram: connected once and by themselves, called for alarms until somebody has them, cut off at once."""

from __future__ import annotations

from typing import Any

from knowledge.duty import Post
from storage import staff, staff_telegram
from storage.tables import alarms, audit
from tests.conftest import FrozenClock
from tests.desk_service import at_the_desk
from tests.scenarios.office import passes
from tests.scenarios.staff_group import connected
from tests.scenarios.test_emergency import FIRE, takes_alarm
from tests.scenarios.test_first_slice import all_of
from tests.scenarios.test_on_call import on_call
from tests.scenarios.test_person import said_in, staff_chat
from tests.town import Town

YES = "是我，接上"
TAKE, NEXT = "我来接手", "转给下一位"


async def test_a_colleague_connects_by_themselves_and_stays_the_resident_they_are(
    town: Town, clock: FrozenClock
) -> None:
    phone, other = await town.resident("telegram"), await town.resident("telegram")
    page = await town.resident("web")
    async with at_the_desk(town.storage, name="周敏") as desk:
        code = await town.storage.run(staff_telegram.make_code, desk.staff_id)
        assert "不能在网页里接" in "".join(await page.says(f"/start {code}"))
        assert "周敏" in "".join(await phone.says(f"/start {code}"))
        assert "用过了" in "".join(await other.says(f"/start {code}")), "it belongs to whoever opened it first"
        assert "没有接上" in "".join(await phone.presses("不是我"))
        await phone.says(f"/start {code}")
        assert "接上了" in "".join(await phone.presses(YES))
        assert "断开 Telegram" in await desk.opens("/console/own")
        assert "登记" in "".join(await phone.says("7栋1204厨房水管爆了")) or await phone.buttons(), "still a resident"
        await desk.sends("/own/telegram/end")
        assert await town.storage.read(staff_telegram.of_staff, desk.staff_id) is None
        late = await town.storage.run(staff_telegram.make_code, desk.staff_id)
        clock.move(minutes=16)
        assert "15 分钟" in "".join(await other.says(f"/start {late}"))
        phone = await connected(town, desk)
        assert "断开了" in "".join(await phone.says("/unlink"))
    assert {"link_telegram", "unlink_telegram"} <= {row["action"] for row in await all_of(town, audit)}


async def test_an_alarm_calls_one_telephone_after_the_other_until_it_is_taken(
    bo: Any, town: Town, clock: FrozenClock
) -> None:
    group = await staff_chat(town)
    async with (
        at_the_desk(town.storage, name="王芳", role="admin") as head,
        at_the_desk(town.storage, name="周敏") as first,
        at_the_desk(town.storage, name="李强", role="worker") as second,
    ):
        zhou, li = await connected(town, first), await connected(town, second)
        await on_call(town.storage, head.staff_id, Post.FIRST, first.staff_id)
        await on_call(town.storage, head.staff_id, Post.SECOND, second.staff_id)
        await bo.says(FIRE)
        await passes(town, clock)
        [told] = await zhou.hears()
        assert FIRE in told
        assert await zhou.buttons() == [TAKE, NEXT]
        assert await li.hears() == []
        # Handed on: the next is called at once and not in two minutes, and it rings on until somebody has it.
        assert await zhou.presses(NEXT) == []
        await passes(town, clock)
        assert "已转给下一位：李强" in await zhou.sees()
        assert "正在叫您" in "".join(await li.hears())
        await passes(town, clock, minutes=2)
        assert "已转给下一位：李强" in await zhou.sees(), "whoever handed it on is left in peace"
        assert "第 2 次" in "".join(await li.hears())
        assert await li.buttons() == [TAKE, NEXT], "of the newest only"
        # Taken at the console by somebody else: the telephones lose their buttons and say who.
        await head.opens("/console")
        await takes_alarm(head)
        message = (await li.thread())[-1]
        await li.presses_data(message, f"wa:{(await all_of(town, alarms))[0]['id']}:take")
        await passes(town, clock)
        assert "王芳 接手了" in await li.sees()
        assert await li.buttons() == []
        assert "7栋" not in await li.sees()
        assert sum("警报已由 王芳 接手" in text for text in await said_in(town, group)) == 1
    assert [row["taken_by"] for row in await all_of(town, alarms)] == [head.staff_id]


async def test_taken_by_telephone_the_resident_hears_of_a_person_and_whoever_is_out_can_press_nothing(
    any_town: Town, clock: FrozenClock
) -> None:
    town, bo = any_town, await any_town.resident("web")
    async with at_the_desk(town.storage, name="周敏") as first, at_the_desk(town.storage, name="李强") as second:
        zhou, li = await connected(town, first), await connected(town, second)
        await bo.says(FIRE)  # the roster names nobody: everybody is called
        await passes(town, clock)
        await bo.hears()
        pressed = (await li.thread())[-1]
        await town.storage.run(staff.disable, second.staff_id)
        await li.presses_data(pressed, "wa:1:take")
        assert [row["taken_by"] for row in await all_of(town, alarms)] == [None]
        assert "您接手了" in "".join(await zhou.presses(TAKE))
        assert "已经接手" in "".join(await bo.hears())
        await passes(town, clock, minutes=5)
        assert "您接手了" in await zhou.sees()
        assert "周敏 已接手" in await first.opens("/console/alarms/1")
