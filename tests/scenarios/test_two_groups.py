"""Two communities with a staff group each, and a house: a group is made from the console and the group itself, whoever is
of one community learns and changes nothing of the other, and leaving one group takes away its work and no other."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.group_worker import GroupWorker
from bot.telegram.arrivals import arrival_of
from handlers.clocks import alarms as alarm_clock
from handlers.staff.cards import card_buttons
from handlers.texts.catalogue import load_catalogue
from storage import alarms, facts, group_connecting, group_home, group_members, inbox, messages, scopes, staff_telegram
from storage.chats import find_or_open
from storage.engine import Storage
from storage.messages import Message
from storage.staff import MayNot
from storage.tables import chats, group_news, ticket_events, tickets, topics, work_groups
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk, file_ticket
from tests.test_two_communities import House, chat_at, two_communities
from tests.town import COUNTER, Town

BOT = {"id": 42, "is_bot": True, "first_name": "连心"}
EAST, WEST, HOUSE = -1_001, -1_002, -1_003
LINK = "https://t.me/lianxin_bot"


@dataclass
class Phone:
    """One colleague's Telegram, in whichever group they write."""

    town: Town
    desk: Desk
    remote: int
    own_chat: int

    def message(self, group: int, text: str, **more: Any) -> dict[str, Any]:
        number = next(COUNTER)
        chat = {"id": group, "type": "supergroup", "title": "群"}
        if group > 0:
            chat = {"id": group, "type": "private", "first_name": "我"}
        said = {"message_id": 600_000 + number, "date": 1_790_000_000, "chat": chat, "text": text}
        person = {"id": self.remote, "is_bot": False, "first_name": "同事"}
        return {"update_id": number, "message": said | {"from": person} | more}

    async def writes(self, group: int, text: str, **more: Any) -> list[str]:
        """What the bot says in that chat because of it."""
        return await self.puts(group, self.message(group, text, **more))

    async def puts(self, group: int, update: dict[str, Any]) -> list[str]:
        before = {one.id for one in await said_in(self.town, group)}
        await self.town.storage.run(inbox.take_in, [arrival_of(update)])
        await self.town.works()
        return [one.text for one in await said_in(self.town, group) if one.id not in before]

    async def presses(self, group: int, card: Message, data: str) -> None:
        update = self.message(group, card.text)
        pressed = update.pop("message") | {"message_id": card.id, "from": BOT}
        sender = {"id": self.remote, "is_bot": False, "first_name": "同事"}
        query = {
            "id": f"q{update['update_id']}",
            "from": sender,
            "chat_instance": "1",
            "message": pressed,
            "data": data,
        }
        await self.puts(group, update | {"callback_query": query})

    async def answers(self, group: int, card: Message, text: str) -> list[str]:
        shown = {"message_id": card.id, "date": 1_790_000_000, "chat": {"id": group, "type": "supergroup"}, "from": BOT}
        return await self.writes(group, text, reply_to_message=shown | {"text": card.text})

    async def stands(self, group: int, status: str) -> None:
        chat_id = await self.town.storage.run(find_or_open, channel="telegram", remote=group, kind="group")
        who: dict[str, Any] = {"chat_id": chat_id, "user_id": self.remote, "status": status, "name": self.desk_name}
        await self.town.storage.run(lambda tx: group_members.changed(tx, **who))

    desk_name = "某某"


async def said_in(town: Town, group: int) -> list[Message]:
    chat_id = await town.storage.run(find_or_open, channel="telegram", remote=group, kind="group")
    every = await town.storage.read(messages.latest, chat_id=chat_id, limit=500)
    return [one for one in every if one.sender == "bot"]


async def read_in(town: Town, group: int) -> str:
    return "\n".join(one.text for one in await said_in(town, group))


