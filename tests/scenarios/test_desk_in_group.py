"""A worker who lives in Telegram: a ticket from filing to closed without the console, and what cannot happen."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from storage import colleagues, group_members, staff
from storage.chats import find_or_open
from storage.tables import blobs as blob_table
from storage.tables import messages as message_table
from storage.tables import ticket_events
from tests.conftest import FrozenClock
from tests.desk_service import at_the_desk
from tests.scenarios.office import GROUP, files, opens_group, ticket
from tests.scenarios.staff_group import Colleague, Topic, connected, topic_for
from tests.town import Town


async def steps(town: Town) -> list[str]:
    query = select(ticket_events.c.action).order_by(ticket_events.c.id)
    return [row["action"] for row in await town.storage.read(lambda tx: tx.all(query))]


async def reached(resident: Any) -> str:
    """Everything the resident can read."""
    return "\n".join(one.text for one in await resident.thread())


async def test_from_filing_to_closed_without_the_console(ana: Any, town: Town, clock: FrozenClock) -> None:
    await opens_group(town)
    async with (
        at_the_desk(town.storage, name="周敏") as zhou_desk,
        at_the_desk(town.storage, name="李强", role="worker") as li_desk,
    ):
        zhou, li = await connected(town, zhou_desk), await connected(town, li_desk)
        number = await files(ana)
        topic = await topic_for(town, number)
        # Both press at once: one has it, and the other is told who.
        await li.taps(topic, "接单")
        await zhou.taps(topic, "接单")
        assert (await ticket(town, number))["assigned_to"] == li_desk.staff_id
        # A plain word of whoever has it is the answer; edited there, it changes at the resident's.
        said = await li.writes(topic, "师傅十点到")
        assert "师傅十点到" in await reached(ana)
        assert "师傅十点到" in await zhou_desk.opens(f"/console/tickets/{number}"), "every act shows in the console"
        await li.edits(topic, said, "师傅十一点到")
        assert "师傅十一点到" in await reached(ana)
        assert "师傅十点到" not in await reached(ana)
        # A photo goes as what it is, a note stays among colleagues.
        picture = [{"file_id": "big", "file_unique_id": "u", "width": 9, "height": 9, "file_size": 3}]
        await li.writes(topic, caption="水阀在这里", photo=picture)
        newest = (await ana.thread())[-1]
        assert "水阀在这里" in newest.text
        assert newest.attachments
        [*_, lent] = await town.storage.read(lambda tx: tx.all(select(blob_table).order_by(blob_table.c.id)))
        assert lent["chat_id"] == ana.chat_id
        await li.writes(topic, "// 家里有狗，进门先喊")
        assert "有狗" not in await reached(ana)
        assert "有狗" in await zhou_desk.opens(f"/console/tickets/{number}")
        # More time: a worker asks, the desk grants, each with two presses and a reason.
        due = (await ticket(town, number))["due_at"]
        await zhou.taps(topic, "延期")
        await zhou.taps(topic, "11/")
        await zhou.writes(topic, "配件要调货")
        assert (await ticket(town, number))["due_at"] > due
        assert "配件要调货" in await reached(ana)
        assert "✓ 周敏 已办：批准延期" in await topic.reads()
        # Handed to a colleague, and closed by them with what was done.
        await li.taps(topic, "转交")
        await li.taps(topic, "周敏")
        assert (await ticket(town, number))["assigned_to"] == zhou_desk.staff_id
        await zhou.taps(topic, "办结")
        await zhou.taps(topic, "办好")
        await zhou.writes(topic, "换了新水管")
        assert "换了新水管" in await reached(ana)
        assert "办的人说好了" in await reached(ana)
        await ana.presses("解决了")
        assert (await ticket(town, number))["state"] == "closed"
    assert [one for one in await steps(town) if one not in ("file", "answer")][:4] == [
        "take",
        "amend",
        "note",
        "extend",
    ]


async def test_nothing_reaches_a_resident_by_accident(bo: Any, topic: Topic, town: Town) -> None:
    stranger = await town.resident("telegram")
    nobody = Colleague(town, stranger.remote, stranger.chat_id, 0)
    async with (
        at_the_desk(town.storage, name="周敏") as zhou_desk,
        at_the_desk(town.storage, name="李强", role="worker") as li_desk,
        at_the_desk(town.storage, name="王芳", role="viewer") as wang_desk,
    ):
        zhou, li, wang = [await connected(town, desk) for desk in (zhou_desk, li_desk, wang_desk)]
        before = await reached(bo)
        await zhou.writes(topic, "谁去看看？")
        assert "还没有人接这张工单" in await topic.reads()
        await nobody.taps(topic, "接单")
        await nobody.writes(topic, "我来")
        assert "还没有接上工作账号" in await topic.reads()
        await wang.taps(topic, "接单")
        assert (await ticket(town, topic.number))["assigned_to"] is None, "a role that only looks"
        await li.taps(topic, "接单")
        await zhou.writes(topic, "上次也是这家")
        assert "不是您在办" in await topic.reads()
        colleague = {"message_id": 7, "date": 1, "chat": {"id": GROUP, "type": "supergroup"}, "text": "在吗"}
        person = {"id": zhou.remote, "is_bot": False, "first_name": "周"}
        await li.writes(topic, "在，马上去", reply_to_message=colleague | {"from": person})
        await li.writes(topic, "/nope 师傅来了")
        await li.writes(topic, "/wrong@another_bot 师傅来了")
        origin = {"type": "hidden_user", "date": 1, "sender_user_name": "某某"}
        await li.writes(topic, "转发的话", forward_origin=origin)
        mention = [{"type": "mention", "offset": 0, "length": 3}]
        await li.writes(topic, "@zm 你来过吗", entities=mention)
        await li.writes(None, "大家好")
        await li.writes(topic, "师傅{几点}到")
        assert "空格没填" in await topic.reads()
        await li.writes(topic, sticker={"file_id": "s", "file_unique_id": "s", "type": "regular", "width": 1, "height": 1,
                                        "is_animated": False, "is_video": False})  # fmt: skip
        # An answer was begun: a note is still a note, a word to a colleague stays one.
        await zhou.taps(topic, "答复居民")
        await zhou.writes(topic, "// 先问问物业")
        await zhou.writes(topic, "@lq 行不行", entities=mention)
        assert await reached(bo) == before
        await zhou.writes(topic, "明天上午来")
        assert "明天上午来" in await reached(bo)
        assert "没有这个命令" in await topic.reads()


async def test_rights_follow_at_once(bo: Any, topic: Topic, town: Town) -> None:
    async with (
        at_the_desk(town.storage, name="王芳", role="admin") as head,
        at_the_desk(town.storage, name="李强", role="worker") as li_desk,
    ):
        li = await connected(town, li_desk)
        await li.taps(topic, "接单")
        before = await reached(bo)
        chat_id = await town.storage.run(find_or_open, channel="telegram", remote=GROUP, kind="staff")
        for status in ("left", "member"):
            who: dict[str, Any] = {"chat_id": chat_id, "user_id": li.remote, "status": status, "name": "李"}
            await town.storage.run(group_members.changed, **who)
            if status == "left":
                await li.writes(topic, "还在办")
                assert "不在工作群里" in await topic.reads()
        passer: dict[str, Any] = {"chat_id": chat_id, "user_id": 4, "status": "member", "name": "过路的"}
        await town.storage.run(lambda tx: group_members.changed(tx, **passer))
        assert "过路的" in await head.opens("/console/staff"), "an admin sees who is no colleague"
        await town.storage.run(colleagues.change_role, li_desk.staff_id, "viewer", by=head.staff_id)
        await li.writes(topic, "我是李强")
        assert "您的身份不能这样做" in await topic.reads()
        await town.storage.run(colleagues.change_role, li_desk.staff_id, "worker", by=head.staff_id)
        assert await reached(bo) == before
        await li.writes(topic, "还是我在办")
        assert "还是我在办" in await reached(bo)
        await town.storage.run(staff.disable, li_desk.staff_id)
        await li.writes(topic, "再见")
        assert "再见" not in await reached(bo)


async def test_work_in_ones_own_chat_is_kept_apart_from_what_a_resident_says(any_town: Town) -> None:
    town, bo = any_town, await any_town.resident("web")
    await opens_group(town)
    topic = await topic_for(town, await files(bo))
    async with at_the_desk(town.storage, name="李强", role="worker") as desk:
        li = await connected(town, desk)
        assert topic.number in "".join(await li.says("/待办"))
        await li.says(f"/接单 {topic.number}")
        assert (await ticket(town, topic.number))["assigned_to"] == desk.staff_id
        await li.presses(topic.number)
        assert "7栋1204" in await li.sees()
        await li.presses("答复居民")
        prompt = (await li.thread())[-1]
        await li.says("我家停水了")
        assert "停水" not in await reached(bo), "a word of their own is a resident's"
        await li.replies_to(prompt, "师傅在路上")
        assert "师傅在路上" in await reached(bo)
        await li.replies_to(prompt, "再说一次")
        assert "再说一次" not in await reached(bo), "it was answered before"
        left = await town.storage.read(lambda tx: tx.all(select(message_table.c.text)))
        assert any("已经填过" in row["text"] for row in left)
