"""Disclosure as stories: where the parking money went, what is not out yet, an objection and its clock, a correction."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from knowledge.quarters import Quarter
from storage import disclosure, staff
from storage.disclosure import Written
from storage.tables import disclosure_asks, disclosure_items
from tests.conftest import FrozenClock
from tests.desk_service import at_the_desk
from tests.scenarios.office import group_heard, opens_group, passes
from tests.scenarios.test_first_slice import PIPE, all_of
from tests.town import COUNTER, Town

Q3 = Quarter(2026, 3)
PARKING = {
    "matter": "parking_fees",
    "title": "停车费等公共收益收支",
    "body": "收入：停车费86400元。支出：安保费36000元，地面划线8600元。结余41800元。",
}
MONEY = "上季度停车费收了好多,用到哪去了"


async def publishes(town: Town, *, quarter: Quarter | None = Q3, kind: str = "finance", **said: Any) -> int:
    """Somebody at the desk publishes an item."""
    who = await town.storage.run(staff.add, name=f"发布{next(COUNTER)}", role="operator")
    written = Written(kind=kind, quarter=quarter, **(PARKING | said))
    item_id = await town.storage.run(disclosure.draft, written, staff_id=who)
    assert await town.storage.run(disclosure.publish, item_id, revision=1, staff_id=who)
    return int(item_id)


async def ask(town: Town) -> dict[str, Any]:
    return dict((await all_of(town, disclosure_asks))[-1])


async def objects(ana: Any, words: str = "安保费不对，门口只有一个人") -> str:
    """From the question to a filed objection."""
    await ana.says(MONEY)
    await ana.presses("我对这一项有意见")
    await ana.presses("内容不对、不实")
    return "\n".join(await ana.says(words))


async def corrects(town: Town, item_id: int, body: str = "收入：停车费86400元。支出：安保费24000元。") -> str:
    """The desk publishes a correction."""
    async with at_the_desk(town.storage, name=f"更正{next(COUNTER)}") as desk:
        await desk.opens(f"/console/disclosure/{item_id}")
        await desk.sends("/correct")
        fields = PARKING | {"kind": "finance", "quarter": "2026Q3", "body": body}
        return await desk.sends("/edit", **fields, then="publish", reason="安保费多算了一个月")


async def answers(town: Town, text: str = "安保费含夜班。", outcome: str = "explained") -> str:
    async with at_the_desk(town.storage, name=f"答复{next(COUNTER)}") as desk:
        await desk.opens(f"/console/disclosure/asks/{(await ask(town))['id']}")
        return await desk.sends("/answer", outcome=outcome, text=text)


# --- reading ----------------------------------------------------------------------------------------------------------
async def test_where_the_parking_money_went(ana: Any, town: Town) -> None:
    await publishes(town)
    await publishes(town, matter="relief_list", kind="government", title="低保名单", body="李明 650元")
    heard = (await ana.says(MONEY))[0]
    assert "停车费86400元" in heard
    assert "2026年第三季度" in heard
    assert "低保" not in heard
    assert {"问一句", "我对这一项有意见"} <= set(await ana.buttons())


async def test_the_whole_quarter_with_each_item_one_press_away(ana: Any, town: Town) -> None:
    await publishes(town)
    await publishes(town, matter="party_work", kind="party", title="党支部第三季度工作", body="开会3次。")
    heard = (await ana.says("居务公开"))[0]
    assert "公开了 2 件" in heard
    assert "第四季度的情况，最晚2027年1月15日公开" in heard
    assert "开会3次" in (await ana.presses("党务 · 党支部第三季度工作"))[0]


async def test_many_items_are_shown_class_by_class(ana: Any, town: Town) -> None:
    for number in range(7):
        await publishes(town, matter=None, title=f"支出{number}")
    for number in range(3):
        await publishes(town, matter=None, kind="service", title=f"服务{number}")
    await ana.says("看公开的内容")
    assert {"财务（7 件）", "服务（3 件）"} <= set(await ana.buttons())
    assert "服务，3 件" in (await ana.presses("服务（3 件）"))[0]
    assert "服务 · 服务2" in await ana.buttons()


async def test_what_concerns_another_building_stays_there(ana: Any, town: Town) -> None:
    await publishes(town, title="7栋外墙维修", matter="maintenance_money", building="7")
    await publishes(town, title="9栋外墙维修", matter="maintenance_money", building="9")
    await ana.says("/start b7")
    await ana.says("看居务公开")
    offered = set(await ana.buttons())
    assert "财务 · 7栋外墙维修" in offered
    assert "财务 · 9栋外墙维修" not in offered


async def test_before_the_fifteenth_it_is_said_when_it_comes(ana: Any, town: Town, clock: FrozenClock) -> None:
    clock.now = datetime(2026, 10, 3, 2, tzinfo=UTC)
    await publishes(town, quarter=Quarter(2026, 2))
    heard = (await ana.says("第三季度停车费用到哪去了"))[0]
    assert "第三季度的还没有公开。最晚2026年10月15日公开" in heard
    await ana.presses("看这一季度公开的")
    assert "第二季度，公开了 1 件" in await ana.sees()
    await ana.says("居务公开")
    assert "先给您看2026年第二季度的" in await ana.sees()


async def test_what_should_be_there_and_is_not_can_be_objected_to_with_one_press(ana: Any, town: Town) -> None:
    await publishes(town, quarter=Quarter(2026, 2))
    heard = (await ana.says(MONEY))[0]
    assert "本来最晚2026年10月15日要公开，现在还没看到" in heard
    for _ in range(2):
        await ana.presses("没按时公开，我要提意见")
    [kept] = await all_of(town, disclosure_asks)
    assert (kept["kind"], kept["quarter"], kept["item_id"]) == ("time", "2026Q3", None)
    assert "已经记下了" in await ana.sees()


async def test_left_out_of_what_was_published_is_said_so(ana: Any, town: Town) -> None:
    await publishes(town)
    assert "“捐款和物资”，2026年第三季度公开的里面没有" in (await ana.says("捐款用到哪去了"))[0]
    assert "没有公开，我要提意见" in await ana.buttons()


async def test_a_quarter_that_is_not_over(ana: Any, town: Town) -> None:
    await publishes(town)
    assert "2026年第四季度还没过完" in (await ana.says("看第四季度公开的内容"))[0]
    assert "第四季度的还没有公开。最晚2027年1月15日公开" in (await ana.says("第四季度财务收支"))[0]


async def test_where_nothing_was_ever_published_the_boards_and_a_person_are_named(ana: Any) -> None:
    heard = (await ana.says("居务公开"))[0]
    assert "公开栏" in heard
    assert "请工作人员回答" in await ana.buttons()


async def test_important_matters_at_once(ana: Any, town: Town) -> None:
    await publishes(town, quarter=None, matter=None, kind="service", title="中心广场临时封闭", body="管网抢修。")
    await ana.says("居务公开")
    await ana.presses("服务 · 中心广场临时封闭")
    assert "重大事项" in await ana.sees()


# --- correcting -------------------------------------------------------------------------------------------------------
async def test_a_correction_takes_the_place_and_the_old_one_can_still_be_seen(ana: Any, town: Town) -> None:
    item_id = await publishes(town)
    await ana.says(MONEY)
    assert "已发布" in await corrects(town, item_id)
    old_button = next(m for m in await ana.thread() if "安保费36000元" in m.text)
    assert old_button.buttons
    heard = (await ana.says(MONEY))[0]
    assert "安保费24000元" in heard
    assert "更正的原因：安保费多算了一个月" in heard
    assert "安保费36000元" in (await ana.presses("看原来的"))[0]
    assert "安保费24000元" in (await ana.presses("看更正后的"))[0]


async def test_what_was_taken_down_says_why(ana: Any, town: Town) -> None:
    item_id = await publishes(town)
    await ana.says("居务公开")
    async with at_the_desk(town.storage) as desk:
        await desk.opens(f"/console/disclosure/{item_id}")
        await desk.sends("/withdraw", reason="金额还在核对")
    heard = (await ana.presses("财务 · 停车费等公共收益收支"))[0]
    assert "撤下了。原因：金额还在核对" in heard
    assert "86400" not in heard


# --- objecting --------------------------------------------------------------------------------------------------------
async def test_an_objection_is_answered_within_three_days(any_town: Town, clock: FrozenClock) -> None:
    ana = await any_town.resident("telegram")
    item_id = await publishes(any_town)
    assert "最晚 周四 10:00 给您答复" in await objects(ana)
    kept = await ask(any_town)
    assert (kept["kind"], kept["state"], kept["words"]) == ("content", "open", "安保费不对，门口只有一个人")
    assert "这一条还没有更正" in await answers(any_town, outcome="corrected")
    await corrects(any_town, item_id)
    assert "答复已送给居民" in await answers(any_town, "多算了一个月。", "corrected")
    heard = "\n".join(await ana.hears())
    assert "（已更正）" in heard
    assert "多算了一个月" in heard
    assert "安保费24000元" in (await ana.presses("看一看"))[0]
    await passes(any_town, clock, days=20)
    assert (await ask(any_town))["level"] == 0
    assert await ana.hears() == []


async def test_in_one_sentence_about_what_is_on_the_screen(ana: Any, town: Town) -> None:
    await publishes(town)
    await ana.says(MONEY)
    await ana.says("安保费写错了吧，哪有三万六")
    assert "您说的是《停车费等公共收益收支》吗" in await ana.sees()
    await ana.presses("是，当意见提")
    kept = await ask(town)
    assert (kept["kind"], kept["words"]) == ("content", "安保费写错了吧，哪有三万六")


async def test_a_question_about_what_is_on_the_screen(ana: Any, town: Town) -> None:
    await publishes(town)
    await ana.says(MONEY)
    await ana.says("安保费为什么这么多？")
    await ana.presses("是，问工作人员")
    assert (await ask(town))["kind"] == "question"
    assert "在这里答复您" in await ana.sees()


async def test_something_else_after_an_item_is_what_it_is(ana: Any, town: Town) -> None:
    await publishes(town)
    await ana.says(MONEY)
    heard = "\n".join(await ana.says(PIPE))
    assert "您说的是" not in heard
    await ana.says(MONEY)
    await ana.says("社区用房一百户要配多少平方米？")
    assert "您说的是" not in await ana.sees()


async def test_not_about_this_after_all(ana: Any, town: Town) -> None:
    await publishes(town)
    await ana.says(MONEY)
    await ana.says("楼道的灯不对，一直闪，7栋3楼")
    heard = "\n".join(await ana.presses("不是，另外的事"))
    assert "您说的是" not in heard
    assert await all_of(town, disclosure_asks) == []


async def test_nobody_answers_and_it_climbs_with_its_ten_days(any_town: Town, clock: FrozenClock) -> None:
    ana = await any_town.resident("web")
    await opens_group(any_town)
    await publishes(any_town)
    await objects(ana)
    await passes(any_town, clock, days=2, hours=5)
    assert any("快到答复时间" in line for line in await group_heard(any_town))
    assert await ana.hears() == []
    await passes(any_town, clock, hours=19, minutes=1)
    heard = "\n".join(await ana.hears())
    assert "到时间还没有答复，对不起" in heard
    assert "已经转给街道办事处，最晚 12月6日周日 10:01 答复您" in heard
    assert any("已转街道办事处" in line for line in await group_heard(any_town))
    for _ in range(3):
        await passes(any_town, clock, hours=1)
    assert await ana.hears() == []
    kept = await ask(any_town)
    assert (kept["level"], kept["late"]) == (2, 1)
    await passes(any_town, clock, days=10)
    assert "街道办事处也还没有答复" in "\n".join(await ana.hears())
    await answers(any_town, text="核对过了，原来的没有错。", outcome="explained")
    assert "（说明情况）" in "\n".join(await ana.hears())
    assert "还是不对，转街道" not in await ana.buttons()


async def test_not_content_with_the_answer_it_goes_up_once(ana: Any, town: Town, clock: FrozenClock) -> None:
    await opens_group(town)
    await publishes(town)
    await objects(ana)
    await answers(town, outcome="explained")
    await ana.hears()
    heard = await ana.presses("还是不对，转街道", times=2)
    assert "转给街道办事处了，最晚 12月3日周四 10:00 答复您" in heard[0]
    assert "已经在街道办事处了" in heard[1]
    kept = await ask(town)
    assert (kept["state"], kept["level"]) == ("open", 2)
    assert sum("不满意" in line for line in await group_heard(town)) == 1


async def test_taken_back_is_over(ana: Any, town: Town, clock: FrozenClock) -> None:
    await publishes(town)
    await objects(ana)
    assert (await ana.presses("撤回"))[-1] == "好的，撤回了。"
    assert (await ana.presses("撤回"))[-1] == "这件已经有结果了。"
    await passes(town, clock, days=4)
    assert await ana.hears() == []


async def test_never_mind(ana: Any, town: Town) -> None:
    await publishes(town)
    await ana.says(MONEY)
    await ana.presses("问一句")
    assert "好的，不提了" in (await ana.says("算了"))[-1]
    assert await all_of(town, disclosure_asks) == []


async def test_the_words_asked_for_are_taken_whatever_they_look_like(ana: Any, town: Town) -> None:
    await publishes(town)
    await ana.says(MONEY)
    await ana.presses("问一句")
    await ana.says("上季度停车费收了好多，用到哪去了，谁签的字？")
    assert (await ask(town))["words"] == "上季度停车费收了好多，用到哪去了，谁签的字？"


async def test_another_chat_can_neither_file_take_back_nor_raise_what_is_not_theirs(town: Town) -> None:
    await publishes(town)
    ana, eve = await town.resident("web"), await town.resident("web")
    await objects(ana)
    await eve.says("居务公开")
    kept, message = await ask(town), (await eve.thread())[-1]
    said = next(m.id for m in await ana.thread() if m.sender == "resident")
    for data in (f"dk:d:{kept['id']}", f"dk:u:{kept['id']}", f"dk:f:{kept['item_id']}:content:{said}"):
        await eve.presses_data(message, data)
    assert (await ask(town))["state"] == "open"
    assert len(await all_of(town, disclosure_asks)) == 1


@pytest.mark.parametrize(
    "data", ["dk:i:999", "dk:i:x", "dk:q:2026", "dk:c:2026Q3:money", "dk:zz", "dk:t:2026Q3:nothing", "dk:f:1:2:3"]
)
async def test_forged_buttons_do_nothing(data: str, ana: Any, town: Town) -> None:
    await publishes(town)
    await ana.says("居务公开")
    assert await ana.presses_data((await ana.thread())[-1], data)
    assert await all_of(town, disclosure_asks) == []


async def test_a_draft_is_nobodys_to_see(ana: Any, town: Town) -> None:
    who = await town.storage.run(staff.add, name="起草人", role="operator")
    written = Written(
        kind="finance", quarter=Q3, matter=PARKING["matter"], title=PARKING["title"], body=PARKING["body"]
    )
    await town.storage.run(disclosure.draft, written, staff_id=who)
    await publishes(town, matter="party_work", kind="party", title="党务", body="开会。")
    assert "86400" not in "\n".join(await ana.says(MONEY))
    ids = [row["id"] for row in await all_of(town, disclosure_items) if row["state"] == "draft"]
    await ana.presses_data((await ana.thread())[-1], f"dk:i:{ids[0]}")
    assert "86400" not in await ana.sees()


async def test_in_english(town: Town) -> None:
    ana = await town.resident("web")
    await publishes(town)
    heard = "\n".join(await ana.says("where did the parking money go?"))
    assert "Q3 2026" in heard
    await ana.presses("I object to this")
    await ana.presses("The facts are wrong")
    assert "sub-district" in "\n".join(await ana.says("the guard costs less"))


async def test_deleting_ones_data_takes_the_words_and_the_name_off(ana: Any, town: Town) -> None:
    await publishes(town)
    await objects(ana)
    await ana.says("删除我的资料")
    await ana.presses("继续删除")
    await ana.presses("是的，删除")
    kept = await ask(town)
    assert "安保费" not in kept["words"]
    assert kept["chat_id"] != ana.chat_id
    assert kept["state"] == "withdrawn"
    assert await town.storage.read(lambda tx: tx.scalar(select(disclosure_asks.c.message_id))) is None
