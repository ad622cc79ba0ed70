"""What goes to Telegram: in order, paced, patient with one chat without making others wait, and never silently given up."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from bot.nursery import Nursery
from bot.outbox_worker import MANY_TRIES, STEADY, TRIES, Brought, Failure, OutboxWorker
from storage import dead_letters, leases, parcels, sending
from storage import messages as message_units
from storage.chats import find_or_open
from storage.engine import Storage
from storage.parcels import Parcel
from storage.tables import chats, deliveries, messages, outbox
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.doubles.bot_api import BotApi, bot_api
from tests.doubles.telegram_people import Person
from tests.telegram_office import Office, long_words, open_office


def _tell(tx: Tx, remote: int, texts: tuple[str, ...], more: dict[str, Any]) -> list[int]:
    chat_id = find_or_open(tx, channel="telegram", remote=remote)
    return [message_units.say(tx, chat_id=chat_id, text=text, **more) for text in texts]


async def tell(office: Office, person: Person, *texts: str, **more: Any) -> list[int]:
    """Say something to somebody, as the scheduler or the desk would."""
    return await office.storage.run(_tell, person.chat_id, texts, more)


async def lost(office: Office) -> list[dict[str, object]]:
    return await office.storage.read(dead_letters.listed)


# --- patience ---------------------------------------------------------------------------------------------------------
async def test_a_chat_asked_for_patience_waits_and_no_other_does(office: Office, api: BotApi) -> None:
    ana, bo = api.person(), api.person()
    api.asks_patience(30, chat_id=ana.chat_id)
    await tell(office, ana, "一", "二")
    await tell(office, bo, "三")
    await office.sends()
    await tell(office, ana, "警报", priority=message_units.ALARM)
    await office.sends()
    assert (ana.sees(), bo.sees()) == ([], ["三"])
    assert len(api.called("sendMessage")) == 2
    office.clock.move(seconds=29)
    assert await office.sends() == 0
    office.clock.move(seconds=2)
    await office.sends()
    assert ana.sees() == ["警报", "一", "二"]
    assert await office.column(outbox.c.attempts) == [0, 0, 0, 0]


async def test_when_several_chats_are_asked_for_patience_the_whole_bot_is_silent(
    storage: Storage, clock: FrozenClock
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        clock.move(seconds=seconds)

    async def deliver(parcel: Parcel) -> Brought:
        if parcel.remote <= 3 and clock.now.minute == 0 and clock.now.second < 8:
            raise Failure("wait", "TelegramRetryAfter", after=9)
        return Brought([parcel.id])

    worker = OutboxWorker(storage, deliver, Nursery(), channel="telegram", owner="x", sleep=sleep)
    for remote in range(1, 4):
        await storage.run(_tell, remote, ("一",), {})
    await worker.send_some()
    slept.clear()
    await storage.run(_tell, 4, ("二",), {})
    await worker.send_some()
    assert slept[0] == pytest.approx(9, abs=0.3)


async def test_three_groups_that_are_full_silence_nobody_else(storage: Storage, clock: FrozenClock) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def deliver(parcel: Parcel) -> Brought:
        if parcel.remote < 0:
            raise Failure("wait", "TelegramRetryAfter", after=60)
        return Brought([parcel.id])

    worker = OutboxWorker(storage, deliver, Nursery(), channel="telegram", owner="x", sleep=sleep)
    for remote in (-1, -2, -3):
        await storage.run(_tell, remote, ("一",), {})
    await worker.send_some()
    await storage.run(_tell, 4, ("二",), {})
    assert await worker.send_some() == 1
    assert max(slept) < 1, "each group has a limit of its own"


async def test_a_chat_that_is_slow_holds_up_no_other(office: Office, api: BotApi) -> None:
    ana, bo = api.person(), api.person()
    api.trouble("sendMessage", "held", chat_id=ana.chat_id)
    await tell(office, ana, "慢")
    async with asyncio.TaskGroup() as group:
        group.create_task(office.channel.outbox.run())
        await tell(office, bo, "快")
        await bo.hears("快")
        assert ana.sees() == []
        api.released.set()
        await ana.hears("慢")
        office.channel.outbox.stop()


async def test_words_to_one_person_are_paced_after_a_few(storage: Storage, api: BotApi, clock: FrozenClock) -> None:
    ana = api.person()
    async with open_office(storage, api, clock, pace=STEADY) as office:
        await tell(office, ana, *"一二三四五")
        await office.sends()
        assert ana.sees() == ["一", "二", "三"]
        due = await storage.read(parcels.next_due, channel="telegram", ahead=STEADY.ahead)
        assert due is not None
        assert 0 < (due - clock.now).total_seconds() < 1.1
        clock.move(seconds=1)
        await office.sends()
        clock.move(seconds=1.1)
        await office.sends()
        assert ana.sees() == ["一", "二", "三", "四", "五"]


async def test_a_group_is_spoken_to_twenty_times_a_minute_and_no_more(
    storage: Storage, api: BotApi, clock: FrozenClock
) -> None:
    group = api.group()
    async with open_office(storage, api, clock, pace=STEADY) as office:
        await tell(office, group, *(str(number) for number in range(40)))
        for _ in range(120):
            await office.sends()
            clock.move(seconds=0.5)
        assert 16 <= len(group.sees()) <= 20


# --- what goes wrong --------------------------------------------------------------------------------------------------
async def test_lost_before_it_was_executed_it_arrives_later_once(office: Office, api: BotApi) -> None:
    ana = api.person()
    api.trouble("sendMessage", "cut before")
    await tell(office, ana, "您好")
    await office.sends()
    assert ana.sees() == []
    office.clock.move(seconds=2)
    await office.sends()
    assert ana.sees() == ["您好"]


async def test_lost_after_it_was_executed_a_reply_may_arrive_twice_but_never_not(office: Office, api: BotApi) -> None:
    ana = api.person()
    api.trouble("sendMessage", "cut after")
    await tell(office, ana, "您好", "再见")
    await office.sends()
    office.clock.move(seconds=2)
    await office.sends()
    assert ana.sees() == ["您好", "您好", "再见"]


async def test_what_must_not_arrive_twice_is_listed_as_doubtful_and_can_be_sent_again(
    office: Office, api: BotApi
) -> None:
    ana = api.person()
    api.trouble("sendMessage", "cut after")
    await tell(office, ana, "停水通知", repeatable=False)
    await office.sends()
    office.clock.move(hours=1)
    await office.sends()
    assert ana.sees() == ["停水通知"]
    [letter] = await lost(office)
    assert (letter["state"], letter["text"]) == ("doubtful", "停水通知")
    await office.storage.run(dead_letters.resend, int(str(letter["id"])))
    await office.sends()
    assert ana.sees() == ["停水通知"] * 2
    assert await lost(office) == []


@pytest.mark.parametrize("act", ["bad gateway", "restart", "500"])
async def test_while_telegram_chokes_it_is_tried_again_after_longer_and_longer(
    act: str, office: Office, api: BotApi
) -> None:
    ana = api.person()
    if act == "bad gateway":
        api.trouble("sendMessage", act, times=3)
    else:
        words = "Internal Server Error: restart" if act == "restart" else "Internal Server Error"
        api.refuses("sendMessage", 500, words, times=3)
    await tell(office, ana, "您好")
    tried_at = []
    for second in range(20):
        if await office.sends():
            tried_at.append(second)
        office.clock.move(seconds=1)
    assert len(tried_at) == 4
    pauses = [later - earlier for earlier, later in itertools.pairwise(tried_at)]
    assert pauses == sorted(pauses)
    assert ana.sees() == ["您好"]


async def test_what_telegram_chokes_on_for_good_becomes_a_dead_letter_people_can_send_again(
    office: Office, api: BotApi
) -> None:
    ana = api.person()
    api.refuses("sendMessage", 500, "Internal Server Error", times=TRIES)
    await tell(office, ana, "一", "二")
    for _ in range(40):
        await office.sends()
        office.clock.move(minutes=1)
    assert ana.sees() == ["二"]
    [letter] = await lost(office)
    assert (letter["state"], letter["error"]) == ("dead", "TelegramServerError")
    await office.storage.run(dead_letters.resend, int(str(letter["id"])))
    await office.sends()
    assert ana.sees() == ["二", "一"]


async def test_an_hour_without_a_network_loses_no_reply(storage: Storage, api: BotApi, clock: FrozenClock) -> None:
    """Two minutes of it used to make dead letters of everything."""
    ana = api.person()
    async with open_office(storage, api, clock, address="http://127.0.0.1:1") as office:
        await tell(office, ana, "您好")
        for _ in range(60):
            await office.sends()
            clock.move(minutes=1)
        assert await lost(office) == []
    async with open_office(storage, api, clock) as office:
        clock.move(minutes=2)
        await office.sends()
    assert ana.sees() == ["您好"]


async def test_without_a_network_even_a_broadcast_is_surely_not_out_and_waits(
    storage: Storage, api: BotApi, clock: FrozenClock
) -> None:
    ana = api.person()
    async with open_office(storage, api, clock, address="http://127.0.0.1:1") as office:
        await tell(office, ana, "停水通知", repeatable=False)
        await office.sends()
        assert await office.column(outbox.c.state) == ["pending"]


def test_a_day_of_trying_fits_the_longest_wait() -> None:
    assert 20 * 3600 < MANY_TRIES * 120 < 30 * 3600


async def test_a_refused_token_is_waited_out(office: Office, api: BotApi) -> None:
    ana = api.person()
    right, api.token = api.token, "1:another"
    await tell(office, ana, "您好")
    for _ in range(30):
        await office.sends()
        office.clock.move(minutes=2)
    api.token = right
    office.clock.move(minutes=3)
    await office.sends()
    assert ana.sees() == ["您好"]


async def test_who_blocked_the_bot_is_marked_and_what_was_meant_for_them_is_kept(office: Office, api: BotApi) -> None:
    ana = api.person()
    await ana.blocks()
    await tell(office, ana, "您的工单办好了")
    await office.sends()
    assert await office.column(chats.c.blocked_at) == [office.clock.now]
    [letter] = await lost(office)
    assert letter["error"] == "TelegramForbiddenError"
    await ana.unblocks()
    await office.storage.run(dead_letters.resend, int(str(letter["id"])))
    await office.sends()
    assert ana.sees() == ["您的工单办好了"]
    assert await office.column(chats.c.blocked_at) == [None]


async def test_a_chat_that_does_not_exist_any_more_holds_up_nobody(office: Office, api: BotApi) -> None:
    ana, gone = api.person(), api.person()
    del api.world.chats[gone.chat_id]
    await tell(office, gone, "一")
    await tell(office, ana, "二")
    await office.sends()
    assert ana.sees() == ["二"]
    assert [letter["state"] for letter in await lost(office)] == ["dead"]


# --- a process dies ---------------------------------------------------------------------------------------------------
async def _being_sent(office: Office, *texts: str, **more: Any) -> Person:
    """Letters somebody took in hand, who then died."""
    ana = office.api.person()
    await tell(office, ana, *texts, **more)
    claim = office.storage.run(parcels.claim, owner="somebody dead", channel="telegram", limit=9)
    assert len(await claim) == 1
    return ana


async def test_what_a_dead_process_was_sending_is_sent_by_the_next(any_storage: Storage, clock: FrozenClock) -> None:
    """On PostgreSQL it stayed in the dead one's hands, and the chat heard nothing any more."""
    async with bot_api() as api, open_office(any_storage, api, clock) as office:
        ana = await _being_sent(office, "一", "二")
        clock.move(minutes=4)
        async with asyncio.TaskGroup() as group:
            group.create_task(office.channel.outbox.run())
            await ana.hears("二")
            office.channel.outbox.stop()
        assert ana.sees() == ["一", "二"]


