"""Journey 3 as stories: a request in each of the 18 categories, with its questions, its stoppers and its door; for
oneself or another; in confidence; me too. Between every two steps the service is started anew over the same storage.
"""

from __future__ import annotations

from typing import Any

import pytest

from storage import desk, desk_acts, rights
from storage.desk_acts import Notice
from storage.engine import Storage
from storage.tables import alarms, drafts, messages, redirects, residents, ticket_events, ticket_followers, tickets
from tests.desk_service import hire
from tests.scenarios.conftest import build_town
from tests.scenarios.test_first_slice import PIPE, all_of
from tests.town import Town

CATEGORIES: list[tuple[str, str, list[str], list[str], dict[str, Any]]] = [
    # category, first words, steps ("*" presses, ">" says), what is read on the way, what the ticket says
    ("repair", "7栋1204马桶漏水，请来修", [">没漏到楼下"], ["房管中心安排", "影响楼下"], {"room": "1204", "urgency": "P2"}),
    ("housing", "我合同下个月到期，想续租", ["*请社区帮我转达", ">7栋1204"], ["房管中心办理", "12345"], {"room": "1204"}),
    ("property", "3栋2单元电梯停了，麻烦报修", ["*没有"], ["物业公司维护", "困在里面"], {"unit": "2", "topic": "lift"}),
    ("sanitation", "5栋楼下垃圾堆起没人收", [], [], {"building": "5", "topic": "waste"}),
    ("safety", "6栋楼道的灭火器过期了", [], ["眼下有危险：是隐患"], {"building": "6", "topic": "extinguisher"}),
    ("employment", "我下岗了想找个工作", [], ["登记推荐", "想要：找工作"], {"details": {"wish": "job"}}),
    ("social_insurance", "我的社保卡丢了要补", [], ["以街道便民服务中心"], {"details": {"kind": "card"}}),
    ("assistance", "我想申请低保", [], ["由街道受理审批"], {"confidential": True, "details": {"kind": "living"}}),
    ("care", "隔壁李婆婆独居没人照顾，请社区去看看", [">3栋502"], ["替谁办：隔壁李婆婆"], {"on_behalf": "隔壁李婆婆"}),
    ("education", "我娃儿明年要读小学，帮我报个名", ["*请社区帮我转达"], ["区教委和学校决定"], {"confidential": False}),
    ("health", "我想约个家庭医生", ["*请社区帮我转达"], ["社区卫生服务站安排", "120"], {"confidential": True}),
    ("family_planning", "我要办生育登记", [], ["由街道办理"], {"details": {"matter": "birth"}}),
    ("household", "我想办居住证", ["*请社区帮我转达"], ["派出所"], {"details": {"matter": "permit"}}),
    ("legal", "我想找社区律师咨询离婚的事", ["*没有"], ["12348", "法律顾问"], {"details": {"date": "no"}}),
    ("psychology", "我最近心情很不好，睡不着，想做心理疏导", ["*我安全"], ["可以不答"], {"confidential": True}),
    ("youth", "我娃儿天天逃学打游戏，怎么办，帮帮我", [], [], {"confidential": True}),
    ("culture", "中心广场的健身器材坏了", [], ["想要：坏了要修"], {"details": {"wish": "broken"}}),
    ("petition", "我要投诉社区工作人员态度不好", ["*要保密"], ["监督委员会", "看不到"], {"confidential": True}),
]  # fmt: skip


@pytest.fixture
def anew(storage: Storage, matcher: Any, answerer: Any) -> Any:
    """Start the service again: nothing is left but what was stored."""

    def restart(resident: Any) -> None:
        resident.town = build_town(storage, matcher, answerer)

    return restart


async def walk(resident: Any, steps: list[str], anew: Any) -> str:
    """Take each step in a service that has just been started; everything that was read."""
    read: list[str] = []
    for step in steps:
        anew(resident)
        read += await (resident.presses(step[1:]) if step[0] == "*" else resident.says(step[1:]))
    return "\n".join(read)


