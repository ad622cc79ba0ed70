"""Danger before everything: in any form, in any channel, one calm message, an alarm that climbs, care afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from bot.telegram.arrivals import arrival_of
from knowledge.retention import rules
from storage import export
from storage.tables import alarms, appointments, audit, care_entries, care_notes, conversations, drafts, inbox, messages
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk
from tests.scenarios.conftest import build_town
from tests.scenarios.test_first_slice import PIPE, QUESTION, all_of
from tests.scenarios.test_person import desk, hands_back, replies, said_in, staff_chat, takes, ticks
from tests.town import Town

__all__ = ["desk"]
FIRE = "救命！8栋1503着火了，满屋子的烟"
BEATEN = "他又打我，我锁在厕所里头，莫给他打电话"
TIRED_OF_LIFE = "我不想活了，药都吃了"
CHILD = "我12岁，爸爸又打我，我好怕"
PRIVATE = [BEATEN, TIRED_OF_LIFE, CHILD]


async def takes_alarm(desk: Desk, alarm: int = 1) -> str:
    await desk.opens(f"/console/alarms/{alarm}")
    return await desk.sends(f"/alarms/{alarm}/take")


async def ends(desk: Desk, **fields: str) -> str:
    await desk.opens("/console/alarms/1")
    return await desk.sends("/alarms/1/end", **fields)


def care(desk: Desk, **more: str) -> dict[str, str]:
    return {"done": "陪着说了一个小时，已联系她姐姐", "people": "周敏、李强", "named_to": str(desk.staff_id)} | more


# --- in any form, in any channel --------------------------------------------------------------------------------------
async def test_one_calm_message_with_numbers_first_steps_and_one_question(ana: Any, town: Town) -> None:
    [told] = await ana.says(FIRE)
    assert all(words in told for words in ("走楼梯", "☎ 119 · 120", "在几栋几楼？"))
    said = (await ana.thread())[-1]
    assert [button["data"] for button in (said.buttons or [])[0]] == ["tel:119", "tel:120"]


async def test_inside_a_conversation_somebody_holds(ana: Any, town: Town, desk: Desk) -> None:
    group = await staff_chat(town)
    await ana.says("转人工")
    await takes(desk)
    await ana.hears()
    assert "119" in "\n".join(await ana.says(FIRE))
    [talk] = await all_of(town, conversations)
    assert (talk["state"], talk["reason"]) == ("held", "emergency")
    assert "8栋1503" in (await said_in(town, group))[-1]
    assert "8栋1503" in await desk.opens("/console")


async def test_in_an_edit_staff_read_the_new_words(town: Town, desk: Desk) -> None:
    bo = await town.resident("telegram")
    first = bo.raw(text="家里有点事")
    await bo.sends(arrival_of(first))
    edited = first["message"] | {"text": FIRE, "edit_date": 1_790_000_001}
    arrival = arrival_of({"update_id": bo.raw()["update_id"], "edited_message": edited})
    assert "119" in "\n".join(await bo.sends(arrival))
    assert "满屋子的烟" in await desk.opens("/console")
    assert "满屋子的烟" in await desk.opens("/console/conversations/1")


async def test_in_a_caption_in_forwarded_words_and_behind_a_command(town: Town) -> None:
    bo, photo = await town.resident("telegram"), [{"file_id": "p", "file_unique_id": "u", "width": 1, "height": 1}]
    assert "119" in "\n".join(await bo.sends(arrival_of(bo.raw(photo=photo, caption=FIRE))))
    origin = {"type": "hidden_user", "sender_user_name": "邻居", "date": 1_790_000_000}
    cy = await town.resident("telegram")
    assert "119" in "\n".join(await cy.sends(arrival_of(cy.raw(text=FIRE, forward_origin=origin))))
    di = await town.resident("telegram")
    assert "119" in "\n".join(await di.says(f"/person {FIRE}"))
    assert len(await all_of(town, alarms)) == 3


@pytest.mark.parametrize(
    "words", [FIRE, BEATEN, TIRED_OF_LIFE, CHILD, "闻到好大股天然气味道", "my kid is missing since morning"]
)
async def test_at_every_step_of_a_form(words: str, ana: Any, town: Town) -> None:
    await ana.says("厨房水管爆了，水到处流")
    await ana.presses("同意")
    assert "☎" in "\n".join(await ana.says(words))
    assert len(await all_of(town, alarms)) == 1
    assert [draft["state"] for draft in await all_of(town, drafts)] == ["open"]


async def test_out_of_hours_too_and_beside_an_appointment(ana: Any, town: Town, clock: FrozenClock) -> None:
    clock.move(hours=12)
    await ana.says("转人工")
    assert "119" in "\n".join(await ana.says(FIRE))
    assert [talk["reason"] for talk in await all_of(town, conversations)] == ["emergency"]


async def test_who_waits_in_danger_goes_before_the_others(ana: Any, town: Town) -> None:
    bo = await town.resident("web")
    await bo.says("转人工")
    await ana.says(FIRE)
    assert "前面还有 1 位" in "\n".join(await bo.says("转人工"))


async def test_where_it_is_said_later_or_sent_as_a_point_reaches_the_alarm(town: Town) -> None:
    ana, bo = await town.resident("web"), await town.resident("telegram")
    await ana.says("着火了！！快来人")
    await ana.says("8栋2单元1503，在阳台上")
    await bo.says("有人晕倒了，叫不醒！")
    await bo.sends(arrival_of(bo.raw(location={"latitude": 29.53, "longitude": 106.5})))
    assert [alarm["place"] for alarm in await all_of(town, alarms)] == ["8栋2单元1503", "29.53000, 106.50000"]


# --- the alarm --------------------------------------------------------------------------------------------------------
async def test_it_repeats_and_climbs_until_taken_and_the_resident_is_told(
    ana: Any, town: Town, desk: Desk, clock: FrozenClock
) -> None:
    group = await staff_chat(town)
    await ana.says(FIRE)
    await ticks(town, clock, minutes=1, times=11)
    told = await said_in(town, group)
    assert "【紧急】着火" in told[0]
    assert sum("次提醒" in text for text in told) == 4, "after 2, 4, 7 and 9 minutes; it climbs after 5 and 10"
    assert [("负责人" in text, "街道" in text) for text in told if "升级" in text] == [(True, False), (False, True)]
    assert "街道办事处" in await desk.opens("/console")
    page = await takes_alarm(desk)
    assert "周敏 已接手" in page
    assert "工作人员已经接手" in "\n".join(await ana.hears())
    assert await ana.says("我们在阳台上，火还在烧") == [], "a person has it, the bot is silent"
    count = len(await said_in(town, group))
    await replies(desk, "消防车已经出发")
    await ticks(town, clock, minutes=2, times=3)
    [said] = (await said_in(town, group))[count:]
    assert "警报已由 周敏 接手" in said


async def test_one_of_two_takes_it(ana: Any, town: Town, desk: Desk) -> None:
    await ana.says(FIRE)
    async with at_the_desk(town.storage, name="李强") as other:
        await other.opens("/console")
        await takes_alarm(desk)
        await other.sends("/alarms/1/take")
        assert other.status == 409
    assert len([text for text in await ana.hears() if "已经接手" in text]) == 1


async def test_whoever_takes_the_conversation_takes_the_alarm(ana: Any, town: Town, desk: Desk) -> None:
    await ana.says(FIRE)
    await takes(desk)
    [alarm] = await all_of(town, alarms)
    assert alarm["taken_by"] == desk.staff_id


async def test_taken_and_then_silent_it_rings_again(ana: Any, town: Town, desk: Desk, clock: FrozenClock) -> None:
    group = await staff_chat(town)
    await ana.says(FIRE)
    await takes_alarm(desk)
    await ana.hears()
    await ticks(town, clock, minutes=1, times=7)
    assert any("接手的同事 6 分钟没有回话" in text for text in await said_in(town, group))
    [alarm] = await all_of(town, alarms)
    assert alarm["taken_by"] is None
    assert "请别的同事来接" in "\n".join(await ana.hears())


async def test_the_conversation_stays_open_until_staff_close_it(ana: Any, town: Town, desk: Desk) -> None:
    await ana.says(FIRE)
    assert "我还在" in "\n".join(await ana.says("不等了"))
    await takes_alarm(desk)
    assert "警报还没有结束" in await hands_back(desk)
    assert (desk.status, [talk["state"] for talk in await all_of(town, conversations)]) == (409, ["held"])
    await ends(desk, outcome="handled", check_safe="yes", note="火灭了，人没事")
    assert [talk["state"] for talk in await all_of(town, conversations)] == ["held"]
    await ana.hears()
    await hands_back(desk)
    [farewell] = await ana.hears()
    assert "没来得及先问您" in farewell, "told afterwards what was done with their words (EM-04)"
    [alarm] = await all_of(town, alarms)
    assert (alarm["outcome"], alarm["ended_by"], alarm["checks"]) == ("handled", desk.staff_id, ["safe"])


async def test_after_the_alarm_is_over_the_talk_cannot_be_forgotten(
    ana: Any, town: Town, desk: Desk, clock: FrozenClock
) -> None:
    group = await staff_chat(town)
    await ana.says(FIRE)
    await takes_alarm(desk)
    await ends(desk, outcome="handled", note="火灭了")
    await ana.says("谢谢你们，我还想问一下赔偿")
    await ticks(town, clock, minutes=1, times=7)
    assert "放回队列" in (await said_in(town, group))[-1]
    await ticks(town, clock, minutes=1, times=11)
    assert "社区居委会负责人" in (await said_in(town, group))[-1], "it climbs like any other"
    await takes(desk)
    await replies(desk, "赔偿找保险公司")
    await ana.hears()
    await ticks(town, clock, minutes=121)
    assert "现在由我（机器人）接着帮您" in "\n".join(await ana.hears())


async def test_a_false_alarm_costs_one_press_and_staff_still_look(
    ana: Any, town: Town, desk: Desk, clock: FrozenClock
) -> None:
    group = await staff_chat(town)
    await ana.says("厨房水管爆了，水到处流")
    await ana.presses("同意")
    await ana.says("着火了！！快来人")
    heard = "\n".join(await ana.presses("没有危险，是误报"))
    assert "没事就好" in heard
    assert "还留着" in heard, "the form goes on"
    await ticks(town, clock, minutes=2, times=3)
    assert len([text for text in await said_in(town, group) if "次提醒" in text]) == 1
    assert "居民说是误报" in await desk.opens("/console")
    await takes_alarm(desk)
    assert "工作人员已经接手" in "\n".join(await ana.hears()), "a conversation is opened for whoever looks"
    await ends(desk, outcome="false_alarm")
    await hands_back(desk, 2)
    assert [talk["state"] for talk in await all_of(town, conversations)] == ["ended", "ended"]


async def test_danger_said_again_after_it_was_taken_back_is_as_good_as_new(ana: Any, town: Town) -> None:
    group = await staff_chat(town)
    await ana.says(FIRE)
    await ana.presses("没有危险，是误报")
    assert "走楼梯" in "\n".join(await ana.says("不是误报，真的着火了，快来！"))
    assert len([text for text in await said_in(town, group) if "着火" in text]) == 2
    [alarm] = await all_of(town, alarms)
    assert alarm["outcome"] is None


async def test_whoever_is_disabled_gives_the_alarm_back(ana: Any, town: Town, desk: Desk) -> None:
    from storage import staff as staff_units

    await ana.says(FIRE)
    await takes_alarm(desk)
    await town.storage.run(staff_units.disable, desk.staff_id)
    [alarm] = await all_of(town, alarms)
    assert (alarm["taken_by"], alarm["ended_at"]) == (None, None)


async def test_a_restart_in_between_loses_nothing(
    ana: Any, town: Town, matcher: Any, answerer: Any, desk: Desk, clock: FrozenClock
) -> None:
    await ana.says(FIRE)
    ana.town = build_town(town.storage, matcher, answerer)
    assert "请先打电话" in "\n".join(await ana.says("着火了，还在烧"))
    assert len(await all_of(town, alarms)) == 1
    await takes_alarm(desk)
    assert "已经接手" in "\n".join(await ana.hears())


# --- what is nobody's business ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("words", PRIVATE)
async def test_the_staff_group_reads_nothing_of_it(words: str, ana: Any, town: Town, clock: FrozenClock) -> None:
    group = await staff_chat(town)
    await ana.says(words)
    await ticks(town, clock, minutes=1, times=11)
    told = "\n".join(await said_in(town, group))
    assert "有一位居民马上需要人" in told
    assert "街道" in told, "it climbs all the same"
    for secret in ("打", "药", "不想", "家里", "孩子", "12岁", "暴"):
        assert secret not in told, secret


@pytest.mark.parametrize("role", ["viewer", "supervisor"])
async def test_whoever_only_looks_reads_neither_words_nor_kind(role: str, ana: Any, town: Town, desk: Desk) -> None:
    await ana.says(BEATEN)
    async with at_the_desk(town.storage, name="王芳", role=role) as other:
        for address in ("/console", "/console/conversations", "/console/conversations/1", "/console/alarms/1"):
            page = await other.opens(address)
            assert "厕所" not in page
            assert "家庭暴力" not in page
    assert "厕所" not in await desk.opens("/console"), "not on every page either: screens are seen by others"
    assert "厕所" in await desk.opens("/console/alarms/1")


async def test_violence_at_home_no_call_and_nothing_to_the_other_side(
    ana: Any, town: Town, desk: Desk, clock: FrozenClock
) -> None:
    clock.move(hours=10)
    await ana.says("给我回个电话")
    await ana.says("给我打电话")
    await ana.says("13800001234")
    assert [kept["way"] for kept in await all_of(town, appointments)] == ["phone"]
    heard = "\n".join(await ana.says(BEATEN))
    assert all(words in heard for words in ("110", "12338", "12348", "不会给您打电话", "比较稳妥"))
    assert [(kept["way"], kept["phone"]) for kept in await all_of(town, appointments)] == [("here", None)]
    assert "不要打电话" in await desk.opens("/console/alarms/1")
    assert "13800001234" not in await desk.opens("/console/appointments")
    await takes_alarm(desk)
    assert "不要打电话" in await desk.opens("/console/conversations/1")
    await ends(desk, outcome="handled", report="not_due", **care(desk))
    await hands_back(desk)
    await ana.hears()
    await ana.says("转人工")
    assert "给我打电话" not in str((await ana.thread())[-1].buttons)
    assert "在这里回您" in "\n".join(await ana.says("打 13800001234"))


async def test_the_duty_to_report_is_asked_and_not_passed_over(ana: Any, town: Town, desk: Desk) -> None:
    await ana.says(BEATEN)
    page = await takes_alarm(desk)
    assert "EM-06" in page
    page = await ends(desk, outcome="handled", **care(desk))
    assert (desk.status, "还没有写明是否已报告" in page) == (422, True)
    assert "陪着说了一个小时" in page, "what was typed is still there"
    page = await ends(desk, outcome="handled", report="reported")
    assert (desk.status, "请先写关怀记录" in page) == (422, True)
    assert [alarm["ended_at"] for alarm in await all_of(town, alarms)] == [None]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (CHILD, "这不是你的错"),
        ("我上四年级，不想活了", "不用你一个人扛"),
        ("我是小学生，老师摸我下面", "谢谢你说出来"),
        ("I'm 12 and my dad hits me", "This is not your fault"),
    ],
)
async def test_a_child_that_writes_gets_plain_words_and_staff_the_duty(
    words: str, told: str, ana: Any, town: Town, desk: Desk
) -> None:
    heard = "\n".join(await ana.says(words))
    assert told in heard
    assert "您" not in heard
    [alarm] = await all_of(town, alarms)
    assert alarm["child"]
    page = await takes_alarm(desk)
    assert "EM-09" in page
    assert "家长可能就是危险来源" in page


async def test_a_grown_up_about_a_child_is_spoken_to_as_one(ana: Any, town: Town) -> None:
    await ana.says("楼上天天打娃儿，娃儿哭得好惨，才5岁")
    assert [alarm["child"] for alarm in await all_of(town, alarms)] == [False]


# --- care afterwards --------------------------------------------------------------------------------------------------
async def test_a_care_note_is_read_by_those_named_on_it_and_every_look_is_kept(
    ana: Any, town: Town, desk: Desk, clock: FrozenClock
) -> None:
    group = await staff_chat(town)
    await ana.says(TIRED_OF_LIFE)
    await takes_alarm(desk)
    async with (
        at_the_desk(town.storage, name="李强", role="worker") as named,
        at_the_desk(town.storage, name="王芳", role="operator") as other,
        at_the_desk(town.storage, name="老赵", role="admin") as admin,
    ):
        day = (clock.now + timedelta(days=3)).date().isoformat()
        follow = {"named_to": str(named.staff_id), "follow_up": day}
        await ends(desk, outcome="handled", check_stayed="yes", **care(desk, **follow))
        [note] = await all_of(town, care_notes)
        assert (note["named_to"], note["written_by"]) == (named.staff_id, desk.staff_id)
        for reader in (desk, named, admin):
            assert "陪着说了一个小时" in await reader.opens("/console/care/1")
        await other.opens("/console/care/1")
        assert other.status == 403
        assert "第 1 号" not in await other.opens("/console/care")
        assert "不想活" not in await other.opens("/console/alarms/1")
        looks = [(row["action"], row["staff_id"]) for row in await all_of(town, audit) if "care" in row["action"]]
        assert ("refused_care", other.staff_id) in looks
        assert {("look_care", one.staff_id) for one in (desk, named, admin)} <= set(looks)
        await hands_back(desk)
        assert "药都吃了" not in await other.opens("/console/conversations/1"), "what was said is theirs, too"
        assert "药都吃了" in await named.opens("/console/conversations/1")
        await ticks(town, clock, days=3)
        assert "请 李强 到控制台看" in (await said_in(town, group))[-1]
        told = len(await said_in(town, group))
        await ticks(town, clock, hours=1)
        assert len(await said_in(town, group)) == told
        await named.opens("/console/care/1")
        await named.sends("/add", done="去家里看过，情绪稳定", people="李强", named_to=str(named.staff_id), close="yes")
        assert "已结束跟进" in await named.opens("/console/care/1")
    assert len(await all_of(town, care_entries)) == 2


async def test_a_care_note_outlives_the_wish_to_delete_sealed_and_goes_when_its_time_is_over(
    ana: Any, town: Town, desk: Desk, clock: FrozenClock
) -> None:
    """What must stay is said before and after (PI-12), without a word of what it was about (EM-07)."""
    await ana.says(TIRED_OF_LIFE)
    await takes_alarm(desk)
    await ends(desk, outcome="handled", check_stayed="yes", **care(desk))
    await hands_back(desk)
    asked = "\n".join(await ana.says("删除我的资料"))
    assert "要留 3年：先封存起来" in asked
    assert "不想活" not in asked
    await ana.presses("继续删除")
    assert "先留着" in "\n".join(await ana.presses("是的，删除"))
    assert "要求删除" in await desk.opens("/console/care/1"), "who follows it up goes on"
    await desk.sends("/add", done="去家里看过，情绪稳定", people="", named_to=str(desk.staff_id), close="yes")
    assert desk.status == 403, "and then it is shut"
    async with at_the_desk(town.storage, name="老赵", role="admin") as admin:
        assert "去家里看过" in await admin.opens("/console/care/1")
    await ticks(town, clock, days=rules()["care"].keep.days - 1)
    assert len(await all_of(town, care_notes)) == 1
    await ticks(town, clock, days=2)
    assert (await all_of(town, care_notes), await all_of(town, care_entries)) == ([], [])


def test_care_notes_are_kept_as_long_as_they_must_be() -> None:
    assert rules()["care"].keep >= timedelta(days=3 * 365), "EM-02"


async def test_nothing_of_a_care_note_is_in_an_export_or_a_search(ana: Any, town: Town, desk: Desk) -> None:
    await ana.says(TIRED_OF_LIFE)
    await takes_alarm(desk)
    await ends(desk, outcome="handled", **care(desk))
    for what in export.QUERIES:
        assert "陪着说了" not in str(await town.storage.read(export.page, what))
    assert "陪着说了" not in await desk.opens("/console?q=陪着")


async def test_a_day_that_is_over_and_nobody_to_follow_up_are_refused(ana: Any, town: Town, desk: Desk) -> None:
    await ana.says(TIRED_OF_LIFE)
    await takes_alarm(desk)
    assert "要在今天以后" in await ends(desk, outcome="handled", **care(desk, follow_up="2026-11-01"))
    await ends(desk, outcome="handled", **care(desk, named_to="99"))
    assert desk.status == 422
    assert await all_of(town, care_notes) == []


# --- nothing that could be stolen (EM-01) -----------------------------------------------------------------------------
CARD = "6222021234567890128"


@pytest.mark.parametrize("words", ["验证码是482913", f"我的卡号{CARD}", "密码是abc12345"])
async def test_a_secret_is_not_kept_anywhere(words: str, ana: Any, town: Town, desk: Desk) -> None:
    assert "我们从来不要这些" in "\n".join(await ana.says(words))
    await ana.says("转人工")
    await takes(desk)
    await ana.hears()
    assert await ana.says(f"{words}，你看看") == []
    assert "〔" in await desk.opens("/console/conversations/1")
    kept = [str(row) for table in (messages, inbox, drafts) for row in await all_of(town, table)]
    assert not any(secret in row for row in kept for secret in ("482913", CARD, "abc12345"))


async def test_nor_in_a_form_nor_in_an_edit_nor_in_what_staff_read_of_an_alarm(town: Town) -> None:
    group, bo = await staff_chat(town), await town.resident("telegram")
    await bo.says(PIPE)
    await bo.presses("同意")
    first = bo.raw(text="门锁密码是abc12345")
    await bo.sends(arrival_of(first))
    edited = first["message"] | {"text": "门锁密码是xyz98765", "edit_date": 1_790_000_001}
    await bo.sends(arrival_of({"update_id": bo.raw()["update_id"], "edited_message": edited}))
    await bo.says(f"{FIRE}，密码是qwe45678")
    kept = [str(row) for table in (messages, inbox, drafts) for row in await all_of(town, table)]
    assert not any(secret in row for row in kept for secret in ("abc12345", "xyz98765", "qwe45678"))
    assert "着火" in "\n".join(await said_in(town, group))


async def test_the_journey_on_both_databases(any_town: Town, clock: FrozenClock) -> None:
    group = await staff_chat(any_town)
    ana = await any_town.resident("web")
    assert "110" in "\n".join(await ana.says(BEATEN))
    await ticks(any_town, clock, minutes=1, times=6)
    assert "升级" in (await said_in(any_town, group))[-1]
    async with at_the_desk(any_town.storage) as desk:
        await takes_alarm(desk)
        assert "已经接手" in "\n".join(await ana.hears())
        await ends(desk, outcome="handled", report="not_due", **care(desk, follow_up="2026-11-27"))
        await hands_back(desk)
        await ticks(any_town, clock, days=4)
        assert "跟进提醒" in (await said_in(any_town, group))[-1]
        assert "陪着说了" in await desk.opens("/console/care/1")
    assert "二(一)" in "\n".join(await ana.says(QUESTION))
