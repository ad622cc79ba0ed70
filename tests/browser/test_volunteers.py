"""The organiser's desk in a real browser: who fits is asked, who came is written, hours, a correction, the certificate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from storage import occasion_places, occasions, volunteers
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.tables import occasions as occasion_table
from storage.transaction import Tx, utc_now
from storage.volunteers import Offer
from tests.browser.desk_service import DeskService
from tests.browser.test_chat_page import CONTRAST
from tests.desk_service import hire
from tests.scenarios.activities import plan

pytestmark = pytest.mark.browser
NAMES = ("李小明", "王大妈")


def town(tx: Tx, organiser: int) -> int:
    """Two volunteers and a cleaning tomorrow."""
    for number, name in enumerate(NAMES):
        chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 60 + number)
        offer = Offer(name=name, age="adult", categories=("environment",), skills="力气大", phone="13800000000")
        volunteers.sign_up(tx, chat_id=chat_id, offer=offer, consent_version="1")
    tomorrow = utc_now() + timedelta(days=1)
    shift = plan(kind="shift", category="environment", title="清楼道", place="9栋", starts_at=tomorrow)
    made = occasions.create(tx, shift, staff_id=organiser)
    assert occasions.open_(tx, made, revision=1, staff_id=organiser) is None
    return made


def everybody_joins(tx: Tx, occasion_id: int) -> None:
    for number in range(len(NAMES)):
        chat_id = find_or_open(tx, channel="web", remote=FIRST_WEB_CHAT + 60 + number)
        assert occasion_places.join(tx, occasion_id=occasion_id, chat_id=chat_id).kind == "joined"


def it_is_over(tx: Tx, occasion_id: int) -> None:
    span = {"starts_at": tx.now - timedelta(hours=4), "ends_at": tx.now - timedelta(hours=2)}
    tx.execute(occasion_table.update().where(occasion_table.c.id == occasion_id).values(span))


@pytest.fixture
def organiser(monitor: BrowserContext, desk: DeskService) -> Iterator[Page]:
    """An open tab of the organiser's; whatever its scripts do wrong fails the test."""
    member, token = desk.run(hire, "周敏", "operator")
    desk.run(town, member)
    page = monitor.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.goto(f"/console/enter?token={token}")
    page.get_by_role("button", name="登录").click()
    yield page
    assert troubles == []


def asks_who_fits(page: Page) -> None:
    page.goto("/console/occasions/1")
    page.get_by_role("link", name=re.compile("合适")).click()
    expect(page.get_by_role("checkbox")).to_have_count(2)
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_role("button", name="邀请勾选的人").click()
    expect(page.get_by_role("status")).to_contain_text("新邀请了 2 人")
    expect(page.get_by_role("checkbox")).to_have_count(0)


def writes_who_came(page: Page) -> None:
    page.goto("/console/occasions/1/attendance")
    for came in page.get_by_label("来了", exact=True).all():
        came.check()
    page.locator("form.attendance button.strong").click()
    expect(page.get_by_role("status").first).to_contain_text("2")


def corrects(page: Page) -> None:
    page.goto("/console/volunteers")
    page.get_by_label("找人").fill("李小明")
    page.get_by_role("button", name="筛选").click()
    page.get_by_role("link", name="李小明").click()
    expect(page.get_by_text("时长账本（一共 2小时）")).to_be_visible()
    page.get_by_text("更正", exact=True).click()
    page.get_by_label("实际是").fill("1")
    page.get_by_label("原因").first.fill("提前走了")
    page.get_by_role("button", name="更正，并告诉本人").click()
    expect(page.get_by_text("时长账本（一共 1小时）")).to_be_visible()


def certifies(page: Page) -> str:
    page.get_by_label("负责人").fill("王主任")
    page.get_by_label("联系电话").fill("023-12345678")
    page.get_by_role("button", name="开具（免费）").click()
    expect(page.get_by_role("status")).to_contain_text("证明开好了")
    paper = page.locator("a[href*='/volunteers/certificates/']")
    number, address = paper.inner_text(), str(paper.get_attribute("href"))
    page.goto(address)
    for said in (number, "李小明", "1小时", "清楼道", "王主任", "周敏"):
        expect(page.locator("main")).to_contain_text(said)
    return number


def test_a_saturday_at_the_organisers_desk(organiser: Page, desk: DeskService) -> None:
    asks_who_fits(organiser)
    desk.run(everybody_joins, 1)
    desk.run(it_is_over, 1)
    writes_who_came(organiser)
    corrects(organiser)
    number = certifies(organiser)
    organiser.goto("/certificates")
    organiser.get_by_label("证明编号").fill(number)
    organiser.get_by_role("button", name="核对").click()
    expect(organiser.get_by_role("status")).to_contain_text("真实有效")
    expect(organiser.get_by_role("status")).to_contain_text("李*明")
    expect(organiser.get_by_text("李小明")).to_have_count(0)


@pytest.mark.parametrize("width", [360, 1280])
def test_its_pages_fit_and_can_be_read(width: int, organiser: Page, desk: DeskService) -> None:
    organiser.set_viewport_size({"width": width, "height": 800})
    number = desk.run(volunteers.get, 1).number
    for path in ("", "/claims", f"/{number}", "/fits/1"):
        organiser.goto(f"/console/volunteers{path}")
        wide: Any = organiser.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, path
        assert organiser.evaluate(CONTRAST) == [], path
    organiser.goto("/certificates?number=LC-1")
    assert organiser.evaluate(CONTRAST) == []