@pytest.mark.parametrize(("category", "words", "steps", "read", "facts"), CATEGORIES, ids=[c[0] for c in CATEGORIES])
async def test_each_category_has_its_own_way(
    category: str, words: str, steps: list[str], read: list[str], facts: dict[str, Any], ana: Any, town: Town, anew: Any
) -> None:
    door = [steps[0]] if steps[:1] == ["*请社区帮我转达"] else []
    whole = [f">{words}", *door, "*同意", *steps[len(door) :]]
    heard = await walk(ana, whole, anew)
    anew(ana)
    heard += "\n".join(["", *await ana.submits()])
    assert all(part in heard for part in read), heard
    assert "登记好了" in heard
    [ticket] = await all_of(town, tickets)
    assert ticket["category"] == category
    wanted = facts.pop("details", {})
    assert wanted.items() <= (ticket["details"] or {}).items()
    assert {key: ticket[key] for key in facts} == facts
    assert len(steps) <= 2, "no more than two taps or answers between consent and submitting"


async def test_water_that_reaches_the_flat_below_is_urgent(ana: Any, town: Town) -> None:
    await ana.says("7栋1204马桶漏水，请来修")
    await ana.presses("同意")
    assert "关上" in "\n".join(await ana.presses("影响了"))
    await ana.presses("提交")
    [ticket] = await all_of(town, tickets)
    assert (ticket["urgency"], ticket["details"]["below"]) == ("P1", "yes")


async def test_a_shared_part_goes_to_the_property_company(ana: Any, town: Town) -> None:
    await ana.says("3栋2单元水管有点滴水，帮忙报修一下")
    await ana.presses("同意")
    assert "归物业公司" in "\n".join(await ana.presses("大家共用"))
    await ana.presses("提交")
    [ticket] = await all_of(town, tickets)
    assert ticket["category"] == "property"


async def test_somebody_stuck_is_an_emergency_and_no_form(ana: Any, town: Town) -> None:
    await ana.says("3栋2单元电梯停了，麻烦报修")
    await ana.presses("同意")
    assert "119" in "\n".join(await ana.presses("有人困住"))
    [alarm] = await all_of(town, alarms)
    assert (alarm["kind"], alarm["place"]) == ("trapped", "3栋2单元")
    assert await all_of(town, tickets) == []


async def test_somebody_not_safe_is_not_left_in_a_form(ana: Any, town: Town) -> None:
    await ana.says("我最近心情很不好，睡不着，想做心理疏导")
    await ana.presses("同意")
    assert "12356" in "\n".join(await ana.presses("我不太安全"))
    [alarm] = await all_of(town, alarms)
    assert alarm["kind"] == "self_harm"


async def test_another_door_is_named_at_once_and_going_there_alone_files_nothing(ana: Any, town: Town) -> None:
    heard = "\n".join(await ana.says("我想办居住证"))
    assert "派出所" in heard
    assert "同意吗" not in heard, "whose matter it is can be said without keeping anything"
    assert "没有登记" in "\n".join(await ana.presses("知道了，我自己去办"))
    [noted] = await all_of(town, redirects)
    assert (noted["category"], noted["reason"], noted["outcome"]) == ("household", "duty", "own_way")
    assert await all_of(town, tickets) == []


async def test_what_is_before_a_court_is_not_taken_up_but_nobody_is_turned_away_by_a_machine(
    ana: Any, town: Town
) -> None:
    heard = "\n".join(await ana.says("我想找社区律师，我已经在打官司了"))
    assert "按那边的程序走" in heard
    assert "12348" in heard
    await ana.presses("情况不一样，请登记")
    await ana.presses("同意")
    await ana.presses("没有")
    assert "由办理的单位定" in "\n".join(await ana.submits())
    [noted] = await all_of(town, redirects)
    assert (noted["reason"], noted["outcome"]) == ("in_court", "passed")


async def test_rent_is_never_quoted_from_memory(ana: Any) -> None:
    heard = "\n".join(await ana.says("公租房租金是好多钱一个月"))
    assert "不凭印象说数" in heard
    assert "元" not in heard


async def test_the_door_takes_words_too(ana: Any, town: Town) -> None:
    await ana.says("我想办居住证")
    assert "同意吗" in "\n".join(await ana.says("你们帮我问一下嘛"))


async def test_for_ones_mother_her_flat_and_ones_own_number(ana: Any, town: Town) -> None:
    await ana.says("我帮我妈报修，厨房水槽堵了，电话13912345678")
    assert "替“我妈”办的" in "\n".join(await ana.presses("同意"))
    await ana.says("3栋502")
    summary = "\n".join(await ana.presses("没有"))
    assert "替谁办：我妈" in summary
    await ana.presses("提交")
    [ticket] = await all_of(town, tickets)
    assert (ticket["on_behalf"], ticket["room"], ticket["phone"]) == ("我妈", "502", "13912345678")
    [resident] = await all_of(town, residents)
    assert (resident["room"], resident["phone"]) == (None, "13912345678"), "her flat is not theirs"


