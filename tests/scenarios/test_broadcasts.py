"""Notices to many as stories: to groups, read by a colleague first, with everybody accounted for, whatever breaks."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import shutil
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from knowledge.broadcasts import load, rules
from knowledge.datafiles import DATA, DataError
from knowledge.matcher import load_matcher
from storage import audiences, notices, scopes, sending, subscriptions
from storage import tables as t
from storage.access import NotThere
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.notices import Composed, Unfit
from storage.passing import leave
from storage.sqlite import SQLiteStorage
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk, desk_browser, hire
from tests.doubles.service_process import ServiceProcess
from tests.patience import PATIENCE
from tests.scenarios.conftest import CACHE
from tests.scenarios.test_notices import many, works
from tests.two_communities import two_communities
from tests.web_service import web_parts

MANY = rules().second_eyes_from
FORM = {"topic": "other", "title": "周六集合", "text": "早上八点在大门。", "where": "all"}


async def writes(desk: Desk, **changed: str) -> str:
    """A draft, looked at."""
    await desk.opens("/console/notices/new")
    return await desk.sends("/new", **(FORM | changed))


async def sends_saying(desk: Desk, why: str) -> str:
    """Send it, and say why it cannot wait."""
    address, hidden = desk.form("/send")
    return desk._shows(await desk.client.post(address, data=hidden | {"why": why}, follow_redirects=True))


async def told(storage: Storage) -> list[tuple[int, str]]:
    """Who was told what by a notice."""
    mine = select(t.messages.c.chat_id, t.messages.c.text).join(
        t.notice_recipients, t.notice_recipients.c.message_id == t.messages.c.id
    )
    return [(row[0], row[1]) for row in await storage.read(lambda tx: tx.tuples(mine.order_by(t.messages.c.id)))]


def figures(page: str) -> dict[str, int]:
    """The lines of the page's tables."""
    return {name: int(n) for name, n in re.findall(r'<th scope="row">([^<]+)</th><td class="n">(\d+)</td>', page)}


async def test_a_group_hears_it_with_the_reason_and_the_others_do_not(storage: Storage) -> None:
    own, other = await storage.run(two_communities)
    async with at_the_desk(storage) as desk:
        page = await writes(desk, to="volunteers")
        assert "会发给 1 位居民" in page, "the volunteer of one's own community; the other's writes there"
        assert "您收到这条，因为您是社区志愿者" in page
        await desk.sends("/send")
        page = await writes(desk, to=f"joined:{other.ids['occasion']}", title_en="Saturday", text_en="At the gate.")
        assert "会发给 1 位居民" in page, "who joined hears it wherever they live"
        assert "[other notices] Saturday" in page
        await desk.sends("/send")
        await writes(desk, to=f"affected:{own.ids['incident']}")
        await desk.sends("/send")
        await works(storage)
        assert Counter(chat for chat, _ in await told(storage)) == {own.chat: 2, other.chat: 1}
        for wrong in ("joined", "volunteers:3", "nobody", "joined:999999", "joined:x"):
            page = await writes(desk, to=wrong)
            assert desk.status == 422, wrong


async def test_building_heads_are_told_where_a_colleague_made_sure_and_nobody_twice(any_storage: Storage) -> None:
    storage = any_storage
    own, other = await storage.run(two_communities)
    async with at_the_desk(storage) as desk:
        before = figures(await writes(desk, to="heads"))
        chats = await storage.run(heads, own.community)
        page = await writes(desk, to="heads")
        expected = {"网页": 2, "另一个聊天里已经会收到（只发到最近用的那个）": 1}
        found = figures(page)
        assert {name: found.get(name, 0) - before.get(name, 0) for name in expected} == expected
        (unknown,) = (number for name, number in found.items() if name.startswith("登记着"))
        assert unknown - before.get("登记着，但不知道用哪个聊天（请本人绑定账号，或在住户名册里核实）", 0) == 1
        assert "您收到这条，因为您是楼栋长" in page
        await desk.sends("/send")
        await works(storage)
        assert {chat for chat, _ in await told(storage)} & set(chats.values()) == {chats["old"], chats["linked"]}
    assert other.chat not in chats.values()


