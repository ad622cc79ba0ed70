"""Somebody asks about their own data on the telephone or at the counter (PI-12): registered, made sure of, decided, done -
and after a deletion their words are nowhere, in no table.
"""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import timedelta
from typing import Any

from storage import tables as t
from storage.chats import find_or_open
from tests.conftest import FrozenClock
from tests.desk_service import at_the_desk
from tests.scenarios.office import passes
from tests.scenarios.test_first_slice import all_of
from tests.scenarios.test_own_data import SECRETS, close_all, everything_there_is, lives_here
from tests.town import Town

PHONE = {
    "kind": "delete",
    "came_by": "phone",
    "name": "王阿姨",
    "contact": "13800000000",
    "words": "水管的事删掉，1204",
}


async def test_asked_on_the_telephone_everything_of_theirs_is_deleted(ana: Any, town: Town) -> None:
    await lives_here(ana)
    [ticket] = await all_of(town, t.tickets)
    await close_all(town)
    async with at_the_desk(town.storage, role="admin") as desk:
        await desk.opens("/console/data-requests")
        assert "没有这个号码" in await desk.sends("/data-requests", **PHONE, number="LX-0")
        assert 'value="王阿姨"' in desk.page, "what was typed stays"
        assert "请写明是谁" in await desk.sends("/data-requests", **PHONE | {"name": "", "contact": " "}, number="")
        page = await desk.sends("/data-requests", **PHONE, number="")
        assert re.search(r"GR-\d{6}-0001", page)
        assert "还没有核对身份" in await desk.sends("/decide", decision="granted", reason="")
        assert "请写明理由" in await desk.sends("/decide", decision="refused", reason="")
        await desk.sends("/identity", how="rung_back", number=str(ticket["number"]), note="王阿姨本人接的")
        await desk.sends("/decide", decision="granted", reason="")
        assert (await desk.posts("/delete")).status_code == 422, "not without meaning it"
        page = await desk.sends("/delete", sure="1")
        assert "办完" in page
        assert "王阿姨" not in page
        assert "待核对" not in await desk.opens("/console/data-requests")
    found = everything_there_is(town.storage)
    for table, rows in found.items():
        whole = json.dumps(rows, default=str, ensure_ascii=False)
        assert [secret for secret in SECRETS if secret in whole] == [], table
    [kept] = found["data_requests"]
    assert (kept["kind"], kept["decision"], kept["state"], kept["resident_id"]) == ("delete", "granted", "done", None)


async def test_a_copy_a_correction_and_a_clock(ana: Any, town: Town, clock: FrozenClock) -> None:
    await lives_here(ana)
    [ticket] = await all_of(town, t.tickets)
    async with at_the_desk(town.storage, role="admin") as desk:
        for number, kind in enumerate(("copy", "correct", "object"), 1):
            await desk.opens("/console/data-requests")
            asked = {"kind": kind, "came_by": "walk_in", "name": "王阿姨", "contact": "", "words": ""}
            await desk.sends("/data-requests", **asked, number=str(ticket["number"]))
            await desk.sends(f"/{number}/identity", how="document", number="", note="")
            await desk.sends(f"/{number}/decide", decision="granted", reason="")
        await desk.opens("/console/data-requests/1")
        given = await desk.posts("/1/copy")
        packed = zipfile.ZipFile(io.BytesIO(given.content))
        assert "厨房" in packed.read("data.json").decode()
        assert "请写明理由" in await desk.sends("/1/done", proof="")
        await desk.opens("/console/data-requests/1")
        await desk.sends("/1/done", proof="当面交了，签了收条")
        await desk.opens("/console/data-requests/2")
        await desk.sends("/2/correct", name="王芳", phone="13900000000", building="7", unit="", room="1204")
        [resident] = [row for row in await all_of(town, t.residents) if row["name"]]
        assert (resident["name"], resident["phone"], resident["unit"]) == ("王芳", "13900000000", None)
        clock.move(days=20)
        await town.storage.run(
            lambda tx: tx.execute(t.staff_sessions.update().values(expires_at=tx.now.replace(year=2030)))
        )
        page = await desk.opens("/console/data-requests")
        assert "due soon" in page or "due late" in page
        await desk.opens("/console/data-requests/3")
        assert "本人撤回" in await desk.sends("/3/withdraw", note="不要了")
    assert "王芳" in "\n".join(await ana.says("我的资料"))


async def test_whoever_answers_it_is_reminded_and_it_climbs_when_it_is_late(town: Town, clock: FrozenClock) -> None:
    chat = await town.storage.run(find_or_open, channel="telegram", remote=-100, kind="staff")

    async def told() -> list[str]:
        said = [str(row["text"]) for row in await all_of(town, t.messages) if row["chat_id"] == chat]
        return [text for text in said if "个人信息请求" in text]

    async with at_the_desk(town.storage, name="孙管理", role="admin") as desk:
        await desk.opens("/console/data-requests")
        await desk.sends("/data-requests", **PHONE, number="")
    [row] = await all_of(town, t.data_requests)
    clock.now = row["due_at"] - timedelta(days=3)
    await passes(town, clock, minutes=1)
    await passes(town, clock, minutes=1)
    assert ["快到期" in text and "孙管理" in text for text in await told()] == [True], "once"
    clock.now = row["due_at"]
    await passes(town, clock, minutes=1)
    await passes(town, clock, days=7)
    later = (await told())[1:]
    assert [name in text for name, text in zip(("值班人员", "街道办事处"), later, strict=True)] == [True, True]
    assert all("王阿姨" not in text for text in later), "never whose it is"
    await passes(town, clock, days=7)
    assert len(await told()) == 3, "each level once"
