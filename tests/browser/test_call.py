"""An operator with a caller on the line and two more waiting, in a real browser, by keyboard alone."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from knowledge.answers import Answerer
from knowledge.faq import load_entries
from knowledge.matcher import load_matcher
from knowledge.normalise import normalise
from knowledge.profile import load_profile
from storage import tables as t
from storage import telephone
from storage.telephone import Told
from storage.transaction import Tx
from tests.browser.desk_service import DeskService
from tests.browser.test_chat_page import CONTRAST
from tests.desk_service import file_ticket
from tests.scenarios.conftest import CACHE

pytestmark = pytest.mark.browser
SAID = "屋头厨房水管爆了，水往客厅流，7栋2单元1204"
KEY = 40
"""Milliseconds between two keys: somebody who types well while they listen."""


@pytest.fixture
def desk(sqlite_file: Path) -> Iterator[DeskService]:
    """The desk with the real understanding behind it."""
    answerer = Answerer(load_entries(), load_profile(), normalise=normalise)
    service = DeskService(sqlite_file, reader=load_matcher(CACHE), answerer=answerer)
    service.start()
    yield service
    service.stop()


def rings(tx: Tx, call: str, number: str, event: Any = "ringing") -> None:
    telephone.take_in(tx, Told(f"{call}-{event}", call, event, tx.now, number=number, line="2"))


def all_of(tx: Tx, table: Any) -> list[Any]:
    return list(tx.all(select(table).order_by(table.c.id)))


def begins(page: Page, key: str = "c") -> None:
    """A new call, by its key; the cursor stands where the words go."""
    page.keyboard.press(key)
    page.wait_for_url("**/calls/*")
    expect(page.get_by_label("他/她怎么说")).to_have_value("")
    expect(page.get_by_label("他/她怎么说")).to_be_focused()


def without_a_pointer(page: Page) -> None:
    """Whoever reaches for the mouse fails the story."""
    page.add_init_script(
        "addEventListener('pointerdown', () => { document.documentElement.dataset.pointed = '1' }, true)"
    )


def test_a_call_from_the_first_ring_to_the_next_by_keyboard_alone(signed: Page, desk: DeskService) -> None:
    without_a_pointer(signed)
    signed.goto("/console")
    desk.run(rings, "c1", "13800000011")
    rang = time.monotonic()
    expect(signed.get_by_text("来电 138****11")).to_be_visible()
    assert time.monotonic() - rang < 5, "within a second on a quiet machine; a loaded one is given five"
    signed.goto("/console/calls")
    desk.run(rings, "c2", "13800000012", "missed")
    begun = time.monotonic()
    begins(signed, "j")
    expect(signed.get_by_label("电话")).to_have_value("13800000011")
    signed.keyboard.type(SAID, delay=KEY)
    hints = signed.locator("#hints")
    expect(hints).to_contain_text("房屋维修")
    expect(hints).to_contain_text("7栋2单元1204")
    expect(hints.locator(".level.P1")).to_be_visible()
    expect(hints).to_contain_text("念告知、问同意")
    expect(signed.locator("#kept")).to_have_text("已自动保存")
    signed.reload()
    expect(signed.get_by_label("他/她怎么说")).to_have_value(SAID)
    signed.keyboard.press("Tab")
    signed.keyboard.press("Enter")
    signed.keyboard.type("王阿姨", delay=KEY)
    signed.keyboard.press("Alt+y")
    expect(hints).not_to_contain_text("念告知、问同意")
    signed.keyboard.press("Control+Enter")
    expect(signed.locator("#number")).to_be_visible()
    took = time.monotonic() - begun
    [ticket] = desk.run(all_of, t.tickets)
    expect(signed.locator("#number")).to_have_text(ticket["number"])
    expect(signed.locator("#code")).to_have_text(ticket["claim_code"])
    assert took < 30, f"it took {took:.0f} s"
    assert (ticket["building"], ticket["room"], ticket["urgency"]) == ("7", "1204", "P1")
    signed.keyboard.press("Enter")
    expect(signed.get_by_role("heading", name="这一班")).to_be_visible()
    begins(signed)
    signed.keyboard.type("社区居委会有好多个人？", delay=KEY)
    expect(hints).to_contain_text("三(一)")
    signed.keyboard.press("Alt+a")
    expect(signed.get_by_text("算一次当场答复")).to_be_visible()
    assert [call["outcome"] for call in desk.run(all_of, t.calls)] == ["ticket", None, "answered"]
    assert signed.evaluate("document.documentElement.dataset.pointed") is None


def test_danger_turns_the_screen_and_one_key_calls_everybody(signed: Page, desk: DeskService) -> None:
    signed.goto("/console/calls")
    begins(signed)
    signed.keyboard.type("我屋头煤气味道好大，3栋502", delay=KEY)
    expect(signed.locator(".peril")).to_contain_text("966777")
    expect(signed.locator(".peril")).to_contain_text("三方通话")
    signed.keyboard.press("Alt+p")
    expect(signed.get_by_text("已报警", exact=False).first).to_be_visible()
    signed.keyboard.type("，头有点晕", delay=KEY)
    expect(signed.locator("#kept")).to_have_text("已自动保存")
    [alarm] = desk.run(all_of, t.alarms)
    assert (alarm["kind"], alarm["place"]) == ("gas", "3栋502")
    [call] = desk.run(all_of, t.calls)
    assert call["noted"]["words"].endswith("头有点晕"), "the notes go on behind what was there"
    signed.keyboard.press("Alt+t")
    signed.keyboard.press("Enter")
    signed.keyboard.press("Enter")
    signed.keyboard.type("1234 号", delay=KEY)
    signed.keyboard.press("Tab")
    signed.keyboard.press("Space")
    expect(signed.locator(".transfers")).to_contain_text("119 · 对方收了 · 1234 号")
    signed.keyboard.press("Alt+u")
    expect(signed.locator(".alarmed")).to_have_count(0)
    assert desk.run(all_of, t.alarms)[0]["note"] == "听错了"


def test_a_daughter_who_calls_in_confidence_by_keyboard_alone(signed: Page, desk: DeskService) -> None:
    without_a_pointer(signed)
    signed.goto("/console/calls")
    begins(signed)
    signed.keyboard.press("Alt+/")
    expect(signed.get_by_role("dialog")).to_contain_text("撤回报警")
    signed.keyboard.press("Escape")
    signed.get_by_label("他/她怎么说").focus()
    signed.keyboard.type("我帮我妈打的，她住3栋1单元601，厕所堵了，莫说是我说的", delay=KEY)
    hints = signed.locator("#hints")
    expect(hints).to_contain_text("您是替我妈说的")
    expect(hints).to_contain_text("这件事保密")
    signed.keyboard.press("Alt+b")
    signed.keyboard.press("Alt+2")
    signed.keyboard.type("13800000021", delay=KEY)
    signed.keyboard.press("Alt+y")
    expect(hints).not_to_contain_text("念告知、问同意")
    signed.keyboard.press("Control+Enter")
    expect(signed.locator("#code")).to_be_visible()
    [ticket] = desk.run(all_of, t.tickets)
    assert (ticket["on_behalf"], ticket["confidential"], ticket["phone"]) == ("我妈", True, "13800000021")
    assert signed.evaluate("document.documentElement.dataset.pointed") is None


def test_somebody_asks_how_it_stands_by_keyboard_alone(signed: Page, desk: DeskService) -> None:
    without_a_pointer(signed)
    filed = desk.run(file_ticket, phone="13800000022", title="厨房水管爆了")
    signed.goto("/console/calls")
    begins(signed)
    signed.keyboard.type("我前几天报的那个漏水，到底啷个样了嘛", delay=KEY)
    hints = signed.locator("#hints")
    expect(hints).to_contain_text("先查")
    signed.keyboard.press("Alt+s")
    signed.keyboard.type("0022", delay=KEY)
    expect(hints).to_contain_text("有 1 张以前的工单")
    signed.keyboard.press("Alt+l")
    expect(hints).to_contain_text("谁在办")
    signed.keyboard.press("Alt+r")
    expect(signed.get_by_text("算一次当场答复")).to_be_visible()
    [call] = desk.run(all_of, t.calls)
    assert (call["outcome"], call["ticket_id"]) == ("answered", filed.id)
    assert signed.evaluate("document.documentElement.dataset.pointed") is None


def test_what_is_typed_and_pressed_before_the_script_has_come_is_heard(signed: Page, desk: DeskService) -> None:
    held: list[Route] = []
    signed.route("**/call.js*", lambda route: held.append(route))
    signed.goto("/console/calls")
    signed.get_by_role("button", name="接待来访").click()
    signed.get_by_label("他/她怎么说").fill("着火了")
    signed.keyboard.press("Alt+b")
    held.pop().continue_()
    expect(signed.locator(".peril")).to_be_visible()
    expect(signed.locator("input[name=confidential]")).to_be_checked()


def test_the_screen_works_without_a_script_and_reads_well(signed: Page, desk: DeskService) -> None:
    context = signed.context.browser.new_context(  # type: ignore[union-attr]
        base_url=desk.address, locale="zh-CN", java_script_enabled=False, storage_state=signed.context.storage_state()
    )
    plain = context.new_page()
    plain.goto("/console/calls")
    plain.get_by_role("button", name="接待来访").click()
    plain.get_by_label("他/她怎么说").fill(SAID)
    plain.get_by_role("button", name="看提示").last.click()
    expect(plain.locator("#hints")).to_contain_text("房屋维修")
    plain.get_by_label("念过，同意").check()
    plain.get_by_role("button", name="登记成工单").click()
    expect(plain.locator("#number")).to_be_visible()
    address = plain.url
    context.close()
    for scheme in ("light", "dark"):
        signed.emulate_media(color_scheme=scheme)
        for page in ("/console/calls", address, "/console/call-backs"):
            signed.goto(page)
            assert signed.evaluate(CONTRAST) == [], (scheme, page)
        signed.goto("/console/calls")
        begins(signed)
        signed.keyboard.type("着火了")
        expect(signed.locator(".peril")).to_be_visible()
        assert signed.evaluate(CONTRAST) == [], scheme
    signed.set_viewport_size({"width": 390, "height": 844})
    signed.reload()
    assert signed.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing runs out of a phone's screen"
