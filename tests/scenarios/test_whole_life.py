"""A ticket's whole life at the desk (WO-05…17), and one that is handed to 12345 (WO-08): at the console and in the chat."""

from __future__ import annotations

import re

from sqlalchemy import select

from storage import units
from storage.tables import hand_overs, ticket_units
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk
from tests.scenarios.office import LIFT, PIPE, does, files, group_heard, opens_group, passes, ticket
from tests.town import Town


async def unit_ids(town: Town) -> dict[str | None, int]:
    await town.storage.run(units.seed)
    return {unit.key: unit.id for unit in await town.storage.read(units.listed)}


async def joins(town: Town, desk: Desk, unit: int) -> None:
    await town.storage.run(units.work_for, desk.staff_id, unit, by=desk.staff_id)


async def test_a_tickets_whole_life(town: Town, clock: FrozenClock) -> None:
    ana = await town.resident("web")
    number, unit = await files(ana, LIFT), await unit_ids(town)
    property_company, housing = unit["property_company"], unit["housing_centre"]
    await opens_group(town)
    async with (
        at_the_desk(town.storage, name="周敏", role="operator") as desk,
        at_the_desk(town.storage, name="李强", role="worker") as lift_man,
        at_the_desk(town.storage, name="赵敏", role="worker") as stranger,
        at_the_desk(town.storage, name="监督委", role="supervisor") as watch,
    ):
        await joins(town, lift_man, property_company)
        await joins(town, stranger, housing)
        assert (await lift_man.client.get(f"/console/tickets/{number}")).status_code == 404, (
            "nothing was given to them yet"
        )

        assists = {f"assist-{housing}": "1"}

        # assigned, with its deadline; who has it is told
        page = await desk.opens(f"/console/tickets/{number}")
        assert "物业公司 · 按事项通常归它" in page
        await does(desk, number, "accept")
        await does(desk, number, "assign", unit=str(property_company), **assists)
        assert (await ticket(town, number))["state"] == "assigned"
        await town.works()
        assert "交给物业公司办了" in "\n".join(await ana.hears())
        assert 'id="a-assign"' not in await lift_man.opens(f"/console/tickets/{number}"), "they assign nothing"

        # what is not theirs to do is refused in words, and changes nothing
        refused = await post(lift_man, number, "feed_back", "好了")
        assert "工单现在是“已派单”" in refused
        refused = await post(stranger, number, "sign")
        assert "您的单位是协办" in refused
        refused = await post(desk, number, "sign", said_by="前台")
        assert "由主办单位来做" in refused, "somebody of that unit works here"

        # nobody signs: reminded, then it climbs
        await passes(town, clock, hours=7)
        assert any("待签收" in line and "物业公司" in line for line in await group_heard(town))
        await passes(town, clock, hours=24)
        assert any("一直没签收" in line for line in await group_heard(town))
        assert (await ticket(town, number))["level"] >= 1

        # sent back; the desk designates, after which it may not be sent back
        await does(lift_man, number, "ask_return", "电梯归维保单位")
        assert number in await desk.opens("/console?filter=returns")
        assert "电梯归维保单位" in await desk.opens(f"/console/tickets/{number}")
        await does(desk, number, "designate", "合同写明由物业管", unit=str(property_company), **assists)
        refused = await post(lift_man, number, "ask_return", "还是不归我们")
        assert "已经指定由您的单位承办" in refused

        # signed, more time asked for and granted with the resident told why and until when
        assert number in await lift_man.opens("/console?filter=to_sign")
        await does(lift_man, number, "sign")
        await does(lift_man, number, "handle")
        await does(lift_man, number, "ask_extension", "配件在路上", until="2026-12-04")
        assert number in await desk.opens("/console?filter=extensions")
        await does(desk, number, "extend", "配件在路上", until="2026-12-04")
        await town.works()
        assert "配件在路上" in "\n".join(await ana.hears())

        # an assisting unit reports and closes nothing
        assert "您的单位是协办" in await post(stranger, number, "finish", "好了")
        await does(stranger, number, "report", "我们查过井道")
        assert "我们查过井道" in await lift_man.opens(f"/console/tickets/{number}")

        # fed back, checked, sent back, fed back again, passed on to the resident in the unit's words
        await does(lift_man, number, "feed_back", "换了门机皮带")
        assert number in await desk.opens("/console?filter=to_check")
        await does(desk, number, "send_back", "请附上检验结果")
        await does(lift_man, number, "feed_back", "换了皮带，检验合格")
        await does(desk, number, "check")
        await town.works()
        assert "换了皮带，检验合格" in "\n".join(await ana.hears())

        # not solved, twice: supervised by itself
        assert "没有解决" in await ana.buttons()
        for _ in range(2):
            await ana.presses("没有解决")
            await does(lift_man, number, "feed_back", "又调了一次")
            await does(desk, number, "check")
            await town.works()
        row = await ticket(town, number)
        assert row["supervised_at"] is not None
        assert number in await watch.opens("/console?filter=supervised")
        await does(watch, number, "end_supervision", "已派专人")
        await does(watch, number, "supervise", "再看一周")

        # closed by its resident's word, and put away by time; nothing is in any unit's hands any more
        await ana.presses("解决了")
        assert (await ticket(town, number))["state"] == "closed"
        await passes(town, clock, days=31)
        assert (await ticket(town, number))["state"] == "archived"
    async with at_the_desk(town.storage, name="吴梅") as later:
        assert "已归档" in await later.opens(f"/console/tickets/{number}")
        assert "不能“重开”" in await post(later, number, "reopen", "再开")
        assert (
            await town.storage.read(lambda tx: tx.all(select(ticket_units).where(ticket_units.c.ended_at.is_(None))))
            == []
        )


