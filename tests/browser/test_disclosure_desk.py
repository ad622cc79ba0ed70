"""The desk that publishes and tells, in a real browser: the gate, an answer, a notice looked at before it goes."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from knowledge.quarters import Quarter
from storage import disclosure_asks, notices, subscriptions
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.transaction import Tx
from tests.browser.desk_service import DeskService
from tests.browser.test_chat_page import CONTRAST

pytestmark = pytest.mark.browser
PAGES = ("disclosure", "disclosure/1", "disclosure/asks/1", "notices", "notices/new", "notices/1")


def objection(tx: Tx) -> None:
    chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 3)
    values: dict[str, Any] = {"kind": "content", "words": "安保费不对", "item_id": 1, "quarter": Quarter(2026, 3)}
    disclosure_asks.file(tx, chat_id=chat_id, message_id=None, **values)


def wants_water(tx: Tx) -> None:
    chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 4)
    subscriptions.start(tx, chat_id=chat_id, topics=["outage"], building="7")


def writes(page: Page, body: str) -> None:
    page.get_by_role("link", name="新写一条").click()
    page.get_by_label("目录里的事项").select_option("parking_fees")
    page.get_by_label("标题").fill("停车费收支")
    page.get_by_label("内容").fill(body)
    page.get_by_role("button", name="保存草稿").click()


def test_an_item_is_stopped_by_the_gate_mended_published_and_answered_for(signed: Page, desk: DeskService) -> None:
    signed.locator("summary", has_text="公布").click()
    signed.get_by_role("link", name="公开", exact=True).click()
    writes(signed, "支出：安保费36000元，联系李明13800000000")
    signed.get_by_role("button", name="发布").click()
    gate = signed.get_by_label("隐私检查")
    expect(gate).to_contain_text("【13800000000】")
    expect(signed.get_by_role("alert")).to_contain_text("没有发布")
    signed.get_by_label("内容").fill("支出：安保费36000元")
    signed.get_by_role("button", name="发布").click()
    expect(signed.get_by_role("status")).to_contain_text("已发布")

    signed.goto("/console/disclosure")
    expect(signed.get_by_text("没有待答复的意见")).to_be_visible()
    desk.run(objection)
    signed.get_by_role("link", name="安保费不对").click()
    signed.get_by_label("说明情况").check()
    signed.get_by_label("答复", exact=True).fill("含夜班。")
    signed.get_by_role("button", name="答复居民").click()
    expect(signed.get_by_role("status")).to_contain_text("答复已送给居民")


def test_a_notice_is_looked_at_and_sent_and_its_progress_comes_in_by_itself(signed: Page, desk: DeskService) -> None:
    desk.run(wants_water)
    signed.locator("summary", has_text="公布").click()
    signed.get_by_role("link", name="通知", exact=True).click()
    signed.get_by_role("link", name="写通知").click()
    signed.locator('[name="title"]').fill("检修停水")
    signed.locator('[name="text"]').fill("请接水。")
    signed.get_by_label("这些楼栋").check()
    signed.get_by_label("7栋", exact=True).check()
    signed.get_by_role("button", name="看看效果").click()
    expect(signed.get_by_text("会发给 1 位居民")).to_be_visible()
    expect(signed.locator(".previews blockquote").first).to_contain_text("【停水停电停气】检修停水")
    with signed.expect_response("**/console/events"):
        signed.get_by_role("button", name="发送").click()
    expect(signed.get_by_text("正在发")).to_be_visible()
    assert desk.run(notices.stop, 1, revision=2, staff_id=1)
    expect(signed.get_by_text("已停止")).to_be_visible()


def test_every_page_fits_a_phone_and_can_be_read(chromium: Browser, signed: Page, desk: DeskService) -> None:
    signed.goto("/console/disclosure")
    writes(signed, "支出：安保费36000元")
    signed.get_by_role("button", name="发布").click()
    desk.run(objection)
    signed.goto("/console/notices/new")
    signed.locator('[name="title"]').fill("检修停水")
    signed.locator('[name="text"]').fill("请接水。")
    signed.get_by_label("全社区").check()
    signed.get_by_role("button", name="看看效果").click()
    signed.set_viewport_size({"width": 360, "height": 740})
    for address in PAGES:
        signed.goto(f"/console/{address}")
        assert signed.evaluate("document.documentElement.scrollWidth") <= 360, address
        assert signed.evaluate(CONTRAST) == [], address
