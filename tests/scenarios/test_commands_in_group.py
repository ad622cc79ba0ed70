"""Commands and old cards as a worker would try them: wrong place, wrong number, twice, too late - each says what to do."""

from __future__ import annotations

from typing import Any

from storage import merging, messages
from storage.chats import find_or_open
from storage.desk_acts import Done
from tests.desk_service import Desk, at_the_desk
from tests.scenarios.office import GROUP, LAMP, PIPE, files, ticket
from tests.scenarios.staff_group import Topic, connected, topic_for
from tests.scenarios.test_desk_in_group import reached
from tests.town import Town


async def in_general(town: Town) -> list[str]:
    """What the bot said in the general part."""
    chat_id = await town.storage.run(find_or_open, channel="telegram", remote=GROUP, kind="staff")
    return [one.text for one in await town.storage.read(messages.latest, chat_id=chat_id) if one.sender == "bot"]


async def holder(town: Town, topic: Topic) -> int | None:
    found: int | None = (await ticket(town, topic.number))["assigned_to"]
    return found


def short(topic: Topic) -> str:
    return topic.number[-6:]


async def test_a_number_as_people_write_it_and_a_wrong_one(bo: Any, topic: Topic, town: Town) -> None:
    """It used to be: only the whole number was one, and a wrong one went to the resident with the words behind it."""
    async with at_the_desk(town.storage, name="周敏") as desk:
        zhou = await connected(town, desk)
        before = await reached(bo)
        wrong = topic.number[:-1] + str((int(topic.number[-1]) + 1) % 10)
        for said in (f"/接单 {wrong}", f"/答复 {wrong} 师傅来了", "/claim #999", "/接单 0999-9", "/答复 LX 师傅来了"):
            await zhou.writes(topic, said)
        assert (await topic.reads()).count("没有这个工单号") == 5
        await zhou.writes(None, "/接单")
        assert "哪一张" in (await in_general(town))[-1]
        assert (await reached(bo), await holder(town, topic)) == (before, None)
        wide = short(topic).translate({ord(sign): 0xFF00 + ord(sign) - 0x20 for sign in "0123456789-"})
        for order in (
            f"／接单　{short(topic)}",
            f"/claim #{int(short(topic)[:4])}",
            f"/接单 {wide}",
            f"/接单 LX{wide}",
        ):
            await zhou.writes(None, order)
            assert await holder(town, topic) == desk.staff_id, order
        await zhou.writes(None, f"/答复 {short(topic)} 师傅十点到")
        assert "师傅十点到" in await reached(bo)
        # A telephone number behind a note is no ticket's.
        await zhou.writes(topic, "/备注 13912345678 是他儿子的电话")
        assert "13912345678" in await desk.opens(f"/console/tickets/{topic.number}")


async def test_a_step_begun_elsewhere_goes_on_in_the_tickets_own_topic(bo: Any, topic: Topic, town: Town) -> None:
    ana = await town.resident("web")
    other = await topic_for(town, await files(ana, LAMP))
    async with at_the_desk(town.storage, name="周敏") as desk, at_the_desk(town.storage, name="李强") as li_desk:
        zhou, li = await connected(town, desk), await connected(town, li_desk)
        await zhou.writes(topic, "/接单")
        await zhou.writes(topic, f"/接单 {short(other)}")
        await zhou.writes(topic, f"/答复 {short(other)}")
        assert "请到它的话题里接着写" in await topic.reads()
        assert "请写答复" in await other.reads()
        await zhou.writes(other, "灯明天换")
        assert ("灯明天换" in await reached(ana), "灯明天换" in await reached(bo)) == (True, False)
        # What stands behind a command is used: so many working days and why, a colleague's name, what was done.
        due = (await ticket(town, other.number))["due_at"]
        await zhou.writes(other, "/延期 两天")
        assert "延到哪一天" in await other.reads(), "without a reason it is asked for"
        await zhou.writes(other, "/取消")
        await zhou.writes(other, "/延期 三十天，等配件")
        await zhou.writes(other, "/取消")
        assert (await ticket(town, other.number))["due_at"] == due, "further than it may be put off"
        await zhou.writes(other, "/延期 两天，等配件")
        assert (await ticket(town, other.number))["due_at"] > due
        assert "等配件" in await reached(ana)
        await zhou.writes(other, "/转交 李强")
        assert await holder(town, other) == li_desk.staff_id
        await li.writes(other, "/办结 灯换好了")
        assert "灯换好了" in await reached(ana)
        assert (await ticket(town, other.number))["state"] == "calling_back"
        await li.writes(other, "/取消")
        assert "没有正在填的" in await other.reads()


async def test_an_old_card_says_what_became_of_the_ticket(bo: Any, topic: Topic, town: Town) -> None:
    async with at_the_desk(town.storage, name="周敏") as desk:
        zhou = await connected(town, desk)
        again = await topic_for(town, await files(bo, PIPE.replace("爆", "又爆")))
        await zhou.writes(again, "/答复 师傅在路上")
        await _merged(town, desk, topic, again)
        await zhou.writes(again, "/收回")
        assert "并之前说的话不能收回" in await again.reads()
        assert "师傅在路上" in await reached(bo)
        await zhou.writes(again, "/接单")
        assert f"并进了 {topic.number}" in await again.reads()
        await zhou.taps(again, "延期")
        await desk.opens(f"/console/tickets/{topic.number}")
        await desk.sends("/act", action="withdraw", text="居民不报了")
        for order in ("/接单", "/转交", "/延期 三天", "/办结"):
            await zhou.writes(topic, order)
        assert (await topic.reads()).count("现在是“已撤回”") == 4, await topic.reads()
        assert await holder(town, topic) in (None, desk.staff_id)


async def _merged(town: Town, desk: Desk, first: Topic, second: Topic) -> None:
    rows = [await ticket(town, each.number) for each in (first, second)]
    asked: dict[str, Any] = {"staff_id": desk.staff_id, "revision": rows[1]["revision"], "why": "一件事"}
    done = await town.storage.run(merging.merge, rows[1]["id"], rows[0]["id"], tell=lambda *_: ("并了", ()), **asked)
    assert isinstance(done, Done), done