async def test_what_a_living_process_is_sending_is_left_to_it(any_storage: Storage, clock: FrozenClock) -> None:
    async with bot_api() as api, open_office(any_storage, api, clock) as office:
        await _being_sent(office, "一")
        assert await any_storage.run(sending.recover) == 0
        assert await any_storage.read(leases.holders) == {"somebody dead"}
        await any_storage.run(leases.free, {"somebody dead"})
        assert await any_storage.run(sending.recover) == 1


async def test_a_broadcast_a_dead_process_was_sending_is_doubtful(office: Office) -> None:
    await _being_sent(office, "停水通知", repeatable=False)
    await office.storage.run(leases.free, {"somebody dead"})
    await office.storage.run(sending.recover)
    assert [letter["state"] for letter in await lost(office)] == ["doubtful"]


# --- long words, odd words --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("text", [long_words(9000), "😀" * 5000, "字" * 4097, "\n" * 5000 + "完", "一\n" * 4100])
async def test_long_words_arrive_whole_in_parts_that_fit(text: str, office: Office, api: BotApi) -> None:
    ana = api.person()
    await tell(office, ana, text)
    await office.sends()
    assert "".join("".join(ana.sees()).split()) == "".join(text.split())
    assert await lost(office) == []


async def test_an_interrupted_long_message_goes_on_where_it_stopped(office: Office, api: BotApi) -> None:
    ana = api.person()
    await tell(office, ana, long_words(9000))
    api.asks_patience(3, skip=1)
    await office.sends()
    assert len(ana.sees()) == 1
    office.clock.move(seconds=4)
    await office.sends()
    assert "".join(ana.sees()) == long_words(9000)
    assert len(await office.column(deliveries.c.id)) == 3


