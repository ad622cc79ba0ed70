"""Signing in and out in a real browser, and no page of the console that its own policy would have to stop."""

from __future__ import annotations

import re

import pyotp
import pytest
from playwright.sync_api import BrowserContext, Error, Page, Response, expect

from handlers.web.console.gates import COOKIE, Need
from storage import staff
from storage.transaction import Tx
from tests.browser.desk_service import DeskService
from tests.console_routes import Address
from tests.desk_service import hire
from tests.two_communities import Place, two_communities

pytestmark = pytest.mark.browser
PASSWORD = "梧桐树下第三盏灯不亮"


def enter(page: Page, desk: DeskService, *, name: str = "罗兰", role: str = "admin") -> None:
    _, token = desk.run(hire, name, role)
    page.goto(f"/console/enter?token={token}")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("link", name="连心工作台")).to_be_visible()


def blank(one: Address, place: Place) -> str:
    rule = one.rule if isinstance(one.rule, Need) else Need("", "")
    return re.sub(r"{([^}]+)}", lambda name: "1" if rule.kind == "staff" else place.blank(rule, name[1]), one.path)


def page_at(page: Page, address: str) -> Response | None:
    """None where it is a file, to be shown or to be saved."""
    try:
        response = page.goto(address)
    except Error as error:
        if "Download is starting" in str(error):
            return None
        raise
    assert response is not None
    return response if response.headers.get("content-type", "").startswith("text/html") else None


def test_no_page_asks_for_what_the_policy_forbids(monitor: BrowserContext, desk: DeskService) -> None:
    own, _ = desk.run(two_communities)
    page, troubles = monitor.new_page(), []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if "Content Security" in line.text else None)
    enter(page, desk)
    looked = 0
    for one in desk.addresses:
        if one.method != "GET" or one.path.endswith("/events") or "/blobs/" in one.path:
            continue
        response = page_at(page, blank(one, own))
        if response is None:
            troubles.clear()  # a file is no page: what the browser shows it in is its own
            continue
        assert "unsafe" not in response.headers["content-security-policy"], one
        assert response.headers["cache-control"] == "no-store", one
        looked += response.ok
        assert troubles == [], one
    assert looked >= 15, "a page that is not there shows no violation"


def test_after_signing_out_the_back_button_shows_nothing(monitor: BrowserContext, desk: DeskService) -> None:
    own, _ = desk.run(two_communities)
    page = monitor.new_page()
    enter(page, desk)
    page.goto(f"/console/tickets/{own.ticket}")
    expect(page.get_by_text(own.secret).first).to_be_visible()
    page.get_by_role("button", name="退出", exact=True).click()
    expect(page.get_by_role("heading", name="登录工作台")).to_be_visible()
    for _ in range(2):
        page.go_back()
        expect(page.get_by_role("heading", name="登录工作台")).to_be_visible()
        assert own.secret not in page.content()


def test_from_a_link_to_a_password_with_a_phone_in_the_hand(monitor: BrowserContext, desk: DeskService) -> None:
    page = monitor.new_page()
    enter(page, desk)
    page.get_by_role("link", name="罗兰").click()
    page.get_by_label("新密码").fill(PASSWORD)
    page.get_by_label("再输一次").fill(PASSWORD)
    page.get_by_role("button", name="设密码").click()
    page.get_by_role("button", name="设验证器").click()
    secret = page.locator(".secret-key").inner_text()
    page.get_by_label("6 位数字").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="确认").click()
    codes = page.locator(".codes li").all_inner_texts()
    assert len(codes) == 10
    page.get_by_role("button", name="退出", exact=True).click()
    page.get_by_label("名字").fill("罗兰")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_label("验证器上的 6 位数字").fill(codes[0])
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("link", name="罗兰")).to_be_visible()


def test_what_was_being_written_when_the_session_ran_out_stands_there_again(
    monitor: BrowserContext, desk: DeskService
) -> None:
    page = monitor.new_page()
    enter(page, desk)
    with page.expect_response(
        "**/console/banner"
    ):  # the page's first look again is over: the press alone leads to the door
        page.goto("/console/notices/new")
    page.locator('[name="title"]').fill("明天停水")
    page.locator('[name="where"][value="all"]').check()
    monitor.clear_cookies(name=COOKIE)
    page.locator('form[action$="/notices/new"] button.strong').click()
    expect(page.get_by_text("写的还在")).to_be_visible()
    _, token = desk.run(hire, "别人", "admin")
    stranger = monitor.new_page()
    stranger.goto(f"/console/enter?token={token}")
    stranger.get_by_role("button", name="登录").click()
    stranger.goto("/console/notices/new")
    expect(stranger.locator('[name="title"]')).to_have_value("")
    page.goto(f"/console/enter?token={desk.run(sign_in_again, '罗兰')}")
    page.get_by_role("button", name="登录").click()
    expect(page).to_have_url(re.compile("/console/notices/new$"))
    expect(page.locator('[name="title"]')).to_have_value("明天停水")
    expect(page.locator('[name="where"][value="all"]')).to_be_checked()
    page.reload()
    expect(page.locator('[name="title"]')).to_have_value("")


def sign_in_again(tx: Tx, name: str) -> str:
    member = staff.named(tx, name)
    assert member is not None
    return str(staff.make_link(tx, member.id))