async def test_for_whom_can_be_said_later(ana: Any, town: Town) -> None:
    await ana.says(PIPE)
    await ana.presses("同意")
    await ana.presses("更多")
    await ana.presses("替别人办")
    assert "替谁办：对门的张大爷" in "\n".join(await ana.says("对门的张大爷"))


async def test_when_somebody_may_come_is_kept(ana: Any, town: Town) -> None:
    await ana.says("7栋1204窗户关不严，明天下午在家")
    summary = "\n".join(await ana.presses("同意"))
    assert "上门时间：明天下午（明天 14:00–18:00）" in summary
    await ana.presses("提交")
    [ticket] = await all_of(town, tickets)
    assert ticket["visit_words"] == "明天下午"
    assert ticket["visit_from"].isoformat() == "2026-11-24T06:00:00+00:00"


async def test_when_somebody_may_come_can_be_said_later(ana: Any) -> None:
    await ana.says(PIPE)
    await ana.presses("同意")
    await ana.presses("更多")
    await ana.presses("上门时间")
    assert "上门时间：周六上午（" in "\n".join(await ana.says("周六上午"))


async def test_in_confidence_by_words_or_by_press(ana: Any, town: Town) -> None:
    await ana.says(PIPE)
    await ana.presses("同意")
    assert "保密：" in "\n".join(await ana.says("莫说是我说的"))
    assert "保密：" not in "\n".join(await ana.presses("不用保密"))
    await ana.presses("要保密")
    await ana.presses("提交")
    [ticket] = await all_of(town, tickets)
    assert ticket["confidential"]
    assert ticket["description"] == PIPE
    assert ticket["topic"] is None, "it is shown to no neighbour"


async def test_anonymous_where_that_can_be(ana: Any, town: Town) -> None:
    await ana.says("匿名举报5栋楼道里有人给电瓶车飞线充电，电话13912345678")
    assert "匿名：" in "\n".join(await ana.presses("同意"))
    await ana.presses("提交")
    [ticket] = await all_of(town, tickets)
    assert (ticket["anonymous"], ticket["confidential"], ticket["phone"]) == (True, True, None)
    [resident] = await all_of(town, residents)
    assert resident["phone"] is None


async def test_the_questions_left_can_be_answered_on_the_summary(ana: Any, town: Town) -> None:
    await ana.says(PIPE)
    await ana.presses("同意")
    await ana.presses("更多")
    assert "影响邻居" in "\n".join(await ana.presses("多说几句"))
    assert "影响楼下：没有" in "\n".join(await ana.presses("没有"))


# -- me too ----------------------------------------------------------------------------------------------------------
LIFT = "3栋2单元电梯门坏了关不拢，我住1203，电话13912345678"


async def files_the_lift(town: Town, words: str = LIFT) -> Any:
    first = await town.resident("web")
    await first.says(words)
    await first.presses("同意")
    await first.presses("提交")
    return first


async def test_a_neighbours_ticket_is_shown_and_followed_instead_of_a_second_one(
    ana: Any, town: Town, anew: Any
) -> None:
    await files_the_lift(town)
    heard = await walk(ana, [">3栋的电梯门又关不上", "*同意"], anew)
    assert "已经有人报过了：3栋电梯" in heard
    joined = await walk(ana, ["*我也是，跟着它"], anew)
    [ticket] = await all_of(town, tickets)
    assert ticket["number"] in joined
    assert (await all_of(town, drafts))[-1]["state"] == "joined"
    [follower] = await all_of(town, ticket_followers)
    assert follower["kind"] == "me_too"
    assert [event["action"] for event in await all_of(town, ticket_events)] == ["file", "me_too"]
    everything = "\n".join(message.text for message in await ana.thread())
    for secret in ("1203", "13912345678", ticket["claim_code"], "关不拢"):
        assert secret not in everything, "a neighbour learns nothing of whoever reported it"


