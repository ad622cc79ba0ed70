"""The hard words in the middle of a form: somebody angry, confused, of another mind, answering with a question; old
buttons; and a service that is started anew between every two steps.
"""

from __future__ import annotations

from typing import Any

import pytest

from storage.engine import Storage
from storage.tables import drafts, tickets
from tests.scenarios.conftest import build_town
from tests.scenarios.test_first_slice import PIPE, all_of
from tests.town import Town

SUMMARY = "请您看看对不对"


async def at_the_summary(ana: Any, words: str = PIPE) -> str:
    await ana.says(words)
    return "\n".join(await ana.presses("同意"))


@pytest.mark.parametrize("words", ["啥子意思", "看不懂", "我不会弄", "???", "这个啷个填"])
async def test_whoever_is_confused_hears_it_more_simply_with_the_same_buttons(words: str, ana: Any) -> None:
    await at_the_summary(ana, "厨房水管爆了")
    heard = "\n".join(await ana.says(words))
    assert "打几个字就行" in heard
    assert {"返回", "取消", "找人工"} <= set(await ana.buttons())
    assert SUMMARY in "\n".join(await ana.says("7栋1204"))


@pytest.mark.parametrize("words", ["烦死了，问这么多", "你们啥子态度", "搞快点嘛"])
async def test_whoever_is_angry_hears_sorry_and_one_step_and_a_person(words: str, ana: Any, town: Town) -> None:
    await at_the_summary(ana)
    heard = "\n".join(await ana.says(words))
    assert "对不起" in heard
    assert SUMMARY in heard
    assert {"提交", "找人工"} <= set(await ana.buttons())
    await ana.presses("提交")
    [ticket] = await all_of(town, tickets)
    assert ticket["description"] == PIPE


async def test_another_mind_half_way_keeps_where_it_is(ana: Any, town: Town) -> None:
    await at_the_summary(ana)
    heard = "\n".join(await ana.says("算了，还是说楼道灯不亮的事"))
    assert "先放下" in heard
    assert "7栋1204" in heard
    assert [draft["state"] for draft in await all_of(town, drafts)] == ["cancelled", "open"]
    await ana.presses("提交")
    [ticket] = await all_of(town, tickets)
    assert ticket["category"] == "property"


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("不是7栋是8栋", "地点：8栋1204"),
        ("不是1204，是1402", "地点：7栋1402"),
        ("地点写错了，应该是9栋301", "地点：9栋301"),
        ("电话改成13912345678", "电话：13912345678"),
        ("13912345678", "电话：13912345678"),
    ],
)
async def test_a_correction_in_words_changes_just_that(words: str, read: str, ana: Any) -> None:
    await at_the_summary(ana)
    heard = "\n".join(await ana.says(words))
    assert read in heard
    assert f"内容：{PIPE}" in heard


async def test_a_building_that_is_not_there_is_not_corrected_to(ana: Any) -> None:
    await at_the_summary(ana)
    assert "没有99栋" in "\n".join(await ana.says("不是7栋是99栋"))
    assert "7栋1204" in "\n".join(await ana.says("看不懂"))


@pytest.mark.parametrize(
    ("asks", "answer"),
    [
        ("为什么要问这个", "派给对的人"),
        ("好久能来？", "10:30"),
        ("要钱吗", "不收钱"),
        ("社区办公用房按规定最少要多少平方米？", "二(一)"),
    ],
)
async def test_a_question_for_an_answer_is_answered_and_the_form_stays(
    asks: str, answer: str, ana: Any, town: Town
) -> None:
    await at_the_summary(ana)
    assert answer in "\n".join(await ana.says(asks))
    [draft] = await all_of(town, drafts)
    assert (draft["state"], draft["step"]) == ("open", "confirm")
    if "接着填" in await ana.buttons():
        await ana.presses("接着填")
    assert "登记好了" in "\n".join(await ana.presses("提交"))


