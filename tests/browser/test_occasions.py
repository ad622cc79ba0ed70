"""The organiser's desk in a real browser: write a shift at the monitor, see what lacks people, note who came on a phone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import select

from storage import occasion_places, residents, volunteers
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.tables import occasions
from storage.transaction import Tx
from storage.volunteers import Offer
from tests.browser.desk_service import DeskService
from tests.desk_service import hire

pytestmark = pytest.mark.browser
NAMES = ("王建国", "李明")


@pytest.fixture
def page(monitor: BrowserContext, desk: DeskService) -> Page:
    _, token = desk.run(hire, "周敏", "operator")
    page = monitor.new_page()
    page.goto(f"/console/enter?token={token}")
    page.get_by_role("button", name="登录").click()
    page.locator("summary", has_text="邻里").click()
    expect(page.get_by_role("link", name="活动")).to_be_visible()
    return page


def joined(tx: Tx, occasion_id: int) -> None:
    """Two volunteers have a place."""
    for number, name in enumerate(NAMES):
        chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 700 + number)
        residents.remember(tx, chat_id=chat_id, name=name)
        volunteers.sign_up(tx, chat_id=chat_id, offer=Offer(age="adult", name=name), consent_version="1")
        assert occasion_places.join(tx, occasion_id=occasion_id, chat_id=chat_id).kind == "joined"


def over(tx: Tx, occasion_id: int) -> None:
    """It was this morning."""
    end = tx.now - timedelta(hours=1)
    values = {"starts_at": end - timedelta(hours=2), "ends_at": end}
    tx.execute(occasions.update().where(occasions.c.id == occasion_id).values(values))


def newest(tx: Tx) -> int:
    return int(tx.scalar(select(occasions.c.id).order_by(occasions.c.id.desc()).limit(1)))


def test_from_the_call_to_the_hours(page: Page, desk: DeskService) -> None:
    day = (datetime.now(UTC) + timedelta(days=4)).date().isoformat()
    page.goto("/console/occasions")
    page.get_by_role("link", name="新的活动").click()
    page.get_by_label("名字").fill("夜间巡逻")
    page.get_by_label("日期").fill(day)
    page.get_by_label("地点").fill("3栋岗亭")
    page.get_by_label("最多几人").fill("4")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("button", name="开放报名").click()
    expect(page.get_by_role("alert")).to_contain_text("要先办保险")
    page.get_by_role("link", name="修改").click()
    page.get_by_role("textbox", name="保险").fill("团体意外险")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("button", name="开放报名").click()
    expect(page.get_by_role("status").first).to_contain_text("居民现在能报名")
    page.goto("/console/occasions")
    expect(page.locator(".chip.lacks")).to_contain_text("差 2 人")
    made = desk.run(newest)
    desk.run(joined, made)
    expect(page.locator(".chip.lacks")).to_have_count(0)
    expect(page.locator(".chip")).to_contain_text("2/4")

    desk.run(over, made)
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"/console/occasions/{made}/attendance")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.get_by_role("group", name="王建国").get_by_label("来了", exact=True).check()
    page.get_by_role("group", name="李明").get_by_label("没来").check()
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status").first).to_contain_text("1 人记了时长")
    expect(page.get_by_text("已记 2 小时")).to_be_visible()


def test_cancelled_and_who_is_to_be_called(page: Page, desk: DeskService) -> None:
    page.goto("/console/occasions/new")
    page.get_by_label("种类").select_option("event:dinner")
    page.get_by_label("名字").fill("邻里聚餐")
    page.get_by_label("地点").fill("中心广场")
    page.get_by_role("button", name="保存").click()
    page.get_by_role("button", name="开放报名").click()
    desk.run(joined, desk.run(newest))
    page.reload()
    page.get_by_text("取消这个活动").click()
    page.get_by_label("取消原因").fill("暴雨")
    page.get_by_role("button", name="确定取消，马上通知").click()
    expect(page.get_by_role("heading", name="还没看到取消通知的（2）")).to_be_visible()
    page.get_by_role("button", name="打过了").first.click()
    expect(page.get_by_role("heading", name="还没看到取消通知的（1）")).to_be_visible()