async def test_the_buttons_of_a_long_message_stand_under_its_end_and_go_when_pressed(
    office: Office, api: BotApi
) -> None:
    ana = api.person()
    await ana.says("长9000")
    await office.works()
    assert [bool(message.get("reply_markup")) for message in ana.shown()] == [False, False, True]
    await ana.presses("厨房")
    await office.works()
    assert ana.sees() == ["漏水的地方:厨房", "记下了。"]
    assert ana.buttons() == []


async def test_words_that_look_like_markup_stay_as_they_are(office: Office, api: BotApi) -> None:
    ana = api.person()
    words = "<b>3栋</b> & *楼道* [灯](https://example.org) </pre> `x` _y_ &lt;"
    await ana.says(words)
    await office.works()
    assert ana.sees() == [f"您说的是:{words}"]


async def test_words_with_nothing_to_see_do_not_become_a_dead_letter(office: Office, api: BotApi) -> None:
    ana = api.person()
    await tell(office, ana, " \n ")
    await office.sends()
    assert ana.sees() == ["…"]


# --- edits ------------------------------------------------------------------------------------------------------------
BUTTONS = [[{"text": "好", "data": "ok"}]]


async def test_an_edit_before_it_left_changes_what_leaves(office: Office, api: BotApi) -> None:
    ana = api.person()
    [message] = await tell(office, ana, "旧")
    await office.storage.run(message_units.edit, message, text="新")
    await office.sends()
    assert ana.sees() == ["新"]
    assert api.called("editMessageText") == []


