"""Estates and communities: what an admin enters is what residents are answered from, in every process at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Any

import pytest
from sqlalchemy import select

from bot.towns import LivingTowns
from handlers.residents import menu
from handlers.texts.catalogue import load_catalogue
from handlers.texts.own import StandingTexts
from knowledge import building_plan
from knowledge.answers import Answerer
from knowledge.building_plan import Unreadable
from knowledge.faq import load_entries
from knowledge.normalise import normalise
from knowledge.norms import Present, norms
from knowledge.notice import notice
from knowledge.own_words import Problem, allowed, wrong
from knowledge.profile import load_profile
from knowledge.towns import NAMELESS
from storage import (
    bodies,
    community,
    estates,
    houses,
    messages,
    office_plan,
    office_time,
    own_words,
    scopes,
    staff,
    towns,
)
from storage.access import NotThere
from storage.engine import Storage
from storage.estates import Hangs, Taken
from storage.tables import tickets
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk, desk_browser, file_ticket, hire
from tests.two_communities import two_communities
from tests.web_service import web_parts


def test_buildings_are_read_as_they_are_written() -> None:
    [plan] = building_plan.read("1–18 栋，每栋 2 单元 29 层 10 户")
    assert (plan.names[0], plan.names[-1], plan.units, plan.floors, plan.doors) == ("1", "18", 2, 29, 10)
    assert plan.flats == 18 * 290
    doors = list(building_plan.flats(plan))
    assert len(set(doors)) == 290
    assert doors[:2] == [("1", 1, "101"), ("1", 1, "102")]
    assert doors[-1] == ("2", 29, "2905")
    [english, zones] = building_plan.read("B1-B3: each 1 unit 6 floors 4 flats\n\n19、20号楼 每栋1个单元33层8户")
    assert (english.names, zones.names) == (("B1", "B2", "B3"), ("19", "20"))


@pytest.mark.parametrize(
    ("text", "why", "line"),
    [
        ("好多栋", "plan_names", 1),
        ("1栋，每栋 2 单元 29 层 10 户\n1-3栋，每栋1单元3层2户", "plan_twice", 2),
        ("9-1栋，每栋1单元3层2户", "plan_range", 1),
        ("1栋，每栋 29 层 10 户", "plan_units", 1),
        ("1栋，每栋 2 单元 900 层 10 户", "plan_floors", 1),
        ("1栋，每栋 4 单元 9 层 2 户", "plan_doors_fewer", 1),
    ],
)
def test_buildings_that_cannot_be_meant_are_refused_with_their_line(text: str, why: str, line: int) -> None:
    with pytest.raises(Unreadable) as refused:
        building_plan.read(text)
    assert (refused.value.why, refused.value.line) == (why, line)


def test_what_is_asked_stands_beside_what_there_is() -> None:
    def verdicts(**changed: object) -> dict[str, str]:
        profile = type(demo)(**{name: getattr(demo, name) for name in demo.__dataclass_fields__} | changed)
        return {one.name: one.verdict for one in norms(profile, present, notice())}

    demo, present = load_profile(), Present({"sub_committee": 2, "head": 2}, ("3", "4"))
    found = verdicts()
    assert found["members"] == "met"
    assert found["size"] == "note", "4,862 households are more than usual"
    assert (found["sub_committees"], found["heads"], found["supervision"]) == ("short", "short", "unknown")
    assert verdicts(committee_members=11)["members"] == "short"
    assert verdicts(households=None)["rooms"] == "unknown", "what is unknown is no lack"


def test_before_anything_is_entered_nothing_is_made_up() -> None:
    answerer = Answerer(load_entries(), NAMELESS, normalise=normalise)
    for entry in load_entries():
        for language in ("zh", "en"):
            said = answerer.render(entry, language, today=date(2026, 11, 23)).text
            assert "望桐" not in said
            assert "Wangtong" not in said
            assert "0栋" not in said


async def test_a_community_from_nothing_to_split(any_storage: Storage) -> None:
    admin, _ = await any_storage.run(hire, "管理员", "admin")
    estate = await any_storage.run(estates.add_estate, by=admin, name="望江家园")
    first = await any_storage.run(estates.add_community, by=admin, estate_id=estate, name="望江社区")
    plans = building_plan.read("1-4栋，每栋2单元3层4户")
    assert await any_storage.run(houses.add, first, plans, by=admin) == 48
    with pytest.raises(Taken, match="2"):
        await any_storage.run(houses.add, first, building_plan.read("2-9栋，每栋2单元3层4户"), by=admin)
    assert len(await any_storage.read(houses.of, first)) == 4, "all or none"
    filed = await any_storage.run(file_ticket, building="3")
    rows = {row["name"]: row["id"] for row in await any_storage.read(houses.of, first)}

    with pytest.raises(Hangs) as hangs:
        await any_storage.run(houses.retire, rows["3"], first, by=admin)
    assert hangs.value.what == {"tickets": 1}
    assert await any_storage.run(houses.retire, rows["4"], first, by=admin) is True
    assert await any_storage.run(houses.rename, rows["3"], first, by=admin, name="B3") >= 1
    moved = await any_storage.read(_buildings_of, filed.id)
    assert moved == "B3", "tickets go with their building's name"

    second = await any_storage.run(
        estates.split, first, by=admin, name="望江二社区", name_en="", moved={rows["2"], rows["3"]}
    )
    with pytest.raises(ValueError, match="stays"):
        await any_storage.run(estates.split, first, by=admin, name="又一个", name_en="", moved={rows["1"]})
    with pytest.raises(Hangs):
        await any_storage.run(estates.retire, second, by=admin)
    [one, two] = await any_storage.read(towns.all_of)
    assert [(len(town.profile.buildings), town.profile.flats) for town in (one, two)] == [(1, 12), (2, 24)]
    assert one.profile.estate.zh == two.profile.estate.zh == "望江家园"

    spans = ((time(8), time(12)), (time(13), time(17)))
    since = any_storage.clock().date()
    own: dict[str, Any] = {"by": admin, "reason": "街道同意", "community_id": second}
    assert await any_storage.run(office_plan.set_hours, since, spans, **own)
    opened = any_storage.clock()

    def promised(tx: Tx, building: str) -> datetime:
        found = office_time.promised(tx, "service_request", "repair", "P3", opened, building)
        return found.close.due_at

    here, there = [await any_storage.read(promised, building) for building in ("1", "B3")]
    assert here.hour - there.hour == 1, "each is counted by its own closing time"

    body: dict[str, Any] = {"kind": "head", "name": "王芳", "buildings": ["B3"]}
    await any_storage.run(lambda tx: bodies.add(tx, second, by=admin, **body))
    with pytest.raises(ValueError, match="not this community"):
        await any_storage.run(lambda tx: bodies.add(tx, first, by=admin, **body))
    scoped, _ = await any_storage.run(hire, "李强", "admin")
    await any_storage.run(scopes.give, scoped, by=admin, community_id=first)
    for forbidden in (
        any_storage.run(estates.tell, second, {"households": 1}, by=scoped),
        any_storage.run(estates.add_estate, by=scoped, name="别处"),
        any_storage.run(houses.add, second, plans, by=scoped),
    ):
        with pytest.raises(NotThere):
            await forbidden


def _buildings_of(tx: Tx, ticket_id: int) -> str:
    return str(tx.scalar(select(tickets.c.building).where(tickets.c.id == ticket_id)))


async def test_a_change_reaches_a_living_process_within_a_second(storage: Storage, clock: FrozenClock) -> None:
    living = LivingTowns(storage, StandingTexts(load_catalogue()))
    assert living.towns.own.profile is NAMELESS
    running = asyncio.create_task(living.run())
    try:
        await storage.run(community.load_demo, load_profile())
        await _until(lambda: living.towns.own.profile.flats == load_profile().flats)
        assert living.towns.own.profile == load_profile(), "nothing is lost on the way through the database"
        [admin] = [one for one in (await storage.read(staff.everyone)) if one.role == "admin"]
        own = living.towns.own.id
        assert own is not None
        await storage.run(estates.tell, own, {"status": "preparing", "committee_members": None}, by=admin.id)
        await _until(lambda: living.towns.own.profile.status == "preparing")
        answerer = Answerer(load_entries(), NAMELESS, normalise=normalise)
        said = answerer.answer("居委会成立了吗", {"一(二)": 1.0}, "zh", profile=living.towns.own.profile).text
        assert "筹备" in said
    finally:
        living.stop()
        await running


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(1):
        while not holds():  # noqa: ASYNC110 - no event says that another process has looked
            await asyncio.sleep(0.01)


async def test_an_admin_builds_it_in_the_console(storage: Storage) -> None:
    async with at_the_desk(storage, role="admin") as desk:
        assert "还没有小区" in await desk.opens("/console/communities")
        await desk.sends("/communities/estates", name="望江家园")
        await desk.sends("/communities", name="望江社区", name_en="Wangjiang")
        assert "望江社区" in desk.page
        assert "没看出" in await desk.sends("/buildings", plan="好多栋")
        assert "好多栋" in desk.page, "what was typed is still there"
        page = await desk.sends("/buildings", plan="1–18 栋，每栋 2 单元 29 层 10 户")
        assert "将新建 18 栋楼、5,220 户" in page
        assert not (await storage.read(towns.all_of))[0].profile.buildings, "asked first"
        await desk.sends("/buildings", plan="1–18 栋，每栋 2 单元 29 层 10 户", sure="1")
        assert desk.page.count("290") == 18
        facts = {"name": "望江社区", "status": "preparing", "households": "二十"}
        assert "“住户（户）”填得不对" in await desk.sends("/facts", **facts)
        await desk.sends("/facts", **facts | {"households": "4，862", "address": "7栋平街一层", "hours": "九点到六点"})
        assert "已保存" in desk.page
        assert (await storage.read(towns.all_of))[0].profile.households == 4862
        await another_changes(desk, "/facts", **facts | {"households": "4900"})
        page = await desk.sends("/facts", **facts | {"households": "5000"})
        assert (desk.status, "有人先改了" in page, "您填的：5000" in page) == (409, True, True)
        assert (await storage.read(towns.all_of))[0].profile.households == 4900, "the later press is told, not obeyed"
        await desk.sends("/bodies", kind="head", name="王芳", b_7="yes", until="2026-01-31")
        assert "任期已到" in desk.page
        await desk.opens(re_find(desk.page, r'href="(/console/communities/\d+/buildings/\d+)"'))
        assert "290" in desk.page
        await desk.sends("/retire")
        assert "17" in await desk.opens("/console/communities")
    async with at_the_desk(storage, name="值班", role="operator") as desk:
        assert "望江社区" in await desk.opens("/console/communities")
        assert "<form" not in desk.page.split('<main id="main">')[1], "an operator looks and changes nothing"


async def another_changes(desk: Desk, form: str, **fields: str) -> None:
    """The same form sent from another tab meanwhile; this tab stays as it is."""
    page = desk.page
    await desk.sends(form, **fields)
    assert desk.status == 200
    desk.page = page


def re_find(page: str, pattern: str) -> str:
    found = re.search(pattern, page)
    assert found is not None
    return found[1]


# --- the words residents read -----------------------------------------------------------------------------------------
HELLO = load_catalogue()["zh"]("start.hello")


def test_every_text_that_may_be_changed_is_one_and_may_stay_as_it_is() -> None:
    for language in ("zh", "en"):
        words = load_catalogue()[language]
        for key in allowed().keys:
            said = words(key).strip()
            assert wrong(key, "" if said == "-" else said, said) is None, (language, key)
    assert set(allowed().menu) == set(menu.ENTRIES)


@pytest.mark.parametrize(
    ("key", "text", "problem"),
    [
        ("start.hello", "", Problem("empty")),
        ("start.hello", "您好，我是{community}的小帮手。", Problem("emergency", "110、119、120")),
        ("start.hello", "您好，我是小帮手。110、119、120", Problem("missing", "{community}")),
        ("start.hello", "{community} {phone} 110、119、120", Problem("strange", "{phone}")),
        ("start.hello", "{community 110、119、120", Problem("braces")),
        ("start.hello", "{community.__class__} 110、119、120", Problem("braces")),
        ("start.hello", "{community} 1100、119、120", Problem("emergency", "110")),
        ("start.thanks", "谢" * 1501, Problem("long", "1500")),
        ("menu.request", "报" * 17, Problem("long", "16")),
        ("own.menu", "request language", Problem("menu_stays", "person")),
        ("own.menu", "person language person", Problem("menu")),
        ("page.chips", "\n".join(["好"] * 9), Problem("chips", "8")),
    ],
)
def test_words_that_cannot_stand_are_refused_in_plain_words(key: str, text: str, problem: Problem) -> None:
    assert wrong(key, text, load_catalogue()["zh"](key)) == problem


async def test_the_greeting_is_changed_looked_at_and_taken_back(storage: Storage) -> None:
    living = LivingTowns(storage, StandingTexts(load_catalogue()))
    words = living.texts.catalogue["zh"]
    async with at_the_desk(storage, role="admin") as desk:
        await desk.opens("/console/wording/start.hello")
        mine = {
            "zh": "您好呀，这里是{community}。有危险打 110、119、120。",
            "en": load_catalogue()["en"]("start.hello"),
        }
        assert "紧急电话 110 不能删掉" in await desk.sends(
            "/start.hello", **mine | {"zh": "您好，{community}，119、120"}
        )
        page = await desk.sends("/start.hello", **mine, preview="1")
        assert "还没有保存" in page
        assert "您好呀，这里是望桐社区。" in page, "the blank is filled in"
        assert not await storage.read(own_words.standing)
        await desk.sends("/start.hello", **mine)
        assert list(await storage.read(own_words.standing)) == [(None, "zh", "start.hello")], (
            "English is as shipped, and follows"
        )
        await living.catch_up()
        assert words("start.hello", community="望桐社区").startswith("您好呀")
        assert words.words["start.hello"] != HELLO
        other = mine | {"zh": mine["zh"].replace("呀", "啊")}
        await another_changes(desk, "/start.hello", **other)
        page = await desk.sends("/start.hello", **mine | {"zh": mine["zh"].replace("呀", "哦")})
        assert (desk.status, "先改了" in page, "您好哦" in page) == (409, True, True)
        assert (await storage.read(own_words.standing))[None, "zh", "start.hello"] == other["zh"]
        await desk.opens("/console/wording/start.hello")
        before = re.findall(r'name="version" value="(\d+)"', desk.page)[0]
        await desk.sends("/again", version=before)
        await living.catch_up()
        assert "呀" in words("start.hello", community="")
        await desk.sends("/shipped")
        await living.catch_up()
        assert words.words["start.hello"] == HELLO
        await desk.opens("/console/wording/own.menu")
        shown = {"on_person": "1", "on_language": "1", "on_request": "1", "at_person": "1", "at_request": "2"}
        await desk.sends("/own.menu", **shown)
        await living.catch_up()
        assert words("own.menu") == "person request language"
        assert desk.status == 200
        await desk.sends("/own.menu", on_language="1")
        assert "“找人工”不能关掉" in desk.page
        await desk.opens("/console/wording/danger.gas")
        assert desk.status == 404, "what is said in danger is not to be changed"


async def test_each_community_greets_in_its_own_way_and_the_house_where_it_says_nothing(storage: Storage) -> None:
    ours, theirs = await storage.run(two_communities)
    living = LivingTowns(storage, StandingTexts(load_catalogue()))
    catalogue = living.texts.catalogue
    member, token = await storage.run(hire, "康居管理员", "admin")
    await storage.run(scopes.give, member, by=member, community_id=theirs.community)
    everywhere, _ = await storage.run(hire, "总管", "admin")
    await storage.run(own_words.put, "page.welcome_title", {"zh": "大家好"}, by=everywhere)
    parts = web_parts(storage, towns=living.towns, residents=catalogue)
    async with desk_browser(parts) as client:
        await client.post("/console/enter", data={"token": token})
        desk, here = Desk(client, member), "/console/wording/page.welcome_title"
        await living.catch_up()
        assert f"{here}?town={theirs.community}" in await desk.opens("/console/wording"), "their own come first"
        assert "大家好" in await desk.opens(here), "until they say something else, the house's"
        typed = {"zh": "康居西城欢迎您", "en": catalogue["en"]("page.welcome_title")}
        where = f"/page.welcome_title?town={theirs.community}"
        assert "还没有保存" in await desk.sends(where, **typed, preview="1")
        await desk.sends(where, **typed)
        await living.catch_up()
        assert "康居西城欢迎您" in (await client.get("/chat?b=21")).text
        for elsewhere in ("/chat", "/chat?b=7"):
            assert "大家好" in (await client.get(elsewhere)).text
        assert (await client.get(f"{here}?town={ours.community}")).status_code == 404, "not theirs"
        assert "名社区" not in await desk.opens(f"{here}?town=0")
        assert '<form method="post" action="/console/wording' not in desk.page, "the house's is seen, not changed"
        fields = dict(re.findall(r'name="(csrf)" value="([^"]+)"', desk.page)) | typed
        assert (await client.post(f"{here}?town=0", data=fields)).status_code == 403
        filed = await client.get(f"/console/wording/ticket.filed?town={theirs.community}")
        assert filed.status_code == 404, "what is one for all communities"
        await desk.opens(here)
        await desk.sends(f"/shipped?town={theirs.community}")
        await storage.run(own_words.put, "page.welcome_title", {"zh": "大家早"}, by=everywhere)
        await living.catch_up()
        assert catalogue.of(theirs.community)["zh"]("page.welcome_title") == "大家早", "it follows the house again"


async def test_the_first_steps_in_an_empty_house(storage: Storage, clock: FrozenClock) -> None:
    async with at_the_desk(storage, role="admin") as desk:
        assert "还没设置完" in await desk.opens("/console/staff"), "told on every page"
        await desk.opens("/console/first-steps")
        assert "请写名称" in await desk.sends("/first-steps/community", estate="望江家园", community="")
        assert "望江家园" in desk.page, "typed once"
        assert not await storage.read(towns.all_of), "nothing half done"
        assert "还没有小区。" in await desk.opens("/console/communities")
        await desk.opens("/console/first-steps")
        await desk.sends("/first-steps/community", estate="望江家园", community="望江社区")
        plan = "1–3 栋，每栋 2 单元 3 层 4 户"
        await desk.sends("/buildings", plan=plan)
        page = await desk.sends("/buildings", plan=plan, sure="1", steps="1")
        assert desk.page.count("好了</small>") >= 2, page
        for step in ("hours", "duty", "colleagues"):
            await desk.sends(f"/{step}/aside", how="skipped")
        assert desk.page.count("跳过了") == 3
        await desk.sends("/hours/aside", how="open")
        assert desk.page.count("跳过了") == 2
        await desk.sends("/hours/aside", how="skipped")
        assert "还没设置完" in await desk.opens("/console/staff")
        await desk.opens("/console/first-steps")
        await desk.sends("/posters/aside", how="done")
        assert "都设好了" in desk.page
        assert "还没设置完" not in await desk.opens("/console/staff")


async def test_a_ticket_is_passed_to_the_other_community_returned_and_taken(storage: Storage) -> None:
    boss, _ = await storage.run(hire, "管理员", "admin")
    estate = await storage.run(estates.add_estate, by=boss, name="望江家园")
    first, second = [
        await storage.run(estates.add_community, by=boss, estate_id=estate, name=name)
        for name in ("望江社区", "二社区")
    ]
    elsewhere = await storage.run(estates.add_estate, by=boss, name="别处")
    third = await storage.run(estates.add_community, by=boss, estate_id=elsewhere, name="三社区")
    await storage.run(houses.add, first, building_plan.read("1-9栋，每栋2单元3层4户"), by=boss)
    filed = await storage.run(file_ticket, building="7", urgency="P2")
    here = f"/console/tickets/{filed.number}"
    due = await storage.read(_due, filed.id)
    async with at_the_desk(storage, name="周敏") as ours, at_the_desk(storage, name="李强") as theirs:
        await storage.run(scopes.give, ours.staff_id, by=boss, community_id=first)
        await storage.run(scopes.give, theirs.staff_id, by=boss, community_id=second)
        assert (await theirs.client.get(here)).status_code == 404
        await ours.opens(here)
        assert "三社区" not in ours.page, "of another estate"
        wrong = {"reason": "不归我们", "to": str(third)}
        assert "同一个小区里的另一个社区" in await ours.sends("/pass", **wrong)
        await ours.sends("/pass", reason="围墙那边是你们的", to=str(second))
        assert "已移交，正在通知居民" in ours.page
        assert "等对方答复" in ours.page
        assert "/accepted" not in ours.page, "nobody accepts for the other side"
        await theirs.opens(here)
        await theirs.sends("/returned", reason="量过了，不归我们管")
        assert (await theirs.client.get(here)).status_code == 404, "returned: it is theirs no more"
        assert "量过了，不归我们管" in await ours.opens(here)
        await ours.sends("/pass", reason="街道定了归你们", to=str(second))
        await theirs.opens(here)
        await theirs.sends("/accepted")
        assert "已接手，正在通知居民" in theirs.page
        assert (await ours.client.get(here)).status_code == 404, "rights follow"
        assert filed.number in await theirs.opens("/console?filter=all")
    assert await storage.read(_due, filed.id) == due, "the promise runs on"
    told = [
        message.text for message in await storage.read(messages.latest, chat_id=await storage.read(_chat, filed.id))
    ]
    assert [("二社区" in text, "望江社区" in text) for text in told if filed.number in text] == [
        (True, False), (False, True), (True, False), (True, False)
    ]  # fmt: skip


def _due(tx: Tx, ticket_id: int) -> datetime:
    found: datetime = tx.scalar(select(tickets.c.due_at).where(tickets.c.id == ticket_id))
    return found


def _chat(tx: Tx, ticket_id: int) -> int:
    return int(tx.scalar(select(tickets.c.chat_id).where(tickets.c.id == ticket_id)))
