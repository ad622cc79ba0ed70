"""A worker's day with a queue: by keys and by pointer, a colleague at the next desk, on a monitor and in the stairwell."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from storage import staff, units
from storage.chats import FIRST_WEB_CHAT
from storage.desk_acts import add_note
from storage.transaction import Tx
from tests.browser.conftest import PATIENCE_MS
from tests.browser.desk_service import DeskService
from tests.browser.test_chat_page import CONTRAST
from tests.browser.test_console import more_words
from tests.desk_service import file_ticket, hire

pytestmark = pytest.mark.browser


def night(tx: Tx) -> list[str]:
    """What came in overnight."""
    matters = [
        ("电梯停在五楼", "P0", "12"),
        ("厨房水管爆了", "P1", "7"),
        ("楼道灯不亮", "P2", "3"),
        ("垃圾没人收", "P2", "5"),
    ]
    return [
        file_ticket(
            tx, remote=FIRST_WEB_CHAT + 1 + place, title=title, description=f"{building}栋{title}", urgency=urgency,
            building=building,
        ).number
        for place, (title, urgency, building) in enumerate(matters)
    ]  # fmt: skip


def link_of(tx: Tx, name: str) -> str:
    member = staff.named(tx, name)
    assert member is not None
    return staff.make_link(tx, member.id)


def numbers(page: Page) -> list[str | None]:
    return [row.get_attribute("data-row") for row in page.locator("tr[data-row]").all()]


@pytest.fixture
def colleague(chromium: Browser, desk: DeskService) -> Any:
    """李强 at the next desk."""
    _, token = desk.run(hire, "李强", "worker")
    context = chromium.new_context(base_url=desk.address, locale="zh-CN", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"/console/enter?token={token}")
    page.get_by_role("button", name="登录").click()
    yield page
    context.close()


def test_a_morning(signed: Page, colleague: Page, desk: DeskService) -> None:
    filed = desk.run(night)
    expect(signed.locator("tr[data-row]")).to_have_count(4)
    assert numbers(signed)[:2] == filed[:2], "danger first"
    expect(signed.locator("tr[data-row]").first).to_contain_text("危及安全 → 受理，或交给同事")

    signed.keyboard.press("?")
    expect(signed.get_by_role("dialog")).to_contain_text("写答复")
    signed.keyboard.press("Escape")
    signed.keyboard.press("j")
    signed.keyboard.press("Enter")
    expect(signed.get_by_role("heading", name="电梯停在五楼")).to_be_visible()
    signed.keyboard.press("a")
    expect(signed.get_by_text("已受理，正在通知居民")).to_be_visible()
    signed.keyboard.press("u")
    expect(signed.locator("tr[data-row]")).to_have_count(4)

    for number in filed[2:]:
        signed.locator(f'tr[data-row="{number}"] .pick').check()
    expect(signed.get_by_text("已选 2 张")).to_be_visible()
    signed.get_by_label("交给谁").select_option(label="李强")
    signed.get_by_role("button", name="交给", exact=True).click()
    expect(signed.get_by_text("2 张办成，共 2 张")).to_be_visible()
    colleague.goto("/console?filter=mine")
    expect(colleague.locator("tr[data-row]")).to_have_count(2)

    signed.goto("/console?q=水管&building=7")
    signed.get_by_label("起个名字，可不填").fill("七栋的水")
    signed.get_by_role("button", name="存成常用").click()
    expect(signed.get_by_text("存好了")).to_be_visible()
    signed.goto("/console")
    signed.get_by_role("link", name="七栋的水", exact=True).click()
    expect(signed.locator("tr[data-row]")).to_have_count(1)


def of_the_property_company(tx: Tx) -> str:
    """李强 goes to where it leaks; his way in."""
    units.seed(tx)
    member, token = hire(tx, "李强", "worker")
    unit = next(unit for unit in units.listed(tx) if unit.key == "property_company")
    units.work_for(tx, member, unit.id, by=member)
    return token


def takes(page: Page, step: str, text: str = "") -> None:
    page.locator(f'label[for="a-{step}"]').click()
    if text:
        page.get_by_label("写在这里").fill(text)
    page.get_by_role("button", name="确定").click()
    page.wait_for_url(f"**?done={step}")


def test_the_rest_of_the_day_in_the_stairwell(signed: Page, chromium: Browser, desk: DeskService) -> None:
    ticket = f"/console/tickets/{desk.run(night)[1]}"
    token = desk.run(of_the_property_company)
    context = chromium.new_context(
        base_url=desk.address, locale="zh-CN", viewport={"width": 390, "height": 800}, color_scheme="dark"
    )
    context.set_default_timeout(PATIENCE_MS)
    phone = context.new_page()
    phone.goto(f"/console/enter?token={token}")
    phone.get_by_role("button", name="登录").click()
    expect(phone.get_by_text("这里现在没有工单").or_(phone.get_by_text("没有待办的工单"))).to_be_visible()

    signed.goto(ticket)
    signed.locator('label[for="a-assign"]').click()
    given = signed.locator('.composer select[name="unit"] option', has_text="物业公司").get_attribute("value")
    signed.locator('.composer select[name="unit"]').select_option(given)
    signed.get_by_role("button", name="确定").click()
    signed.wait_for_url("**?done=assign")

    phone.goto("/console?filter=to_sign")
    phone.get_by_role("link", name="厨房水管爆了").click()
    takes(phone, "sign")
    phone.go_back()
    phone.reload()
    expect(phone.locator('label[for="a-sign"]')).to_have_count(0)
    takes(phone, "handle")
    takes(phone, "feed_back", "换了软管，不漏了")
    assert phone.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    context.close()

    signed.goto("/console?filter=to_check")
    signed.get_by_role("link", name="厨房水管爆了").click()
    expect(signed.get_by_text("换了软管，不漏了").first).to_be_visible()
    takes(signed, "check")
    expect(signed.get_by_text("待回访").first).to_be_visible()


def test_nothing_moves_under_the_pointer(signed: Page, desk: DeskService) -> None:
    filed = desk.run(night)
    expect(signed.locator("tr[data-row]")).to_have_count(4)
    signed.locator(f'tr[data-row="{filed[2]}"] .pick').check()
    signed.locator(f'tr[data-row="{filed[3]}"] .row').hover()
    urgent = desk.run(file_ticket, remote=FIRST_WEB_CHAT + 60, title="煤气味", urgency="P0")
    expect(signed.get_by_role("button", name="有 1 处更新，点这里看")).to_be_visible()
    assert urgent.number not in numbers(signed)
    signed.get_by_role("button", name="有 1 处更新，点这里看").click()
    expect(signed.locator("tr[data-row]")).to_have_count(5)
    expect(signed.locator(f'tr[data-row="{filed[2]}"] .pick')).to_be_checked()
    signed.mouse.move(5, 5)
    signed.evaluate("document.activeElement.blur()")
    desk.run(file_ticket, remote=FIRST_WEB_CHAT + 61, title="又一件")
    expect(signed.locator("tr[data-row]")).to_have_count(6)


def test_a_draft_survives_signing_out_and_two_at_one_ticket_know_of_each_other(
    signed: Page,
    colleague: Page,
    desk: DeskService,
) -> None:
    number = desk.run(night)[1]
    ticket = f"/console/tickets/{number}"
    signed.goto(ticket)
    colleague.goto(ticket)
    expect(colleague.get_by_text("周敏 也开着这张工单")).to_be_visible()
    expect(signed.get_by_text("李强 也开着这张工单")).to_be_visible()
    colleague.keyboard.press("r")
    colleague.keyboard.type("师傅十分钟到")
    expect(colleague.get_by_text("已存，退出也不会丢")).to_be_visible()
    expect(signed.get_by_text("李强 正在写")).to_be_visible()
    colleague.get_by_role("button", name="退出", exact=True).click()
    expect(colleague.get_by_text("登录").first).to_be_visible()
    token = desk.run(link_of, "李强")
    colleague.goto(f"/console/enter?token={token}")
    colleague.get_by_role("button", name="登录").click()
    colleague.goto(ticket)
    expect(colleague.get_by_label("写在这里")).to_have_value("师傅十分钟到")
    colleague.get_by_role("button", name="确定").click()
    expect(colleague.locator(".thread .staff")).to_contain_text("师傅十分钟到")
    expect(colleague.get_by_label("写在这里")).to_have_value("")
    colleague.reload()
    expect(colleague.get_by_label("写在这里")).to_have_value("")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_the_queues_fit_and_can_be_read(signed: Page, desk: DeskService, scheme: Any, width: int) -> None:
    filed = desk.run(night)
    desk.run(add_note, 1, staff_id=1, text="x")
    signed.emulate_media(color_scheme=scheme)
    signed.set_viewport_size({"width": width, "height": 740})
    for address in ("/console", "/console?building=7&q=水管", "/console/keys", f"/console/tickets/{filed[0]}"):
        signed.goto(address)
        assert signed.evaluate("document.documentElement.scrollWidth") <= width, address
        assert signed.evaluate(CONTRAST) == [], address
    signed.goto("/console")
    signed.locator(".pick").first.check()
    assert signed.evaluate("document.documentElement.scrollWidth") <= width
    assert signed.evaluate(CONTRAST) == []
    signed.get_by_role("button", name="受理").click()
    expect(signed.get_by_text(re.compile("1 张办成"))).to_be_visible()
    assert signed.evaluate(CONTRAST) == []


def test_letters_are_letters_in_a_field_and_can_be_switched_off(signed: Page, desk: DeskService) -> None:
    desk.run(night)
    expect(signed.locator("tr[data-row]")).to_have_count(4)
    signed.keyboard.press("/")
    signed.keyboard.type("jx?")
    expect(signed.get_by_role("searchbox")).to_have_value("jx?")
    signed.keyboard.press("Escape")
    signed.keyboard.press("?")
    signed.get_by_label("不用单个字母的快捷键").check()
    signed.get_by_role("button", name="关闭").click()
    signed.keyboard.press("j")
    expect(signed.locator("tr.here")).to_have_count(0)
    expect(signed.get_by_role("dialog")).to_have_count(0)


def test_without_a_script_several_are_noted_too(monitor: BrowserContext, chromium: Browser, desk: DeskService) -> None:
    _, token = desk.run(hire, "李强", "worker")
    filed = desk.run(night)
    desk.run(more_words, 1, "还在响")
    context = chromium.new_context(base_url=desk.address, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    page.goto(f"/console/enter?token={token}")
    page.get_by_role("button", name="登录").click()
    page.locator(f'tr[data-row="{filed[0]}"] .pick').check()
    page.get_by_label("给选中的工单写一条备注").fill("已报电梯公司")
    page.get_by_role("button", name="记备注").click()
    expect(page.get_by_text("1 张办成，共 1 张")).to_be_visible()
    context.close()