async def test_a_choice_in_ones_own_words_is_that_choice(ana: Any, town: Town) -> None:
    await ana.says("7栋1204马桶漏水，请来修")
    await ana.presses("同意")
    assert "影响楼下：影响了" in "\n".join(await ana.says("楼下的都找上门来了"))


async def test_every_question_can_be_passed_over(ana: Any, town: Town) -> None:
    await ana.says("7栋1204马桶漏水，请来修")
    await ana.presses("同意")
    assert SUMMARY in "\n".join(await ana.says("跳过"))
    await ana.presses("提交")
    [ticket] = await all_of(town, tickets)
    assert "below" not in ticket["details"]


async def test_no_old_button_of_any_step_acts_again(ana: Any, town: Town) -> None:
    await ana.says("3栋2单元电梯停了，麻烦报修")
    await ana.presses("同意")
    await ana.presses("没有")
    await ana.presses("要保密")
    await ana.presses("提交")
    [ticket] = await all_of(town, tickets)
    before = await all_of(town, drafts)
    for message in await ana.thread():
        for action in ("submit", "cancel", "me", "mine", "pass", "own", "secret", "q:trapped:yes", "c:repair"):
            await ana.presses_data(message, f"d:{before[0]['id']}:1:{action}")
    assert await all_of(town, tickets) == [ticket]
    assert await all_of(town, drafts) == before


async def test_a_restart_between_every_two_steps_loses_nothing(
    ana: Any, town: Town, storage: Storage, matcher: Any, answerer: Any
) -> None:
    steps = [
        (ana.says, "我帮我妈报修，厨房水槽堵了"),
        (ana.presses, "同意"),
        (ana.says, "99栋502"),
        (ana.says, "3栋502"),
        (ana.presses, "没有"),
        (ana.says, "后天上午在家"),
        (ana.presses, "更多"),
        (ana.presses, "留电话"),
        (ana.says, "13912345678"),
        (ana.presses, "更多"),
        (ana.presses, "改类别"),
        (ana.presses, "房屋维修"),
        (ana.presses, "提交"),
    ]
    for act, words in steps:
        ana.town = build_town(storage, matcher, answerer)
        await act(words)
    [ticket] = await all_of(town, tickets)
    assert (ticket["on_behalf"], ticket["room"], ticket["phone"]) == ("我妈", "502", "13912345678")
    assert ticket["visit_words"] == "后天上午"


async def test_a_building_nobody_knows_is_asked_about_and_may_be_insisted_upon(ana: Any, town: Town) -> None:
    await ana.says("99栋1204灯不亮")
    heard = "\n".join(await ana.presses("同意"))
    assert "没有99栋" in heard
    assert {"9栋", "就是99栋"} <= set(await ana.buttons())
    assert "1204" in "\n".join(await ana.says("9栋")), "floor and door were said already"
    assert "9栋1204" in "\n".join(await ana.says("看不懂"))
    await ana.presses("取消")
    await ana.says("99栋1204灯不亮")
    assert "工作人员会再核实" in "\n".join(await ana.says("就是99栋"))
    await ana.presses("提交")
    [ticket] = await all_of(town, tickets)
    assert (ticket["building"], ticket["room"]) == ("99", "1204")
    assert ticket["details"]["unchecked_building"] == "99"


async def test_a_number_alone_is_a_telephone_whatever_was_asked(ana: Any) -> None:
    await ana.says("7栋1204马桶漏水，请来修")
    heard = "\n".join(await ana.presses("同意"))
    assert "影响邻居了吗" in heard
    heard = "\n".join(await ana.says("电话13900000009"))
    assert "影响邻居了吗" in heard, "asked again: a number is no answer to it"
    heard = "\n".join(await ana.says("没有漏下去"))
    assert SUMMARY in heard
    assert "电话：139" in heard
    assert "影响楼下：电话" not in heard