class Offices:
    """The house, with everybody who is in this story."""

    def __init__(self, town: Town, house: House, stack: AsyncExitStack) -> None:
        self.town, self.house, self._stack = town, house, stack
        self.clerk = GroupWorker(town.storage, buttons=card_buttons)

    async def hires(self, name: str, role: str, *places: int) -> Phone:
        """With their own Telegram connected; responsible for these communities, or for everything."""
        desk = await self._stack.enter_async_context(at_the_desk(self.town.storage, name=name, role=role))
        for place in places:
            await self.town.storage.run(scopes.give, desk.staff_id, by=self.house.admin, community_id=place)
        phone = await self.town.resident("telegram")
        await phone.says(f"/start {await self.town.storage.run(staff_telegram.make_code, desk.staff_id)}")
        assert "接上了" in "".join(await phone.presses("是我，接上"))
        found = Phone(self.town, desk, phone.remote, phone.chat_id)
        found.desk_name = name
        return found

    async def works(self) -> None:
        while await self.clerk.step():
            await self.town.works()
        await self.town.works()

    async def connects(self, phone: Phone, group: int, place: int | None) -> str:
        code = await self.town.storage.run(group_connecting.make_code, place, by=phone.desk.staff_id)
        return "\n".join(await phone.writes(group, f"/connect@lianxin_bot {code}"))

    async def files(self, building: str, words: str) -> dict[str, Any]:
        """A resident of this building, and the ticket as it is kept."""

        def filed(tx: Tx) -> dict[str, Any]:
            known = tx.scalar(select(chats.c.remote).where(chats.c.id == chat_at(tx, building)))
            made = file_ticket(tx, remote=int(known), building=building, description=words, title=words)
            row = tx.first(select(tickets).where(tickets.c.id == made.id))
            assert row is not None
            return dict(row)

        found = await self.town.storage.run(filed)
        await self.works()
        return found

    async def now(self, ticket: dict[str, Any]) -> dict[str, Any]:
        row = await self.town.storage.read(lambda tx: tx.first(select(tickets).where(tickets.c.id == ticket["id"])))
        assert row is not None
        return dict(row)

    async def card(self, group: int, ticket: dict[str, Any]) -> Message:
        [found] = [one for one in await said_in(self.town, group) if ticket["number"] in one.text and one.buttons]
        return found

    async def events(self, ticket: dict[str, Any]) -> int:
        mine = select(ticket_events.c.id).where(ticket_events.c.ticket_id == ticket["id"])
        return len(await self.town.storage.read(lambda tx: tx.all(mine)))


@asynccontextmanager
async def offices(town: Town) -> AsyncIterator[Offices]:
    async with AsyncExitStack() as stack:
        house = await two_communities(town.storage)
        await town.storage.run(facts.put, facts.TELEGRAM_NAME, "lianxin_bot")
        yield Offices(town, house, stack)


async def test_from_the_console_to_a_group_that_says_what_it_is(town: Town) -> None:
    async with offices(town) as house:
        head = await house.hires("王芳", "admin", house.house.east)
        before = await house.files("1", "楼道灯坏了")
        page = await head.desk.opens("/console/groups")
        assert "东社区" in page
        assert "西社区" not in page, "nobody is shown what is not theirs"
        assert "全部社区的群" in page
        assert '/console/groups/house/code"' not in page
        place = house.house.east
        page = await head.desk.sends(f"/{place}/code")
        [code] = re.findall(r"startgroup=g_(\w+)", page)
        assert f"/connect@lianxin_bot {code}" in page, "for whom the link does not open"
        looked = await head.desk.opens(f"/console/groups/{place}/code")
        assert code not in looked, "it was shown once"
        [said] = await head.writes(EAST, f"/start@lianxin_bot g_{code}")
        looked = await head.desk.opens(f"/console/groups/{place}/code")
        assert "王芳" in looked, "the page it was shown on shows by itself that it is done"
        assert "断开这个群" in looked
        assert "本群是“东社区”的工作群" in said
        assert "现在有 1 张" in said
        await house.works()
        assert before["number"] in await read_in(town, EAST), "open work is there from the start"
        shown = await head.desk.opens(f"/console/communities/{place}")
        assert "能用，没有开话题" in shown
        assert "断开这个群" in await head.desk.opens("/console/groups")
        await head.desk.sends(f"/{place}/end")
        assert head.desk.status == 200
        assert "没有自己的工作群" in head.desk.page
        assert "本群不再是“东社区”的工作群" in (await said_in(town, EAST))[-1].text
        assert [one.text for one in await said_in(town, EAST) if before["number"] in one.text] == [], (
            "it was taken away"
        )
        other = await house.files("2", "门禁坏了")
        assert other["number"] not in await read_in(town, EAST)


