"""The desk publishes: past the privacy gate or not at all; objections with clocks; notices looked at before they go."""

from __future__ import annotations

from typing import Any

import pytest

from knowledge.disclosure import rules
from knowledge.profile import load_profile
from knowledge.quarters import Quarter
from storage import community, disclosure, notices, subscriptions
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.disclosure_asks import Filed, file
from storage.engine import Storage
from storage.messages import latest
from storage.tables import audit
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.desk_service import Desk, at_the_desk

ITEM = {"matter": "parking_fees", "kind": "finance", "quarter": "2026Q3", "building": "", "title": "停车费收支"}
BODY = "收入86400元，支出36000元。"
CUT = {"topic": "outage", "title": "检修停水", "text": "请接水。", "where": "some", "b_7": "yes"}


async def drafts(desk: Desk, body: str = BODY, **changed: str) -> str:
    await desk.opens("/console/disclosure/new?quarter=2026Q3&matter=parking_fees")
    return await desk.sends("/new", **(ITEM | {"body": body} | changed))


async def publishes(desk: Desk, body: str = BODY, **changed: str) -> str:
    await drafts(desk, body)
    return await desk.sends("/edit", **(ITEM | {"body": body} | changed), then="publish")


def objection(tx: Tx, item_id: int | None = 1) -> Filed:
    chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 3)
    return file(
        tx, chat_id=chat_id, message_id=None, kind="content", words="安保费不对", item_id=item_id,
        quarter=Quarter(2026, 3),
    )  # fmt: skip


async def published(storage: Storage) -> list[disclosure.Item]:
    return await storage.read(disclosure.published)


# --- items ------------------------------------------------------------------------------------------------------------
async def test_an_item_from_the_catalogue_to_the_residents(storage: Storage) -> None:
    async with at_the_desk(storage) as desk:
        page = await desk.opens("/console/disclosure")
        assert f"目录里还有 {len(rules().matters)} 项没有写" in page
        assert "停车费等公共收益的收支" in page
        await drafts(desk)
        assert await published(storage) == []
        assert "已发布" in await desk.sends("/edit", **(ITEM | {"body": BODY}), then="publish")
        [item] = await published(storage)
        assert (item.title, item.quarter) == ("停车费收支", "2026Q3")
        assert f"目录里还有 {len(rules().matters) - 1} 项没有写" in await desk.opens("/console/disclosure")
    actions = [row["action"] for row in await all_of_storage(storage, audit)]
    assert actions.count("disclosure_publish") == 1


async def all_of_storage(storage: Storage, table: Any) -> list[dict[str, Any]]:
    rows = await storage.read(lambda tx: tx.all(table.select().order_by(table.c.id)))
    return [dict(row) for row in rows]


async def test_the_gate_shows_what_it_found_and_nothing_is_published_before_it_is_mended(storage: Storage) -> None:
    async with at_the_desk(storage) as desk:
        page = await publishes(desk, "联系户主李明13800000000，7栋1204")
        assert desk.status == 422
        assert "没有发布" in page
        assert "【13800000000】" in page
        assert "【7栋1204】" in page
        assert await published(storage) == []
        page = await desk.sends("/edit", **(ITEM | {"body": "联系社区办公室"}), then="publish")
        assert "已发布" in page
        assert [item.body for item in await published(storage)] == ["联系社区办公室"]


async def test_the_unit_itself_refuses_whatever_the_page_does(storage: Storage) -> None:
    async with at_the_desk(storage) as desk:
        written = disclosure.Written(kind="finance", title="补助", body="李小明，8岁，200元")
        item_id = await storage.run(disclosure.draft, written, staff_id=desk.staff_id)
        with pytest.raises(disclosure.Barred) as barred:
            await storage.run(disclosure.publish, item_id, revision=1, staff_id=desk.staff_id)
        assert [found.kind for found in barred.value.found] == ["minor"]


async def test_a_correction_needs_its_reason(storage: Storage) -> None:
    async with at_the_desk(storage) as desk:
        await publishes(desk)
        await desk.sends("/correct")
        page = await desk.sends("/edit", **(ITEM | {"body": "支出24000元。"}), then="publish")
        assert (desk.status, "请写明原因" in page) == (422, True)
        page = await desk.sends("/edit", **(ITEM | {"body": "支出24000元。"}), then="publish", reason="多算了一个月")
        assert "已发布" in page
        assert [item.body for item in await published(storage)] == ["支出24000元。"]
        assert "已更正" in await desk.opens("/console/disclosure/1")


async def test_two_people_on_one_draft(storage: Storage) -> None:
    async with at_the_desk(storage) as desk, at_the_desk(storage, name="李强") as other:
        await drafts(desk)
        await other.opens("/console/disclosure/1")
        await desk.sends("/edit", **(ITEM | {"body": "第一个"}), then="save")
        page = await other.sends("/edit", **(ITEM | {"body": "第二个"}), then="publish")
        assert (other.status, "刚才有人动过" in page) == (409, True)
        assert "第一个" in page
        assert await published(storage) == []


@pytest.mark.parametrize(
    ("changed", "trouble"),
    [({"title": " "}, "都要写"), ({"body": "长" * 3001}, "太长"), ({"kind": "money", "matter": ""}, "请选一个类别")],
)
async def test_what_cannot_be_read_is_refused_in_words(changed: dict[str, str], trouble: str, storage: Storage) -> None:
    async with at_the_desk(storage) as desk:
        page = await drafts(desk, **changed)
        assert (desk.status, trouble in page) == (422, True)


