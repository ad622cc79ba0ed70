"""The organiser's desk over HTTP: a week from writing a shift to the hours of who came, and what must not happen."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from handlers.texts.catalogue import load_catalogue
from handlers.web.pages import TEMPLATES
from storage import (
    desk_occasions,
    messages,
    occasion_days,
    occasion_places,
    occasions,
    residents,
    volunteers,
    web_sessions,
)
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.occasions import get
from storage.volunteers import Offer
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk
from tests.scenarios.activities import plan

PATROL = {
    "what": "shift:order",
    "title": "周六夜间巡逻",
    "day": "2026-11-28",
    "from": "19:30",
    "to": "21:30",
    "place": "3栋岗亭",
    "places_min": "2",
    "places_max": "2",
}


async def writes(desk: Desk, **fields: str) -> str:
    await desk.opens("/console/occasions/new")
    return await desk.sends("/console/occasions", **PATROL | fields)


async def neighbour(storage: Storage, number: int, *, name: str | None = None, channel: str = "web") -> int:
    """A volunteer with a chat."""
    chat = await storage.run(find_or_open, channel=channel, remote=FIRST_WEB_CHAT + 200 + number)
    await storage.run(residents.remember, chat_id=chat, name=name, phone="13800000000")
    await storage.run(volunteers.sign_up, chat_id=chat, offer=Offer(age="adult", name=name), consent_version="1")
    return chat


async def heard(storage: Storage, chat_id: int) -> str:
    said = await storage.read(messages.latest, chat_id=chat_id)
    return "\n".join(message.text for message in said if message.sender != "resident")


async def joins(storage: Storage, chat_id: int, occasion_id: int) -> str:
    done = await storage.run(occasion_places.join, occasion_id=occasion_id, chat_id=chat_id)
    return done.kind


async def test_a_patrol_from_writing_it_to_the_hours_of_who_came(any_storage: Storage, clock: FrozenClock) -> None:
    storage = any_storage
    ana, bob, cy = [await neighbour(storage, at, name=name) for at, name in enumerate(("王建国", "李明", "陈小红"))]
    async with at_the_desk(storage) as desk:
        page = await writes(desk)
        assert "还没办，办好前不能开放" in page
        assert "要先办保险" in await desk.sends("/open")
        await desk.opens("/console/occasions/1/edit")
        await desk.sends("/edit", **PATROL, insurance="团体意外险")
        assert "居民现在能报名" in await desk.sends("/open")
        assert [await joins(storage, chat, 1) for chat in (ana, bob, cy)] == ["joined", "joined", "waiting"]
        page = await desk.opens("/console/occasions/1")
        assert all(name in page for name in ("王建国", "李明", "陈小红", "候补（1）"))
        assert "发给了 2 家" in await desk.sends("/say", text="请带手电")
        assert "请带手电" in await heard(storage, ana)
        assert "请带手电" not in await heard(storage, cy)
        assert "移出了" in await desk.sends("/entries/2/remove")
        assert "取消了" in await heard(storage, bob)
        assert "好消息" in await heard(storage, cy)

        clock.now = datetime(2026, 11, 28, 11, 40, tzinfo=UTC)
        await storage.run(occasion_days.check_in, occasion_id=1, chat_id=ana)
        clock.now = datetime(2026, 11, 28, 14, 0, tzinfo=UTC)
        assert "记一下谁来了" in await desk.opens("/console/occasions")
        page = await desk.opens("/console/occasions/1/attendance")
        assert 'name="from1" value="19:40"' in page
        said = {"came1": "yes", "from1": "19:40", "to1": "21:30", "break1": "10"}
        page = await desk.sends("/attendance", **said)
        assert "1 人记了时长" in page
        page = await desk.opens("/console/occasions/1/attendance")
        page = await desk.sends("/attendance", came1="no", came3="no")
        assert "已结束" in page
        assert "已记 1 小时 40 分钟" in page
        assert "没来" in page
    assert (await storage.read(get, 1)).state == "over"  # type: ignore[union-attr]


async def test_cancelled_an_hour_before_everybody_is_told_and_who_has_not_seen_it_is_called(
    storage: Storage, clock: FrozenClock
) -> None:
    ana, bob = await neighbour(storage, 1, name="王建国"), await neighbour(storage, 2, name="李明")
    tele = await neighbour(storage, 3, name="陈小红", channel="telegram")
    async with at_the_desk(storage) as desk:
        await writes(desk, insurance="团体意外险", places_max="5")
        await desk.sends("/open")
        for chat in (ana, bob, tele):
            await joins(storage, chat, 1)
        clock.now = datetime(2026, 11, 28, 10, 30, tzinfo=UTC)
        await desk.opens("/console/occasions/1")
        page = await desk.sends("/cancel", reason="暴雨橙色预警")
        assert "已通知 3 家" in page
        assert "还没看到取消通知的（3）" in page
        assert "暴雨橙色预警" in await heard(storage, ana)
        seq = (await storage.read(messages.latest, chat_id=ana))[-1].seq
        await storage.run(web_sessions.saw, chat_id=ana, seq=seq)
        await storage.run(occasion_places.seen, occasion_id=1, chat_id=tele)
        page = await desk.opens("/console/occasions/1")
        assert "还没看到取消通知的（1）" in page
        assert "李明" in page[page.index("还没看到") :][:900]
        assert "有人还没看到，请打电话" in await desk.opens("/console/occasions")
        await desk.opens("/console/occasions/1")
        assert "打过电话" in await desk.sends("/entries/2/called")
        assert await storage.read(desk_occasions.unseen, 1) == []
        await desk.opens("/console/occasions/1")
        assert "unseen-list" not in desk.page


async def test_another_place_is_told_and_more_places_go_to_the_line(storage: Storage) -> None:
    ana, bob = await neighbour(storage, 1), await neighbour(storage, 2)
    async with at_the_desk(storage) as desk:
        made = await storage.run(occasions.create, plan(places_max=1), staff_id=desk.staff_id)
        await storage.run(occasions.open_, made, revision=1, staff_id=desk.staff_id)
        assert [await joins(storage, chat, made) for chat in (ana, bob)] == ["joined", "waiting"]
        await desk.opens(f"/console/occasions/{made}/edit")
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', desk.page)) | {
            "what": "event:dinner",
            "family": "yes",
        }
        await desk.sends("/edit", **fields | {"places_max": "3", "place": "7栋一楼"})
        assert "改好了" in desk.page
    assert "7栋一楼" in await heard(storage, ana)
    assert "好消息" in await heard(storage, bob)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"title": " "}, "请写名字"),
        ({"day": "2026-11-01"}, "时间已经过了"),
        ({"day": "2028-11-01"}, "太远了"),
        ({"places_max": "1"}, "两人以上的班至少 2 人"),
        ({"places_max": "501"}, "最多 500 人"),
        ({"places_min": "9"}, "最少人数不能比最多人数还多"),
        ({"family": "yes"}, "不能带家属"),
    ],
)
async def test_what_does_not_work_is_said_and_what_was_typed_stays(
    storage: Storage, fields: dict[str, str], said: str
) -> None:
    async with at_the_desk(storage) as desk:
        page = await writes(desk, **fields)
        assert (desk.status, said in page) == (422, True)
        assert "3栋岗亭" in page
        assert await storage.read(get, 1) is None


@pytest.mark.parametrize("fields", [{"what": "shift:king"}, {"day": "soon"}, {"from": "25:99"}, {"places_max": "many"}])
async def test_what_no_browser_sends_is_refused(storage: Storage, fields: dict[str, str]) -> None:
    async with at_the_desk(storage) as desk:
        await writes(desk, **fields)
        assert desk.status == 422
        assert await storage.read(get, 1) is None


async def test_an_old_page_changes_nothing_and_a_night_shift_ends_on_the_next_day(storage: Storage) -> None:
    async with at_the_desk(storage) as desk:
        await writes(desk, **{"from": "22:00", "to": "01:00"})
        night = await storage.read(get, 1)
        assert night is not None
        assert (night.ends_at - night.starts_at).total_seconds() == 3 * 3600
        old, hidden = desk.form("/copy")
        page = await desk.sends("/copy", times="3")
        assert "排了 3 个" in page
        stale = {"revision": "7", "csrf": hidden["csrf"], "reason": "雨"}
        answer = await desk.client.post(old.replace("/copy", "/cancel"), data=stale, follow_redirects=True)
        assert "这一步没有做" in answer.text
        assert (await desk.client.get("/console/occasions/99", follow_redirects=True)).status_code == 404


async def test_a_bad_span_enters_nothing_and_a_second_time_nothing_twice(storage: Storage, clock: FrozenClock) -> None:
    ana = await neighbour(storage, 1, name="王建国")
    async with at_the_desk(storage) as desk:
        await writes(desk, insurance="团体意外险")
        await desk.sends("/open")
        await joins(storage, ana, 1)
        assert (await desk.client.get("/console/occasions/1/attendance", follow_redirects=True)).status_code == 404
        clock.now = datetime(2026, 11, 28, 14, 0, tzinfo=UTC)
        await desk.opens("/console/occasions/1/attendance")
        page = await desk.sends("/attendance", came1="yes", from1="21:00", to1="20:00")
        assert "没有记上" in page
        again = await desk.posts("/attendance", came1="yes", from1="19:30", to1="21:30")
        assert "已记 2 小时" in again.text
        await desk.posts("/attendance", came1="yes", from1="19:30", to1="21:30")
    found = await storage.read(get, 1)
    assert found is not None
    [guest] = await storage.read(desk_occasions.guests, found, "joined")
    assert guest.minutes == 120


async def test_whoever_only_looks_sees_no_name_and_no_button(storage: Storage) -> None:
    ana = await neighbour(storage, 1, name="王建国")
    async with at_the_desk(storage) as desk:
        await writes(desk, insurance="团体意外险")
        await desk.sends("/open")
        await joins(storage, ana, 1)
    async with at_the_desk(storage, name="观察员", role="viewer") as viewer:
        page = await viewer.opens("/console/occasions/1")
        assert (viewer.status, "周六夜间巡逻" in page) == (200, True)
        assert "王建国" not in page
        assert "13800000000" not in page
        assert "<textarea" not in page


def test_every_word_on_these_pages_is_there_in_both_languages() -> None:
    texts = load_catalogue("console")
    for name in ("occasions", "occasion", "occasion_form", "occasion_parts", "attendance"):
        page = (TEMPLATES / "console" / f"{name}.html").read_text("utf-8")
        for key in re.findall(r"t\('(occasions\.\w+)'[,)]", page):
            assert all(texts[language].has(key) for language in ("zh", "en")), key
