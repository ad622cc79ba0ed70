"""Two communities in one house: each case counts by its own one's hours and days, and is met where it belongs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.towns import LivingTowns
from handlers.clocks import appointments as appointment_clock
from handlers.texts.catalogue import load_catalogue
from handlers.texts.own import StandingTexts
from knowledge import building_plan, periods
from knowledge.calendar import CHINA
from knowledge.quarters import Quarter
from storage import (
    appointments,
    chats,
    clocks,
    disclosure,
    estates,
    figure_days,
    figures,
    houses,
    messages,
    office_plan,
    ring_backs,
    scopes,
    ticket_passes,
)
from storage.chats import FIRST_WEB_CHAT
from storage.desk_acts import Notice
from storage.disclosure import Written
from storage.engine import Storage
from storage.figures import Narrow
from storage.offices import Offices
from storage.staff import MayNot
from storage.tables import appointments as appointment_table
from storage.tables import chats as chat_table
from storage.tables import ring_backs as ring_back_table
from storage.tables import tickets
from storage.tickets import record
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import at_the_desk, desk_browser, file_ticket, hire
from tests.web_service import web_parts

MONDAY = datetime(2026, 11, 30, 10, tzinfo=CHINA)
TUESDAY = date(2026, 12, 1)


@dataclass(frozen=True)
class House:
    admin: int
    east: int
    west: int


async def two_communities(storage: Storage) -> House:
    """Buildings 1 and 2 in the east, 21 and 22 in the west."""
    admin, _ = await storage.run(hire, "管理员", "admin")
    estate = await storage.run(estates.add_estate, by=admin, name="望江家园")
    made = []
    for name, which in (("东社区", "1-2栋"), ("西社区", "21-22栋")):
        made.append(await storage.run(estates.add_community, by=admin, estate_id=estate, name=name))
        plans = building_plan.read(f"{which}，每栋1单元3层2户")
        await storage.run(houses.add, made[-1], plans, by=admin)
    return House(admin, *made)


def chat_at(tx: Tx, building: str) -> int:
    chat_id = chats.find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + int(building))
    tx.execute(chat_table.update().where(chat_table.c.id == chat_id).values(building=building))
    return chat_id


def call_back(tx: Tx, building: str, at: datetime) -> int:
    kept = appointments.book(
        tx, chat_id=chat_at(tx, building), reason="asked", at=at, until=at + timedelta(hours=1), asked_id=None
    )
    return kept.id


def kept_at(tx: Tx, appointment_id: int) -> datetime:
    found = tx.scalar(select(appointment_table.c.at).where(appointment_table.c.id == appointment_id))
    assert isinstance(found, datetime)
    return found


async def test_every_clock_counts_by_the_hours_of_its_own_community(any_storage: Storage, clock: FrozenClock) -> None:
    house = await two_communities(any_storage)
    clock.now = MONDAY
    shut: dict[str, Any] = {"by": house.admin, "is_open": False, "reason": "搬家", "community_id": house.west}
    worker, _ = await any_storage.run(hire, "李强", "worker")
    with pytest.raises(MayNot):
        await any_storage.run(office_plan.set_day, TUESDAY, **shut | {"by": worker})
    await any_storage.run(office_plan.set_day, TUESDAY, **shut)

    def asked_again(tx: Tx, building: str) -> datetime:
        ticket = file_ticket(tx, remote=FIRST_WEB_CHAT + int(building), building=building)
        row = tx.first(select(tickets).where(tickets.c.id == ticket.id))
        assert row is not None
        found = clocks.not_seen(row, tx)["ask_at"]
        assert isinstance(found, datetime)
        return found

    east, west = [await any_storage.run(asked_again, building) for building in ("1", "21")]
    assert west - east == timedelta(days=1), "the verdict is asked for by the hours of the ticket's community"

    def rung_again(tx: Tx, building: str) -> datetime:
        about: dict[str, Any] = {"phone": "13800000001", "due_at": tx.now, "chat_id": chat_at(tx, building)}
        id = ring_backs.ask_for(tx, reason="asked", **about)
        ring_backs.tried(tx, id, staff_id=worker, revision=1, outcome="no_answer")
        found = tx.scalar(select(ring_back_table.c.due_at).where(ring_back_table.c.id == id))
        assert isinstance(found, datetime)
        return found

    clock.now = MONDAY + timedelta(hours=7)
    east, west = [await any_storage.run(rung_again, building) for building in ("1", "21")]
    assert west - east == timedelta(days=1), "so is a number that did not answer"

    clock.now = MONDAY
    soon = MONDAY + timedelta(hours=7, minutes=50)
    kept = [await any_storage.run(call_back, building, soon) for building in ("1", "21")]
    clock.now = MONDAY + timedelta(days=1, hours=1)
    await any_storage.run(appointment_clock.watch, load_catalogue())
    levels = select(appointment_table.c.level).where(appointment_table.c.id.in_(kept)).order_by(appointment_table.c.id)
    [(east_level,), (west_level,)] = await any_storage.read(lambda tx: tx.tuples(levels))
    assert east_level > west_level, "while its office is shut nothing climbs"

    living = LivingTowns(any_storage, StandingTexts(load_catalogue()))
    await living.catch_up()
    assert [living.towns.at(one).office.is_working_day(TUESDAY) for one in ("1", "21")] == [True, False]
    assert await any_storage.run(office_plan.take_back_day, TUESDAY, by=house.admin, community_id=house.west)
    await living.catch_up()
    assert living.towns.at("21").office.is_working_day(TUESDAY)


async def test_a_change_of_days_is_looked_at_before_and_moves_agreed_call_backs(
    storage: Storage, clock: FrozenClock
) -> None:
    house = await two_communities(storage)
    clock.now = MONDAY
    at = datetime.combine(TUESDAY, time(9), CHINA)
    east, west = [await storage.run(call_back, building, at) for building in ("1", "21")]
    async with at_the_desk(storage, role="admin") as desk:
        await desk.opens(f"/console/communities/{house.west}")
        assert "一次最多 31 天" in await desk.sends(
            "/days", day="2026-12-02", last="2026-12-01", what="shut", reason="x"
        )
        page = await desk.sends("/days", day="2026-12-01", last="2026-12-02", what="shut", reason="搬家")
        assert "还没有改" in page
        assert "1 位约了回电的居民" in page
        assert "原来" in page, "what is promised on that day moves"
        assert await storage.read(kept_at, west) == at, "only looked at"
        assert await storage.read(lambda tx: Offices(tx).of(house.west).is_working_day(TUESDAY))
        await desk.sends("/days")
        assert "已保存" in desk.page
        assert "搬家" in desk.page
        moved = await storage.read(kept_at, west)
        assert moved.astimezone(CHINA) == datetime(2026, 12, 3, 9, tzinfo=CHINA)
        assert await storage.read(kept_at, east) == at, "the neighbours' office is open"
        told = await storage.read(messages.latest, chat_id=await storage.run(chat_at, "21"))
        assert [one.text for one in told if "办公室没有人" in one.text], "and its resident is told"
        await desk.sends("/days", what="back")
        assert await storage.read(lambda tx: Offices(tx).of(house.west).is_working_day(TUESDAY))
        assert "还没有改" in await desk.sends("/hours", since="2026-12-01", from1="13:00", to1="17:00", reason="试行")
        await desk.sends("/hours")
        assert "13:00–17:00" in desk.page
        await desk.opens("/console/calendar")
        assert "还没有改" in await desk.sends("/calendar/days", day="2026-12-04", what="shut", reason="停电")
        await desk.sends("/calendar/days")
        assert "停电" in desk.page
        assert not await storage.read(lambda tx: Offices(tx).of(house.east).is_working_day(date(2026, 12, 4)))


def published(tx: Tx, house: House, community_id: int, title: str) -> int:
    said = Written(kind="finance", title=title, body="安保36000元。", matter="parking_fees", quarter=Quarter(2026, 3))
    item_id = disclosure.draft(tx, said, staff_id=house.admin, community_id=community_id)
    disclosure.publish(tx, item_id, revision=1, staff_id=house.admin, tell=False, early="补登")
    return item_id


async def test_what_is_published_is_met_by_community(storage: Storage) -> None:
    house = await two_communities(storage)
    east = await storage.run(published, house, house.east, "东社区停车费")
    west = await storage.run(published, house, house.west, "西社区停车费")
    async with desk_browser(web_parts(storage)) as anybody:

        async def reads(address: str) -> str:
            return (await anybody.get(address)).text

        page = await reads("/published")
        assert "您住在哪个社区" in page
        assert "停车费" not in page, "nobody reads the neighbours' by mistake"
        page = await reads("/published?q=停车费")
        assert re.findall("[东西]社区停车费</a> .*?· ([东西]社区)", page) == ["东社区", "西社区"], (
            "found in all, and says whose"
        )
        assert "西社区停车费" in await reads("/published?b=21"), "as on the poster of a building"
        page = await reads(f"/published?community={house.east}")
        assert ("东社区停车费" in page, "西社区停车费" in page) == (True, False)
        assert f"community={house.east}" in re_find(page, r'href="(/published\?quarter=[^"]+)"')
        assert "东社区停车费" in await reads("/published"), "whoever chose once is at home"
        page = await reads(f"/published/{west}")
        assert "西社区 ·" in page
        assert f"/published?community={house.west}" in page
        assert "西社区" not in await reads(f"/published/{east}")
    async with at_the_desk(storage, role="admin") as desk:
        await desk.opens("/console/disclosure?quarter=2026Q3")
        sheets = re.findall(r'href="(/console/disclosure/sheet\?[^"]+size=a4)"', desk.page)
        page = await desk.opens(sheets[1].replace("&amp;", "&"))
        assert "西社区停车费" in page
        assert "东社区停车费" not in page
        assert f"/published?quarter=2026Q3&amp;community={house.west}" in page, "where the code leads"


def re_find(page: str, pattern: str) -> str:
    found = re.search(pattern, page)
    assert found is not None
    return found[1]


def passed_on(tx: Tx, house: House, ticket_id: int) -> None:
    """From the east to the west, and done there."""
    row = tx.first(select(tickets).where(tickets.c.id == ticket_id))
    assert row is not None
    by: dict[str, Any] = {"staff_id": house.admin, "tell": lambda *_: Notice("移交了。")}
    ticket_passes.offer(tx, ticket_id, house.west, reason="那边的管道", revision=row["revision"], **by)
    [offered] = ticket_passes.of_ticket(tx, ticket_id, staff_id=house.admin)
    ticket_passes.answer(tx, int(offered.row["id"]), "accepted", reason="", **by)
    over = {"state": "closed", "outcome": "solved", "closed_at": tx.now}
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(over))
    record(tx, ticket_id, actor="staff", staff_id=house.admin, action="close", from_state="received", to_state="closed")


async def test_a_ticket_passed_on_counts_where_it_came_in_and_where_it_was_done_and_once_in_the_house(
    any_storage: Storage,
) -> None:
    house = await two_communities(any_storage)
    filed = [
        await any_storage.run(file_ticket, remote=FIRST_WEB_CHAT + count, building=building)
        for count, building in enumerate(("1", "1", "21"))
    ]
    await any_storage.run(passed_on, house, filed[0].id)
    await any_storage.run(figure_days.settle)
    month = periods.named("this_month", periods.day_of(any_storage.clock()))

    async def counted(staff_id: int, community: int | None) -> dict[str, int]:
        narrow = Narrow(community_id=community)
        found = (await any_storage.read(figures.read, month, staff_id=staff_id, narrow=narrow)).total
        open_now = (await any_storage.read(figures.now, staff_id=staff_id, narrow=narrow)).open
        names = ("received", "over", "response.in_time", "response.pending", "passed", "passed_on", "taken_over")
        return {name: found[name] for name in names if found.get(name)} | {"open": open_now}

    pending = "response.pending"
    east, west, whole = [await counted(house.admin, one) for one in (house.east, house.west, None)]
    assert east == {"received": 2, pending: 2, "passed_on": 1, "open": 1}
    assert west == {"received": 1, "over": 1, pending: 1, "taken_over": 1, "open": 1}
    assert whole == {"received": 3, "over": 1, pending: 3, "passed": 1, "open": 2}, "once"
    for community, expected in ((house.east, east), (house.west, west)):
        member, _ = await any_storage.run(hire, f"管理{community}", "admin")
        await any_storage.run(scopes.give, member, by=house.admin, community_id=community)
        assert await counted(member, None) == expected, "whoever is held to one reads the same without asking for it"
