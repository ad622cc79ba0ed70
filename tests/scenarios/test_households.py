"""Household duty and heart cards: from the consent to a visit, a word by the card, a lost card, a worker who leaves."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select

from storage import heart_cards, household_ends, household_figures, households, leaving, retention, staff
from storage import tables as t
from storage.access import NotThere
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.household_plans import Visited
from storage.household_visits import visit
from storage.households import Agreed, Entered, Wrong
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk, hire
from tests.scenarios.office import passes
from tests.town import Town

HOME = {"kind": "empty_nest", "name": "陈婆婆", "phone": "02366660000", "building": "7", "unit": "2", "room": "1204"}
SITUATION = "耳朵背，要大声敲门"
SECRETS = ("陈婆婆", "1204", SITUATION, "02366660000")


async def registers(desk: Desk, worker: int, stand_in: int | str = "", **more: str) -> str:
    await desk.opens("/console/households/new")
    hands = {"worker": str(worker), "stand_in": str(stand_in)}
    given = {"situation": SITUATION, "agreed_how": "spoken", "agreed_by": "本人"}
    return await desk.sends("/new", **(HOME | hands | given | more))


def one_flat(tx: Tx) -> None:
    """The only one that is known of this household's building."""
    community = tx.insert(t.communities, name="望桐社区", profile={}, created_at=tx.now)
    building = tx.insert(t.buildings, community_id=community, name=HOME["building"], floors=29, units=2)
    tx.insert(t.flats, building_id=building, unit=HOME.get("unit") or "1", floor=12, room=HOME["room"])


async def looks(desk: Desk, id: int = 1, reason: str = "visit") -> str:
    await desk.opens(f"/console/households/{id}")
    return await desk.sends("/look", reason=reason) if "/look" in desk.page else desk.page


async def rows(storage: Storage, table: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in await storage.read(lambda tx: tx.all(select(table)))]


async def code(storage: Storage) -> str:
    return str((await rows(storage, t.heart_cards))[-1]["code"])


async def test_from_consent_to_a_visit_and_what_is_needed(town: Town, clock: FrozenClock) -> None:
    storage = town.storage
    async with at_the_desk(storage, role="admin") as admin, at_the_desk(storage, name="李强", role="worker") as worker:
        page = await registers(admin, worker.staff_id, agreed_how="")
        assert admin.status == 422
        assert "没有写住户怎么同意的" in page
        assert "电话不对" in await registers(admin, worker.staff_id, phone="138")
        await storage.run(one_flat)
        assert "没有这个单元或房号" in await registers(admin, worker.staff_id, room="9999")
        assert "登记好了" in await registers(admin, worker.staff_id)
        assert SITUATION in admin.page, "whoever registers has it before them"
        clock.move(days=1)
        page = await admin.opens("/console/households")
        assert "户 1" in page
        assert not any(secret in page for secret in SECRETS), "the list of somebody who is not named tells no name"
        assert "为什么要看" in await admin.opens("/console/households/1")
        assert not any(secret in admin.page for secret in SECRETS)
        assert "陈婆婆" in await worker.opens("/console/households")
        await worker.opens("/console/households/1")
        assert "请写明原因" in await worker.sends("/look", reason="", other=" ")
        assert SITUATION in await looks(worker)
        page = await worker.sends("/visit", way="visit", met="seen", seen="", needs="")
        assert "写一句看到什么" in page
        page = await worker.sends(
            "/visit", way="visit", met="seen", seen="精神好", needs="", category="repair", then="ticket"
        )
        assert "请先写" in page
        seen = {"way": "visit", "met": "seen", "seen": "精神好", "needs": "厨房灯不亮", "category": "repair"}
        page = await worker.sends("/visit", **seen, then="ticket")
        [ticket] = await rows(storage, t.tickets)
        assert ticket["number"] in page
        assert (ticket["title"], ticket["room"], ticket["category"]) == ("厨房灯不亮", "1204", "repair")
        clock.move(minutes=31)
        assert "为什么要看" in await worker.opens("/console/households/1"), "a reason holds for a while only"
    looked = [row["reason"] for row in await rows(storage, t.household_looks)]
    assert looked == ["…", "准备走访"]
    plans = await rows(storage, t.household_plans)
    assert [(plan["state"], plan["done_at"] is not None) for plan in plans] == [("done", True), ("open", False)]