async def test_wrong_codes_and_wrong_places_change_nothing_and_say_so(town: Town, clock: FrozenClock) -> None:
    async with offices(town) as house:
        east, west = house.house.east, house.house.west
        head, other = await house.hires("王芳", "admin", east), await house.hires("赵敏", "admin", west)
        worker, boss = await house.hires("李强", "worker", east), await house.hires("总管", "admin")
        stranger = Phone(town, head.desk, 7_999_999, 0)

        async def code(place: int | None, by: Phone) -> str:
            made = await town.storage.run(group_connecting.make_code, place, by=by.desk.staff_id)
            assert isinstance(made, str), made
            return made

        good = await code(east, head)
        for phone, said, why in (
            (stranger, good, "还没有接上工作账号"),
            (worker, good, "不是您负责的地方"),
            (other, good, "不是您负责的地方"),
            (head, "ABCDEFGH", "不对、用过了，或者过了 15 分钟"),
            (head, "'; DROP TABLE chats; --", "不对、用过了"),
        ):
            assert why in "".join(await phone.writes(EAST, f"/connect {said}")), why
        assert "写在后面" in "".join(await head.writes(EAST, "/connect"))
        assert "发在工作群里" in "".join(await head.writes(head.remote, f"/connect {good}"))
        channel = head.message(-77, f"/connect {good}")
        post = channel.pop("message") | {"chat": {"id": -77, "type": "channel", "title": "公告"}}
        post.pop("from")
        assert "频道，不能当工作群" in "".join(await head.puts(-77, channel | {"channel_post": post}))
        group = {"id": EAST, "type": "supergroup", "title": "群"}
        assert "匿名" in "".join(await head.writes(EAST, f"/connect {good}", sender_chat=group))
        clock.move(minutes=16)
        assert "过了 15 分钟" in "".join(await head.writes(EAST, f"/connect {good}"))
        assert await town.storage.read(lambda tx: tx.all(select(work_groups))) == []

        assert "东社区" in await house.connects(head, EAST, east)
        [refused] = await head.writes(EAST, f"/connect {good}")
        assert "用过了" in refused
        theirs = await code(west, other)
        assert "本群已经是“东社区”的工作群" in "".join(await other.writes(EAST, f"/connect {theirs.lower()}"))
        assert "西社区" in "".join(await other.writes(WEST, f"/connect {theirs[:4]} {theirs[4:].lower()}")), (
            "as it is typed"
        )
        again = await town.storage.run(group_connecting.make_code, east, by=head.desk.staff_id)
        assert again == group_connecting.Refused("has_one", "东社区")
        with pytest.raises(MayNot):
            await town.storage.run(group_connecting.make_code, None, by=head.desk.staff_id)
        assert "全部社区" in await house.connects(boss, HOUSE, None)
        assert [one.community_id for one in await town.storage.read(group_home.groups)] == [east, west, None]


