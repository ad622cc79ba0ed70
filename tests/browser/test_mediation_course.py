"""The mediator's desk in a real browser: from the first appointment to the file on A4, at the office and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect

from handlers.clocks.mediations import watch
from handlers.mediation_telling import follow
from handlers.texts.catalogue import load_catalogue
from knowledge import course
from storage import mediation_asks
from storage.tables import mediation_sessions, mediation_visits
from storage.transaction import Tx, utc_now
from tests.browser.conftest import PATIENCE_MS
from tests.browser.desk_service import DeskService
from tests.browser.test_chat_page import CONTRAST
from tests.desk_service import hire
from tests.mediation_cases import above, applies, below, talking

pytestmark = pytest.mark.browser
HERE = "/console/mediations/1"
PDF: FilePayload = {"name": "协议.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.4\n%%EOF\n"}


@pytest.fixture
def mediator(monitor: BrowserContext, desk: DeskService) -> Iterator[Page]:
    """An open tab of the mediator's; whatever its scripts do wrong fails the test."""
    member, token = desk.run(hire, "方调解", "mediator")
    desk.run(lambda tx: (above(tx), talking(tx, applies(tx, below(tx)), member)))
    page = monitor.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(f"/console/enter?token={token}")
    page.get_by_role("button", name="登录").click()
    yield page
    assert troubles == []


def answered(tx: Tx, kind: str, **said: str) -> None:
    """Both sides answer in their chats."""
    for side, answer in said.items():
        rows = [row for key, row in mediation_asks.all_of(tx, 1).items() if key[0] == kind and key[2] == side]
        row = max(rows, key=lambda row: int(row["id"]))
        kept = mediation_asks.answer(tx, row["id"], chat_id=row["chat_id"], said=answer, via="button")
        assert kept is not None
        follow(tx, load_catalogue(), kept)


def it_is_time(tx: Tx, table: Any, column: str) -> None:
    """What was to come has come: here an hour ago."""
    tx.execute(table.update().values({column: tx.now - timedelta(hours=1)}))
    watch(tx, load_catalogue())


def propose(page: Page) -> None:
    page.goto(f"{HERE}/course")
    tomorrow = course.day_of(utc_now()) + timedelta(days=2)
    page.get_by_label("哪天", exact=True).fill(tomorrow.isoformat())
    page.get_by_role("button", name="问双方").first.click()
    expect(page.get_by_role("status").first).to_contain_text("已经问双方了")


def write_up(page: Page, desk: DeskService) -> None:
    desk.run(answered, "session", applicant="yes", respondent="yes")
    desk.run(it_is_time, mediation_sessions, "at")
    page.goto(f"{HERE}/course")
    page.get_by_label("申请人").first.check()
    page.get_by_label("记录", exact=True).fill("双方把话说开。\n楼上愿意给椅脚包毛毡，夜里十点后不拖椅子。")
    page.get_by_label("谈成了").check()
    page.get_by_role("button", name="存进卷宗").first.click()
    expect(page.get_by_text("记录存进卷宗了")).to_be_visible()


def write_agreement(page: Page, desk: DeskService, shots: Path) -> None:
    page.get_by_role("link", name="写协议").click()
    page.get_by_label("主要事实").fill("楼上夜里拖椅子，楼下睡不好。")
    page.get_by_label("争的是什么").fill("夜里太吵")
    page.get_by_label("做到什么").first.fill("椅脚包毛毡，晚上十点后不拖椅子")
    page.get_by_role("button", name="存草稿").click()
    expect(page.get_by_text("没有写哪天前做到")).to_be_visible()
    page.screenshot(path=shots / "draft.png", full_page=True)
    page.get_by_label("怎么做").first.fill("自己买毛毡包好")
    due = course.day_of(utc_now()) + timedelta(days=3)
    page.locator("[name=by_1]").fill(due.isoformat())
    page.get_by_role("button", name="存草稿").click()
    page.get_by_role("button", name="念给双方确认").click()
    expect(page.get_by_text("念给双方了")).to_be_visible()
    desk.run(answered, "agreement", applicant="yes", respondent="yes")


