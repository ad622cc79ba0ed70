"""Notices as stories: only the water of her building, not at night, and one press to stop; nobody twice, nobody skipped."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.notice_worker import NoticeWorker
from handlers import notice_words
from handlers.texts.catalogue import load_catalogue
from knowledge.quiet import NEVER, Quiet
from storage import messages, notice_sending, notices, sending, staff, subscriptions
from storage import tables as t
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.notices import Composed, Notice
from storage.passing import leave
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.scenarios.test_disclosure import MONEY, publishes
from tests.scenarios.test_first_slice import all_of, files_the_pipe
from tests.town import COUNTER, Town

TEXTS = load_catalogue()
CUT = Composed(topic="outage", title="周三检修停水", text="水厂检修，请提前接水。", buildings=("7", "11"))


async def sends(storage: Storage, composed: Composed = CUT, **changed: Any) -> int:
    """Somebody at the desk writes a notice and begins to send it."""
    who = await storage.run(staff.add, name=f"发通知{next(COUNTER)}", role="operator")
    values = {name: getattr(composed, name) for name in Composed.__dataclass_fields__} | changed
    notice_id = await storage.run(notices.draft, Composed(**values), staff_id=who)
    assert await storage.run(notices.begin, notice_id, revision=1, staff_id=who)
    if (await storage.read(notices.get, notice_id)).state == "asked":  # type: ignore[union-attr]
        other = await storage.run(staff.add, name=f"看通知{next(COUNTER)}", role="operator")
        assert await storage.run(notices.check, notice_id, revision=2, staff_id=other)
    return int(notice_id)


async def works(storage: Storage, *, steps: int = 10_000) -> int:
    """The worker, until nothing is to be done now; how many steps it took."""
    worker = NoticeWorker(storage, TEXTS)
    for step in range(steps):
        if not await worker.step():
            return step
    return steps


async def arrives(town: Town) -> None:
    """Sent, and taken by the channel."""
    while await works(town.storage):
        await town.works()


async def states(storage: Storage) -> Counter[str]:
    rows = await storage.read(lambda tx: tx.tuples(select(t.notice_recipients.c.state)))
    return Counter(state for (state,) in rows)


async def notice(town: Town, notice_id: int) -> Notice:
    found = await town.storage.read(notices.get, notice_id)
    assert found is not None
    return found


# --- one old woman ----------------------------------------------------------------------------------------------------
async def test_only_the_water_of_her_building_not_at_night_and_one_press_stops_it(
    any_town: Town, clock: FrozenClock
) -> None:
    ana = await any_town.resident("telegram")
    heard = (await ana.says("我们11栋停水的时候告诉我一声嘛，晚上莫发"))[0]
    assert "11栋的停水停电停气，一有通知就告诉您。21:00–08:00 不打扰您" in heard
    await sends(any_town.storage, buildings=("3",))
    await sends(any_town.storage, topic="events", title="邻里节", buildings=None)
    await arrives(any_town)
    assert await ana.hears() == []
    clock.now = datetime(2026, 11, 24, 13, 30, tzinfo=UTC)  # 21:30 in Chongqing
    await sends(any_town.storage)
    await arrives(any_town)
    assert await ana.hears() == []
    clock.now = datetime(2026, 11, 24, 23, 59, tzinfo=UTC)
    await arrives(any_town)
    assert await ana.hears() == []
    clock.now = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)
    await arrives(any_town)
    [told] = await ana.hears()
    assert told.startswith("【停水停电停气】周三检修停水\n7、11栋")
    assert "不要这类通知了" in await ana.buttons()
    heard = await ana.presses("不要这类通知了", times=2)
    assert "以后不发“停水停电停气”的通知了" in heard[0]
    assert "已经停了" in heard[1]
    await sends(any_town.storage)
    await arrives(any_town)
    assert await ana.hears() == []
    assert len(await all_of(any_town, t.subscriptions)) == 1


# --- wishes -----------------------------------------------------------------------------------------------------------
async def test_where_the_building_is_not_known_it_is_asked_and_may_stay_open(ana: Any, town: Town) -> None:
    heard = await ana.says("停水告诉我")
    assert "全小区的" in heard[0]
    assert any("您住几栋" in line for line in heard)
    assert "只发11栋的" in (await ana.says("11"))[0]
    assert [row["building"] for row in await all_of(town, t.subscriptions)] == ["11"]
    await ana.says("停电也告诉我")
    assert "本来就会告诉您" in await ana.sees()


async def test_the_building_that_was_asked_for_is_never_in_the_way(ana: Any, town: Town) -> None:
    await ana.says("停水告诉我")
    assert "99" in (await ana.says("99栋"))[0]
    assert "平方米" in (await ana.says("社区用房一百户要配多少平方米？"))[0]
    assert [row["building"] for row in await all_of(town, t.subscriptions)] == [""]


async def test_a_known_home_is_used_for_what_is_near_and_nothing_else(ana: Any, town: Town) -> None:
    await ana.says("/start b7")
    await ana.says("停水告诉我")
    await ana.says("有活动告诉我")
    kept = {row["topic"]: row["building"] for row in await all_of(town, t.subscriptions)}
    assert kept == {"outage": "7", "events": ""}


async def test_the_screen_of_all_kinds_changes_in_place(ana: Any, town: Town) -> None:
    await ana.says("我的通知")
    for _ in range(2):
        await ana.presses("社区活动")
        assert "✓ 社区活动" in await ana.buttons()
        await ana.presses("✓ 社区活动")
    await ana.presses("晚上也可以发")
    [screen] = [message.text for message in await ana.thread() if "想收到哪些通知" in message.text]
    assert "不分早晚都可以发" in screen
    kept = await town.storage.read(subscriptions.of_chat, ana.chat_id)
    assert (not kept.topics, set(kept.stopped), kept.quiet) == (True, {"events"}, NEVER)


async def test_a_button_that_is_gone_shows_how_it_stands(ana: Any, town: Town) -> None:
    await ana.says("我的通知")
    screen = (await ana.thread())[-1]
    heard = "\n".join(await ana.presses_data(screen, "nt:off:nothing"))
    assert "想收到哪些通知" in heard


async def test_unsubscribing_with_nothing_to_stop_is_leaving(ana: Any) -> None:
    await ana.says("退订")
    assert "退出" in await ana.buttons()


async def test_unsubscribing_from_one_or_several(ana: Any, town: Town) -> None:
    await ana.says("有活动告诉我")
    assert "社区活动" in (await ana.says("退订"))[0]
    await ana.says("有活动告诉我")
    await ana.says("公开了新的账目就告诉我")
    assert "想收到哪些通知" in (await ana.says("退订"))[0]
    await ana.presses("全部不要")
    assert (await town.storage.read(subscriptions.of_chat, ana.chat_id)).topics == {}


async def test_quiet_hours_in_words(ana: Any, town: Town) -> None:
    assert "20:00–09:00 不给您发通知" in (await ana.says("晚上8点到早上9点别发"))[0]
    assert (await town.storage.read(subscriptions.of_chat, ana.chat_id)).quiet.words() == "20:00–09:00"


async def test_a_cut_that_happens_now_is_a_matter_for_the_desk(ana: Any, town: Town) -> None:
    await ana.says("7栋停水了，怎么也没人通知")
    assert await all_of(town, t.subscriptions) == []


async def test_in_the_middle_of_a_form_the_form_goes_before(ana: Any, town: Town) -> None:
    await ana.says("7栋1204厨房水管爆了")
    await ana.presses("同意")
    await ana.says("晚上别发通知，师傅白天来")
    assert await all_of(town, t.quiet_hours) == []


async def test_taking_away_and_deleting_what_one_wanted(ana: Any, town: Town) -> None:
    await ana.says("停水告诉我")
    await ana.says("7栋")
    await ana.says("晚上8点到早上9点别发")
    await sends(town.storage)
    await arrives(town)
    await ana.says("删除我的资料")
    await ana.presses("继续删除")
    await ana.presses("是的，删除")
    for table in (t.subscriptions, t.quiet_hours, t.notice_recipients):
        assert await all_of(town, table) == []


# --- disclosures ------------------------------------------------------------------------------------------------------
async def test_whoever_asked_is_told_when_something_is_published(ana: Any, town: Town) -> None:
    await publishes(town, matter="party_work", kind="party", title="党务", body="开会。")
    await arrives(town)
    await ana.says(MONEY)
    await ana.presses("有新公开就告诉我")
    await publishes(town)
    await arrives(town)
    [told] = await ana.hears()
    assert told == "有新的居务公开：《停车费等公共收益收支》。"
    assert "86400" in (await ana.presses("看一看"))[0]


# --- what a notice says -----------------------------------------------------------------------------------------------
def shown(clock: FrozenClock, language: str = "zh", **changed: Any) -> str:
    values: dict[str, Any] = dict.fromkeys(Notice.__dataclass_fields__)
    values |= {"id": 1, "topic": "outage", "title": "停水", "text": "请接水。", "urgent": False, "begun_at": clock.now}
    return notice_words.text_of(TEXTS[language], Notice(**(values | changed)), now=clock.now)


def test_a_planned_cut_says_when_and_owns_up_to_being_late(clock: FrozenClock) -> None:
    start = clock.now + timedelta(hours=47)
    in_time = shown(clock, starts_at=start, ends_at=start + timedelta(hours=8))
    assert "周三 09:00–17:00" in in_time
    assert "抱歉" not in in_time
    assert "没能提前24小时" in shown(clock, starts_at=clock.now + timedelta(hours=23))
    assert "今天 11:00起" in shown(clock, starts_at=clock.now + timedelta(hours=1))
    urgent = shown(clock, urgent=True, starts_at=clock.now)
    assert "不分早晚" in urgent
    assert "抱歉" not in urgent
    assert "Urgent" in shown(clock, "en", urgent=True)


async def test_an_urgent_one_comes_at_night_and_to_whoever_lives_there(town: Town, clock: FrozenClock) -> None:
    asked, lives, elsewhere, stopped = [await town.resident("telegram") for _ in range(4)]
    await asked.says("停水告诉我，11栋")
    for one, building in ((lives, "11"), (elsewhere, "3"), (stopped, "11")):
        await one.says(f"/start b{building}")
    await stopped.says("退订停水通知")
    for one in (asked, lives, elsewhere, stopped):
        await one.hears()
    clock.now = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)  # 02:00
    await sends(town.storage, urgent=True, buildings=("11",))
    await arrives(town)
    assert len(await asked.hears()) == len(await lives.hears()) == 1
    assert await elsewhere.hears() == await stopped.hears() == []


async def test_those_who_left_or_blocked_are_counted_and_not_told(any_town: Town) -> None:
    town, people = any_town, [await any_town.resident("telegram") for _ in range(5)]
    for one in people:
        await one.says("7栋停水告诉我")
    chat_ids = [one.chat_id for one in people]
    await town.storage.run(leave, chat_id=chat_ids[0])
    await town.storage.run(sending.blocked, chat_ids[1], at=town.storage.clock())
    notice_id = await sends(town.storage)
    await works(town.storage, steps=1)  # found
    await people[2].says("停水通知不要了")
    await arrives(town)
    over = await notice(town, notice_id)
    assert (over.state, over.report) == ("sent", {"said": 2, "left": 1, "blocked": 1, "declined": 1})


async def test_quiet_hours_changed_while_it_waits_count(town: Town, clock: FrozenClock) -> None:
    ana, eve = await town.resident("web"), await town.resident("web")
    for one in (ana, eve):
        await one.says("7栋停水告诉我")
        await one.hears()
    clock.now = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
    await sends(town.storage)
    await arrives(town)
    assert await ana.hears() == await eve.hears() == []
    await ana.says("晚上也可以发")
    await eve.says("晚上9点到早上10点别发")
    await arrives(town)
    assert len(await ana.hears()) == 1
    clock.now = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
    await arrives(town)
    assert await eve.hears() == []
    clock.now = datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
    await arrives(town)
    assert len(await eve.hears()) == 1


# --- many -------------------------------------------------------------------------------------------------------------
def many(tx: Tx, number: int, *, channel: str = "telegram") -> None:
    """Residents who want to hear of cuts in building 7."""
    first = FIRST_WEB_CHAT + 10_000_000 if channel == "web" else 9_000_000
    rows = [{"channel": channel, "remote": first + n, "kind": "private", "created_at": tx.now} for n in range(number)]
    tx.execute(t.chats.insert(), rows)
    ids = [chat for (chat,) in tx.tuples(select(t.chats.c.id).where(t.chats.c.channel == channel))]
    wants = [{"chat_id": chat, "topic": "outage", "building": "7", "since": tx.now} for chat in ids]
    tx.execute(t.subscriptions.insert(), wants)


async def told(storage: Storage) -> Counter[int]:
    """How often each chat was told."""
    rows = await storage.read(lambda tx: tx.tuples(select(t.messages.c.chat_id)))
    return Counter(chat for (chat,) in rows)


async def delivered(storage: Storage) -> None:
    """Telegram takes whatever waits."""
    await storage.run(lambda tx: tx.execute(t.outbox.update().values(state="sent", finished_at=tx.now)))


class Crash(Exception):
    """The process dies here."""


async def test_a_crash_between_two_steps_or_in_the_middle_of_one_repeats_and_skips_nobody(any_storage: Storage) -> None:
    await any_storage.run(many, 1234)
    notice_id = await sends(any_storage)
    alive = 0
    for died_after in (1, 0, 2, 3, 1, 5, 8):
        alive += await works(any_storage, steps=died_after)
        await dies_while_telling(any_storage, after=died_after * 7)
        await delivered(any_storage)
    for _ in range(100):
        await works(any_storage)
        await delivered(any_storage)
        if (await states(any_storage))["waiting"] == 0:
            break
    await works(any_storage)
    counted = await told(any_storage)
    assert (len(counted), set(counted.values())) == (1234, {1})
    found = await any_storage.read(notices.get, notice_id)
    assert found is not None
    assert (found.state, found.report) == ("sent", {"said": 1234})


async def dies_while_telling(storage: Storage, *, after: int) -> None:
    """Some are told, and then the process dies before its transaction has ended."""
    number = 0

    def make(notice: Notice, language: str) -> tuple[str, list[Any]]:
        nonlocal number
        number += 1
        if number > after:
            raise Crash
        return "停水", []

    try:
        await storage.run(notice_sending.tell_some, make)
    except Crash:
        return


async def test_two_processes_tell_nobody_twice(postgres_storage: Storage) -> None:
    import asyncio

    await postgres_storage.run(many, 300)
    await sends(postgres_storage)
    workers = [NoticeWorker(postgres_storage, TEXTS) for _ in range(3)]
    one_at_a_time = asyncio.Lock()  # each touches every letter, in whichever order it finds them

    async def work(worker: NoticeWorker) -> None:
        for _ in range(60):
            await worker.step()
            async with one_at_a_time:
                await delivered(postgres_storage)

    await asyncio.gather(*map(work, workers))
    counted = await told(postgres_storage)
    assert (len(counted), set(counted.values())) == (300, {1})


async def test_fourteen_thousand_recipients_and_others_write_in_between(storage: Storage) -> None:
    await storage.run(many, 14_000, channel="web")
    notice_id = await sends(storage)
    worker = NoticeWorker(storage, TEXTS)
    chat_id = await storage.run(find_or_open, channel="web", remote=FIRST_WEB_CHAT + 1)
    while (await storage.read(notices.get, notice_id)).state != "sent":  # type: ignore[union-attr]
        assert await worker.step()
        await storage.run(messages.say, chat_id=chat_id, text="您好")
    counted = await told(storage)
    assert counted.pop(chat_id) > 14_000 / notice_sending.TOLD_AT_ONCE
    assert (len(counted), set(counted.values())) == (14_000, {1})


async def test_a_step_is_small_and_what_is_on_the_way_stays_little(storage: Storage) -> None:
    await storage.run(many, 1000)
    await sends(storage)
    worker = NoticeWorker(storage, TEXTS)
    before = 0
    for _ in range(40):
        await worker.step()
        waiting = await storage.read(
            lambda tx: tx.scalar(select(func.count()).select_from(t.outbox).where(t.outbox.c.state == "pending"))
        )
        assert waiting - before <= notice_sending.TOLD_AT_ONCE
        assert waiting < notice_sending.MOST_ON_THE_WAY + notice_sending.TOLD_AT_ONCE
        before = waiting
    assert await storage.read(lambda tx: {row["repeatable"] for row in tx.all(select(t.outbox.c.repeatable))}) == {
        False
    }


async def test_paused_gone_on_and_stopped(storage: Storage) -> None:
    await storage.run(many, 250)
    notice_id = await sends(storage)
    who = await storage.run(staff.add, name="周敏", role="operator")
    await works(storage, steps=2)
    assert await storage.run(notices.pause, notice_id, revision=2, staff_id=who)
    assert await works(storage) == 0
    assert (await states(storage))["said"] == 50
    assert not await storage.run(notices.pause, notice_id, revision=2, staff_id=who)
    assert await storage.run(notices.go_on, notice_id, revision=3, staff_id=who)
    await works(storage, steps=1)
    assert await storage.run(notices.stop, notice_id, revision=4, staff_id=who)
    assert await works(storage) == 0
    found = await storage.read(notices.get, notice_id)
    assert found is not None
    assert found.report == {"said": 100, "waiting": 150, "on_the_way": 100}


async def test_a_reply_is_not_kept_waiting_by_a_notice(town: Town) -> None:
    """What is told to the others is behind; residents are answered as ever."""
    await town.storage.run(many, 500)
    await sends(town.storage)
    await works(town.storage, steps=3)
    ana = await town.resident("telegram")
    await files_the_pipe(ana)
    priorities = [row["priority"] for row in await all_of(town, t.outbox) if row["chat_id"] == ana.chat_id]
    assert max(priorities) < messages.BROADCAST


@pytest.mark.parametrize("role", ["worker", "supervisor", "viewer"])
async def test_only_the_desk_sends(role: str, storage: Storage) -> None:
    who = await storage.run(staff.add, name="某人", role=role)
    with pytest.raises(staff.MayNot):
        await storage.run(notices.draft, CUT, staff_id=who)


def test_the_usual_quiet_can_be_changed_to_any_other() -> None:
    assert Quiet(NEVER.begins, NEVER.ends).over_at(datetime(2026, 11, 24, 20, tzinfo=UTC)).hour == 20