def heads(tx: Tx, community_id: int) -> dict[str, int]:
    """One recognised, with two chats; one linked; one who only says so; one whose chat nobody knows."""
    kept: dict[str, Any] = {"community_id": community_id, "made_at": tx.now, "kind": "head", "buildings": ["7"]}
    for name, phone in (("向红", "13800000001"), ("魏强", "13800000002")):
        tx.insert(t.community_bodies, name=name, phone=phone, **kept)
    chats = {name: find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 90 + n) for n, name in enumerate(CHATS)}
    known = tx.insert(t.residents, created_at=tx.now, building="3", name="向红")
    says = tx.insert(t.residents, created_at=tx.now, building="7", name="魏强", phone="13800000002")
    for name, resident in (("new", known), ("old", known), ("says", says)):
        tx.execute(t.chats.update().where(t.chats.c.id == chats[name]).values(resident_id=resident))
    tx.insert(t.messages, chat_id=chats["old"], seq=900, sender="resident", text="在", at=tx.now)
    line = {"building": "3", "unit": "1", "room": "301", "role": "tenant", "entered_at": tx.now}
    line |= {"community_id": community_id, "resident_id": known}
    tx.insert(t.household_people, name="向红", phone="13800000001", **line)
    member = tx.insert(t.staff, name="岳琴", role="building_head", created_at=tx.now)
    house = tx.scalar(select(t.buildings.c.id).where(t.buildings.c.community_id == community_id).limit(1))
    tx.insert(t.staff_scopes, staff_id=member, building_id=house, given_at=tx.now)
    tx.insert(t.staff_telegram, staff_id=member, user_id=77, chat_id=chats["linked"], linked_at=tx.now)
    return chats


CHATS = ("old", "new", "says", "linked")


async def test_who_gets_it_who_does_not_and_why_and_in_the_end_what_became_of_each(
    any_storage: Storage, clock: FrozenClock
) -> None:
    storage = any_storage
    await storage.run(everybody)
    async with at_the_desk(storage) as desk:
        page = await writes(desk, topic="outage", where="some", b_7="yes")
        assert "会发给 4 位居民" in page
        expected = {
            "Telegram": 3,
            "网页": 1,
            "住在那里，但没订这类通知": 1,
            "停了这类通知": 1,
            "屏蔽了机器人": 1,
            "退出了": 1,
        }
        assert figures(page) == expected
        clock.now = clock.now.replace(hour=14)  # 22:00
        assert "其中 4 位在免打扰时间" in await desk.opens("/console/notices/1")
        await desk.sends("/send")
        await works(storage)
        assert "4 位在免打扰时间，最早" in await desk.opens("/console/notices/1")
        clock.now = clock.now.replace(day=clock.now.day + 1, hour=1)
        await works(storage)
        await storage.run(lambda tx: tx.execute(t.outbox.update().values(state="sent", finished_at=tx.now)))
        await storage.run(two_lost_one_doubtful)
        await works(storage)
        page = await desk.opens("/console/notices/1")
        assert "已发完" in page
        assert "<b>2 / 1</b>" in page
        text = (await desk.client.get("/console/notices/1/report?format=csv")).text
        lines = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
        assert lines[0] == ["序号", "从哪里", "结果", "原因", "时间"]
        results = Counter((line[2], line[3]) for line in lines[1:])
        assert results == {
            ("发到了", ""): 1,
            ("没送到", "chat not found"): 1,
            ("没送到", "屏蔽了机器人"): 1,
            ("不确定（断线，不再重发）", "cut"): 1,
            ("没发：屏蔽了机器人", ""): 1,
            ("没发：退出了", ""): 1,
        }
        file = await desk.client.get("/console/notices/1/report?format=xlsx")
        assert (file.status_code, file.content[:2]) == (200, b"PK")
        assert (await desk.client.get("/console/notices/1/report?format=exe")).status_code == 404