def sign(page: Page) -> None:
    page.goto(f"{HERE}/course")
    today = course.day_of(utc_now()).isoformat()
    for label in ("申请人签字", "对方当事人签字", "调解员签名", "盖章"):
        page.get_by_label(label, exact=True).fill(today)
    page.get_by_role("button", name="记下", exact=True).click()
    expect(page.get_by_text("记下了，还没有齐")).to_be_visible()
    page.get_by_label("签好的协议").set_input_files([PDF])
    page.get_by_role("button", name="记下", exact=True).click()
    expect(page.get_by_text("协议生效了")).to_be_visible()


def visit(page: Page, desk: DeskService) -> None:
    desk.run(it_is_time, mediation_visits, "due_at")
    desk.run(answered, "visit", applicant="performed", respondent="performed")
    page.goto(f"{HERE}/course")
    page.locator("#visit").get_by_label("做到了").check()
    page.get_by_label("履行得怎么样").fill("椅脚都包好了，楼下说安静了。")
    page.locator("#visit").get_by_role("button", name="记下回访").click()
    expect(page.get_by_text("回访记下了")).to_be_visible()
    page.get_by_role("button", name="归档结案").click()
    expect(page.get_by_text("归档了。")).to_be_visible()


def test_the_whole_course_at_the_desk_and_on_paper(mediator: Page, desk: DeskService, tmp_path: Path) -> None:
    propose(mediator)
    write_up(mediator, desk)
    mediator.screenshot(path=tmp_path / "recorded.png", full_page=True)
    write_agreement(mediator, desk, tmp_path)
    sign(mediator)
    mediator.screenshot(path=tmp_path / "in_force.png", full_page=True)
    visit(mediator, desk)
    mediator.screenshot(path=tmp_path / "filed.png", full_page=True)
    mediator.goto(f"{HERE}/print/all")
    expect(mediator.get_by_role("heading", name="卷内目录")).to_be_visible()
    sheets = mediator.locator("section.sheet")
    expect(sheets).to_have_count(6)
    for place in range(6):
        sheets.nth(place).screenshot(path=tmp_path / f"sheet{place}.png")
    printed = mediator.pdf(path=tmp_path / "file.pdf", prefer_css_page_size=True)
    assert printed.count(b"/Type /Page\n") == 6
    mediator.emulate_media(media="print")
    expect(mediator.get_by_role("button", name="打印")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_its_pages_fit_and_can_be_read(
    mediator: Page, desk: DeskService, tmp_path: Path, scheme: Any, width: int
) -> None:
    propose(mediator)
    desk.run(answered, "session", applicant="yes", respondent="other")
    mediator.emulate_media(color_scheme=scheme)
    mediator.set_viewport_size({"width": width, "height": 740})
    for name, address in (
        ("course", f"{HERE}/course"),
        ("draft", f"{HERE}/agreement"),
        ("figures", "/console/mediations/figures"),
    ):
        mediator.goto(address)
        expect(mediator.get_by_role("heading").first).to_be_visible()
        mediator.screenshot(path=tmp_path / f"{name}.png", full_page=True)
        assert mediator.evaluate("document.documentElement.scrollWidth") <= width, address
        assert mediator.evaluate(CONTRAST) == [], address


def test_without_a_script_the_course_goes_on(chromium: Browser, desk: DeskService) -> None:
    member, token = desk.run(hire, "方调解", "mediator")
    desk.run(lambda tx: (above(tx), talking(tx, applies(tx, below(tx)), member)))
    context = chromium.new_context(base_url=desk.address, java_script_enabled=False, locale="zh-CN")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(f"/console/enter?token={token}")
    page.get_by_role("button", name="登录").click()
    propose(page)
    context.close()
