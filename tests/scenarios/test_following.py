"""Following a request to its end: where it is, what was promised, and that nothing is solved until its resident says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from knowledge.closing import shipped
from storage.tables import drafts, promise_notices, ticket_events
from tests.conftest import FrozenClock
from tests.desk_service import at_the_desk
from tests.scenarios.office import (
    LAMP,
    LIFT,
    PIPE,
    calls,
    does,
    files,
    group_heard,
    newest,
    opens_group,
    passes,
    raw,
    ticket,
)
from tests.town import Town

DONE = "换了新水管，试过不漏了"
TRIES = shipped().tries


async def is_done(town: Town, ana: Any, words: str = PIPE) -> str:
    """Filed, accepted, and reported as done; the resident has been asked."""
    number = await files(ana, words)
    async with at_the_desk(town.storage, name=f"周敏{number}") as desk:
        await does(desk, number, "accept")
        await does(desk, number, "finish", DONE)
    await ana.hears()
    return number


# --- how it stands ---------------------------------------------------------------------------------------------------
async def test_a_ticket_says_how_it_stands_who_has_it_and_by_when(ana: Any, town: Town, clock: FrozenClock) -> None:
    number = await files(ana, LAMP)
    async with at_the_desk(town.storage, role="worker") as desk:
        await does(desk, number, "accept")
        clock.move(hours=1)
        await does(desk, number, "answer", "灯泡已经订了，周三到")
    shown = "\n".join(await ana.says("我的工单"))
    for told in (number, "已经受理，有人跟进", "物业公司的办理人员", "18:00 前给您结果"):
        assert told in shown
    assert "灯泡已经订了，周三到" in shown
    assert "· 今天 10:00 您登记" in shown
    assert "· 今天 11:00 工作人员答复您" in shown
    assert "周敏" not in shown, "a function, not a name"
    assert "查询码" not in shown
    assert "查询码" in "\n".join(await ana.presses("全部经过"))


async def test_several_requests_are_one_short_list_and_a_number_opens_one(ana: Any, town: Town) -> None:
    await files(ana, PIPE)
    await files(ana, LIFT)
    lamp = await files(ana, LAMP)
    listed = "\n".join(await ana.says("我的工单"))
    assert all(one in listed for one in ("1. ", "2. ", "3. ", "水管", "电梯", "灯"))
    assert lamp in "\n".join(await ana.presses("1"))


@pytest.mark.parametrize(
    ("words", "place"),
    [("那个水管修好没得", 0), ("电梯弄好了没？", 1), ("灯怎么还不亮，什么时候来修", 2), ("Is the lift fixed yet?", 1)],
)
async def test_the_one_that_is_meant_is_shown_not_the_list(ana: Any, town: Town, words: str, place: int) -> None:
    numbers = [await files(ana, one) for one in (PIPE, LIFT, LAMP)]
    heard = "\n".join(await ana.says(words))
    assert numbers[place] in heard
    assert not any(number in heard for number in numbers if number != numbers[place])


async def test_more_words_and_photos_reach_staff_and_withdrawing_is_asked_once(ana: Any, town: Town) -> None:
    number = await files(ana)
    await ana.says("我的工单")
    await ana.presses("补充几句")
    assert "已经转给" in "\n".join(await ana.says("师傅来之前先打个电话"))
    async with at_the_desk(town.storage) as desk:
        assert "师傅来之前先打个电话" in await desk.opens(f"/console/tickets/{number}")
        assert f"已经转给办理的人（工单 {number}）" in "\n".join(await ana.says("不是7栋是8栋")), "it was filed already"
        assert "不是7栋是8栋" in await desk.opens(f"/console/tickets/{number}")
    await ana.says("我的工单")
    await ana.presses("撤回")
    assert "已经撤回" in "\n".join(await ana.presses("是的，撤回"))
    assert (await ticket(town, number))["state"] == "withdrawn"
    assert "是的，撤回" not in await ana.buttons()


# --- solved, not solved, not yet seen --------------------------------------------------------------------------------
async def test_done_is_not_solved_until_its_resident_says_so(ana: Any, town: Town) -> None:
    number = await is_done(town, ana)
    asked = await ana.sees()
    assert DONE in asked
    assert "解决了吗" in asked
    assert {"解决了", "没有解决", "还没看到"} <= set(await ana.buttons())
    row = await ticket(town, number)
    assert (row["state"], row["closed_at"], row["outcome"]) == ("calling_back", None, None)
    thanks = "\n".join(await ana.presses("解决了"))
    assert "太好了" in thanks
    row = await ticket(town, number)
    assert (row["state"], row["outcome"], row["ask_at"]) == ("closed", "solved", None)
    assert "没有解决" not in await ana.buttons(), "what was answered has no buttons any more"


async def test_satisfaction_is_one_press_and_kept_raw(ana: Any, town: Town) -> None:
    number = await is_done(town, ana)
    await ana.presses("解决了")
    assert "记下了：满意" in "\n".join(await ana.presses("满意"))
    kept = [(row["solved"], row["satisfied"], row["via"], row["round"]) for row in await raw(town)]
    assert kept == [("solved", None, "button", 0), (None, "satisfied", "button", 0)]
    async with at_the_desk(town.storage) as desk:
        page = await desk.opens(f"/console/tickets/{number}")
        assert "居民说已解决" in page
        assert "<b>满意</b>" in page


async def test_satisfaction_is_given_once_and_may_be_typed(ana: Any, town: Town) -> None:
    await is_done(town, ana)
    await ana.presses("解决了")
    question = [message for message in await ana.thread() if message.buttons][-1]
    data = question.buttons[0][0]["data"]
    assert "记下了：不满意" in "\n".join(await ana.says("不满意"))
    assert "已经转给负责人" in "\n".join(await ana.says("拖了好几天才来"))
    assert "已经评过" in "\n".join(await ana.presses_data(question, data))
    rows = await raw(town)
    assert [row["satisfied"] for row in rows if row["satisfied"]] == ["unhappy"]
    assert rows[-1]["reason"] == "拖了好几天才来"


async def test_not_solved_goes_one_level_higher_with_a_new_clock_and_says_so(
    ana: Any, town: Town, clock: FrozenClock
) -> None:
    await opens_group(town)
    number = await is_done(town, ana)
    heard = "\n".join(await ana.presses("没有解决"))
    assert "社区居委会负责人" in heard
    assert "周四 18:00" in heard, "three working days from Monday"
    row = await ticket(town, number)
    assert (row["state"], row["level"], row["redos"]) == ("handling", 1, 1)
    assert row["due_at"] == datetime(2026, 11, 26, 10, 0, tzinfo=UTC)
    assert "已经转给负责人" in "\n".join(await ana.says("水龙头底下一直滴水"))
    async with at_the_desk(town.storage) as desk:
        assert "督办·居委会" in await desk.opens("/console?filter=climbed")
        page = await desk.opens(f"/console/tickets/{number}")
        assert "水龙头底下一直滴水" in page
    [told] = await group_heard(town)
    assert "没解决" in told
    assert number in told
    assert "水龙头" not in told, "nobody's own words in a group"


@pytest.mark.parametrize(
    ("words", "state"),
    [
        ("修好了,谢谢", "closed"),
        ("还是漏", "handling"),
        ("没得人来，还是老样子", "handling"),
        ("我还没回家看", "calling_back"),
        ("It's fixed, thank you", "closed"),
        ("still leaking", "handling"),
    ],
)
async def test_plain_words_count_like_buttons(ana: Any, town: Town, words: str, state: str) -> None:
    number = await is_done(town, ana)
    await ana.says(words)
    assert (await ticket(town, number))["state"] == state
    assert [row["via"] for row in await raw(town)] == ["words"]


async def test_words_that_say_why_are_the_reason_and_nobody_asks_again(ana: Any, town: Town) -> None:
    await is_done(town, ana)
    heard = "\n".join(await ana.says("还是漏，水龙头底下一直滴"))
    assert "说一句" not in heard
    [row] = await raw(town)
    assert (row["solved"], row["reason"]) == ("not_solved", "还是漏，水龙头底下一直滴")


@pytest.mark.parametrize(
    "words", ["楼上又吵得睡不着，天天半夜拖椅子", "3栋电梯坏了，关不上门", "一百户要配多大的社区用房？"]
)
async def test_another_matter_is_no_verdict(ana: Any, town: Town, words: str) -> None:
    number = await is_done(town, ana)
    await ana.says(words)
    assert (await ticket(town, number))["state"] == "calling_back"
    assert await raw(town) == []


async def test_a_bare_no_answers_the_question_of_staff_first(ana: Any, town: Town) -> None:
    done = await is_done(town, ana, PIPE)
    asked = await files(ana, LAMP)
    async with at_the_desk(town.storage) as desk:
        await does(desk, asked, "ask_back", "晚上也不亮吗？")
    await ana.says("没有")
    assert (await ticket(town, asked))["waiting_resident"] is False
    assert (await ticket(town, done))["state"] == "calling_back"
    await ana.says("没有")
    assert (await ticket(town, done))["redos"] == 1


async def test_whoever_waits_for_two_verdicts_is_asked_which(ana: Any, town: Town) -> None:
    first = await is_done(town, ana, PIPE)
    second = await is_done(town, ana, LIFT)
    assert "哪一件" in "\n".join(await ana.says("好了，谢谢"))
    await ana.says("电梯修好了")
    assert (await ticket(town, second))["state"] == "closed"
    assert (await ticket(town, first))["state"] == "calling_back"
    assert "太好了" in "\n".join(await ana.says("好了，谢谢"))


async def test_not_yet_seen_is_asked_again_at_the_time_it_was_told(ana: Any, town: Town, clock: FrozenClock) -> None:
    number = await is_done(town, ana)
    assert "周三 10:00" in "\n".join(await ana.presses("还没看到"))
    await passes(town, clock, days=1, hours=23)
    assert await ana.hears() == []
    await passes(town, clock, hours=2)
    assert "您看过了吗" in "\n".join(await ana.hears())
    await ana.presses("解决了")
    assert (await ticket(town, number))["outcome"] == "solved"


async def test_a_change_of_mind_costs_one_press(ana: Any, town: Town) -> None:
    number = await is_done(town, ana)
    await ana.presses("没有解决")
    assert "太好了" in "\n".join(await ana.presses("点错了，其实解决了"))
    assert (await ticket(town, number))["outcome"] == "solved"
    await ana.says("我的工单")
    assert "重新办" in "\n".join(await ana.presses("没有解决"))
    row = await ticket(town, number)
    assert (row["state"], row["outcome"], row["redos"]) == ("accepted", None, 2)


async def test_whoever_says_unasked_that_nobody_need_come_is_asked_once(ana: Any, town: Town) -> None:
    number = await files(ana)
    assert "不用再办了吗" in "\n".join(await ana.says("不用来了，自己修好了"))
    assert (await ticket(town, number))["state"] == "received"
    await ana.presses("对，已经好了")
    assert (await ticket(town, number))["outcome"] == "solved"


async def test_a_form_in_progress_outlives_a_verdict(ana: Any, town: Town) -> None:
    number = await is_done(town, ana)
    await ana.says(LIFT)
    await ana.presses("没有解决")
    assert (await ticket(town, number))["redos"] == 1
    assert "登记好了" in "\n".join(await ana.presses("提交"))


async def test_the_reason_is_nobodys_duty(ana: Any, town: Town, clock: FrozenClock) -> None:
    await is_done(town, ana)
    await ana.presses("没有解决")
    assert "三(一)" in "\n".join(await ana.says("社区居委会一般配几个人？"))
    await ana.presses("点错了，其实解决了")
    await is_done(town, ana, LIFT)
    await ana.presses("没有解决")
    clock.move(hours=1)
    await ana.says("我想当志愿者，会修电脑")
    assert not any("志愿者" in (row["reason"] or "") for row in await raw(town)), "an hour later it is another matter"


# --- old buttons -----------------------------------------------------------------------------------------------------
async def test_an_old_button_never_acts_twice(ana: Any, town: Town) -> None:
    number = await is_done(town, ana)
    asked = [message for message in await ana.thread() if message.buttons][-1]
    solved, not_solved = (asked.buttons[0][place]["data"] for place in (0, 1))
    heard = await ana.presses("没有解决", times=3)
    assert sum("重新办，" in text for text in heard) == 1
    assert (await ticket(town, number))["redos"] == 1
    assert "已经用过了" in "\n".join(await ana.presses_data(asked, solved))
    async with at_the_desk(town.storage) as desk:
        await does(desk, number, "finish", "又修了一遍")
    assert "已经用过了" in "\n".join(await ana.presses_data(asked, not_solved))
    row = await ticket(town, number)
    assert (row["state"], row["redos"]) == ("calling_back", 1)


async def test_a_button_of_an_earlier_round_on_another_phone_answers_with_how_it_stands(town: Town) -> None:
    ana, phone = await town.resident("web"), await town.resident("telegram")
    number = await files(ana)
    code = (await ticket(town, number))["claim_code"]
    await phone.says(f"{number} {code}")
    async with at_the_desk(town.storage) as desk:
        await does(desk, number, "finish", DONE)
        await ana.presses("没有解决")
        await does(desk, number, "finish", "这次真的好了")
    asked = [message for message in await phone.thread() if message.buttons and DONE in message.text][-1]
    heard = "\n".join(await phone.presses_data(asked, asked.buttons[0][0]["data"]))
    assert "不算数" in heard
    assert number in heard
    assert (await ticket(town, number))["state"] == "calling_back"
    assert "太好了" in "\n".join(await phone.presses("解决了")), "the claim code makes it theirs"
    assert "已经告诉过" in "\n".join(await ana.says("解决了")) or (await ticket(town, number))["outcome"] == "solved"


async def test_nobody_else_can_judge(town: Town) -> None:
    ana, bo = await town.resident("web"), await town.resident("telegram")
    number = await is_done(town, ana)
    row = await ticket(town, number)
    await bo.says("你好")
    greeting = [message for message in await bo.thread() if message.buttons][-1]
    for action in ("ok", "no", "unseen"):
        await bo.presses_data(greeting, f"t:{row['id']}:{action}:0")
    await bo.says("还是漏")
    assert (await ticket(town, number))["state"] == "calling_back"
    assert number not in "\n".join(message.text for message in await bo.thread())


async def test_a_withdrawn_ticket_takes_no_verdict(ana: Any, town: Town) -> None:
    number = await is_done(town, ana)
    asked = [message for message in await ana.thread() if message.buttons][-1]
    data = asked.buttons[0][0]["data"]
    withdraw = [message for message in await ana.thread() if "撤回" in str(message.buttons)][-1:]
    assert withdraw == [], "what is reported as done is judged, not withdrawn"
    await ana.presses_data(asked, data)
    assert (await ticket(town, number))["state"] == "closed"
    assert "现在是这样" in "\n".join(await ana.presses_data(asked, data))


async def test_a_neighbour_hears_how_it_goes_and_judges_nothing(town: Town) -> None:
    ana, bo = await town.resident("web"), await town.resident("telegram")
    number = await files(ana, LIFT)
    await bo.says("3栋电梯门坏了，关不上")
    await bo.presses("同意")
    await bo.says("我也是")
    async with at_the_desk(town.storage) as desk:
        await does(desk, number, "finish", "门机换了新皮带，1203住户说好了")
        heard = "\n".join(await bo.hears())
        assert "已经办好了" in heard
        assert "1203" not in heard
        assert "没有解决" not in await bo.buttons()
    await bo.says("还是关不上")
    assert (await ticket(town, number))["state"] == "calling_back"
    await ana.presses("没有解决")
    assert "重新办" in "\n".join(await bo.hears())


async def test_a_complaint_is_not_spoken_of_where_it_must_not_be_heard(town: Town, clock: FrozenClock) -> None:
    ana = await town.resident("web")
    await opens_group(town)
    async with at_the_desk(town.storage) as desk, at_the_desk(town.storage, name="罗兰", role="admin") as head:
        await ana.says("我要投诉接线员周敏，打电话骂人，态度恶劣")
        await ana.presses("同意")
        if "提交" not in await ana.buttons():
            await ana.says("昨天下午打来的电话")
        await ana.presses("提交")
        row = await newest(town)
        await passes(town, clock, days=3)
        assert await group_heard(town) == []
        await does(head, row["number"], "finish", "已经谈话")
        await passes(town, clock, days=2)
        await passes(town, clock, days=4, hours=1)
    async with at_the_desk(town.storage, name="罗兰二", role="admin") as head:
        assert row["number"] in await head.opens("/console/call-backs")
    async with at_the_desk(town.storage, name="后来的", role="operator") as desk:
        assert row["number"] not in await desk.opens("/console/call-backs")
    async with at_the_desk(town.storage, name="监督委员", role="supervisor") as watch:
        await watch.opens("/console/call-backs")
        await watch.sends(f"/{row['number']}", contacted="yes", solved="solved")
        assert watch.status == 200, "the supervision committee handles complaints"
    assert (await ticket(town, row["number"]))["outcome"] == "solved"


# --- silence ---------------------------------------------------------------------------------------------------------
async def test_silence_gets_one_reminder_then_a_person_calls_and_never_counts_as_solved(
    ana: Any, town: Town, clock: FrozenClock
) -> None:
    number = await is_done(town, ana)
    await passes(town, clock, hours=23)
    assert await ana.hears() == []
    await passes(town, clock, hours=2)
    reminded = "\n".join(await ana.hears())
    assert "您看过了吗" in reminded
    assert "周四" in reminded, "it says when somebody will call"
    await passes(town, clock, hours=20)
    assert await ana.hears() == [], "one reminder"
    async with at_the_desk(town.storage) as desk:
        assert number not in await desk.opens("/console/call-backs")
        await passes(town, clock, days=1, hours=10)
        assert number in await desk.opens("/console/call-backs")
    for _ in range(TRIES):
        clock.move(days=3)
        assert (await calls(town, number, contacted="no")).status == 200
    row = await ticket(town, number)
    assert (row["state"], row["outcome"]) == ("closed", "not_confirmed")
    assert "不是“已解决”" in "\n".join(await ana.hears())
    kept = [(row["via"], row["contacted"], row["solved"]) for row in await raw(town)]
    assert kept == [("phone", False, None)] * TRIES
    assert "重新办" in "\n".join(await ana.presses("没有解决")), "it is never too late to say so"


@pytest.mark.parametrize(
    ("solved", "state", "words"),
    [
        ("solved", "closed", "解决了，记下了"),
        ("not_solved", "handling", "没解决"),
        ("not_seen", "calling_back", "还没看到"),
    ],
)
async def test_what_is_said_on_the_telephone_counts_and_is_confirmed_in_the_chat(
    ana: Any, town: Town, clock: FrozenClock, solved: str, state: str, words: str
) -> None:
    number = await is_done(town, ana)
    await passes(town, clock, days=2)
    await passes(town, clock, days=3)
    await ana.hears()
    async with at_the_desk(town.storage) as desk:
        await desk.opens("/console/call-backs")
        await desk.sends(f"/{number}", contacted="yes")
        assert desk.status == 422, "answered, but not asked whether it is solved"
        await desk.opens("/console/call-backs")
        before = desk.page
        await desk.sends(f"/{number}", contacted="yes", solved=solved, satisfied="fair", reason="来得慢")
        assert desk.status == 200
        assert number not in desk.page
        desk.page = before
        await desk.sends(f"/{number}", contacted="yes", solved="solved")
        assert desk.status == 409, "the same form twice counts once"
    assert (await ticket(town, number))["state"] == state
    assert words in "\n".join(await ana.hears())
    [kept] = await raw(town)
    assert (kept["contacted"], kept["solved"], kept["satisfied"], kept["reason"]) == (True, solved, "fair", "来得慢")


async def test_the_bot_reminds_nobody_who_speaks_with_a_person(ana: Any, town: Town, clock: FrozenClock) -> None:
    await is_done(town, ana)
    await ana.says("转人工")
    await passes(town, clock, days=1, hours=1)
    assert not any("您看过了吗" in words for words in await ana.hears())
    await ana.presses("不等了，回机器人")
    await passes(town, clock)
    assert "您看过了吗" in "\n".join(await ana.hears())


async def test_who_did_the_work_does_not_confirm_it(ana: Any, town: Town, clock: FrozenClock) -> None:
    number = await is_done(town, ana)
    await passes(town, clock, days=2)
    await passes(town, clock, days=3)
    async with at_the_desk(town.storage, name="李强", role="worker") as desk:
        await desk.opens("/console/call-backs")
        await desk.sends(f"/{number}", contacted="yes", solved="solved")
        assert desk.status == 403
    assert (await ticket(town, number))["state"] == "calling_back"


# --- promises --------------------------------------------------------------------------------------------------------
async def test_a_missed_first_contact_climbs_once_and_the_resident_is_told(
    ana: Any, town: Town, clock: FrozenClock
) -> None:
    await opens_group(town)
    number = await files(ana)
    await passes(town, clock, minutes=19)
    assert await group_heard(town) == []
    await passes(town, clock, minutes=2)
    [near] = await group_heard(town)
    assert "快到期" in near
    await passes(town, clock, minutes=9, seconds=30)
    late = "\n".join(await ana.hears())
    assert "今天 10:30 前和您联系，没有做到" in late
    assert "还没有安排到人" in late
    assert "社区居委会负责人" in late
    row = await ticket(town, number)
    assert (row["level"], row["first_contact_due"]) == (1, clock.now + timedelta(minutes=30))
    await passes(town, clock, minutes=1)
    assert await ana.hears() == [], "never twice for the same promise"
    assert sum("超时" in text for text in await group_heard(town)) == 1
    await passes(town, clock, minutes=31)
    assert "街道办事处" in "\n".join(await ana.hears())
    async with at_the_desk(town.storage) as desk:
        assert "督办·街道" in await desk.opens("/console")


async def test_a_missed_result_says_why_as_far_as_it_is_known(ana: Any, town: Town, clock: FrozenClock) -> None:
    number = await files(ana, LAMP)
    async with at_the_desk(town.storage, role="operator") as desk:
        await does(desk, number, "accept")
        await does(desk, number, "extend", "灯座要从厂里订", until="2026-12-03")
    heard = "\n".join(await ana.hears())
    assert "灯座要从厂里订" in heard
    assert "12月3日周四 18:00" in heard
    await passes(town, clock, days=10, hours=9)
    late = "\n".join(await ana.hears())
    assert "没有做到" in late
    assert "灯座要从厂里订" in late
    assert (await ticket(town, number))["level"] == 1


@pytest.mark.parametrize(
    ("until", "trouble"),
    [
        ("", "请选延到哪一天"),
        ("2026-11-29", "那天不上班"),
        ("2026-11-25", "要晚于现在的期限"),
        ("2027-03-01", "最多只能延 10 个工作日"),
    ],
)
async def test_an_extension_has_its_limits(town: Town, until: str, trouble: str) -> None:
    ana = await town.resident("web")
    number = await files(ana, LAMP)
    async with at_the_desk(town.storage) as desk:
        page = await does(desk, number, "extend", "等零件", until=until)
        assert desk.status == 422
        assert trouble in page
        assert "等零件</textarea>" in page
    assert await ana.hears() == []


async def test_an_extension_is_given_once_and_only_before_the_deadline(town: Town, clock: FrozenClock) -> None:
    ana = await town.resident("web")
    number = await files(ana, LAMP)
    async with at_the_desk(town.storage) as desk:
        await does(desk, number, "extend", "等零件", until="2026-12-03")
        assert "已经延过一次" in await does(desk, number, "extend", "还要等", until="2026-12-04")
    second = await files(ana, PIPE)
    clock.move(days=2)
    async with at_the_desk(town.storage, name="李强", role="admin") as desk:
        assert "期限已经过了" in await does(desk, second, "extend", "晚了", until="2026-12-04")


async def test_a_worker_asks_for_time_and_the_desk_decides(town: Town) -> None:
    ana = await town.resident("web")
    number = await files(ana, LAMP)
    async with at_the_desk(town.storage) as desk, at_the_desk(town.storage, name="李强", role="worker") as worker:
        await does(worker, number, "accept")
        await ana.hears()
        await does(worker, number, "ask_extension", "等零件，想延到下周四", until="2026-12-03")
        assert await ana.hears() == [], "nothing is promised yet"
        assert "等零件，想延到下周四" in await desk.opens(f"/console/tickets/{number}")
        await does(desk, number, "extend", "等零件", until="2026-12-03")
    assert "等零件" in "\n".join(await ana.hears())


async def test_while_the_resident_is_asked_the_clock_is_not_ours(ana: Any, town: Town, clock: FrozenClock) -> None:
    number = await files(ana)
    due = (await ticket(town, number))["due_at"]
    async with at_the_desk(town.storage) as desk:
        await does(desk, number, "ask_back", "总阀能关上吗？")
        await ana.hears()
        await passes(town, clock, days=1, minutes=1)
        reminded = "\n".join(await ana.hears())
        assert "总阀能关上吗？" in reminded
        assert "不算在办理期限里" in reminded
        assert (await ticket(town, number))["level"] == 0, "the day's promise has passed, but not through our fault"
        assert "等您回话" in "\n".join(await ana.says("我的工单"))
        await passes(town, clock, days=3)
        assert number in await desk.opens("/console/call-backs")
        assert "总阀能关上吗？" in desk.page
        assert await ana.hears() == []
    assert "已经转给" in "\n".join(await ana.says("关不动，锈死了"))
    row = await ticket(town, number)
    assert (row["waiting_resident"], row["call_at"], row["state"]) == (False, None, "received")
    assert row["due_at"] == due + (clock.now - datetime(2026, 11, 23, 2, 0, tzinfo=UTC))


async def test_an_open_question_is_never_closed_by_silence(town: Town, clock: FrozenClock) -> None:
    ana = await town.resident("web")
    number = await files(ana)
    async with at_the_desk(town.storage) as desk:
        await does(desk, number, "ask_back", "总阀能关上吗？")
        await passes(town, clock, days=2)
        await passes(town, clock, days=5)
    for _ in range(TRIES + 1):
        clock.move(days=3)
        await calls(town, number, contacted="no")
    assert (await ticket(town, number))["state"] == "received"
    clock.move(days=3)
    desk = await calls(town, number, contacted="yes", reason="说能关上，已经关了")
    assert desk.status == 200
    async with at_the_desk(town.storage, name="李强") as other:
        assert "说能关上，已经关了" in await other.opens(f"/console/tickets/{number}")
    row = await ticket(town, number)
    assert (row["state"], row["waiting_resident"]) == ("received", False)


async def test_a_photo_answers_the_question_of_staff(town: Town) -> None:
    ana = await town.resident("telegram")
    number = await files(ana)
    async with at_the_desk(town.storage) as desk:
        await does(desk, number, "ask_back", "拍张照看看？")
    size = {"file_id": "f1", "file_unique_id": "u1", "width": 90, "height": 90, "file_size": 1000}
    from bot.telegram.arrivals import arrival_of

    heard = "\n".join(await ana.sends(arrival_of(ana.raw(photo=[size]))))
    assert number in heard
    assert (await ticket(town, number))["waiting_resident"] is False


async def test_time_passing_twice_at_once_counts_once(any_town: Town, clock: FrozenClock) -> None:
    ana = await any_town.resident("web")
    await files(ana)
    await passes(any_town, clock, minutes=31)
    await passes(any_town, clock)
    rows = await any_town.storage.read(lambda tx: tx.all(select(promise_notices)))
    assert [(row["promise"], row["notice"]) for row in rows] == [
        ("first_contact", "late"),
        ("first_contact", "soon"),
    ] or [row["notice"] for row in rows].count("late") == 1


async def test_the_whole_way_on_both_databases(any_town: Town, clock: FrozenClock) -> None:
    town = any_town
    ana = await town.resident("web")
    number = await is_done(town, ana)
    await ana.says("还是漏")
    async with at_the_desk(town.storage) as desk:
        await does(desk, number, "finish", "又换了一次垫圈")
    await passes(town, clock, days=2)
    await passes(town, clock, days=4)
    await calls(town, number, contacted="no")
    clock.move(days=3)
    await calls(town, number, contacted="yes", solved="solved", satisfied="satisfied")
    row = await ticket(town, number)
    assert (row["state"], row["outcome"], row["level"], row["redos"]) == ("closed", "solved", 1, 1)
    kept = [(row["round"], row["contacted"], row["solved"], row["satisfied"]) for row in await raw(town)]
    assert kept == [(0, True, "not_solved", None), (1, False, None, None), (1, True, "solved", "satisfied")]
    actions = await town.storage.read(lambda tx: [row["action"] for row in tx.all(select(ticket_events.c.action))])
    assert actions == ["file", "accept", "finish", "not_solved", "finish", "remind", "no_answer", "solved"]
    assert await town.storage.read(lambda tx: tx.all(select(drafts.c.id).where(drafts.c.state == "open"))) == []