async def test_an_edit_afterwards_changes_what_stands_there(office: Office, api: BotApi) -> None:
    ana = api.person()
    [message] = await tell(office, ana, "旧")
    await office.sends()
    await office.storage.run(message_units.edit, message, text="新")
    await office.sends()
    assert ana.sees() == ["新"]


async def test_an_edit_of_what_somebody_deleted_is_sent_anew_only_if_it_asks_something(
    office: Office, api: BotApi
) -> None:
    ana = api.person()
    [asking, telling] = await tell(office, ana, "问", "说")
    await office.sends()
    ana.chat.messages.clear()
    await office.storage.run(message_units.edit, asking, text="再问", buttons=BUTTONS)
    await office.storage.run(message_units.edit, telling, text="再说")
    await office.sends()
    assert ana.sees() == ["再问"]
    assert await lost(office) == []
    await office.storage.run(message_units.edit, asking, text="答了")
    await office.sends()
    assert ana.sees() == ["答了"]


async def test_an_edit_that_changes_nothing_there_is_no_failure(office: Office, api: BotApi) -> None:
    ana = api.person()
    [message] = await tell(office, ana, "旧")
    await office.sends()
    api.trouble("editMessageText", "cut after")
    await office.storage.run(message_units.edit, message, text="新")
    await office.sends()
    office.clock.move(seconds=2)
    await office.sends()
    assert ana.sees() == ["新"]
    assert set(await office.column(outbox.c.state)) == {"sent"}


# --- groups that move -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("met", [False, True], ids=["not met yet", "met before"])
async def test_a_group_that_became_a_supergroup_is_the_same_chat(met: bool, office: Office, api: BotApi) -> None:
    """Its messages are numbered anew there; and the new group's own words may have come in first."""
    group = api.group()
    await tell(office, group, "一")
    await office.sends()
    new = await group.upgrades()
    if met:
        await group.says("/start")
        await office.takes_in()
    old_chat = (await office.rows(chats))[0]["id"]
    await office.storage.run(message_units.say, chat_id=old_chat, text="二")
    await office.sends()
    assert group.sees() == ["二"]
    assert (await office.rows(chats))[0]["remote"] == new
    assert await lost(office) == []
    assert "二" in await office.column(messages.c.text)
