"""A person at any time: an honest line in office hours, an appointment outside them, and nobody stuck between the two."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.scheduler import Scheduler
from bot.telegram.arrivals import arrival_of
from handlers.texts.catalogue import load_catalogue
from storage import drafts as draft_units
from storage import staff as staff_units
from storage.chats import find_or_open
from storage.engine import Storage
from storage.messages import Message
from storage.tables import appointments, conversations, drafts, messages
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk
from tests.scenarios.test_first_slice import PIPE, QUESTION, all_of, files_the_pipe
from tests.town import Town

TEXTS = load_catalogue()
GROUP = -100_777


async def ticks(town: Town, clock: FrozenClock, *, times: int = 1, **span: float) -> None:
    """The clock moves, and the scheduler looks."""
    for _ in range(times):
        clock.move(**span)
        await Scheduler(town.storage, TEXTS).tick()


async def staff_chat(town: Town) -> int:
    """The staff group, which hears what climbs."""
    return await town.storage.run(find_or_open, channel="telegram", remote=GROUP, kind="staff")


async def said_in(town: Town, chat_id: int) -> list[str]:
    return [m["text"] for m in await all_of(town, messages) if m["chat_id"] == chat_id]


@pytest.fixture
async def desk(town: Town) -> AsyncIterator[Desk]:
    async with at_the_desk(town.storage) as signed:
        yield signed


async def takes(desk: Desk, talk: int = 1) -> None:
    await desk.opens(f"/console/conversations/{talk}")
    await desk.sends("/take")


async def replies(desk: Desk, text: str, talk: int = 1) -> None:
    await desk.opens(f"/console/conversations/{talk}")
    await desk.sends("/reply", text=text)


async def hands_back(desk: Desk, talk: int = 1) -> str:
    await desk.opens(f"/console/conversations/{talk}")
    return await desk.sends("/hand-back")


# --- in any wording, in any state -------------------------------------------------------------------------------------
WORDINGS = [
    "喊个人来",
    "叫个人来跟我说嘛",
    "你个破机器人，给老子换人工",
    "can i talk to someone?",
    "转人公",
    "zhuan ren gong",
]


@pytest.mark.parametrize("wish", WORDINGS)
async def test_in_any_wording_out_of_the_blue_and_in_the_middle_of_a_form(wish: str, ana: Any, town: Town) -> None:
    await ana.says(PIPE)
    await ana.presses("同意")
    heard = "\n".join(await ana.says(wish))
    assert "叫人" in heard or "called someone" in heard
    [talk] = await all_of(town, conversations)
    assert talk["state"] == "waiting"
    [draft] = await all_of(town, drafts)
    assert draft["state"] == "open", "the form survives"


async def at_the_place(ana: Any) -> None:
    await ana.says("厨房水管爆了，水到处流")
    await ana.presses("同意")


async def at_the_telephone(ana: Any) -> None:
    await ana.says(PIPE)
    await ana.presses("同意")
    await ana.presses("更多")
    await ana.presses("留电话")


async def at_the_ticket_words(ana: Any) -> None:
    await files_the_pipe(ana)
    await ana.presses("补充几句")


async def before_consent(ana: Any) -> None:
    await ana.says(PIPE)


async def at_part_or_new(ana: Any) -> None:
    await ana.says(PIPE)
    await ana.presses("同意")
    await ana.says("楼上天天半夜吵架摔东西，想请人调解")


@pytest.mark.parametrize("state", [at_the_place, at_the_telephone, at_the_ticket_words, before_consent, at_part_or_new])
@pytest.mark.parametrize("wish", ["转人工", "我不会整这个，喊个人来帮我"])
async def test_at_every_step(state: Any, wish: str, ana: Any, town: Town) -> None:
    await state(ana)
    assert "叫人" in "\n".join(await ana.says(wish))
    assert len(await all_of(town, conversations)) == 1


async def test_a_voice_message_in_a_form_is_kept_in_it_and_handed_to_a_person(town: Town) -> None:
    bo = await town.resident("telegram")
    await bo.says("厨房水管爆了，水到处流")
    await bo.presses("同意")
    voice = {"file_id": "v", "file_unique_id": "u", "duration": 3, "mime_type": "audio/ogg"}
    assert "语音收到" in "\n".join(await bo.sends(arrival_of(bo.raw(voice=voice))))
    [talk] = await all_of(town, conversations)
    assert (talk["state"], talk["reason"]) == ("waiting", "voice")
    [draft] = await all_of(town, drafts)
    assert len(draft["answers"]["blobs"]) == 1
    assert "我来接着帮您" in "\n".join(heard := await bo.presses("不等了，回机器人"))
    assert "还留着" in "\n".join(heard)
    assert "在哪里" in "\n".join(await bo.presses("接着填"))


# --- the line ---------------------------------------------------------------------------------------------------------
async def test_the_line_tells_the_place_who_is_there_and_no_minutes_nobody_knows(ana: Any, town: Town) -> None:
    bo = await town.resident("web")
    await bo.says("转人工")
    heard = "\n".join(await ana.says("转人工"))
    assert "前面还有 1 位" in heard
    assert "眼下没有人在电脑前" in heard
    assert "分钟" not in heard


async def test_who_is_on_duty_and_the_usual_wait_are_told_when_known(
    ana: Any, town: Town, desk: Desk, clock: FrozenClock
) -> None:
    for number in range(1, 6):
        bo = await town.resident("web")
        await bo.says("转人工")
        clock.move(minutes=number)
        await takes(desk, number)
        await hands_back(desk, number)
    heard = "\n".join(await ana.says("转人工"))
    assert "有 1 位工作人员在值班" in heard
    assert "一般等 3 分钟左右" in heard


async def test_becoming_first_is_told_once(ana: Any, town: Town, desk: Desk, clock: FrozenClock) -> None:
    bo = await town.resident("web")
    await bo.says("转人工")
    await ana.says("转人工")
    await takes(desk)
    await ticks(town, clock, seconds=15, times=3)
    assert await ana.hears() == ["轮到您了，下一位就是您。"]
    await bo.hears()
    await ticks(town, clock, seconds=15, times=2)
    assert await ana.hears() == []


async def test_a_waiting_one_climbs_to_the_committee_and_the_sub_district_each_told_once(
    ana: Any, town: Town, clock: FrozenClock
) -> None:
    group = await staff_chat(town)
    await ana.says("转人工")
    await ticks(town, clock, seconds=30, times=5)
    assert [text for text in await said_in(town, group) if "等人工" in text] == [
        "【等人工】有一位居民等了 2 分钟，请到控制台接待。"
    ]
    await ticks(town, clock, seconds=30, times=17)
    [sorry] = await ana.hears()
    assert "对不起，让您等了 10 分钟" in sorry
    assert "社区居委会负责人" in sorry
    assert {"我接着等", "不等了，约个时间", "不等了，回机器人"} <= set(await ana.buttons())
    await ticks(town, clock, minutes=1, times=21)
    assert "街道办事处" in (await said_in(town, group))[-1]
    assert len(await ana.hears()) == 1
    await ticks(town, clock, minutes=5, times=3)
    assert "\n".join(await said_in(town, group)).count("升级") == 2, "in one message or in two"
    assert "您是下一位" in "\n".join(await ana.presses("我接着等"))


async def test_the_lines_clock_stands_still_while_the_office_is_shut(ana: Any, town: Town, clock: FrozenClock) -> None:
    group = await staff_chat(town)
    clock.move(hours=1, minutes=59)  # one minute before lunch
    await ana.says("转人工")
    await ticks(town, clock, minutes=5)
    assert await said_in(town, group) == []


async def test_when_the_office_shuts_who_still_waits_gets_a_time_and_the_bot(
    ana: Any, town: Town, clock: FrozenClock
) -> None:
    clock.move(hours=7, minutes=50)  # 17:50
    await ana.says("转人工")
    await ticks(town, clock, minutes=21)
    heard = "\n".join(await ana.hears())
    assert "下班了" in heard
    assert "明天 09:00 到 10:00" in heard
    [talk] = await all_of(town, conversations)
    assert (talk["state"], talk["ended_by"]) == ("ended", "later")
    assert "二(一)" in "\n".join(await ana.says(QUESTION)), "the bot is there"
    assert "明天 14:00" in "\n".join(await ana.says("改到明天下午两点"))


@pytest.mark.parametrize("words", ["不等了", "回机器人"])
async def test_leaving_the_line_in_words(words: str, ana: Any, town: Town) -> None:
    await ana.says("转人工")
    assert "我来接着帮您" in "\n".join(await ana.says(words))
    assert "二(一)" in "\n".join(await ana.says(QUESTION))


# --- held: the bot is silent ------------------------------------------------------------------------------------------
async def test_while_a_person_has_the_conversation_the_bot_is_silent_in_every_path(
    ana: Any, town: Town, desk: Desk
) -> None:
    await ana.says(PIPE)
    await ana.presses("同意")
    await ana.says("转人工")
    await takes(desk)
    assert "工作人员来了" in "\n".join(await ana.hears())
    for words in (QUESTION, "转人工", "/start", "/tickets", "提交", "我的工单", "7栋1204"):
        assert await ana.says(words) == [], words
    assert await ana.presses("提交") == []
    assert [draft["state"] for draft in await all_of(town, drafts)] == ["open"]
    page = await desk.opens("/console/conversations/1")
    assert all(words in page for words in (QUESTION, "正在填的表", "厨房水管爆了"))


async def test_photos_stickers_places_and_edits_while_held(town: Town, desk: Desk) -> None:
    bo = await town.resident("telegram")
    await bo.says(PIPE)
    await bo.presses("同意")
    await bo.says("转人工")
    first = bo.raw(text="水管在厨房")
    await bo.sends(arrival_of(first))
    await takes(desk)
    await bo.hears()
    photo = [{"file_id": "p", "file_unique_id": "u", "width": 1, "height": 1}]
    for part in ({"photo": photo}, {"sticker": STICKER}, {"location": {"latitude": 29.5, "longitude": 106.5}}):
        assert await bo.sends(arrival_of(bo.raw(**part))) == []
    edit = bo.raw()
    edited = first["message"] | {"text": "水管在厕所", "edit_date": 1_790_000_001}
    assert await bo.sends(arrival_of({"update_id": edit["update_id"], "edited_message": edited})) == []
    page = await desk.opens("/console/conversations/1")
    assert "水管在厕所" in page
    assert "水管在厨房" not in page


STICKER = {
    "file_id": "s", "file_unique_id": "u", "type": "regular", "width": 1, "height": 1, "is_animated": False,
    "is_video": False,
}  # fmt: skip


async def test_handing_back_says_so_in_the_residents_language_and_offers_the_form_again(
    ana: Any, town: Town, desk: Desk
) -> None:
    await ana.says(PIPE)
    await ana.presses("同意")
    await ana.says("/en")
    await ana.says("a person please")
    await takes(desk)
    await replies(desk, "请讲")
    await ana.hears()
    await hands_back(desk)
    [farewell] = await ana.hears()
    assert "bot" in farewell
    assert TEXTS["en"]("form.still_open") in farewell
    await ana.presses(TEXTS["en"]("form.resume"))
    await ana.presses(TEXTS["en"]("form.submit"))
    assert [draft["state"] for draft in await all_of(town, drafts)] == ["filed"]


async def test_when_the_resident_leaves_staff_see_it(ana: Any, town: Town, desk: Desk) -> None:
    await ana.says("转人工")
    await takes(desk)
    await ana.hears()
    assert "我来接着帮您" in "\n".join(await ana.says("回机器人"))
    page = await desk.opens("/console/conversations/1")
    assert "居民离开了人工对话" in page
    await desk.opens("/console/conversations")
    assert "没有居民在等人工" in desk.page


async def test_a_draft_does_not_expire_during_a_talk(ana: Any, town: Town, desk: Desk, clock: FrozenClock) -> None:
    await ana.says(PIPE)
    await ana.presses("同意")
    await ana.says("转人工")
    await takes(desk)
    clock.move(days=3)
    await town.storage.run(draft_units.expire)
    await hands_back(desk)
    await ana.presses("接着填")
    assert "登记好了" in "\n".join(await ana.presses("提交"))


# --- held, and nobody speaks ------------------------------------------------------------------------------------------
async def test_silence_is_noticed_and_then_another_may_take_it(
    ana: Any, town: Town, desk: Desk, clock: FrozenClock
) -> None:
    group = await staff_chat(town)
    await ana.says("转人工")
    await takes(desk)
    await ana.hears()
    await ticks(town, clock, minutes=1, times=6)
    assert "等了 5 分钟没有回音" in "\n".join(await said_in(town, group))
    assert "再不回，这次对话会放回队列" in await desk.opens("/console/conversations/1")
    await ticks(town, clock, minutes=1, times=10)
    assert "请别的同事来接" in "\n".join(await ana.hears())
    [talk] = await all_of(town, conversations)
    assert (talk["state"], talk["taken_by"]) == ("waiting", None)
    async with at_the_desk(town.storage, name="李强") as other:
        await takes(other)
        await replies(other, "您好，我接着帮您")
    assert "您好，我接着帮您" in await ana.hears()
    await ticks(town, clock, minutes=20)
    assert [talk["state"] for talk in await all_of(town, conversations)] == ["held"], "nobody owes a word"


async def test_when_both_are_silent_for_long_the_bot_comes_back_and_says_so(
    ana: Any, town: Town, desk: Desk, clock: FrozenClock
) -> None:
    await ana.says("转人工")
    await takes(desk)
    await replies(desk, "办好了，您看看")
    await ana.hears()
    await ticks(town, clock, minutes=121)
    assert "现在由我（机器人）接着帮您" in "\n".join(await ana.hears())
    assert "二(一)" in "\n".join(await ana.says(QUESTION))


async def test_whoever_is_disabled_while_holding_gives_everything_back(
    ana: Any, town: Town, desk: Desk, clock: FrozenClock
) -> None:
    await ana.says("转人工")
    await takes(desk)
    await ana.hears()
    await town.storage.run(staff_units.disable, desk.staff_id)
    [talk] = await all_of(town, conversations)
    assert (talk["state"], talk["taken_by"]) == ("waiting", None)
    await ticks(town, clock, seconds=15, times=2)
    assert len([text for text in await ana.hears() if "请别的同事来接" in text]) == 1


# --- out of hours -----------------------------------------------------------------------------------------------------
async def in_the_evening(clock: FrozenClock) -> None:
    clock.move(hours=10)  # Monday 20:00


async def test_out_of_hours_a_time_is_kept_at_once_and_the_bot_stays(ana: Any, town: Town, clock: FrozenClock) -> None:
    await in_the_evening(clock)
    heard = "\n".join(await ana.says("转人工"))
    assert "明天 09:00 到 10:00" in heard
    assert "在这里回您" in heard
    assert "110" in heard
    assert await all_of(town, conversations) == []
    assert "二(一)" in "\n".join(await ana.says(QUESTION))
    [kept] = await all_of(town, appointments)
    assert (kept["state"], kept["way"]) == ("open", "here")


async def test_another_time_by_button_and_in_words_and_the_telephone(ana: Any, town: Town, clock: FrozenClock) -> None:
    await in_the_evening(clock)
    await ana.says("找个人")
    assert "明天 14:00 到 15:00" in "\n".join(await ana.presses("明天 14:00 到 15:00"))
    assert "周三 15:00" in "\n".join(await ana.says("改到后天下午三点"))
    assert "哪个电话" in "\n".join(await ana.presses("给我打电话"))
    heard = "\n".join(await ana.says("13800001234"))
    assert "打 13800001234 找您" in heard
    assert "周三 15:00" in heard
    [kept] = await all_of(town, appointments)
    assert (kept["way"], kept["phone"]) == ("phone", "13800001234")
    assert "打 13900001234 找您" in "\n".join(await ana.says("13900001234")), "the right number after a wrong one"
    assert "在这里回您" in "\n".join(await ana.presses("在这里回我就行"))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("今晚九点", "那会儿办公室没有人"),
        ("周六上午", "那会儿办公室没有人"),
        ("昨天上午", "已经过了"),
        ("明年五月一号", "太远了"),
    ],
)
async def test_a_time_that_cannot_be_is_answered_with_the_nearest(
    words: str, told: str, ana: Any, town: Town, clock: FrozenClock
) -> None:
    await in_the_evening(clock)
    await ana.says("转人工")
    assert told in "\n".join(await ana.says(words))
    [kept] = await all_of(town, appointments)
    assert kept["state"] == "open", "what was kept stays"


@pytest.mark.parametrize("words", ["取消预约", "不用打电话了", "cancel the appointment"])
async def test_cancelling_in_words_and_the_old_button_is_dead(
    words: str, ana: Any, town: Town, clock: FrozenClock
) -> None:
    await in_the_evening(clock)
    await ana.says("转人工")
    shown = [message for message in await ana.thread() if message.buttons][-2:]
    heard = "\n".join(await ana.says(words))
    assert "已经取消" in heard or "Cancelled" in heard
    assert [kept["state"] for kept in await all_of(town, appointments)] == ["dropped"]
    pressed: Message = next(message for message in shown if "b:" in str(message.buttons))
    data = (pressed.buttons or [])[0][0]["data"]
    heard = "\n".join(await ana.presses_data(pressed, data))
    assert "已经结束或取消" in heard or "is over or was cancelled" in heard


async def test_an_old_button_never_acts_twice(ana: Any, town: Town, clock: FrozenClock) -> None:
    await in_the_evening(clock)
    await ana.says("转人工")
    await ana.presses("明天 14:00 到 15:00", times=3)
    [kept] = await all_of(town, appointments)
    assert kept["revision"] == 2


async def test_it_stands_among_ones_matters_and_asking_again_shows_it(ana: Any, town: Town, clock: FrozenClock) -> None:
    await in_the_evening(clock)
    await ana.says("转人工")
    assert "约好了：明天 09:00" in "\n".join(await ana.says("我的工单"))
    assert "约好了：明天 09:00" in "\n".join(await ana.says("转人工"))
    assert len(await all_of(town, appointments)) == 1


async def test_an_open_form_goes_on_beside_it(ana: Any, town: Town, clock: FrozenClock) -> None:
    """Of the two, what was asked last is answered."""
    await in_the_evening(clock)
    await ana.says("厨房水管爆了，水到处流")
    await ana.presses("同意")
    await ana.says("转人工")
    assert "明天 14:00" in "\n".join(await ana.says("明天下午两点"))
    assert "7栋1204" in "\n".join(await ana.says("7栋1204"))
    assert "登记好了" in "\n".join(await ana.presses("提交"))
    [kept] = await all_of(town, appointments)
    assert kept["state"] == "open"


async def test_a_voice_message_at_night_is_told_to_whoever_is_near(town: Town, clock: FrozenClock) -> None:
    await in_the_evening(clock)
    group, bo = await staff_chat(town), await town.resident("telegram")
    voice = {"file_id": "v", "file_unique_id": "u", "duration": 3, "mime_type": "audio/ogg"}
    heard = "\n".join(await bo.sends(arrival_of(bo.raw(voice=voice))))
    assert "110" in heard
    assert "听" in heard
    assert "语音" in "\n".join(await said_in(town, group))


async def test_staff_are_told_when_it_is_due_it_climbs_and_is_kept_in_the_chat(
    ana: Any, town: Town, desk: Desk, clock: FrozenClock
) -> None:
    group = await staff_chat(town)
    await in_the_evening(clock)
    await ana.says("转人工")
    await ana.hears()
    await ticks(town, clock, hours=13, minutes=1)
    assert "约的时间到了" in (await said_in(town, group))[-1]
    await ticks(town, clock, minutes=10, times=3)
    assert "社区居委会负责人" in (await said_in(town, group))[-1]
    page = await desk.opens("/console/appointments")
    assert "到时间了" in page
    assert "社区居委会负责人" in page
    page = await desk.sends("/1/here")
    assert "您在接待" in page
    assert "工作人员来了" in "\n".join(await ana.hears())
    assert [kept["state"] for kept in await all_of(town, appointments)] == ["done"]
    told = len(await said_in(town, group))
    await ticks(town, clock, minutes=60, times=3)
    assert not any("约定回电" in text for text in (await said_in(town, group))[told:])


async def test_a_call_that_fails_is_tried_again_and_after_three_the_resident_chooses(
    ana: Any, town: Town, desk: Desk, clock: FrozenClock
) -> None:
    await in_the_evening(clock)
    await ana.says("转人工")
    await ana.says("给我打电话")
    await ana.says("13800001234")
    await ana.hears()
    clock.move(hours=13)
    for _ in range(2):
        assert "13800001234" in await desk.opens("/console/appointments")
        await desk.sends("/missed")
        assert "没有打通" in "\n".join(await ana.hears())
        clock.move(hours=1)
    await desk.opens("/console/appointments")
    await desk.sends("/missed")
    heard = "\n".join(await ana.hears())
    assert "打了 3 次" in heard
    assert "明天 14:00 到 18:00" in "\n".join(await ana.says("明天下午"))
    clock.move(days=1, hours=4)
    await desk.opens("/console/appointments")
    await desk.sends("/here")
    assert [kept["state"] for kept in await all_of(town, appointments)] == ["done"]


async def test_waiting_can_be_exchanged_for_a_time(ana: Any, town: Town) -> None:
    await ana.says("转人工")
    heard = "\n".join(await ana.presses("不等了，约个时间"))
    assert "不用一直等" in heard
    assert "今天 10:30 到 11:30" in heard
    [talk] = await all_of(town, conversations)
    assert (talk["state"], talk["ended_by"]) == ("ended", "later")
    assert "二(一)" in "\n".join(await ana.says(QUESTION))


async def test_a_restart_in_between_loses_nothing(
    ana: Any, town: Town, storage: Storage, matcher: Any, answerer: Any, clock: FrozenClock
) -> None:
    from tests.scenarios.conftest import build_town

    await in_the_evening(clock)
    await ana.says("转人工")
    ana.town = build_town(storage, matcher, answerer)
    await ana.says("明天下午三点")
    ana.town = build_town(storage, matcher, answerer)
    await ana.presses("给我打电话")
    ana.town = build_town(storage, matcher, answerer)
    assert "打 13800001234 找您" in "\n".join(await ana.says("13800001234"))


async def test_the_journey_on_both_databases(any_town: Town, clock: FrozenClock) -> None:
    ana = await any_town.resident("telegram")
    await ana.says("喊个人来")
    async with at_the_desk(any_town.storage) as desk:
        await takes(desk)
        await replies(desk, "请讲")
        assert "请讲" in await ana.hears()
        await ana.says("我家漏水")
        await ticks(any_town, clock, minutes=16)
        [talk] = await all_of(any_town, conversations)
        assert talk["state"] == "waiting"
        await takes(desk)
        await hands_back(desk)
        clock.move(hours=10)
        await ana.says("转人工")
        assert "明天 15:00" in "\n".join(await ana.says("明天下午三点"))
        await ticks(any_town, clock, days=1)
        await desk.opens("/console/appointments")
        await desk.sends("/here")
    assert [row["state"] for row in await all_of(any_town, appointments)] == ["done"]