async def test_a_group_in_which_the_others_tickets_stand_is_not_given_away(town: Town) -> None:
    async with offices(town) as house:
        boss = await house.hires("总管", "admin")
        await house.connects(boss, HOUSE, None)
        ours, theirs = await house.files("1", "东边的灯"), await house.files("21", "西边的灯")
        heard = await read_in(town, HOUSE)
        assert ours["number"] in heard
        assert theirs["number"] in heard
        word = "散了"
        await town.storage.run(group_connecting.disconnect, None, by=boss.desk.staff_id, word=word)
        assert "还有别的社区的工单" in await house.connects(boss, HOUSE, house.house.east)
        assert "全部社区" in await house.connects(boss, HOUSE, None), "it may be the house's again"
        await house.works()
        assert theirs["number"] in await read_in(town, HOUSE), "and what was taken away is there anew"


async def test_whoever_is_of_one_learns_and_changes_nothing_of_the_other(town: Town) -> None:
    async with offices(town) as house:
        east, west = house.house.east, house.house.west
        head, other = await house.hires("王芳", "admin", east), await house.hires("赵敏", "admin", west)
        worker, boss = await house.hires("李强", "worker", east), await house.hires("总管", "admin")
        await house.connects(head, EAST, east)
        await house.connects(other, WEST, west)
        secret = "西边张家的锁坏了"
        theirs = await house.files("21", secret)
        assert secret in await read_in(town, WEST)
        assert secret not in await read_in(town, EAST)
        card, before, events = await house.card(WEST, theirs), await house.now(theirs), await house.events(theirs)
        # A colleague of the east in the west's group: pressing, answering, writing a note, naming it.
        for data in ("take", "answer", "note", "pass", "due", "end"):
            await worker.presses(WEST, card, f"w:{theirs['id']}:{data}")
        said = await worker.answers(WEST, card, "师傅马上来")
        said += await worker.answers(WEST, card, "// 记一笔")
        # The west's number in the east's group, by whoever is of the east, and by whoever may see everything.
        for phone in (worker, head, boss):
            for words in ("/接单 {}", "/答复 {} 师傅马上来", "/备注 {} 记一笔", "/办结 {}"):
                said += await phone.writes(EAST, words.format(theirs["number"]))
        assert {line for line in said if "没有这张工单，或者不归您看" not in line} == set()
        assert await house.now(theirs) == before
        assert await house.events(theirs) == events
        assert secret not in await read_in(town, EAST)
        assert "西边" not in "\n".join(said)
        # The same in their own chats: the console's rights.
        assert "没有这张工单" in "".join(await worker.writes(worker.remote, f"/接单 {theirs['number']}"))
        listed = "".join(await worker.writes(worker.remote, "/待办"))
        assert theirs["number"] not in listed
        # In its own group the boss works on it as anybody may.
        await boss.presses(WEST, card, f"w:{theirs['id']}:take")
        assert (await house.now(theirs))["assigned_to"] == boss.desk.staff_id
        # Who sits where they are not responsible is told to whoever decides there.
        await worker.stands(WEST, "member")
        await boss.stands(WEST, "member")
        page = await other.desk.opens("/console/groups")
        assert "是同事“李强”，但不负责" in page
        assert "总管" not in page
        assert "李强" not in await head.desk.opens("/console/groups")
        assert "是同事“李强”" in await other.desk.opens("/console/staff")
        assert "是同事“李强”" not in await head.desk.opens("/console/staff"), "the west's group is not theirs to decide"
        await worker.stands(EAST, "member")
        assert "李强" not in await head.desk.opens("/console/groups"), "there they belong"