async def test_a_follower_hears_each_step_in_public_words_and_staff_see_how_many(ana: Any, town: Town) -> None:
    await files_the_lift(town)
    await ana.says("3栋电梯门坏了，关不上")
    await ana.presses("同意")
    await ana.says("我也是")
    await ana.hears()
    member, _ = await town.storage.run(hire, "周敏", "operator")
    [ticket] = await all_of(town, tickets)
    page = await town.storage.read(desk.ticket_page, ticket["number"], staff_id=member)
    assert page is not None
    assert page.reporters == 2
    assert "3栋电梯门坏了，关不上" in [message.text for message in page.thread]

    def tell(language: str, due_at: Any) -> Notice:
        return Notice("您家1203的电梯门修好了", public=f"3栋电梯修好了（{language}）")

    await town.storage.run(
        desk_acts.act, ticket["id"], staff_id=member, action="finish", revision=ticket["revision"], text="好", tell=tell
    )
    assert await ana.hears() == ["3栋电梯修好了（zh）"]


async def test_when_the_neighbour_takes_it_back_the_follower_hears(ana: Any, town: Town) -> None:
    first = await files_the_lift(town)
    await ana.says("3栋电梯门坏了，关不上")
    await ana.presses("同意")
    await ana.says("我也是")
    await ana.hears()
    await first.presses("看看进度")
    await first.presses("撤回")
    await first.presses("是的，撤回")
    [heard] = await ana.hears()
    assert "撤回了" in heard
    assert "3栋电梯" in heard


async def test_pressing_me_too_twice_follows_once_and_leaving_ends_it(ana: Any, town: Town) -> None:
    await files_the_lift(town)
    await ana.says("3栋电梯门坏了，关不上")
    await ana.presses("同意")
    await ana.presses("我也是，跟着它", times=3)
    assert len(await all_of(town, ticket_followers)) == 1
    assert "3栋电梯" in "\n".join(await ana.presses("看看进度"))
    await ana.presses("不跟了")
    assert await all_of(town, ticket_followers) == []


async def test_a_follower_may_not_do_what_its_owner_may(ana: Any, town: Town) -> None:
    await files_the_lift(town)
    await ana.says("3栋电梯门坏了，关不上")
    await ana.presses("同意")
    await ana.says("我也是")
    [ticket] = await all_of(town, tickets)
    shown = [message for message in await ana.thread() if message.buttons][-1]
    for action in ("show", "gone", "add", "ok", "no"):
        await ana.presses_data(shown, f"t:{ticket['id']}:{action}")
    assert await town.storage.read(rights.visible, ticket["id"], chat_id=ana.chat_id) is None
    assert (await all_of(town, tickets))[0]["state"] == "received"
    assert "查询码" in "\n".join(await ana.says(ticket["number"])), "the number alone opens nothing"


async def test_mine_is_another_matter_goes_on(ana: Any, town: Town) -> None:
    await files_the_lift(town)
    await ana.says("3栋电梯门坏了，关不上")
    await ana.presses("同意")
    await ana.presses("不是，我这是另一件")
    assert "登记好了" in "\n".join(await ana.presses("提交"))
    assert len(await all_of(town, tickets)) == 2


@pytest.mark.parametrize("other", ["8栋电梯门坏了，关不上", "3栋1单元电梯门坏了，关不上", "3栋大门的门禁坏了，刷不开"])
async def test_another_building_unit_or_thing_is_not_the_same(other: str, ana: Any, town: Town) -> None:
    await files_the_lift(town)
    await ana.says(other)
    assert "请您看看对不对" in "\n".join(await ana.presses("同意"))


async def test_what_is_confidential_over_or_old_is_shown_to_no_neighbour(ana: Any, town: Town, clock: Any) -> None:
    await files_the_lift(town, LIFT + "，莫说是我说的")
    await files_the_lift(town)
    clock.move(days=15)
    await ana.says("3栋电梯门坏了，关不上")
    assert "请您看看对不对" in "\n".join(await ana.presses("同意"))


async def test_the_journey_on_both_databases(any_town: Town) -> None:
    ana, bo = await any_town.resident("web"), await any_town.resident("telegram")
    await ana.says("3栋2单元电梯门关不上，明天下午在家")
    await ana.presses("同意")
    assert "登记好了" in "\n".join(await ana.presses("提交"))
    await bo.says("3栋电梯门坏了，关不上")
    await bo.presses("同意")
    assert "给您记上了" in "\n".join(await bo.presses("我也是，跟着它"))
    await bo.says("我想办居住证")
    await bo.presses("知道了，我自己去办")
    await bo.says("投诉3栋楼栋长乱收钱")
    await bo.presses("要保密")
    assert "登记好了" in "\n".join(await bo.submits())
    said = [row for row in await all_of(any_town, messages) if row["ticket_id"] is not None]
    assert said