async def post(desk: Desk, number: str, action: str, text: str = "", **fields: str) -> str:
    """The step itself, whatever the page offers."""
    page = await desk.opens(f"/console/tickets/{number}")
    revision = re.findall(r'data-revision="(\d+)"', page)[0]
    sent = desk.form("/sign-out")[1] | {"revision": revision, "action": action, "text": text} | fields
    return (await desk.client.post(f"/console/tickets/{number}/act", data=sent)).text


async def test_handed_to_12345_and_still_ours(town: Town, clock: FrozenClock) -> None:
    ana = await town.resident("web")
    number = await files(ana, PIPE)
    await unit_ids(town)
    await opens_group(town)
    async with at_the_desk(town.storage) as desk:
        due = (await ticket(town, number))["due_at"]
        await desk.opens(f"/console/tickets/{number}")
        assert "请选单位，或写明转给谁" in await desk.sends("/hand-over", way="phone", unit="", body="")
        await desk.opens(f"/console/tickets/{number}")
        chosen = {"with-words": "1", "with-place": "1", "with-flat": "1", "note": "夜里还在漏"}
        asked_first = await desk.sends("/hand-over", way="phone", body="12345", unit="", **chosen)
        assert "先告诉居民转给谁、转什么" in asked_first
        await desk.opens(f"/console/tickets/{number}")
        await desk.sends("/hand-over", way="phone", body="12345", unit="", agreed="phone", **chosen)
        await town.works()
        heard = "\n".join(await ana.hears())
        assert "转给了12345" in heard
        assert "您的原话、地点、房号" in heard
        assert (await ticket(town, number))["due_at"] == due, "our promise runs on"

        sheet = await desk.opens(f"/console/tickets/{number}/hand-overs/1/sheet")
        assert "转办单" in sheet
        assert "1204" in sheet
        assert "夜里还在漏" in sheet
        await passes(town, clock, hours=5)
        assert any("问进展" in line and "12345" in line for line in await group_heard(town))

        await desk.opens(f"/console/tickets/{number}")
        assert "请写明对方是谁" in await desk.sends("/confirmed", word="")
        await desk.opens(f"/console/tickets/{number}")
        assert "12345 话务员" in await desk.sends("/confirmed", word="12345 话务员", their_number="SQ-88")
        await desk.opens(f"/console/tickets/{number}")
        assert "管网公司明早来" in await desk.sends("/answered", word="管网公司明早来", tell="1")
        await town.works()
        assert "管网公司明早来" in "\n".join(await ana.hears())
        [row] = await town.storage.read(lambda tx: tx.all(select(hand_overs)))
        assert (row["their_number"], row["fields"], row["ask_at"]) == ("SQ-88", ["words", "place", "flat"], None)
        assert "/answered" not in desk.page, "it is settled"