async def test_leaving_ones_own_group_takes_away_work_there_and_no_other(town: Town) -> None:
    async with offices(town) as house:
        east, west = house.house.east, house.house.west
        boss, worker = await house.hires("总管", "admin"), await house.hires("李强", "worker", east, west)
        await house.connects(boss, EAST, east)
        await house.connects(boss, WEST, west)
        here, there = await house.files("1", "东边的灯"), await house.files("21", "西边的灯")
        await worker.stands(EAST, "member")
        await worker.stands(WEST, "member")
        await worker.stands(EAST, "left")
        own = worker.remote
        assert "已经不在工作群里" in "".join(await worker.writes(own, f"/接单 {here['number']}"))
        assert (await house.now(here))["assigned_to"] is None
        await worker.writes(own, f"/接单 {there['number']}")
        assert (await house.now(there))["assigned_to"] == worker.desk.staff_id, "the other group's work goes on"
        listed = "".join(await worker.writes(own, "/待办"))
        assert here["number"] not in listed
        await worker.presses(WEST, await house.card(WEST, there), f"w:{there['id']}:note")
        assert any("备注" in one.text for one in await said_in(town, WEST))
        await worker.stands(WEST, "kicked")
        assert "已经不在工作群里" in "".join(await worker.writes(own, f"/备注 {there['number']} 记一笔"))
        await worker.stands(EAST, "member")
        await worker.writes(own, f"/接单 {here['number']}")
        assert (await house.now(here))["assigned_to"] == worker.desk.staff_id, "back again, at once"


async def test_a_ticket_passed_on_leaves_the_one_group_and_appears_in_the_other(town: Town) -> None:
    async with offices(town) as house:
        east, west = house.house.east, house.house.west
        boss = await house.hires("总管", "admin")
        head, other = await house.hires("王芳", "admin", east), await house.hires("赵敏", "admin", west)
        await house.connects(boss, EAST, east)
        await house.connects(boss, WEST, west)
        words = "围墙那边的灯坏了"
        passed = await house.files("1", words)
        number = passed["number"]
        await head.desk.opens(f"/console/tickets/{number}")
        await head.desk.sends(f"/{number}/pass", to=str(west), reason="灯在西区")
        await house.works()
        assert words in await read_in(town, EAST), "until it is accepted it is the east's"
        assert number not in await read_in(town, WEST)
        page = await other.desk.opens(f"/console/tickets/{number}")
        [offer] = set(re.findall(rf"/console/tickets/{number}/passes/(\d+)/accepted", page))
        await other.desk.sends(f"/passes/{offer}/accepted", reason="")
        assert words not in await read_in(town, EAST), "who has no more to do with it keeps nothing of it"
        assert f"工单 {number} 已经转给“西社区”办" in await read_in(town, EAST)
        await house.works()
        assert words in await read_in(town, WEST)
        card = await house.card(WEST, passed)
        await other.presses(WEST, card, f"w:{passed['id']}:note")
        assert any("备注" in one.text for one in (await said_in(town, WEST))[-2:])
        assert "没有这张工单" in "".join(await head.writes(EAST, f"/备注 {number} 还在我们这")), (
            "not in the east's any more"
        )


@pytest.mark.parametrize(
    ("building", "words", "group"),
    [("21", "着火了！厨房烧起来了", WEST), ("1", "着火了！厨房烧起来了", EAST), (None, "22栋着火了", WEST)],
)
async def test_an_alarm_rings_in_the_group_of_its_place(
    building: str | None, words: str, group: int, town: Town, clock: FrozenClock
) -> None:
    async with offices(town) as house:
        boss = await house.hires("总管", "admin")
        await house.connects(boss, EAST, house.house.east)
        await house.connects(boss, WEST, house.house.west)
        await house.connects(boss, HOUSE, None)
        bo = await town.resident("web")

        def at_home(tx: Tx) -> None:
            tx.execute(chats.update().where(chats.c.id == bo.chat_id).values(building=building))

        await town.storage.run(at_home)
        await bo.says(words)
        rung = {
            one: "🚨" in await read_in(town, one) or "火" in await read_in(town, one) for one in (EAST, WEST, HOUSE)
        }
        assert rung == {one: one == group for one in rung}
        # Its own group is shut: the house's is called, until somebody has it.
        shut = await town.storage.run(find_or_open, channel="telegram", remote=group, kind="group")

        def close(tx: Tx) -> None:
            tx.execute(chats.update().where(chats.c.id == shut).values(blocked_at=tx.now))

        await town.storage.run(close)
        clock.move(minutes=10)
        await town.storage.run(_repeat)
        assert "火" in await read_in(town, HOUSE)
        await town.storage.run(lambda tx: alarms.take(tx, _alarm(tx), staff_id=boss.desk.staff_id))
        before = await read_in(town, HOUSE)
        clock.move(minutes=10)
        await town.storage.run(_repeat)
        assert await read_in(town, HOUSE) == before