def everybody(tx: Tx) -> None:
    """Three on Telegram and one on the page get it; four do not, each for a reason of their own."""
    for n, channel in enumerate(["telegram"] * 7 + ["web"]):
        chat_id = find_or_open(tx, channel=channel, remote=(FIRST_WEB_CHAT if channel == "web" else 500) + n)
        tx.execute(t.chats.update().where(t.chats.c.id == chat_id).values(building="7"))
        if n != 3:
            subscriptions.start(tx, chat_id=chat_id, topics=["outage"], building="7")
        if n == 4:
            subscriptions.stop(tx, chat_id=chat_id, topics=["outage"])
        if n == 5:
            sending.blocked(tx, chat_id, at=tx.now)
        if n == 6:
            leave(tx, chat_id=chat_id)


def two_lost_one_doubtful(tx: Tx) -> None:
    """One of the lost because its resident shut the bot out meanwhile."""
    letters = [key for (key,) in tx.tuples(select(t.outbox.c.id).order_by(t.outbox.c.id).limit(3))]
    became = (("dead", "chat not found"), ("doubtful", "cut"), ("dead", "Forbidden"))
    for key, (state, error) in zip(letters, became, strict=True):
        tx.execute(t.outbox.update().where(t.outbox.c.id == key).values(state=state, error=error))
    sending.blocked(tx, int(tx.scalar(select(t.outbox.c.chat_id).where(t.outbox.c.id == letters[2]))), at=tx.now)


# --- a second pair of eyes --------------------------------------------------------------------------------------------
async def test_to_very_many_a_colleague_reads_it_first(storage: Storage) -> None:
    await storage.run(many, MANY)
    async with at_the_desk(storage) as desk, desk_browser(web_parts(storage)) as client:
        colleague, token = await storage.run(hire, "李梅", "admin")
        await client.post("/console/enter", data={"token": token})
        other = Desk(client, colleague)
        page = await writes(desk, topic="outage")
        assert f"达到 {MANY} 位" in page
        assert "等同事看" in await desk.sends("/send")
        assert "/check" not in desk.page
        assert await storage.read(notices.count_asked, desk.staff_id) == 0
        assert await storage.read(notices.count_asked, colleague) == 1
        with pytest.raises(Unfit, match="own_eyes"):
            await storage.run(notices.check, 1, revision=2, staff_id=desk.staff_id)
        await other.opens("/console/notices/1")
        assert "请写为什么退回" in await other.sends("/back", why=" ")
        await other.sends("/back", why="时间写错了")
        assert "同事退回来了：时间写错了" in await desk.opens("/console/notices/1")
        await desk.sends("/send")
        await other.opens("/console/notices/1")
        assert "正在发" in await other.sends("/check")
        trail = await storage.read(lambda tx: [row["action"] for row in tx.all(select(t.audit))])
        assert [action for action in trail if action.startswith("notice_")] == [
            "notice_draft", "notice_ask", "notice_back", "notice_ask", "notice_check",
        ]  # fmt: skip


async def test_an_urgent_one_goes_at_once_for_a_reason_that_is_kept(storage: Storage) -> None:
    await storage.run(many, MANY)
    async with at_the_desk(storage) as desk:
        assert "现在没有别的同事能看" in await writes(desk, topic="outage", urgent="yes")
        assert "原因太短了" in await sends_saying(desk, "急")
        assert "水管爆裂" in await sends_saying(desk, "主管道水管爆裂")
        assert "正在发" in desk.page
    [kept] = await storage.read(lambda tx: tx.all(select(t.audit.c.detail).where(t.audit.c.action == "notice_send")))
    assert kept["detail"] == {"why_urgent": "主管道水管爆裂"}


