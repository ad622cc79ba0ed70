"""Nothing that was typed during a call is lost: the line is gone, the session ends, a second window writes."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from storage import staff
from storage import tables as t
from storage.transaction import Tx
from tests.browser.desk_service import DeskService

pytestmark = pytest.mark.browser
WORDS = "他/她怎么说"


def noted(tx: Tx) -> dict[str, Any]:
    return dict(tx.scalar(select(t.calls.c.noted).order_by(t.calls.c.id.desc()).limit(1)))


def begins(page: Page) -> None:
    page.goto("/console/calls")
    page.keyboard.press("v")
    expect(page.get_by_label(WORDS)).to_be_focused()


def test_a_line_that_is_gone_and_an_answer_that_comes_late(signed: Page, desk: DeskService) -> None:
    begins(signed)
    signed.context.set_offline(True)
    signed.keyboard.type("水管爆了", delay=10)
    expect(signed.locator("#kept")).to_contain_text("没存上")
    signed.keyboard.type("，往楼下漏", delay=10)
    signed.context.set_offline(False)
    expect(signed.locator("#kept")).to_have_text("已自动保存")
    assert desk.run(noted)["words"] == "水管爆了，往楼下漏"
    held: list[Route] = []
    signed.route("**/think", lambda route: held.append(route) if not held else route.continue_())
    signed.keyboard.type("，7栋1204", delay=10)
    for _ in range(100):
        if held:
            break
        signed.wait_for_timeout(50)
    signed.keyboard.type("，9栋", delay=10)
    signed.get_by_label("什么事").select_option("dispute:noise")
    held[0].continue_()
    expect(signed.locator("#hints")).to_contain_text("您选的")
    expect(signed.get_by_label("什么事")).to_have_value("dispute:noise")
    signed.get_by_label(WORDS).press("End")
    signed.keyboard.type("的", delay=10)
    expect(signed.locator("#kept")).to_have_text("已自动保存")
    assert desk.run(noted) == {"words": "水管爆了，往楼下漏，7栋1204，9栋的", "kind": "dispute:noise"}


def test_a_session_that_ends_while_somebody_speaks(signed: Page, desk: DeskService) -> None:
    begins(signed)
    signed.keyboard.type("楼上太吵", delay=10)
    expect(signed.locator("#kept")).to_have_text("已自动保存")
    desk.run(lambda tx: tx.execute(t.staff_sessions.delete()) and None)
    signed.keyboard.type("，半夜还在拖板凳", delay=10)
    expect(signed.get_by_text("请登录").or_(signed.get_by_role("heading", name="登录")).first).to_be_visible()
    token = desk.run(staff.make_link, 1)
    signed.goto(f"/console/enter?token={token}")
    signed.get_by_role("button", name="登录").click()
    signed.wait_for_url("**/console/calls/1")
    expect(signed.get_by_label(WORDS)).to_have_value("楼上太吵，半夜还在拖板凳")
    expect(signed.locator("#kept")).to_have_text("已自动保存")
    assert desk.run(noted)["words"] == "楼上太吵，半夜还在拖板凳"


def test_a_second_window_says_so_and_goes_on_with_both_their_words(signed: Page, desk: DeskService) -> None:
    begins(signed)
    second = signed.context.new_page()
    second.goto(signed.url)
    signed.keyboard.type("厨房水管爆了", delay=10)
    expect(signed.locator("#kept")).to_have_text("已自动保存")
    second.bring_to_front()
    second.get_by_label(WORDS).press_sequentially("7栋1204", delay=10)
    expect(second.get_by_role("alert")).to_contain_text("另一个窗口")
    assert desk.run(noted)["words"] == "厨房水管爆了"
    second.keyboard.press("Enter")
    expect(second.get_by_label(WORDS)).to_have_value("厨房水管爆了\n7栋1204")
    assert desk.run(noted)["words"] == "厨房水管爆了\n7栋1204"
    second.keyboard.press("Control+End")
    second.keyboard.type("，水很大", delay=10)
    expect(second.locator("#kept")).to_have_text("已自动保存")
