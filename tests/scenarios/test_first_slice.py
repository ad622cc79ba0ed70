"""The first whole slice as stories: somebody asks and is answered; a burst pipe becomes a ticket; nothing is lost."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from knowledge import ticket_numbers
from storage import tickets as ticket_units
from storage.engine import Storage
from storage.tables import alarms, answers, conversations, drafts, inbox, messages, residents, ticket_events, tickets
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.scenarios.conftest import build_town
from tests.town import Town

PIPE = "7栋1204厨房水管爆了"
QUESTION = "一百户要配多大的社区用房？"


def rows(tx: Tx, table: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in tx.all(select(table).order_by(*table.primary_key.columns))]


async def all_of(town: Town, table: Any) -> list[dict[str, Any]]:
    return await town.storage.read(rows, table)


async def files_the_pipe(ana: Any) -> str:
    """From the first sentence to the number."""
    await ana.says(PIPE)
    await ana.presses("同意")
    await ana.presses("提交")
    seen: str = await ana.sees()
    return seen


async def test_a_policy_question_is_answered_with_clause_and_version(ana: Any, town: Town) -> None:
    heard = "\n".join(await ana.says(QUESTION))
    assert "15" in heard
    assert "渝民发〔2013〕30号 二(一)" in heard
    assert {"有帮助", "没帮上", "找人问"} <= set(await ana.buttons())
    await ana.presses("有帮助")
    [kept] = await all_of(town, answers)
    assert (kept["clause"], kept["verdict"]) == ("二(一)", "helpful")


async def test_the_privacy_notice_is_shown_once_and_refusing_it_still_gets_answers(ana: Any, town: Town) -> None:
    assert "隐私" in "\n".join(await ana.says(QUESTION))
    await ana.presses("不同意")
    heard = "\n".join(await ana.says("社区居委会一般配几个人？"))
    assert "三(一)" in heard
    assert "隐私" not in heard


async def test_a_burst_pipe_becomes_a_ticket_in_one_sentence_and_two_presses(ana: Any, town: Town) -> None:
    await ana.says(PIPE)
    assert await all_of(town, tickets) == []
    summary = "\n".join(await ana.presses("同意"))
    assert "7栋1204" in summary
    assert "房屋维修" in summary
    told = "\n".join(await ana.presses("提交"))
    number = ticket_numbers.find(told)
    assert number is not None
    [ticket] = await all_of(town, tickets)
    assert ticket["number"] == str(number)
    assert (ticket["category"], ticket["building"], ticket["room"]) == ("repair", "7", "1204")
    assert ticket["description"] == PIPE
    assert ticket["urgency"] == "P1"
    assert ticket["claim_code"] in told


async def test_the_clock_runs_from_the_first_sentence_not_from_the_last_press(
    ana: Any, town: Town, clock: FrozenClock
) -> None:
    await ana.says(PIPE)
    said_at = clock.now
    clock.move(minutes=12)
    await ana.presses("同意")
    await ana.presses("提交")
    [ticket] = await all_of(town, tickets)
    assert ticket["opened_at"] == said_at
    assert (ticket["first_contact_due"] - said_at).total_seconds() == 30 * 60  # WO-SLA, P1


async def test_pressing_submit_five_times_at_once_files_once_and_says_the_number_again(ana: Any, town: Town) -> None:
    await ana.says(PIPE)
    await ana.presses("同意")
    heard = await ana.presses("提交", times=5)
    assert len(await all_of(town, tickets)) == 1
    assert sum("没有重复登记" in text for text in heard) == 4


async def test_the_same_update_twice_happens_once(ana: Any, town: Town) -> None:
    arrival = ana.words(QUESTION)
    await ana.sends(arrival, arrival)
    await ana.sends(arrival)
    assert len(await all_of(town, answers)) == 1


async def test_a_restart_in_the_middle_of_the_form_loses_nothing(
    ana: Any, town: Town, storage: Storage, matcher: Any, answerer: Any
) -> None:
    await ana.says(PIPE)
    await ana.presses("同意")
    ana.town = build_town(storage, matcher, answerer)
    assert "登记好了" in "\n".join(await ana.presses("提交"))


async def test_only_what_is_missing_is_asked(ana: Any, town: Town) -> None:
    await ana.says("厨房水管爆了，水到处流")
    asked = "\n".join(await ana.presses("同意"))
    assert "在哪里" in asked
    summary = "\n".join(await ana.says("7栋1204"))
    assert "请您看看对不对" in summary
    assert "7栋1204" in summary


async def test_the_place_can_be_corrected_and_a_building_that_is_not_there_is_refused(ana: Any, town: Town) -> None:
    await ana.says(PIPE)
    await ana.presses("同意")
    await ana.presses("改地点")
    assert "没有99栋" in "\n".join(await ana.says("99栋101"))
    assert "8栋301" in "\n".join(await ana.says("8栋301"))
    await ana.presses("提交")
    [ticket] = await all_of(town, tickets)
    assert (ticket["building"], ticket["room"]) == ("8", "301")


async def test_cancelling_files_nothing_and_the_old_button_is_dead(ana: Any, town: Town) -> None:
    await ana.says(PIPE)
    await ana.presses("同意")
    submit = next(m for m in await ana.thread() if m.buttons and "提交" in str(m.buttons))
    data = submit.buttons[0][0]["data"]
    assert "已经取消" in "\n".join(await ana.says("算了"))
    assert "用过" in "\n".join(await ana.presses_data(submit, data))
    assert await all_of(town, tickets) == []


async def test_a_question_in_the_middle_of_a_form_is_answered_and_the_form_waits(ana: Any, town: Town) -> None:
    await ana.says(PIPE)
    await ana.presses("同意")
    heard = "\n".join(await ana.says("对了，社区办公用房按规定最少要多少平方米？"))
    assert "二(一)" in heard
    await ana.presses("接着填")
    assert "登记好了" in "\n".join(await ana.presses("提交"))


async def test_my_tickets_shows_where_it_is(ana: Any, town: Town) -> None:
    told = await files_the_pipe(ana)
    heard = "\n".join(await ana.says("我的工单"))
    assert "收到了，正在安排人" in heard
    assert str(ticket_numbers.find(told)) in heard


async def test_more_words_go_into_the_ticket(ana: Any, town: Town) -> None:
    await files_the_pipe(ana)
    await ana.presses("补充几句")
    assert "已经转给办理的人" in "\n".join(await ana.says("师傅来之前先打个电话"))
    [ticket] = await all_of(town, tickets)
    said = [message["text"] for message in await all_of(town, messages) if message["ticket_id"] == ticket["id"]]
    assert "师傅来之前先打个电话" in said
    assert ticket["unread"] == 1


async def test_withdrawing_asks_once_and_is_written_down(ana: Any, town: Town) -> None:
    await files_the_pipe(ana)
    await ana.presses("看看进度")
    await ana.presses("撤回")
    assert "已经撤回" in "\n".join(await ana.presses("是的，撤回"))
    [ticket] = await all_of(town, tickets)
    assert ticket["state"] == "withdrawn"
    assert [event["action"] for event in await all_of(town, ticket_events)] == ["file", "withdraw"]


async def test_a_claim_code_brings_the_ticket_to_a_new_phone_and_only_that_one(town: Town) -> None:
    ana, bo = await town.resident("web"), await town.resident("telegram")
    await files_the_pipe(ana)
    await ana.says("3栋2单元的电梯门关不上了")
    await ana.presses("提交")
    first, second = await all_of(town, tickets)
    assert "对不上" in "\n".join(await bo.says(f"{first['number']} AAAA-AAAA"))
    assert "找到了" in "\n".join(await bo.says(f"{first['number']} {first['claim_code']}"))
    seen = await town.storage.read(ticket_units.of_chat, bo.chat_id)
    assert [ticket.number for ticket in seen] == [first["number"]]
    assert second["number"] not in "\n".join(await bo.says("我的工单"))


async def test_guessing_claim_codes_soon_gets_nowhere(town: Town) -> None:
    ana, bo = await town.resident("web"), await town.resident("web")
    await files_the_pipe(ana)
    [ticket] = await all_of(town, tickets)
    for _ in range(5):
        await bo.says(f"{ticket['number']} AAAA-AAAA")
    assert "试得太多" in "\n".join(await bo.says(f"{ticket['number']} {ticket['claim_code']}"))


async def test_fire_gets_the_number_and_first_steps_at_once_and_staff_an_alarm(ana: Any, town: Town) -> None:
    heard = "\n".join(await ana.says("救命！8栋1503着火了，满屋子的烟"))
    assert "119" in heard
    assert "隐私" not in heard
    [alarm] = await all_of(town, alarms)
    assert (alarm["kind"], alarm["taken_at"]) == ("fire", None)
    assert "8栋1503" in alarm["place"]
    [talk] = await all_of(town, conversations)
    assert (talk["state"], talk["reason"]) == ("waiting", "emergency")
    assert "我还在" in "\n".join(await ana.says("我们在阳台上"))  # nobody in danger is left without an answer


async def test_a_false_alarm_costs_one_press(ana: Any, town: Town) -> None:
    await ana.says("着火了！！快来人")
    assert "没事就好" in "\n".join(await ana.presses("没有危险，是误报"))
    [alarm] = await all_of(town, alarms)
    assert alarm["outcome"] == "false_alarm"
    assert alarm["ended_at"] is None  # staff still look
    assert "三(一)" in "\n".join(await ana.says("社区居委会一般配几个人？"))


async def test_danger_is_heard_in_the_middle_of_a_form(ana: Any, town: Town) -> None:
    await ana.says(PIPE)
    await ana.presses("同意")
    assert "119" in "\n".join(await ana.says("着火了！厨房烧起来了"))
    assert len(await all_of(town, alarms)) == 1


@pytest.mark.parametrize("order", ["转人工", "人工", "我要找真人说话"])
async def test_a_person_can_be_called_anywhere_and_then_the_bot_is_silent(order: str, ana: Any, town: Town) -> None:
    assert "叫人" in "\n".join(await ana.says(order))
    assert await ana.says("我想问一下社区用房的事") == []
    [talk] = await all_of(town, conversations)
    said = [message["text"] for message in await all_of(town, messages) if message["conversation_id"] == talk["id"]]
    assert said == [order, "我想问一下社区用房的事"]
    assert "已经在帮您叫人" in "\n".join(await ana.says("转人工"))
    await ana.presses("不等了，回机器人")
    assert "二(一)" in "\n".join(await ana.says(QUESTION))


async def test_out_of_hours_the_bot_says_when_somebody_is_back(ana: Any, town: Town, clock: FrozenClock) -> None:
    clock.move(hours=10)  # Monday evening
    heard = "\n".join(await ana.says("转人工"))
    assert "明天 09:00" in heard
    assert "110" in heard


async def test_refusing_consent_keeps_nothing_and_files_nothing(ana: Any, town: Town) -> None:
    await ana.says(PIPE)
    assert "不记" in "\n".join(await ana.presses("不同意"))
    assert await all_of(town, tickets) == []
    assert [draft["state"] for draft in await all_of(town, drafts)] == ["cancelled"]
    [resident] = await all_of(town, residents)
    assert (resident["building"], resident["phone"]) == (None, None)
    assert "同意吗" in "\n".join(await ana.says("3栋电梯坏了，关不上门"))


async def test_a_forged_button_does_nothing(ana: Any, town: Town) -> None:
    await ana.says(QUESTION)
    message = [m for m in await ana.thread() if m.buttons][-1]
    for data in ("t:1:gone", "d:1:1:submit", "a:999:y", "zzz", "c:", "d:x:y", "p:1:end"):
        assert "用过" in "\n".join(await ana.presses_data(message, data))
    assert await all_of(town, tickets) == []


async def test_nobody_can_press_anothers_button(town: Town) -> None:
    ana, bo = await town.resident("web"), await town.resident("web")
    await files_the_pipe(ana)
    await ana.presses("看看进度")
    shown = [m for m in await ana.thread() if m.buttons][-1]
    await bo.presses_data(shown, shown.buttons[0][0]["data"])
    assert "LX-" not in "\n".join(m.text for m in await bo.thread())


async def test_thirty_messages_at_once_are_answered_in_their_order(ana: Any, town: Town) -> None:
    await ana.sends(*(ana.words(f"/help {n}") for n in range(30)))
    done = await all_of(town, inbox)
    assert {row["state"] for row in done} == {"done"}
    assert [row["id"] for row in done] == sorted(row["id"] for row in done)
    said = [message for message in await all_of(town, messages) if message["text"].startswith("您好")]
    assert len(said) == 30


async def test_each_journey_on_both_databases(any_town: Town) -> None:
    ana = await any_town.resident("web")
    assert "二(一)" in "\n".join(await ana.says(QUESTION))
    assert "登记好了" in await files_the_pipe(ana)
    await ana.says("转人工")
    await ana.presses("不等了，回机器人")
    assert "119" in "\n".join(await ana.says("着火了！！"))
    assert await any_town.storage.read(lambda tx: tx.scalar(select(func.count()).select_from(tickets))) == 1
