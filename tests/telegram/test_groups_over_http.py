"""Three groups at once, the whole service between the console, the Bot API and a web page: one with topics, one without,
and the house's, which the setting names. Whatever befalls one holds up no other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from bot.doctor import groups as doctor_on_groups
from bot.group_worker import GroupWorker
from bot.service import Service
from handlers.staff.cards import card_buttons
from knowledge.group import shipped
from storage import group_connecting, scopes, staff_telegram
from storage.chats import find_or_open
from storage.engine import Storage
from storage.tables import chats, tickets
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import Desk, file_ticket, hire
from tests.doubles.bot_api import BotApi
from tests.doubles.telegram_groups import Group, Member
from tests.doubles.web_people import WebPerson
from tests.group_office import group_office
from tests.patience import PATIENCE
from tests.telegram.test_desk_over_http import until
from tests.telegram.test_service import started
from tests.test_two_communities import chat_at, two_communities


async def admin_of(
    service: Service, api: BotApi, client: httpx.AsyncClient, name: str, *places: int
) -> tuple[Desk, Any]:
    """Signed in at the console, with their own Telegram connected."""
    member, token = await service.storage.run(hire, name, "admin")
    for place in places:
        await service.storage.run(scopes.give, member, by=member, community_id=place)
    await client.post("/console/enter", data={"token": token})
    phone = api.person()
    await phone.says(f"/start {await service.storage.run(staff_telegram.make_code, member)}")
    await phone.hears(f"接到同事“{name}”")
    await phone.presses("是我，接上")
    await phone.hears("接上了")
    return Desk(client, member), phone.about


def heard(group: Group, words: str) -> Any:
    return lambda: any(words in text for text in group.sees())


async def code_for(desk: Desk, place: int) -> str:
    await desk.opens(f"/console/communities/{place}")
    page = await desk.sends(f"/groups/{place}/code")
    [code] = re.findall(r"startgroup=g_(\w+)", page)
    return str(code)


async def test_two_communities_and_the_house_on_one_day(api: BotApi, tmp_path: Path) -> None:
    whole, east, west = api.group("supergroup"), api.group("forum"), api.group("group")
    async with (
        started(api, tmp_path, staff_chat_id=whole.chat_id) as service,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{service.server.port}", timeout=PATIENCE) as client,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{service.server.port}", timeout=PATIENCE) as page,
    ):
        house = await two_communities(service.storage)
        desk, about = await admin_of(service, api, client, "总管")
        shown = await desk.opens("/console/groups")
        assert "设置里写定的" in shown
        assert "连接一个群" in shown
        in_east, in_west = Member(api, about, east), Member(api, about, west)
        # The one by Telegram's link, the other by hand, in a group whose bot is no admin yet.
        await east.demotes()
        await in_east.says(f"/start@lianxin_test_bot g_{await code_for(desk, house.east)}")
        await until(api, heard(east, "本群是“东社区”的工作群"))
        await until(api, heard(east, "我还不是管理员"))
        await east.gives("can_manage_topics", "can_delete_messages")
        await until(api, heard(east, "该有的权限都有"))
        await in_west.says(f"/connect@lianxin_test_bot {await code_for(desk, house.west)}")
        await until(api, heard(west, "本群是“西社区”的工作群"))
        await until(api, heard(west, "没有开“话题”"))
        shown = await desk.opens("/console/groups")
        assert "正常，一单一个话题" in shown
        assert "能用，没有开话题" in shown
        # A resident of each: a topic here, a card there, nothing in the house's.
        for building, words in (("1", "东边的灯坏了"), ("21", "西边的锁坏了")):
            await service.storage.run(_filed, building, words)
        await until(api, lambda: any("东边的灯" in name for name in east.topics()))
        await until(api, heard(west, "西边的锁坏了"))
        assert not any("东边" in text or "西边" in text for text in whole.sees())
        assert not any("西边" in text for text in east.sees())
        await in_west.presses("接单")
        await until(
            api, lambda: any("由您来办" in text for query in api.world.queries.values() for text in query.answers)
        )
        [taken] = await service.storage.read(
            lambda tx: tx.all(select(tickets).where(tickets.c.assigned_to.is_not(None)))
        )
        assert taken["building"] == "21"
        # Danger in the west rings there; the east hears nothing.
        bo = WebPerson(page, "bo")
        await bo.opens_the_page()
        await bo.says("22栋着火了，楼道里都是烟")
        await until(api, heard(west, "火"))
        assert not heard(east, "烟")()
        assert not heard(whole, "烟")()
        # The west's is upgraded and goes on; the east's is shut, and what is said for it waits.
        await east.removes()
        await west.upgrades()
        await service.storage.run(_filed, "22", "西边的门也坏了")
        await until(api, heard(west, "西边的门也坏了"))
        await service.storage.run(_filed, "2", "东边的门坏了")
        await east.adds("can_manage_topics", "can_delete_messages")
        await until(api, lambda: any("东边的门" in name for name in east.topics()))
        # It is taken off: nothing of the east stays there, and its tickets are the house's.
        await desk.opens("/console/groups")
        await desk.sends(f"/{house.east}/end")
        await until(api, heard(east, "本群不再是“东社区”的工作群"))
        await until(api, lambda: not east.topics())
        await until(api, heard(whole, "东边的门坏了"))
        found = await service.storage.read(lambda tx: [one.found for one in doctor_on_groups(tx, service.settings)])
        assert any("the house" in one and "LIANXIN_STAFF_CHAT_ID" in one for one in found)
        assert any("西社区" in one for one in found)


def _filed(tx: Tx, building: str, words: str) -> int:
    known = tx.scalar(select(chats.c.remote).where(chats.c.id == chat_at(tx, building)))
    return file_ticket(tx, remote=int(known), building=building, description=words, title=words).id


@pytest.mark.parametrize("trouble", ["shut", "patience"])
async def test_one_group_in_trouble_holds_up_no_other_and_each_keeps_its_budget(
    trouble: str, storage: Storage, api: BotApi, clock: FrozenClock
) -> None:
    async with group_office(storage, api, clock, paced=True) as desk:
        house = await two_communities(storage)
        east, west = api.group("forum"), api.group("group")
        for group, place in ((east, house.east), (west, house.west)):
            await storage.run(_connected, group.chat_id, place, house.admin)
        desk.clerk = GroupWorker(storage, buttons=card_buttons)
        await desk.looks()
        if trouble == "shut":
            api.refuses(
                "*", 403, "Forbidden: bot was kicked from the supergroup chat", times=10_000, chat_id=east.chat_id
            )
        else:
            for _ in range(40):
                api.asks_patience(60, method="*", chat_id=east.chat_id)
        for number in range(30):
            for building in ("1", "21"):
                await storage.run(_filed, building, f"{building}栋的第{number}件事")
        await desk.passes(240)
        cards = [text for text in west.sees() if "21栋的第" in text]
        assert len(cards) == 30, "all of the west's, while the east's waits"
        assert west.group.most_in_a_minute() <= shipped().budget.a_minute
        api.troubles.clear()
        await desk.looks()
        await desk.passes(600)
        assert len(east.topics()) == 30, "and nothing of the east's was lost"
        assert east.group.most_in_a_minute() <= shipped().budget.a_minute
        assert not [text for text in desk.group.sees() if "件事" in text]


async def test_sixty_tickets_of_the_house_move_into_their_own_group_within_both_budgets(
    storage: Storage, api: BotApi, clock: FrozenClock
) -> None:
    async with group_office(storage, api, clock, paced=True) as desk:
        house = await two_communities(storage)
        await desk.looks()
        for number in range(60):
            await storage.run(_filed, "21", f"21栋的第{number}件事")
        await storage.run(_filed, "1", "东边的事")
        await desk.passes(700)
        assert len(desk.group.topics()) == 61
        west = api.group("forum")
        await storage.run(_connected, west.chat_id, house.west, house.admin)
        await desk.looks()
        await storage.run(_urgent, "22", "22栋电梯困人")
        await desk.passes(60)
        assert any("电梯困人" in name for name in west.topics()), "the urgent one goes before all that moves"
        await desk.passes(900)
        assert len(west.topics()) == 61
        assert [name for name in desk.group.topics() if "21" in name] == []
        for group in (desk.group, west):
            assert group.group.most_in_a_minute() <= shipped().budget.a_minute


def _connected(tx: Tx, remote: int, place: int, admin: int) -> None:
    code = group_connecting.make_code(tx, place, by=admin)
    chat_id = find_or_open(tx, channel="telegram", remote=remote, kind="group")
    made = group_connecting.connect(tx, str(code), chat_id=chat_id, staff_id=admin)
    assert isinstance(made, group_connecting.Connected), made


def _urgent(tx: Tx, building: str, words: str) -> int:
    ticket_id = _filed(tx, building, words)
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(urgency="P0"))
    return ticket_id