async def test_groups_are_held_to_the_writers_own_events(storage: Storage) -> None:
    own, other = await storage.run(two_communities)
    who, _ = await storage.run(hire, "周敏", "operator")
    await storage.run(scopes.give, who, by=who, community_id=own.community)
    elsewhere = Composed(
        topic="other", title="一", text="二", audience="joined", audience_id=int(other.ids["occasion"])
    )
    with pytest.raises(NotThere):
        await storage.run(notices.draft, elsewhere, staff_id=who)
    offered = await storage.read(audiences.choices, who)
    assert [number for number, _ in offered["incident"]] == [own.ids["incident"]]


def test_what_cannot_be_meant_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "broadcasts.yaml"
    path.write_text((DATA / "broadcasts.yaml").read_text("utf-8").replace("of: incident", "of: moon"), "utf-8")
    with pytest.raises(DataError, match="'moon' is not one of"):
        load(path)


# --- the power cut ----------------------------------------------------------------------------------------------------
NUMBER = 900


async def test_paused_killed_started_again_and_gone_on_with_nobody_twice_nobody_skipped(
    sqlite_file: Path, tmp_path: Path
) -> None:
    load_matcher(CACHE)
    process = ServiceProcess(tmp_path, matcher=CACHE / "matcher")
    process.data.mkdir(exist_ok=True)
    shutil.copy(sqlite_file, process.database)
    token, second = await seeds(process.database)
    try:
        await process.start()
        await process.ready()
        async with at_work(process, token) as desk:
            await writes(desk, topic="outage", urgent="yes")
            await sends_saying(desk, "主管道水管爆裂")
            await said_to(process.database, 100)
            await until(process.database, "SELECT count(*) FROM notices WHERE all_known", 1)
            await desk.opens("/console/notices/1")
            await desk.sends("/pause")
        await process.kill()
        before = await said_to(process.database, 100)
        assert 0 < before < NUMBER
        await process.start()
        await process.ready()
        async with at_work(process, second) as desk:
            page = await desk.opens("/console/notices/1")
            assert f"还有 {NUMBER - before} 位没发" in page
            await desk.sends("/go-on")
            await said_to(process.database, NUMBER)
    finally:
        await process.end_whatever_happens()
    with closing(sqlite3.connect(process.database)) as database:
        told_twice = database.execute("SELECT count(*), count(DISTINCT chat_id) FROM messages").fetchone()
    assert told_twice == (NUMBER, NUMBER)


async def seeds(file: Path) -> tuple[str, str]:
    """Many recipients on the chat page, and two ways in for whoever writes."""
    store = SQLiteStorage(file)
    await store.open()
    await store.run(many, NUMBER, channel="web")
    links = [(await store.run(hire, name, "operator"))[1] for name in ("周敏", "李梅")]
    await store.close()
    return links[0], links[1]


@asynccontextmanager
async def at_work(process: ServiceProcess, token: str) -> AsyncIterator[Desk]:
    headers = {"Accept-Language": "zh-CN"}
    async with httpx.AsyncClient(
        base_url=process.address, headers=headers, trust_env=False, timeout=PATIENCE
    ) as client:
        await client.post("/console/enter", data={"token": token})
        yield Desk(client, 1)


async def said_to(file: Path, least: int) -> int:
    """How many were told, once it is as many as that."""
    return await until(file, "SELECT count(*) FROM notice_recipients WHERE state = 'said'", least)


async def until(file: Path, query: str, least: int) -> int:
    """What the query counts, once it is as many as that."""
    for _ in range(int(PATIENCE * 40)):
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
            [number] = database.execute(query).fetchone()
        if number >= least:
            return int(number)
        await asyncio.sleep(0.05)
    raise AssertionError(f"only {number} of {least}: {query}")
