"""The staff group: a topic for each ticket, whatever happens to it, to the group and to us; no minute over the budget."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import select

from bot.telegram.channel import open_bot
from bot.telegram.pieces import pieces
from knowledge.group import shipped
from knowledge.group_talk import COMMANDS
from storage import alarms, dead_letters, group_connecting, group_home, messages, parcels, sending, topics
from storage.blobs import Blob
from storage.engine import Storage
from storage.tables import chats, group_news
from storage.tables import tickets as ticket_table
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.doubles.bot_api import BotApi, bot_api
from tests.group_office import GroupOffice, group_office


@pytest.fixture
async def desk(storage: Storage, api: BotApi, clock: FrozenClock) -> AsyncIterator[GroupOffice]:
    async with group_office(storage, api, clock) as opened:
        yield opened


async def lost(desk: GroupOffice) -> list[dict[str, object]]:
    return await desk.storage.read(dead_letters.listed)


async def health(desk: GroupOffice) -> str | None:
    stands = await desk.storage.read(group_connecting.lines, None)
    return next((one.standing for one in stands if one.chat_id is not None), None)


async def test_a_ticket_lives_in_its_topic_from_filing_to_the_end_and_on(desk: GroupOffice, api: BotApi) -> None:
    """Card, files, what its resident says, what was done by whom; shut with the ticket, open with it again."""
    [offered] = api.world.commands_in.values()
    assert [one["command"] for one in offered][:3] == ["claim", "answer", "ask"], "not what residents type"
    assert all(COMMANDS[one["command"]] and "/ " in one["description"] for one in offered)
    zhou = await desk.hires()
    ticket_id = await desk.files("7栋1204厨房水管爆了，电话13912345678，水往客厅流")
    await desk.works()
    [name] = desk.group.topics()
    assert name.startswith("🟠")
    assert "7栋" in name
    thread = desk.group.topic("7栋")
    [card] = desk.group.says_in(thread)
    assert "水往客厅流" in card
    assert "7栋2单元 1204" in card
    assert "139" not in card
    assert "02300000000" not in card

    await desk.acts(ticket_id, zhou, "take")
    await desk.acts(ticket_id, zhou, "answer", "师傅下午三点到")
    said = await desk.adds(ticket_id, "楼下也漏了", photos=2)
    await desk.acts(ticket_id, zhou, "note", "钥匙在门卫")
    await desk.works()
    _, done, words, more, note = desk.group.says_in(thread)
    assert done.splitlines() == ["· 周敏 改由本人跟进", "· 周敏 答复：师傅下午三点到"]
    assert (words, more) == ("🗣 居民：楼下也漏了", "")
    assert note == "· 周敏 内部备注：钥匙在门卫"
    assert len(api.called("sendMediaGroup")) == 1

    await desk.storage.run(messages.revise, said, text="楼下和隔壁也漏了")
    await desk.works()
    assert "🗣 居民：楼下和隔壁也漏了" in desk.group.says_in(thread)

    await desk.adds(ticket_id, photos=1, kind="voice", mime="audio/ogg")
    await desk.works()
    assert "voice" in desk.group.shown_in(thread)[-1]

    await desk.acts(ticket_id, zhou, "withdraw", "居民不报了")
    await desk.works()
    assert desk.group.group.threads[thread].closed
    await desk.acts(ticket_id, zhou, "reopen", "又漏了")
    await desk.works()
    assert not desk.group.group.threads[thread].closed
    assert "又漏了" in desk.group.says_in(thread)[-1]
    assert await lost(desk) == []
    assert await desk.office.rows(group_news) == []


async def test_a_topic_deleted_in_the_middle_of_an_answer_is_made_anew_with_its_card(desk: GroupOffice) -> None:
    """It used to be: nothing reached anybody about that ticket any more."""
    zhou = await desk.hires()
    ticket_id = await desk.files()
    await desk.works()
    old = desk.group.topic("7栋")
    await desk.acts(ticket_id, zhou, "answer", "师傅在路上")
    desk.group.deletes_topic(old)
    await desk.works()
    new = desk.group.topic("7栋")
    card, answer = desk.group.says_in(new)
    assert "“" in card
    assert "师傅在路上" in answer
    assert await lost(desk) == []
    topic = await desk.topic(ticket_id)
    assert (topic["thread"], await desk.storage.read(topics.of_thread, topic["chat_id"], new) is not None) == (
        new,
        True,
    )
    card_remote = desk.group.shown_in(new)[-2]["message_id"]
    assert await desk.storage.read(topics.of_message, topic["chat_id"], card_remote) is not None


async def test_a_topic_shut_by_hand_opens_for_what_is_said(desk: GroupOffice) -> None:
    """With the right to manage topics the bot may write into a shut one; without, it answers the card."""
    ticket_id = await desk.files()
    await desk.works()
    thread = desk.group.topic("7栋")
    desk.group.closes_topic(thread)
    await desk.adds(ticket_id, "还在漏")
    await desk.works()
    assert "还在漏" in desk.group.says_in(thread)[-1]
    assert await lost(desk) == []


async def test_without_the_right_tickets_are_plain_messages_and_the_health_page_says_why(
    desk: GroupOffice, api: BotApi
) -> None:
    first = await desk.files()
    await desk.works()
    await desk.group.demotes()
    second = await desk.files("3栋电梯坏了", building="3", room=None)
    await desk.adds(second, "里面没人")
    await desk.adds(first, "还在漏")
    await desk.works()
    assert len(desk.group.topics()) == 1
    general = "\n".join(desk.group.says_in(None))
    assert "3栋电梯坏了" in general
    assert "里面没人" in general
    assert await health(desk) == "no_right"
    card = next(one for one in desk.group.shown_in(None) if "3栋电梯坏了" in one.get("text", ""))
    words = next(one for one in desk.group.shown_in(None) if "里面没人" in one.get("text", ""))
    assert words["reply_to_message"]["message_id"] == card["message_id"]
    found = await desk.storage.read(topics.of_message, (await desk.topic(second))["chat_id"], card["message_id"])
    assert found is not None
    assert found.ticket_id == second
    assert len(api.called("createForumTopic")) == 2  # the second was refused, and not asked for again

    await desk.group.gives("can_manage_topics")
    await desk.looks()
    await desk.adds(second, "门开了")
    await desk.works()
    assert await health(desk) == "fine"
    card_now, words_now = desk.group.says_in(desk.group.topic("3栋"))
    assert "3栋电梯坏了" in card_now
    assert "门开了" in words_now


async def test_where_a_server_does_not_say_what_we_are_topics_are_tried(desk: GroupOffice, api: BotApi) -> None:
    await desk.group.demotes()
    await desk.looks()
    assert await health(desk) == "no_right"
    api.refuses("getChatMember", 404, "Not Found")
    await desk.looks()
    assert await health(desk) == "fine", "nobody says otherwise"
    await desk.files("3栋电梯坏了", building="3", room=None)
    await desk.works()
    assert "3栋电梯坏了" in "\n".join(desk.group.says_in(None)), "refused, it is a plain message"
    assert await health(desk) == "no_right"


async def test_removed_and_back_nothing_is_lost(desk: GroupOffice) -> None:
    ticket_id = await desk.files()
    await desk.works()
    await desk.group.removes()
    await desk.adds(ticket_id, "还在漏")
    await desk.works()
    await desk.files("3栋电梯坏了", building="3")
    await desk.works()
    assert await health(desk) == "closed"
    assert await lost(desk) == []
    await desk.group.adds("can_manage_topics")
    await desk.looks()
    await desk.works()
    assert "还在漏" in desk.group.says_in(desk.group.topic("7栋"))[-1]
    assert "3栋电梯坏了" in desk.group.says_in(desk.group.topic("3栋"))[0]
    assert await lost(desk) == []


async def test_a_group_without_topics_upgraded_and_given_topics(
    storage: Storage, api: BotApi, clock: FrozenClock
) -> None:
    """Cards and answers to them; the new id is the same group, after a restart with the old setting too."""
    async with group_office(storage, api, clock, kind="group") as desk:
        old = desk.group.chat_id
        ticket_id = await desk.files()
        await desk.adds(ticket_id, "还在漏")
        await desk.works()
        card, words = desk.group.shown()
        assert words["reply_to_message"]["message_id"] == card["message_id"]
        assert await health(desk) == "plain"
        new = await desk.group.upgrades()
        await desk.adds(ticket_id, "更大了")
        await desk.works()
        assert "更大了" in desk.group.sees()[-1]
        await desk.storage.run(group_home.settle, old)
        assert [(row["remote"], row["kind"]) for row in await desk.office.rows(chats) if row["kind"] == "staff"] == [
            (new, "staff")
        ]
        desk.group.turns_topics(True)
        await desk.looks()
        await desk.adds(ticket_id, "停了")
        await desk.works()
        assert "停了" in desk.group.says_in(desk.group.topic("7栋"))[-1]
        desk.group.turns_topics(False)
        await desk.adds(ticket_id, "又来了")
        await desk.works()
        assert "又来了" in desk.group.says_in(None)[-1]
        assert await lost(desk) == []


async def test_an_old_message_that_cannot_be_edited_is_said_anew(desk: GroupOffice, api: BotApi) -> None:
    ticket_id = await desk.files()
    said = await desk.adds(ticket_id, "在3楼")
    await desk.works()
    api.refuses("editMessageText", 400, "Bad Request: message can't be edited")
    await desk.storage.run(messages.revise, said, text="在5楼")
    await desk.works()
    assert desk.group.says_in(desk.group.topic("7栋"))[-1] == "🗣 居民：在5楼"


async def test_cut_off_while_a_topic_was_made_there_may_be_an_empty_twin_and_nothing_twice(
    desk: GroupOffice, api: BotApi
) -> None:
    """What is promised of createForumTopic and its commit: all is said, once, in one topic; the other stays empty."""
    api.trouble("createForumTopic", "cut after")
    await desk.files()
    await desk.works()
    await desk.passes(4)
    empty, full = (desk.group.says_in(number) for number in desk.group.group.threads)
    assert empty == []
    assert len(full) == 1
    assert await lost(desk) == []


async def test_killed_between_the_making_of_a_topic_and_its_commit(any_storage: Storage, clock: FrozenClock) -> None:
    """The same after kill -9; on both databases, for the clerk and the lanes are asked there in other words."""
    async with bot_api() as api, group_office(any_storage, api, clock) as desk:
        zhou = await desk.hires()
        ticket_id = await desk.files()
        assert await desk.clerk.step()
        claim = any_storage.run(parcels.claim, owner="somebody dead", channel="telegram", limit=9)
        assert len(await claim) == 1
        bot = open_bot(api.token, api.address)
        await bot.create_forum_topic(desk.group.chat_id, "…")  # the dead one did, and nobody knows
        await bot.session.close()
        await desk.acts(ticket_id, zhou, "take")
        clock.move(minutes=4)
        await any_storage.run(sending.recover)
        await desk.works()
        empty, full = (desk.group.says_in(number) for number in desk.group.group.threads)
        assert (len(empty), len(full)) == (0, 2)
        assert await lost(desk) == []


async def test_what_must_not_be_spoken_of_there_is_not_and_goes_when_it_becomes_such(desk: GroupOffice) -> None:
    kept_out: list[dict[str, Any]] = [
        {"confidential": True},
        {"route": "dispute", "category": "noise"},
        {"category": "petition"},
        {"category": "psychology"},
    ]
    for more in kept_out:
        await desk.files("说不得的事", **more)
    await desk.works()
    assert desk.group.sees() == []
    ticket_id = await desk.files("可以说的事")
    await desk.works()
    assert "可以说的事" in desk.group.sees()[-1]

    def hide(tx: Tx) -> None:
        tx.execute(ticket_table.update().where(ticket_table.c.id == ticket_id).values(confidential=True))

    await desk.storage.run(hide)
    await desk.adds(ticket_id, "请保密")
    await desk.works()
    assert desk.group.topics() == []
    assert desk.group.sees() == []
    later = await desk.files("灯不亮", building="9")
    await desk.works()
    [shown] = desk.group.topics()
    assert "9栋" in shown
    chat_id = next(row["chat_id"] for row in await desk.office.rows(ticket_table) if row["id"] == later)
    await desk.storage.run(alarms.raise_alarm, chat_id=chat_id, message_id=None, kind="domestic_violence", rule="EM-06")
    await desk.works()
    assert desk.group.topics() == []
    assert await desk.office.rows(group_news) == []


async def test_asked_for_a_minutes_patience_the_alarm_goes_first_and_the_budget_holds(
    storage: Storage, api: BotApi, clock: FrozenClock
) -> None:
    async with group_office(storage, api, clock, paced=True) as desk:
        for number in range(30):
            await desk.files(f"{number}号灯不亮", building=str(number + 1))
        await desk.passes(20)
        api.asks_patience(60, method="*", chat_id=desk.group.chat_id)
        await desk.passes(10)
        before = len(desk.group.group.spoken)

        def alarm(tx: Tx) -> None:
            messages.say(
                tx, chat_id=group_home.of_community(tx, None) or 0, text="🚨 电梯困人", priority=messages.ALARM
            )

        await storage.run(alarm)
        await desk.passes(45)
        assert len(desk.group.group.spoken) == before
        for _ in range(25):
            await desk.passes(1)
            if len(desk.group.group.spoken) > before:
                break
        assert desk.group.says_in(None) == ["🚨 电梯困人"]
        await desk.passes(300, step=2)
        assert len(desk.group.topics()) == 30
        assert await lost(desk) == []
        assert desk.group.group.most_in_a_minute() <= shipped().budget.a_minute


async def test_while_the_group_is_busy_what_nobody_waits_for_goes_along_with_something(
    storage: Storage, api: BotApi, clock: FrozenClock
) -> None:
    """It used to be: every step was a message, and residents' words waited behind them."""
    async with group_office(storage, api, clock, paced=True) as desk:
        zhou = await desk.hires()
        first, second = await desk.files(), await desk.files("3栋灯不亮", building="3", urgency="P2", room=None)
        await desk.passes(30)
        third = desk.group.topic("3栋")
        await desk.acts(second, zhou, "take")
        await desk.works()
        assert desk.group.says_in(third)[-1] == "· 周敏 改由本人跟进", "at once while it is quiet"
        for number in range(14):
            await desk.files(f"{number}号灯不亮", building=str(number + 10), urgency="P2")
        await desk.acts(second, zhou, "note", "钥匙在门卫")
        await desk.acts(first, zhou, "take")
        await desk.passes(15)
        assert "周敏" in desk.group.says_in(desk.group.topic("7栋"))[-1], "what is urgent does not wait"
        assert "钥匙" not in desk.group.says_in(third)[-1]
        await desk.adds(second, "三楼的")
        await desk.passes(30)
        assert desk.group.says_in(third)[-2:] == ["· 周敏 内部备注：钥匙在门卫", "🗣 居民：三楼的"]
        assert len(desk.group.topics()) < 16, "it is still busy"


