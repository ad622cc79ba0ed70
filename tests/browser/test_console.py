"""The console as a worker uses it: an office monitor in the morning, a phone in the stairwell."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from storage import alarms, conversations, messages, tickets
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.transaction import Tx
from tests.browser.desk_service import DeskService
from tests.browser.test_chat_page import CONTRAST
from tests.desk_service import file_ticket, hire

pytestmark = pytest.mark.browser


CALM = ("/console/appointments", "/console/alarms", "/console/alarms/1", "/console/care")


def danger(tx: Tx) -> None:
    chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 5)
    said = messages.record(tx, chat_id=chat_id, sender="resident", text="厨房有煤气味")
    alarms.raise_alarm(tx, chat_id=chat_id, message_id=said, kind="gas", rule="gas", place="12栋0602")
    conversations.ask_for_person(tx, chat_id=chat_id, reason="emergency")


def more_words(tx: Tx, ticket_id: int, text: str) -> None:
    chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 1)
    said = messages.record(tx, chat_id=chat_id, sender="resident", text=text)
    tickets.add_words(tx, ticket_id, chat_id=chat_id, message_id=said)


def test_tickets_and_alarms_appear_without_a_reload(signed: Page, desk: DeskService) -> None:
    desk.run(file_ticket)
    expect(signed.get_by_role("link", name="厨房水管爆了")).to_be_visible()
    desk.run(danger)
    banner = signed.get_by_role("alert")
    expect(banner).to_contain_text("12栋0602")
    expect(signed).to_have_title("【警报】工单 · 连心工作台")
    banner.get_by_role("button", name="我来接手").click()
    expect(signed.get_by_text("周敏 已接手")).to_be_visible()
    signed.get_by_role("button", name="已处理").click()
    expect(signed.get_by_text("紧急警报")).to_have_count(0)
    expect(signed).to_have_title("警报 · 连心工作台")


def test_a_worker_answers_by_keyboard_and_the_residents_words_come_in(signed: Page, desk: DeskService) -> None:
    filed = desk.run(file_ticket)
    signed.goto(f"/console/tickets/{filed.number}")
    signed.get_by_role("button", name="受理").click()
    expect(signed.get_by_role("status").get_by_text("已受理")).to_be_visible()
    signed.get_by_text("请居民补充", exact=True).click()
    signed.get_by_label("写在这里").fill("总阀能关上吗？")
    signed.keyboard.press("Control+Enter")
    expect(signed.locator(".thread .staff")).to_contain_text("总阀能关上吗？")
    signed.get_by_label("写在这里").fill("师傅马上")
    desk.run(more_words, filed.id, "关不动，锈死了")
    expect(signed.locator(".thread")).to_contain_text("关不动，锈死了")
    expect(signed.locator("#stale")).to_be_visible()
    expect(signed.get_by_label("写在这里")).to_have_value("师傅马上")


def test_what_was_typed_outlives_a_reload_and_a_conflict(signed: Page, desk: DeskService) -> None:
    filed = desk.run(file_ticket)
    signed.goto(f"/console/tickets/{filed.number}")
    signed.get_by_label("写在这里").fill("写了很久")
    signed.reload()
    expect(signed.get_by_label("写在这里")).to_have_value("写了很久")
    desk.run(more_words, filed.id, "还在漏")
    signed.get_by_role("button", name="确定").click()
    expect(signed.get_by_role("alert")).to_contain_text("刚才有人动过")
    expect(signed.get_by_label("写在这里")).to_have_value("写了很久")
    signed.get_by_role("button", name="确定").click()
    expect(signed.locator(".thread .staff")).to_contain_text("写了很久")
    expect(signed.get_by_label("写在这里")).to_have_value("")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_fits_and_can_be_read(signed: Page, desk: DeskService, scheme: Any, width: int) -> None:
    filed = desk.run(file_ticket, title="一个很长的标题" * 12)
    desk.run(file_ticket, remote=FIRST_WEB_CHAT + 2, confidential=True, urgency="P0")
    desk.run(more_words, filed.id, "很长的一句话没有标点" * 30 + "x" * 300)
    desk.run(danger)
    signed.emulate_media(color_scheme=scheme)
    signed.set_viewport_size({"width": width, "height": 740})
    talk = "/console/conversations/1"
    ticket, calls = f"/console/tickets/{filed.number}", "/console/call-backs"
    for address in ("/console", ticket, "/console/conversations", talk, calls, "/console/health", *CALM):
        signed.goto(address)
        expect(signed.get_by_role("heading").first).to_be_visible()
        assert signed.evaluate("document.documentElement.scrollWidth") <= width, address
        assert signed.evaluate(CONTRAST) == [], address


def test_without_a_script_everything_can_be_done(chromium: Browser, desk: DeskService) -> None:
    _, token = desk.run(hire, "李强", "worker")
    filed = desk.run(file_ticket)
    context = chromium.new_context(base_url=desk.address, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"/console/enter?token={token}")
    page.get_by_role("button", name="登录").click()
    page.get_by_role("link", name="厨房水管爆了").click()
    page.get_by_text("办好了", exact=True).last.click()
    page.get_by_label("写在这里").fill("好了")
    page.get_by_role("button", name="确定").click()
    expect(page.get_by_text("等居民说解决没有")).to_be_visible()
    page.goto("/console")
    assert filed.number not in page.content()
    context.close()
