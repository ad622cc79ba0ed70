"""Occasions from the call to the end, in both channels: joining, the line, standing in, the day itself, cancelling."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from storage import occasion_places, occasions, residents, volunteers
from storage.occasions import get
from storage.volunteers import Offer
from tests.conftest import FrozenClock
from tests.desk_service import hire
from tests.scenarios.activities import plan
from tests.scenarios.office import group_heard, opens_group, passes
from tests.town import COUNTER, Town

PATROL = {
    "kind": "shift",
    "category": "order",
    "title": "周六夜间巡逻",
    "place": "3栋岗亭",
    "with_family": False,
    "places_min": 2,
    "places_max": 4,
    "insurance_note": "团体意外险",
    "starts_at": datetime(2026, 11, 28, 11, 30, tzinfo=UTC),
}


async def opens(town: Town, **values: Any) -> int:
    """Somebody at the desk has opened an occasion; without more it is the dinner."""
    member, _ = await town.storage.run(hire, f"组织{next(COUNTER)}", "operator")
    made = await town.storage.run(occasions.create, plan(**values), staff_id=member)
    assert await town.storage.run(occasions.open_, made, revision=1, staff_id=member) is None
    return made


async def named(person: Any, name: str) -> None:
    await person.town.storage.run(residents.remember, chat_id=person.chat_id, name=name)


async def volunteers_(person: Any, **offer: Any) -> None:
    """On the register: grown up, for whatever comes."""
    offered = Offer(**{"age": "adult", "categories": ("order",)} | offer)
    await person.town.storage.run(volunteers.sign_up, chat_id=person.chat_id, offer=offered, consent_version="1")


def one(heard: Sequence[str]) -> str:
    return "\n".join(heard)


async def state_of(person: Any, occasion_id: int) -> str | None:
    found = await person.town.storage.read(occasion_places.of_occasion, occasion_id)
    return next((entry.state for entry in found if entry.chat_id == person.chat_id), None)


async def taken(town: Town, occasion_id: int) -> int:
    found = await town.storage.read(get, occasion_id)
    assert found is not None
    return found.taken


# --- what is on -------------------------------------------------------------------------------------------------------
async def test_what_is_on_this_saturday(ana: Any, town: Town) -> None:
    await opens(town)
    await opens(town, title="周三书法课", category="class", starts_at=datetime(2026, 12, 2, 6, 0, tzinfo=UTC))
    heard = one(await ana.says("这周六有啥活动"))
    assert "邻里聚餐" in heard
    assert "书法课" not in heard
    assert "周六 18:30–20:30" in heard
    card = one(await ana.presses("1 邻里聚餐"))
    assert "中心广场" in card
    assert "还有 20 个位子" in card
    assert {"报名（就我一个）", "带家里人"} <= set(await ana.buttons())


async def test_nothing_then_tells_what_is_next_and_nothing_at_all_takes_a_wish(ana: Any, town: Town) -> None:
    assert "排期" in one(await ana.says("最近社区有什么活动，给我列一下"))
    assert "记成建议" in await ana.buttons()
    await opens(town)
    await ana.says("你好")
    assert "邻里聚餐" in one(await ana.presses("社区活动"))
    heard = one(await ana.says("明天有什么活动吗"))
    assert "那段时间还没有安排" in heard
    assert "邻里聚餐" in heard


async def test_a_wish_for_something_that_is_not_on_becomes_a_suggestion(ana: Any, town: Town) -> None:
    await opens(town)
    heard = one(await ana.says("想报个瑜伽班，周末有没有"))
    assert "现在没有安排" in heard
    assert "邻里聚餐" in heard
    heard = one(await ana.presses("记成建议"))
    assert "同意" in heard or "建议" in heard
    assert "提交" not in await ana.buttons()
    await ana.presses("同意")
    assert "提交" in await ana.buttons()


# --- joining ----------------------------------------------------------------------------------------------------------
async def test_with_two_children_in_one_sentence(ana: Any, town: Town) -> None:
    dinner = await opens(town)
    heard = one(await ana.says("我想参加邻里聚餐,带两个娃儿"))
    assert "报上了" in heard
    assert "1 个大人、2 个孩子" in heard
    assert "过敏" in heard  # the risks of such a thing
    assert await taken(town, dinner) == 3
    assert "改好了" in one(await ana.says("我和老公带一个娃"))
    assert await taken(town, dinner) == 3
    await ana.says("一共5个人")
    assert await taken(town, dinner) == 5
    assert "已经报上了" in one(await ana.says("我想参加邻里聚餐"))
    assert await taken(town, dinner) == 5
    heard = one(await ana.says("我报了哪些活动"))
    assert "邻里聚餐" in heard
    assert "您报上了" in heard


async def test_pressed_twice_there_is_one_place(ana: Any, town: Town) -> None:
    dinner = await opens(town)
    await ana.says("邻里聚餐几点开始")
    await ana.presses("报名（就我一个）", times=2)
    assert await taken(town, dinner) == 1


async def test_a_question_about_it_joins_nothing(ana: Any, town: Town) -> None:
    dinner = await opens(town)
    for asked in ("邻里聚餐还有位子没得", "邻里聚餐几点开始", "参加邻里聚餐要不要带菜？"):
        await ana.says(asked)
    await ana.says("参加聚餐的人把楼道弄脏了")
    assert await taken(town, dinner) == 0


async def test_a_class_that_is_meant_is_not_the_one_that_exists(ana: Any, town: Town) -> None:
    calligraphy = await opens(town, title="周三书法课", category="class", with_family=False)
    await ana.says("我要参加瑜伽课")
    assert await taken(town, calligraphy) == 0
    assert "报上了" in one(await ana.says("书法课我报一个"))
    assert await taken(town, calligraphy) == 1
    assert "不能带家属" in one(await ana.says("书法课我要报名，带一个娃"))


async def test_a_form_that_is_open_waits_and_is_not_lost(ana: Any, town: Town) -> None:
    await opens(town)
    await ana.says("7栋1204厨房水管爆了")
    await ana.presses("同意")
    heard = one(await ana.says("邻里聚餐算我一个"))
    assert "报上了" in heard
    assert "提交" in await ana.buttons() or "接着填" in heard


async def test_in_english_with_two_kids(ana: Any, town: Town) -> None:
    dinner = await opens(town)
    assert "Sat 18:30" in one(await ana.says("Are there any events this Saturday?"))
    assert "Is it this one?" in one(await ana.says("I'd like to join the dinner with two kids"))
    assert "You are in" in one(await ana.presses("Join: 1 adult, 2 children"))
    assert await taken(town, dinner) == 3
    assert "won't come" in one(await ana.says("I can't come on Saturday"))
    await ana.presses("I won't come")
    assert await taken(town, dinner) == 0


# --- the line ---------------------------------------------------------------------------------------------------------
async def test_a_full_one_has_a_line_that_moves_by_itself(ana: Any, town: Town) -> None:
    dinner = await opens(town, places_max=1)
    bob = await town.resident("web")
    await bob.says("邻里聚餐算我一个")
    assert "您是第一个" in one(await ana.says("邻里聚餐算我一个"))
    await bob.hears()
    assert "给您退了" in one(await bob.says("邻里聚餐我去不了了"))
    told = one(await ana.hears())
    assert "好消息" in told
    assert await state_of(ana, dinner) == "joined"
    assert "让给下一位" in one(await ana.presses("让给别人"))
    assert await taken(town, dinner) == 0


async def test_somebody_wiped_out_leaves_a_place_the_clock_gives_on(ana: Any, town: Town, clock: FrozenClock) -> None:
    dinner = await opens(town, places_max=1)
    bob = await town.resident("web")
    await bob.says("邻里聚餐算我一个")
    await ana.says("邻里聚餐算我一个")
    await bob.says("把我的资料全部删掉")
    await bob.presses("继续删除")
    await bob.presses("是的，删除")
    await passes(town, clock, minutes=1)
    assert "好消息" in one(await ana.hears())
    assert await state_of(ana, dinner) == "joined"


async def test_the_last_place_and_the_line_on_both_databases(any_town: Town, clock: FrozenClock) -> None:
    dinner = await opens(any_town, places_max=1, places_min=0)
    ana, bob = await any_town.resident("web"), await any_town.resident("telegram")
    both = [one(await who.says("邻里聚餐算我一个")) for who in (ana, bob)]
    assert "报上了" in both[0]
    assert "您是第一个" in both[1]
    await ana.says("邻里聚餐我去不了了")
    assert "好消息" in one(await bob.hears())
    clock.now = datetime(2026, 11, 28, 10, 20, tzinfo=UTC)
    assert "玩得开心" in one(await bob.says("我到了"))
    await passes(any_town, clock, days=4)
    found = await any_town.storage.read(get, dinner)
    assert found is not None
    assert found.state == "over"


# --- not coming -------------------------------------------------------------------------------------------------------
async def test_words_that_may_mean_something_else_give_nothing_back_unasked(ana: Any, town: Town) -> None:
    dinner = await opens(town)
    await ana.says("邻里聚餐算我一个")
    assert "不去了吗" in one(await ana.says("我去不了了"))
    assert await taken(town, dinner) == 1
    assert "还是您的" in one(await ana.presses("还是要去"))
    await ana.says("电梯坏了，维修的人来不了")
    assert await taken(town, dinner) == 1
    await ana.says("我去不了了")
    await ana.presses("确定不去了")
    assert await taken(town, dinner) == 0
    assert "没有报，不用退" in one(await ana.says("邻里聚餐我不去了")) or await taken(town, dinner) == 0


# --- standing in ------------------------------------------------------------------------------------------------------
async def test_old_wang_is_asked_and_must_say_yes(ana: Any, town: Town) -> None:
    patrol = await opens(town, **PATROL)
    last_week = await opens(town, **PATROL | {"title": "门岗巡查"})
    wang = await town.resident("web")
    await named(wang, "王建国")
    await joins_shift(wang, "周六门岗巡查算我一个")
    await joins_shift(ana, "周六夜间巡逻算我一个")
    heard = one(await ana.says("周六夜间巡逻我去不了了,喊老王替我"))
    assert "已经去问老王了" in heard
    assert await state_of(ana, patrol) == "joined"
    assert "想请您替一下" in one(await wang.hears())
    assert "这个班现在是您的" in one(await wang.presses("我去替"))
    assert "不用去了" in one(await ana.hears())
    assert (await state_of(ana, patrol), await state_of(wang, patrol)) == (None, "joined")
    assert await state_of(wang, last_week) == "joined"


async def test_whoever_says_no_leaves_the_place_where_it_was(ana: Any, town: Town) -> None:
    patrol = await opens(town, **PATROL)
    await opens(town, **PATROL | {"title": "门岗巡查"})
    wang = await town.resident("telegram")
    await named(wang, "王建国")
    await joins_shift(wang, "周六门岗巡查算我一个")
    await joins_shift(ana, "周六夜间巡逻算我一个")
    await ana.says("周六夜间巡逻我去不了了,喊老王替我")
    await wang.hears()
    await wang.presses("不行")
    assert "不方便" in one(await ana.hears())
    assert await state_of(ana, patrol) == "joined"


async def test_where_the_name_is_not_sure_a_code_goes_from_hand_to_hand(ana: Any, town: Town) -> None:
    patrol = await opens(town, **PATROL)
    await joins_shift(ana, "周六夜间巡逻算我一个")
    heard = one(await ana.says("周六夜间巡逻我去不了了,喊小李替我"))
    code = heard[heard.index("TB-") :][:9]
    bob = await town.resident("web")
    assert "不对" in one(await bob.says("我要替班 TB-000000"))
    assert "想请您替一下" in one(await bob.says(f"我要替班 {code}"))
    assert "还没有登记成志愿者" in one(await bob.presses("我去替"))
    await volunteers_(bob)
    await bob.presses("我去替", times=2)
    assert await state_of(bob, patrol) == "joined"
    assert await state_of(ana, patrol) is None
    assert "用过" in one(await (await town.resident("web")).says(code))


async def joins_shift(person: Any, words: str) -> None:
    """The risks stand there before, and one press says they were read."""
    await volunteers_(person)
    card = one(await person.says(words))
    assert "注意" in card, card
    assert "报上了" in one(await person.presses("晓得了，报名"))


async def test_who_is_no_volunteer_yet_signs_up_and_goes_on_from_there(ana: Any, town: Town) -> None:
    patrol = await opens(town, **PATROL)
    await ana.says("周六夜间巡逻算我一个")
    await ana.presses("晓得了，报名")
    assert await state_of(ana, patrol) is None
    await ana.presses("同意，登记")
    assert "报上了" in one(await ana.presses("接着报名"))
    assert await state_of(ana, patrol) == "joined"


async def test_a_shift_is_for_volunteers_and_not_for_those_under_age(ana: Any, town: Town) -> None:
    patrol = await opens(town, **PATROL)
    await volunteers_(ana, age="under18")
    await ana.says("周六夜间巡逻算我一个")
    assert "家长" in one(await ana.presses("晓得了，报名"))
    known = await town.storage.read(volunteers.of_chat, ana.chat_id)
    assert known is not None
    await town.storage.run(volunteers.guardian_answers, known.id, yes=True, via="code")
    await ana.says("周六夜间巡逻算我一个")
    assert "18 岁" in one(await ana.presses("晓得了，报名"))
    assert await state_of(ana, patrol) is None


# --- the day ----------------------------------------------------------------------------------------------------------
async def test_reminded_twice_here_and_done(ana: Any, town: Town, clock: FrozenClock) -> None:
    patrol = await opens(town, **PATROL)
    await opens_group(town)
    await joins_shift(ana, "周六夜间巡逻算我一个")
    await passes(town, clock, days=4, hours=7)  # Friday 17:00
    assert await ana.hears() == []
    await passes(town, clock, hours=1)
    assert "明天有活动" in one(await ana.hears()) or "明天" in await ana.sees()
    await passes(town, clock, minutes=5)
    assert await ana.hears() == []
    assert "还早" in one(await ana.says("我到了"))
    await passes(town, clock, hours=23, minutes=25)  # Saturday 17:30, two hours before
    heard = one(await ana.hears())
    assert "再过一会儿" in heard
    assert "不能一个人去" in heard
    assert any("还差 1 人" in line for line in await group_heard(town))
    await passes(town, clock, hours=1, minutes=50)  # 19:20
    assert "先等第二个人" in one(await ana.says("我到了"))
    assert "签过到" in one(await ana.says("我到了"))
    await passes(town, clock, hours=2)
    assert "19:20 到 21:20" in one(await ana.says("搞完了"))
    await passes(town, clock, hours=1)
    assert any("记一下谁来了" in line for line in await group_heard(town))
    assert await taken(town, patrol) == 1


async def test_a_forgotten_check_out_is_the_planned_end(ana: Any, town: Town, clock: FrozenClock) -> None:
    patrol = await opens(town, **PATROL)
    await joins_shift(ana, "周六夜间巡逻算我一个")
    clock.now = datetime(2026, 11, 28, 11, 25, tzinfo=UTC)
    await ana.says("我到了")
    await passes(town, clock, hours=9)
    [entry] = await town.storage.read(occasion_places.of_occasion, patrol)
    found = await town.storage.read(get, patrol)
    assert found is not None
    assert entry.checked_out_at == found.ends_at


async def test_here_says_nothing_to_somebody_who_joined_nothing(ana: Any, town: Town) -> None:
    await opens(town)
    assert "签到" not in one(await ana.says("我到了"))
