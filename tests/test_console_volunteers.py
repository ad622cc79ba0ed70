"""The organiser's desk over HTTP: the register, hours and their corrections, claims, a guardian's call, certificates."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from knowledge.volunteers import Volunteer
from storage import certificates, messages, occasions, volunteer_claims, volunteer_hours, volunteers
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.tables import audit
from storage.transaction import Tx
from storage.volunteers import Offer
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk, hire
from tests.scenarios.activities import plan
from tests.web_service import app_of, web_parts

START = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
SPAN = {"what": "清楼道", "day": "2026-11-21", "start": "09:00", "end": "12:00", "breaks": "0"}
PAPER = {"name": "李小明", "responsible": "王主任", "phone": "023-12345678"}


def signs_up(tx: Tx, /, remote: int = 1, **offered: Any) -> Volunteer:
    chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + remote)
    offer = Offer(**({"name": "李小明", "phone": "13800000000", "age": "adult"} | offered))
    return volunteers.sign_up(tx, chat_id=chat_id, offer=offer, consent_version="1")


async def heard(storage: Storage, volunteer: Volunteer) -> str:
    said = await storage.read(messages.latest, chat_id=volunteer.chat_id)
    return "\n".join(message.text for message in said)


async def enters(desk: Desk, volunteer: Volunteer, **changed: str) -> str:
    await desk.opens(f"/console/volunteers/{volunteer.number}")
    return await desk.sends("/hours", **(SPAN | changed))


async def test_the_register_is_narrowed_by_kind_time_building_state_and_words(storage: Storage) -> None:
    weekend, evening = {"days": [5, 6], "parts": ["am"]}, {"days": [0, 1, 2, 3, 4], "parts": ["eve"]}
    await storage.run(signs_up, 1, name="李小明", categories=("education",), times=(weekend,), skills="会写毛笔字")
    await storage.run(signs_up, 2, name="王大妈", categories=("order",), times=(evening,), reach=("7",))
    gone = await storage.run(signs_up, 3, name="赵走")
    await storage.run(volunteers.leave, gone.id)
    async with at_the_desk(storage) as desk:
        whole = await desk.opens("/console/volunteers")
        assert ("李小明" in whole, "王大妈" in whole, "赵走" in whole) == (True, True, False)
        for asked, there, not_there in (
            ("category=order", "王大妈", "李小明"),
            ("time=weekend", "李小明", "王大妈"),
            ("time=evening", "王大妈", "李小明"),
            ("building=7", "王大妈", "李小明"),
            ("words=毛笔", "李小明", "王大妈"),
            ("state=left", "赵走", "王大妈"),
        ):
            found = await desk.opens(f"/console/volunteers?{asked}")
            assert (there in found, not_there in found) == (True, False), asked
        assert "没有符合的志愿者" in await desk.opens("/console/volunteers?words=没有这个人")


async def test_whoever_must_say_why_sees_no_name_and_no_number(storage: Storage) -> None:
    ana = await storage.run(signs_up)
    async with at_the_desk(storage, role="supervisor") as desk:
        for page in ("/console/volunteers", f"/console/volunteers/{ana.number}"):
            shown = await desk.opens(page)
            assert "李小明" not in shown
            assert "13800000000" not in shown


async def test_hours_are_entered_once_and_the_volunteer_hears_of_them(storage: Storage) -> None:
    ana = await storage.run(signs_up)
    async with at_the_desk(storage) as desk:
        assert "录入了" in await enters(desk, ana)
        refused = await enters(desk, ana, start="11:00", end="13:00")
        assert (desk.status, "同一段时间不能记两次" in refused) == (409, True)
        assert "不是同一次，照记" in refused
        for wrong, why in (
            ({"end": "08:00"}, "结束要晚于开始"),
            ({"breaks": "300"}, "休息不能"),
            ({"day": "2026-12-21"}, "还没到"),
            ({"day": "昨天"}, "都填上"),
            ({"what": ""}, "都填上"),
        ):
            assert why in await enters(desk, ana, **wrong)
            assert desk.status == 422
        assert await storage.read(volunteer_hours.total, ana.id) == 180
        await enters(desk, ana, day="2026-11-20", start="22:00", end="00:30", what="夜巡")
    assert await storage.read(volunteer_hours.total, ana.id) == 180 + 150
    assert "记上了：清楼道，3小时" in await heard(storage, ana)


async def test_a_correction_needs_a_reason_is_told_and_stays_readable(storage: Storage) -> None:
    ana = await storage.run(signs_up)
    async with at_the_desk(storage) as desk:
        await enters(desk, ana)
        [entry] = await storage.read(volunteer_hours.of_volunteer, ana.id)
        await desk.sends(f"/hours/{entry.id}", hours="2", minutes="0", reason=" ")
        assert desk.status == 422
        await desk.opens(f"/console/volunteers/{ana.number}")
        page = await desk.sends(f"/hours/{entry.id}", hours="2", minutes="0", reason="签到表看错了")
        assert "更正了" in page
        assert "签到表看错了" in page
    assert await storage.read(volunteer_hours.total, ana.id) == 120
    assert "从3小时改成2小时。原因：签到表看错了" in await heard(storage, ana)


async def test_a_claim_is_accepted_or_refused_once_and_told(storage: Storage) -> None:
    ana = await storage.run(signs_up)
    asked: dict[str, Any] = {"words": "上周六清楼道3个小时没记", "minutes": 180}
    for at in (timedelta(), timedelta(days=-7)):
        span: dict[str, Any] = {"start": START + at, "end": START + at + timedelta(days=1)}
        opened = await storage.run(volunteer_claims.open_, ana.id, chat_id=ana.chat_id, **asked | span)
        assert opened.kind == "new"
    async with at_the_desk(storage) as desk:
        page = await desk.opens("/console/volunteers/claims")
        assert "上周六清楼道3个小时没记" in page
        assert 'class="count">2<' in page
        first, second = re.findall(r"/claims/(\d+)/accept", page)
        await desk.sends(f"/{first}/accept", **SPAN, answer="辛苦了")
        await desk.opens("/console/volunteers/claims")
        stale = {"csrf": desk.form(f"/{second}/accept")[1]["csrf"], "revision": "1"} | SPAN
        again = await desk.client.post(f"/console/volunteers/claims/{first}/accept", data=stale)
        assert again.status_code == 409
        await desk.sends(f"/{second}/refuse", answer="")
        assert desk.status == 422
        await desk.opens("/console/volunteers/claims")
        await desk.sends(f"/{second}/refuse", answer="那天没有活动。")
        assert "没有要核对的时长" in desk.page
    assert await storage.read(volunteer_hours.total, ana.id) == 180
    told = await heard(storage, ana)
    assert "已经记上：清楼道，3小时。谢谢您提醒！辛苦了" in told
    assert "那天没有活动。" in told


async def test_a_guardians_call_is_written_down_with_who_heard_it(storage: Storage) -> None:
    lin = await storage.run(signs_up, age="under18")
    async with at_the_desk(storage, name="周敏") as desk:
        await desk.opens(f"/console/volunteers/{lin.number}")
        await desk.sends("/guardian", via="call", answer="yes", name="", phone="")
        assert desk.status == 422
        await desk.opens(f"/console/volunteers/{lin.number}")
        page = await desk.sends("/guardian", via="call", answer="yes", name="林妈妈", phone="13900000000")
        assert "林妈妈 电话里同意" in page
        assert "周敏" in page
    assert "家长同意了" in await heard(storage, lin)


async def test_thanks_are_sent_and_kept(storage: Storage) -> None:
    ana = await storage.run(signs_up)
    async with at_the_desk(storage, name="周敏") as desk:
        await desk.opens(f"/console/volunteers/{ana.number}")
        assert "发给本人了" in await desk.sends("/thanks", text="楼道干净多了，谢谢！")
    assert "周敏对您说：楼道干净多了，谢谢！" in await heard(storage, ana)


async def certified(storage: Storage, desk: Desk, ana: Volunteer) -> str:
    await desk.opens(f"/console/volunteers/{ana.number}")
    assert "证明开好了" in await desk.sends("/certificate", **PAPER)
    return str((await storage.read(certificates.of_volunteer, ana.id))[-1].number)


async def check(storage: Storage, number: str, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(app_of(web_parts(storage)))
    async with httpx.AsyncClient(transport=transport, base_url="http://page") as client:
        return await client.get("/certificates", params={"number": number, "lang": "zh"}, headers=headers)


async def test_a_certificate_is_printed_checked_replaced_and_declared_void(storage: Storage) -> None:
    ana = await storage.run(signs_up)
    async with at_the_desk(storage, name="周敏") as desk:
        await desk.opens(f"/console/volunteers/{ana.number}")
        await desk.sends("/certificate", **PAPER)
        assert (desk.status, "开不了证明" in desk.page) == (422, True), "without hours there is nothing to certify"
        await enters(desk, ana)
        first = await certified(storage, desk, ana)
        [one] = await storage.read(certificates.of_volunteer, ana.id)
        paper = await desk.opens(f"/console/volunteers/certificates/{one.id}")
        for said in (
            first,
            "李小明",
            ana.number,
            "3小时",
            "清楼道",
            "王主任",
            "周敏",
            "023-12345678",
            "2026年11月23日",
        ):
            assert said in paper, said
        public = (await check(storage, first)).text
        assert "真实有效" in public
        assert "李*明" in public
        for secret in ("李小明", "13800000000", ana.number, "清楼道"):
            assert secret not in public, secret
        [entry] = await storage.read(volunteer_hours.of_volunteer, ana.id)
        await desk.opens(f"/console/volunteers/{ana.number}")
        await desk.sends(f"/hours/{entry.id}", hours="2", minutes="30", reason="提前走了")
        assert "后来有时长更正过" in (await check(storage, first)).text
        second = await certified(storage, desk, ana)
        replaced = (await check(storage, first)).text
        assert "已经被新的证明代替" in replaced
        assert second in replaced
        newest = (await check(storage, second)).text
        assert ("真实有效" in newest, "2小时30分钟" in newest) == (True, True)
        await desk.opens(f"/console/volunteers/{ana.number}")
        last = (await storage.read(certificates.of_volunteer, ana.id))[-1]
        await desk.sends(f"/{last.id}/revoke", reason="名字写错")
        void = (await check(storage, second)).text
        assert ("作废" in void, "李*明" in void) == (True, False)
    assert first in await heard(storage, ana)
    looked = await storage.read(
        lambda tx: tx.tuples(select(audit.c.object).where(audit.c.action == "print_certificate"))
    )
    assert looked == [(first,)]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("LC-261123-483105-9", "没有这个编号|好像打错了一位"),
        ("LC-261123-0001-0", "好像打错了一位|没有这个编号"),
        ("<script>alert(1)</script>", "好像打错了一位"),
        ("０" * 80, "好像打错了一位"),
    ],
)
async def test_whatever_is_typed_on_the_page_is_answered(typed: str, said: str, storage: Storage) -> None:
    answered = await check(storage, typed)
    assert answered.status_code == 200
    assert re.search(said, answered.text)
    assert "<script>alert" not in answered.text


async def test_numbers_cannot_be_tried_out(storage: Storage, clock: FrozenClock) -> None:
    transport = httpx.ASGITransport(app_of(web_parts(storage)))
    async with httpx.AsyncClient(transport=transport, base_url="http://page") as client:
        ask = {"number": "LC-261123-483105-9", "lang": "zh"}
        codes = [(await client.get("/certificates", params=ask)).status_code for _ in range(21)]
        assert codes == [200] * 20 + [429]
        assert (await client.get("/certificates")).status_code == 200, "the page itself stays open"
        clock.move(minutes=1)
        assert (await client.get("/certificates", params=ask)).status_code == 200


async def test_who_fits_is_asked_once_by_day_and_never_by_hours_served(storage: Storage, clock: FrozenClock) -> None:
    weekend = {"days": [5, 6], "parts": ["pm", "eve"]}
    busy = await storage.run(signs_up, 1, name="常来", categories=("environment",), times=())
    fits = await storage.run(signs_up, 2, name="合适", categories=("environment",), times=(weekend,))
    await storage.run(signs_up, 3, name="暂停的", categories=("environment",))
    member, _ = await storage.run(hire, "组织", "operator")
    await storage.run(
        volunteer_hours.enter_by_hand, busy.id, what="清楼道", start=START, end=START + timedelta(hours=3), by=member
    )
    shift = await storage.run(occasions.create, plan(kind="shift", category="environment"), staff_id=member)
    assert await storage.run(occasions.open_, shift, revision=1, staff_id=member) is None
    async with at_the_desk(storage) as desk:
        page = await desk.opens(f"/console/volunteers/fits/{shift}")
        assert page.index("合适") < page.index("常来"), "the better time goes first, whoever has more hours"
        clock.move(hours=12)  # 22:00
        await desk.sends("/invite", **{f"v{fits.id}": "yes"})
        assert "新邀请了 1 人" in desk.page
        assert "明早发" in desk.page
        await desk.client.post(
            f"/console/volunteers/fits/{shift}/invite",
            data={"csrf": desk.form("/invite")[1]["csrf"], f"v{fits.id}": "yes", "vx": "yes", "v999999": "yes"},
        )
    assert await heard(storage, fits) == "", "nobody is woken"
