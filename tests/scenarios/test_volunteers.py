"""Volunteering as stories: one sentence and one press, a guardian's yes, hours from the ledger, a missing one, leaving."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from knowledge import pass_codes
from knowledge.volunteers import Volunteer
from storage import occasion_places, occasions, volunteer_hours, volunteers
from storage.tables import consents, tickets, volunteer_claims, volunteer_events
from storage.tables import volunteers as register
from tests.conftest import FrozenClock
from tests.desk_service import hire
from tests.scenarios.activities import plan
from tests.scenarios.office import LIFT, PIPE, passes
from tests.town import COUNTER, Town

TEACHER = "我退休教师,周末可以教娃儿写字"
SATURDAY = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)  # 9:00 in Chongqing, two days ago


async def signs_up(ana: Any, words: str = TEACHER, button: str = "同意，登记") -> Volunteer:
    await ana.says(words)
    await ana.presses(button)
    return await record(ana)


async def record(ana: Any) -> Volunteer:
    found: Volunteer | None = await ana.town.storage.read(volunteers.of_chat, ana.chat_id)
    assert found is not None
    return found


async def serves(town: Town, ana: Any, *, minutes: int = 180, start: datetime = SATURDAY, title: str = "清楼道") -> int:
    """An organiser confirms that they were there."""
    member, _ = await town.storage.run(hire, f"组织{next(COUNTER)}", "operator")
    shift = plan(kind="shift", category="environment", title=title, starts_at=start)
    occasion = await town.storage.run(occasions.create, shift, staff_id=member)
    whose = await record(ana)
    entered = await town.storage.run(
        volunteer_hours.enter, resident_id=whose.resident_id, occasion_id=occasion, start=start,
        end=start + timedelta(minutes=minutes), by=member,
    )  # fmt: skip
    assert entered is not None
    return entered.entry_id


# --- signing up -------------------------------------------------------------------------------------------------------
async def test_one_sentence_and_one_press_registers(ana: Any, town: Town) -> None:
    [summary] = await ana.says(TEACHER)
    for told in ("教育培训（退休教师、教娃儿写字）", "有空：周末", "全小区", "不收钱", "两位大人在场", "留3年"):
        assert told in summary, told
    [done] = await ana.presses("同意，登记")
    whose = await record(ana)
    assert whose.number in done
    assert (whose.categories, whose.age, whose.state) == (("education",), "adult", "active")
    assert [(one.days, one.parts) for one in whose.times] == [((5, 6), ("am", "pm", "eve"))]
    assert await town.storage.read(lambda tx: tx.first(select(tickets))) is None, "no ticket stands beside it"
    answers = await town.storage.read(lambda tx: tx.tuples(select(consents.c.answer)))
    assert answers == [("given",)]


async def test_pressed_twice_one_is_registered_and_told_politely(ana: Any, town: Town) -> None:
    await ana.says(TEACHER)
    heard = await ana.presses("同意，登记", times=2)
    assert any("已经登记过了" in text for text in heard)
    assert len(await town.storage.read(lambda tx: tx.all(select(register)))) == 1


async def test_whatever_is_said_on_the_way_changes_the_summary(ana: Any, town: Town) -> None:
    await ana.says("我想当志愿者")
    await ana.says("会理发，周三下午得空")
    await ana.says("电话13800000000")
    summary = await ana.sees()
    for told in ("会理发", "周三下午", "13800000000"):
        assert told in summary, told
    await ana.says("只在7栋")
    assert "范围：7栋" in await ana.sees()
    await ana.says("要得，登记")
    whose = await record(ana)
    assert (whose.phone, whose.reach) == ("13800000000", ("7",))


async def test_times_are_pressed_or_said_and_the_phone_can_stay_away(ana: Any, town: Town) -> None:
    await ana.says("我想当志愿者")
    await ana.presses("改有空的时间")
    await ana.presses("晚上")
    assert "有空：每天晚上" in await ana.sees()
    await ana.presses("改电话")
    await ana.says("12")
    assert "没听懂" in await ana.sees()
    await ana.presses("不留电话")
    await ana.presses("同意，登记")
    assert (await record(ana)).phone is None


async def test_who_asks_what_is_paid_hears_that_nothing_is(ana: Any) -> None:
    await ana.says("我想当志愿者，有没有工资？")
    assert "不领工钱" in "\n".join(await ana.hears() or [await ana.sees()])


async def test_not_now_keeps_nothing(ana: Any, town: Town) -> None:
    await ana.says(TEACHER)
    await ana.presses("先不登记")
    assert await town.storage.read(volunteers.of_chat, ana.chat_id) is None
    assert await town.storage.read(lambda tx: tx.all(select(consents))) == []


async def test_a_question_in_between_is_answered_and_the_sign_up_waits(ana: Any) -> None:
    await ana.says(TEACHER)
    heard = await ana.says("社区用房要多大？")
    assert any("平方米" in text for text in heard), heard
    assert "志愿者登记还在" in heard[-1]
    await ana.presses("接着填")
    assert "教育培训" in await ana.sees()


async def test_a_pipe_bursts_in_the_middle_of_it(ana: Any) -> None:
    await ana.says(TEACHER)
    heard = "\n".join(await ana.says(PIPE))
    assert "厨房" in heard or "同意吗" in heard


async def test_a_photo_in_the_middle_breaks_nothing(ana: Any) -> None:
    await ana.says(TEACHER)
    await ana.says("🙂")
    assert "登记" in await ana.sees()


async def test_whoever_is_registered_sees_that_and_can_say_what_changes(ana: Any, town: Town) -> None:
    before = await signs_up(ana)
    await ana.says("我想当志愿者")
    assert "您已经是志愿者了" in await ana.sees()
    await ana.says("我还想参加巡逻，晚上有空")
    assert "这样改" in await ana.sees()
    await ana.presses("就这样改")
    after = await record(ana)
    assert (after.number, after.categories) == (before.number, ("order",))
    assert [one.parts for one in after.times] == [("eve",)]


async def test_in_english_it_is_as_short(ana: Any) -> None:
    heard = await ana.says("I am a retired teacher and can teach kids on Saturday mornings, sign me up as a volunteer")
    assert any("Saturday (mornings)" in text for text in heard)
    await ana.presses("I agree, register me")
    assert "You are registered" in await ana.sees()


# --- minors -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("words", ["我十六岁，想做志愿者", "我想当志愿者"])
async def test_a_minor_is_registered_once_a_guardian_says_yes_on_their_phone(words: str, ana: Any, town: Town) -> None:
    await ana.says(words)
    if "我没满18岁" in await ana.buttons():
        await ana.presses("我没满18岁")
        await ana.presses("满14岁了")
    assert "要家长同意" in await ana.sees()
    await ana.presses("同意，登记")
    code = pass_codes.find(await ana.sees())
    assert code is not None
    assert (await record(ana)).state == "waiting"
    await ana.says(code)
    assert "家长自己的手机" in await ana.sees(), "nobody agrees for themselves"
    mother = await town.resident(ana.channel)
    [asked] = await mother.says(code)
    assert "没满18岁" in asked
    heard = await mother.presses("我是监护人，同意", times=2)
    assert "谢谢您支持" in heard[0]
    assert (await record(ana)).state == "active"
    assert [text for text in await ana.hears() if "家长同意了" in text] != []


async def test_a_guardians_no_ends_it(ana: Any, town: Town) -> None:
    await signs_up(ana, "我十五岁，想做志愿者")
    code = pass_codes.find(await ana.sees())
    father = await town.resident(ana.channel)
    await father.says(str(code))
    await father.presses("不同意")
    assert (await record(ana)).state == "left"
    assert any("家长没有同意" in text for text in await ana.hears())


async def test_a_lost_code_is_made_anew_and_the_old_one_is_void(ana: Any, town: Town) -> None:
    await signs_up(ana, "我十五岁，想做志愿者")
    old = pass_codes.find(await ana.sees())
    await ana.says("我的志愿服务登记")
    await ana.presses("再给一个同意码")
    new = pass_codes.find(await ana.sees())
    assert new not in (old, None)
    father = await town.resident(ana.channel)
    await father.says(str(old))
    assert "不对、用过了" in await father.sees()
    await father.says(str(new))
    assert "没满18岁" in await father.sees()


# --- hours ------------------------------------------------------------------------------------------------------------
async def test_how_many_hours_have_i_is_answered_from_the_ledger(ana: Any, town: Town) -> None:
    await ana.says("我的志愿时长有多少？")
    assert "还没有登记志愿者" in await ana.sees()
    await signs_up(ana)
    await ana.says("我有几个小时？")
    assert "还没有记您的时长" in await ana.sees()
    await serves(town, ana)
    await serves(town, ana, minutes=90, start=SATURDAY - timedelta(days=7), title="夜巡")
    await ana.says("我有几个小时？")
    told = await ana.sees()
    assert "4.5小时（2次）" in told
    assert "11月21日 清楼道 3小时" in told
    assert "11月14日 夜巡 1.5小时" in told


async def test_a_missing_entry_becomes_a_claim_once_and_can_be_let_be(ana: Any, town: Town) -> None:
    await signs_up(ana)
    await ana.says("上个月清楼道我来了3个小时,给我记了没?")
    assert "账本上没有这次（10月1日–10月31日，3小时）" in await ana.sees()
    await ana.says("上个月清楼道我来了3个小时,没给我记")
    assert "您说过了" in await ana.sees()
    await ana.says("我有几个小时？")
    assert "3小时正在请社区查" in await ana.sees()
    await ana.presses("算了，不查了")
    states = await town.storage.read(lambda tx: tx.tuples(select(volunteer_claims.c.state)))
    assert states == [("withdrawn",)]


async def test_hours_that_are_in_the_book_are_shown_and_not_counted_twice(ana: Any, town: Town) -> None:
    await signs_up(ana)
    await serves(town, ana)
    await ana.says("上周六打扫3个小时怎么没给我记")
    told = await ana.sees()
    assert "11月21日 清楼道 3小时" in told
    assert "不能记两次" in told
    await ana.presses("不是，请社区再查")
    assert "我已经请组织活动的人查" in await ana.sees()
    assert await town.storage.read(volunteer_hours.total, (await record(ana)).id) == 180


async def test_what_a_claim_lacks_is_asked_one_thing_at_a_time(ana: Any, town: Town) -> None:
    await signs_up(ana)
    await ana.says("我的志愿时长没记上")
    assert "做了多久" in await ana.sees()
    await ana.says("两个半小时")
    assert "是哪一天" in await ana.sees()
    await ana.says("上周六")
    assert "11月21日，2.5小时" in await ana.sees()
    rows = await town.storage.read(lambda tx: tx.tuples(select(volunteer_claims.c.minutes)))
    assert rows == [(150,)]


async def test_offer_and_missing_hours_in_one_breath(ana: Any, town: Town) -> None:
    """Row 28 of how residents really speak."""
    await ana.says("我想当志愿者，上个月清楼道我来了3个小时，给我记了没？")
    await ana.presses("同意，登记")
    assert "没记上的时长，我也转给社区查了" in await ana.sees()
    assert len(await town.storage.read(lambda tx: tx.all(select(volunteer_claims)))) == 1


async def test_other_peoples_hours_and_repairs_are_no_claims(ana: Any, town: Town) -> None:
    await signs_up(ana)
    await ana.says("物业说来修，我等了3个小时没来")
    assert await town.storage.read(lambda tx: tx.all(select(volunteer_claims))) == []


# --- pausing, changing, leaving ---------------------------------------------------------------------------------------
async def test_a_pause_has_an_end_or_lasts_until_they_say_so(ana: Any, town: Town, clock: FrozenClock) -> None:
    await signs_up(ana)
    await ana.says("最近忙，先暂停志愿服务")
    await ana.presses("30天")
    assert (await record(ana)).state == "paused"
    await passes(town, clock, days=31)
    assert (await record(ana)).state == "active"
    await ana.says("先暂停当志愿者")
    await ana.says("我想继续当志愿者")
    assert (await record(ana)).state == "active"


async def test_times_change_in_words_or_by_button(ana: Any, town: Town) -> None:
    await signs_up(ana)
    await ana.says("志愿时间改成周三下午")
    assert "周三下午" in await ana.sees()
    await ana.says("志愿时间改一下")
    await ana.presses("平时白天")
    assert [one.days for one in (await record(ana)).times] == [(0, 1, 2, 3, 4)]


async def test_leaving_takes_two_steps_and_coming_back_keeps_the_hours(ana: Any, town: Town) -> None:
    before = await signs_up(ana)
    await serves(town, ana)
    await ana.says("我不当志愿者了")
    await ana.presses("不退出")
    assert (await record(ana)).state == "active"
    await ana.says("退出志愿者")
    await ana.presses("退出")
    assert (await record(ana)).state == "left"
    await signs_up(ana, "我想当志愿者，周末有空", button="登记")
    after = await record(ana)
    assert (after.number, after.state) == (before.number, "active")
    actions = await town.storage.read(lambda tx: tx.tuples(select(volunteer_events.c.action)))
    assert [action for (action,) in actions] == ["join", "leave", "rejoin"]


async def test_while_a_lift_is_reported_hours_are_answered_and_the_form_waits(ana: Any, town: Town) -> None:
    await signs_up(ana)
    await serves(town, ana)
    await ana.says(LIFT)
    heard = await ana.says("我有几个小时？")
    assert any("3小时（1次）" in text for text in heard)
    assert "还" in heard[-1]
    await ana.presses("接着填")
    assert "电梯" in await ana.sees()


async def test_a_new_phone_brings_number_hours_and_one_place(ana: Any, town: Town) -> None:
    """Moving to another phone used to fail where both phones had a place in an occasion."""
    before = await signs_up(ana)
    await serves(town, ana)
    member, _ = await town.storage.run(hire, "组织", "operator")
    dinner = await town.storage.run(occasions.create, plan(), staff_id=member)
    await town.storage.run(occasions.open_, dinner, revision=1, staff_id=member)
    phone = await town.resident(ana.channel)
    for person in (ana, phone):
        await town.storage.run(occasion_places.join, occasion_id=dinner, chat_id=person.chat_id)
    await ana.says("换手机")
    await phone.says(str(pass_codes.find(await ana.sees())))
    assert (await record(phone)).number == before.number
    await phone.says("我有几个小时？")
    assert "3小时（1次）" in await phone.sees()
    found = await town.storage.read(occasion_places.of_occasion, dinner)
    assert [entry.state for entry in found].count("joined") == 1