async def test_notices_in_the_general_part_go_together_while_they_wait(desk: GroupOffice) -> None:
    def three(tx: Tx) -> None:
        for text in ("一", "二", "三"):
            messages.say(tx, chat_id=group_home.of_community(tx, None) or 0, text=text, priority=messages.NOTICE)

    await desk.storage.run(three)
    await desk.works()
    assert desk.group.sees() == ["一\n二\n三"]


def test_what_one_parcel_is_on_telegram() -> None:
    """Words under the first picture, pictures together, a voice message alone; too many words stand before them."""

    def file(kind: str, mime: str = "") -> Blob:
        return Blob(1, 1, kind, mime, None, b"x")

    photo, voice, paper = file("photo"), file("voice", "audio/ogg"), file("document")
    assert [(one.text, one.size) for one in pieces("看", [photo, photo, voice])] == [("看", 2), ("", 1)]
    assert [(one.text, one.size) for one in pieces("字" * 1025, [photo])] == [("字" * 1025, 1), ("", 1)]
    assert [one.size for one in pieces("", [photo] * 12)] == [10, 2]
    assert [(one.text, len(one.files)) for one in pieces("合同", [paper])] == [("合同", 0), ("", 1)]
    assert [one.text for one in pieces("", [])] == ["…"]


async def test_the_group_hears_only_where_there_is_one(storage: Storage, clock: FrozenClock) -> None:
    from tests.desk_service import file_ticket

    await storage.run(file_ticket)
    assert await storage.read(lambda tx: tx.scalar(select(group_news.c.id))) is None