async def test_nobody_else_learns_that_there_is_one(storage: Storage) -> None:
    async with at_the_desk(storage, role="admin") as admin, at_the_desk(storage, name="李强", role="worker") as other:
        worker, _ = await storage.run(hire, "吴明", "worker")
        await registers(admin, worker)
        assert "没有您负责的户" in await other.opens("/console/households")
        await other.opens("/console/households/1")
        assert other.status == 404
        csrf = admin.form("/visit")[1]
        await other.opens("/console/households/cards")
        mine = other.form("/cards")[1]
        for what in ("look", "visit", "card", "word", "end", "change"):
            answer = await other.client.post(f"/console/households/1/{what}", data=csrf | mine | {"reason": "visit"})
            assert answer.status_code == 404, what
        page = await other.sends("/cards", building="", reason="看看", phone="")
        assert "没有可以印的卡" in page
    with pytest.raises(NotThere):
        await storage.run(households.look, 1, staff_id=other.staff_id, reason="好奇")


async def test_a_card_leads_to_the_worker_and_tells_a_finder_nothing(town: Town) -> None:
    storage = town.storage
    staff_chat = await storage.run(find_or_open, channel="telegram", remote=-100, kind="staff")
    async with at_the_desk(storage, role="admin") as admin, at_the_desk(storage, name="李强", role="worker") as worker:
        await registers(admin, worker.staff_id)
        await worker.opens("/console/households/cards")
        page = await worker.sends("/cards", building="7", reason="发卡", phone="023-6800 0000")
        first = await code(storage)
        assert page.count("<article") == 1
        assert "有事找 <b>李强</b>" in page
        face = page.split("发卡单")[0]
        assert not any(secret in face for secret in SECRETS), "the card itself says nothing of whose it is"
        assert "1204" in page, "the list for whoever gives them out does"
        ana = await town.resident("web")
        heard = "\n".join(await ana.says(f"/start k{first}"))
        assert "您的社区联系人是 李强" in heard
        await ana.presses("留句话")
        heard += "\n".join(await ana.says("灯坏了，李强你来看一下嘛"))
        assert "李强三天内回您的话" in heard
        assert not any(secret in heard for secret in SECRETS)
        told = [row["text"] for row in await rows(storage, t.messages) if row["chat_id"] == staff_chat]
        assert told == ["【连心卡】有人给李强留了话，请在工作台看。"]
        assert "1 条留话" in await worker.opens("/console/households")
        assert "灯坏了" in await looks(worker)
        word = (await rows(storage, t.household_words))[0]["id"]
        assert "发给持卡人" in await worker.sends("/word", word=str(word), text="下午三点来", then="answer")
        assert "李强（社区）：下午三点来" in "\n".join(await ana.hears())
        await ana.presses("不想再有人上门")
        assert "有人来问您" in "\n".join(await ana.presses("是，请来问我"))
        assert [row["state"] for row in await rows(storage, t.households)] == ["active"], "a finder ends nothing"
        assert "旧卡停用了" in await worker.sends("/card", do="lost") if await looks(worker) else ""
        assert "已经停用" in "\n".join(await ana.presses("找李强")), "what was opened by the old card is shut"
        finder = await town.resident("telegram")
        assert await finder.says(f"/start k{first}") == await (await town.resident("telegram")).says(
            "/start kzzzzzzzzzz"
        )
        new = await town.resident("web")
        assert "您的社区联系人是 李强" in "\n".join(await new.says(f"/start k{await code(storage)}"))
        await new.presses("找李强")
        [talk] = await rows(storage, t.conversations)
        assert talk["reason"] == "card"


async def test_at_their_wish_it_ends_and_is_forgotten_at_once(storage: Storage) -> None:
    async with at_the_desk(storage, role="admin") as admin:
        worker, _ = await storage.run(hire, "吴明", "worker")
        await registers(admin, worker)
        await admin.sends("/card", do="make")
        await admin.sends("/visit", way="visit", met="seen", seen="腿脚不便", needs="")
        assert "包户结束了" in await admin.sends("/end", why="wish", sure="yes")
        chat_id = await storage.run(find_or_open, channel="web", remote=FIRST_WEB_CHAT + 5)
        assert await storage.run(heart_cards.scan, chat_id=chat_id, code=await code(storage)) is None
        for table in (t.households, t.household_visits, t.household_words, t.audit):
            kept = str(await rows(storage, table))
            assert not any(secret in kept for secret in (*SECRETS, "腿脚不便")), table.name
    assert len(await rows(storage, t.household_visits)) == 1, "that somebody came is still counted"