@pytest.mark.parametrize("role", ["worker", "mediator", "supervisor", "viewer"])
async def test_others_read_and_change_nothing(role: str, storage: Storage) -> None:
    async with at_the_desk(storage) as desk, at_the_desk(storage, name="某人", role=role) as other:
        await publishes(desk)
        page = await other.opens("/console/disclosure/1")
        assert BODY in page
        assert "/correct" not in page
        await desk.opens("/console/disclosure/1")
        address, hidden = desk.form("/withdraw")
        mine = other.page.split('name="csrf" value="')[1].split('"')[0]
        refused = await other.client.post(address, data=hidden | {"reason": "不想公开", "csrf": mine})
        assert refused.status_code == 403
        assert len(await published(storage)) == 1


# --- objections -------------------------------------------------------------------------------------------------------
async def test_objections_stand_on_top_with_their_clocks_and_nobodys_name(storage: Storage, clock: FrozenClock) -> None:
    async with at_the_desk(storage) as desk:
        await publishes(desk)
        await storage.run(objection)
        page = await desk.opens("/console/disclosure")
        assert "还剩 3 天" in page
        assert "安保费不对" in page
        assert '<b class="count">1</b>' in page
        page = await desk.opens("/console/disclosure/asks/1")
        assert "不告诉工作人员是谁提的" in page
        page = await desk.sends("/answer", outcome="explained", text="")
        assert (desk.status, "都要写" in page) == (422, True)
        assert "答复已送给居民" in await desk.sends("/answer", outcome="explained", text="含夜班。")
        chat_id = await storage.run(find_or_open, channel="web", remote=FIRST_WEB_CHAT + 3)
        [told] = await storage.read(latest, chat_id=chat_id)
        assert "（说明情况）：\n\n含夜班。" in told.text
        assert '<b class="count">1</b>' not in await desk.opens("/console/disclosure")


async def test_answered_twice_is_answered_once(storage: Storage) -> None:
    async with at_the_desk(storage) as desk, at_the_desk(storage, name="李强") as other:
        await storage.run(objection, None)
        for one in (desk, other):
            await one.opens("/console/disclosure/asks/1")
        await desk.sends("/answer", outcome="published", text="补上了。")
        await other.sends("/answer", outcome="explained", text="没有的事。")
        assert other.status == 409
        chat_id = await storage.run(find_or_open, channel="web", remote=FIRST_WEB_CHAT + 3)
        assert len(await storage.read(latest, chat_id=chat_id)) == 1


# --- notices ----------------------------------------------------------------------------------------------------------
def wants(tx: Tx, remote: int, building: str | None = "7") -> None:
    chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + remote)
    subscriptions.start(tx, chat_id=chat_id, topics=["outage"], building=building)


async def composes(desk: Desk, **changed: str) -> str:
    await desk.opens("/console/notices/new")
    return await desk.sends("/new", **(CUT | changed))


async def test_a_notice_is_looked_at_counted_and_sent_once(storage: Storage) -> None:
    for remote, building in ((1, "7"), (2, None), (3, "9")):
        await storage.run(wants, remote, building)
    async with at_the_desk(storage) as desk:
        page = await composes(desk, starts_at="2026-11-24T09:00", ends_at="2026-11-24T17:00")
        assert "会发给 2 位居民" in page
        assert "【停水停电停气】检修停水" in page
        assert "明天 09:00–17:00" in page
        assert "不到 24 小时" in page
        address, hidden = desk.form("/send")
        assert "正在发" in await desk.sends("/send")
        again = await desk.client.post(address, data=hidden)
        assert again.status_code == 409
    [notice] = await storage.read(notices.listed)
    assert (notice.state, notice.buildings) == ("sending", ["7"])


async def test_a_notice_can_be_changed_until_it_goes(storage: Storage) -> None:
    async with at_the_desk(storage) as desk:
        await composes(desk)
        page = await desk.opens("/console/notices/1/edit")
        assert 'name="b_7" value="yes" checked' in page
        await desk.sends("/edit", **(CUT | {"title": "检修停电", "b_8": "yes"}))
        assert "检修停电" in desk.page
        assert "7、8栋" in desk.page
        await desk.sends("/send")
        await desk.opens("/console/notices/1/edit")
        assert desk.status == 404


@pytest.mark.parametrize(
    ("changed", "trouble"),
    [
        ({"b_7": ""}, "至少一栋"),
        ({"topic": "disclosure"}, "请选一类"),
        ({"topic": "spam"}, "请选一类"),
        ({"title": ""}, "都要写"),
        ({"starts_at": "2026-11-24T17:00", "ends_at": "2026-11-24T09:00"}, "结束要在开始之后"),
        ({"starts_at": "morgen"}, "结束要在开始之后"),
    ],
)
async def test_a_notice_that_makes_no_sense_is_refused_in_words(
    changed: dict[str, str], trouble: str, storage: Storage
) -> None:
    async with at_the_desk(storage) as desk:
        page = await composes(desk, **changed)
        assert (desk.status, trouble in page) == (422, True)


async def test_personal_things_in_a_notice_are_pointed_at(storage: Storage) -> None:
    async with at_the_desk(storage) as desk:
        assert "【7栋1204】" in await composes(desk, text="7栋1204漏水，关总阀。")


# --- the demo ---------------------------------------------------------------------------------------------------------
async def test_the_demo_community_has_published_its_last_quarter(storage: Storage) -> None:
    await storage.run(community.load_demo, load_profile())
    items = await storage.read(disclosure.published, Quarter(2026, 3))
    assert {item.kind for item in items} == {"party", "government", "finance", "service"}
    assert {item.building for item in items} == {None, "7"}
    assert [notice.state for notice in await storage.read(notices.listed)] == ["sent", "draft"]