def _repeat(tx: Tx) -> None:
    alarm_clock.repeat(tx, load_catalogue())


def _alarm(tx: Tx) -> int:
    return int(alarms.open_alarms(tx)[0]["id"])


async def test_a_private_danger_says_nothing_in_any_group(town: Town) -> None:
    async with offices(town) as house:
        boss = await house.hires("总管", "admin")
        await house.connects(boss, WEST, house.house.west)
        await house.connects(boss, HOUSE, None)
        bo = await town.resident("web")
        await town.storage.run(
            lambda tx: tx.execute(chats.update().where(chats.c.id == bo.chat_id).values(building="21"))
        )
        await bo.says("我不想活了，药都吃了")
        heard = await read_in(town, WEST)
        assert "需要" in heard
        assert not [word for word in ("药", "不想活", "自杀", "21") if word in heard]
        assert len(await said_in(town, HOUSE)) == 1, "that it is the house's group"


async def test_how_groups_are_kept_on_either_database(any_storage: Storage, clock: FrozenClock) -> None:
    house = await two_communities(any_storage)
    east, west = house.east, house.west

    def group(tx: Tx, remote: int) -> int:
        return find_or_open(tx, channel="telegram", remote=remote, kind="group")

    async def connected(place: int | None, remote: int) -> int:
        code = await any_storage.run(group_connecting.make_code, place, by=house.admin)
        chat_id = await any_storage.run(group, remote)
        made = await any_storage.run(
            lambda tx: group_connecting.connect(tx, str(code), chat_id=chat_id, staff_id=house.admin)
        )
        assert isinstance(made, group_connecting.Connected), made
        return chat_id

    def filed(tx: Tx, building: str) -> int:
        return file_ticket(tx, remote=int(building) + 2**52, building=building).id

    ours = await connected(east, EAST)
    tickets_ = {building: await any_storage.run(filed, building) for building in ("1", "21")}
    news = await any_storage.read(lambda tx: {row["ticket_id"] for row in tx.all(select(group_news))})
    assert news == {tickets_["1"]}, "of what no group is told nothing is kept"
    whole = await connected(None, HOUSE)

    def homes(tx: Tx) -> dict[str, list[bool]]:
        return {key: [group_home.is_home(tx, chat, id) for chat in (ours, whole)] for key, id in tickets_.items()}

    assert await any_storage.read(homes) == {"1": [True, False], "21": [False, True]}
    # Setting and console: the setting wins for the house, and takes no community's group.
    assert await any_storage.run(group_home.settle, EAST) is None
    named = await any_storage.run(group_home.settle, WEST)
    assert [one.chat_id for one in await any_storage.read(group_home.groups)] == [ours, named]
    refused = await any_storage.run(group_connecting.make_code, None, by=house.admin)
    assert refused == group_connecting.Refused("setting", None)
    assert not await any_storage.run(group_connecting.disconnect, None, by=house.admin, word="散")
    # Without Telegram there is none; it comes back with it.
    await any_storage.run(lambda tx: group_home.settle(tx, WEST, telegram=False))
    assert await any_storage.read(group_home.groups) == []
    await any_storage.run(group_home.settle, None)
    assert [one.chat_id for one in await any_storage.read(group_home.groups)] == [ours]
    assert west not in [one.community_id for one in await any_storage.read(group_home.groups)]
    clock.now += timedelta(seconds=1)
    assert await any_storage.run(group_connecting.disconnect, east, by=house.admin, word="散")
    assert await any_storage.read(lambda tx: tx.all(select(topics).where(topics.c.state == "open"))) == []