async def test_a_day_nobody_came_climbs_and_a_worker_who_leaves_hands_over(town: Town, clock: FrozenClock) -> None:
    storage = town.storage
    staff_chat = await storage.run(find_or_open, channel="telegram", remote=-100, kind="staff")

    async def told() -> list[str]:
        return [str(row["text"]) for row in await rows(storage, t.messages) if row["chat_id"] == staff_chat]

    async with at_the_desk(storage, role="admin") as admin:
        worker, _ = await storage.run(hire, "李强", "worker")
        stand_in, _ = await storage.run(hire, "吴明", "worker")
        await registers(admin, worker, stand_in)
        await passes(town, clock, days=13)
        assert await told() == []
        await passes(town, clock, days=1)
        assert await told() == ["【包户】李强今天有 1 户要走访，请在工作台看。"]
        await passes(town, clock, days=1)
        await passes(town, clock, days=3)
        assert "已报社区居委会负责人" in (await told())[-1]
        assert (await storage.read(leaving.in_hand, worker)).households == 1
        await storage.run(staff.disable, worker)
        [home] = await rows(storage, t.households)
        assert (home["worker_id"], home["stand_in_id"]) == (stand_in, None)
        before = len(await told())
        await storage.run(staff.disable, stand_in)
        await passes(town, clock, days=4)
        assert (await told())[before:][0].startswith("【包户】有 1 户没有人负责")
    async with at_the_desk(storage, name="孙管理", role="admin") as admin:
        assert "还没有人负责" in await admin.opens("/console/households")
        await looks(admin, reason="matter")
        third, _ = await storage.run(hire, "郑红", "worker")
        page = await admin.sends("/hand-over", worker=str(third), stand_in="", reason="接手")
        assert "换人了" in page
        fourth, _ = await storage.run(hire, "何平", "worker")
        await admin.opens("/console/households")
        page = await admin.sends("/hand-over-all", of=str(third), to=str(third), reason="外出学习")
        assert "同一个人" in page
        assert "外出学习" in page, "what was typed stays"
        await admin.sends("/hand-over-all", of=str(third), to=str(fourth), reason="外出学习")
        assert (await rows(storage, t.households))[0]["worker_id"] == fourth
        page = await admin.opens("/console/looks?number=户1")
        assert ("孙管理" in page, "户1" in page) == (True, True)
        assert "没有这个号码" not in await admin.opens("/console/looks?number=户")
        taken = await admin.client.get("/console/looks/file?number=户1")
        sheet = openpyxl.load_workbook(io.BytesIO(taken.content)).active
        assert next(row[1] for row in sheet.iter_rows(min_row=2, values_only=True)) == "孙管理"
    assert all(not any(secret in line for secret in SECRETS) for line in await told())


def entered(**changed: Any) -> Entered:
    values: dict[str, Any] = HOME | {"situation": SITUATION, "days": None} | changed
    return Entered(**values)


async def test_figures_and_forgetting_on_both_databases(any_storage: Storage, clock: FrozenClock) -> None:
    admin, _ = await any_storage.run(hire, "周敏", "admin")
    worker, _ = await any_storage.run(hire, "李强", "worker")
    agreed = Agreed(how="written", by="本人")

    def begin(tx: Tx) -> None:
        for room in ("101", "102"):
            households.register(tx, entered(room=room), agreed, worker_id=worker, stand_in_id=None, staff_id=admin)
        heart_cards.make(tx, [1, 2], staff_id=admin)
        heart_cards.given(tx, 1, staff_id=admin)

    await any_storage.run(begin)
    with pytest.raises(Wrong, match="same_person"):
        await any_storage.run(
            households.hand_over, 1, worker_id=worker, stand_in_id=worker, reason="换", revision=1, staff_id=admin
        )
    start, clock.now = clock.now.replace(day=1, hour=0), clock.now
    clock.move(days=14)
    for id, met in ((1, "seen"), (2, "not_in")):
        await any_storage.run(visit, id, Visited(way="visit", met=met, seen="好"), category=None, staff_id=worker)
    end = clock.now.replace(day=31)
    total, kind = await any_storage.read(household_figures.month, start, end, staff_id=admin)
    assert (kind.kind, total.households, total.with_card) == ("empty_nest", 2, 1)
    assert (total.done, total.in_time, total.visits, total.not_in) == (1, 1, 2, 1)
    assert await any_storage.read(household_figures.month, start, end, staff_id=worker) == [total, kind]
    await any_storage.run(household_ends.end, 1, why="moved", staff_id=admin)
    assert await any_storage.run(retention.sweep, "households") == 0
    clock.move(days=366)
    assert await any_storage.run(retention.sweep, "households") == 1
    names = [row["name"] for row in await any_storage.read(lambda tx: tx.all(select(t.households)))]
    assert sorted(names, key=str) == [None, "陈婆婆"]
