"""A whole dispute in real browsers: two neighbours on their phones, the mediator at the desk, from the first sentence to
the follow-up visit and the file on paper."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select

from handlers.clocks.mediations import watch
from handlers.texts.catalogue import load_catalogue
from handlers.web.parts import WebParts
from knowledge import course
from knowledge.answers import Answerer
from knowledge.faq import load_entries
from knowledge.matcher import load_matcher
from knowledge.normalise import normalise
from knowledge.profile import load_profile
from storage import residents
from storage.tables import chats, mediation_sessions, mediation_visits
from storage.transaction import Tx, utc_now
from tests.browser.conftest import PATIENCE_MS
from tests.browser.desk_service import DeskService
from tests.desk_service import hire
from tests.scenarios.conftest import CACHE, real_dispatcher
from tests.web_service import working

pytestmark = pytest.mark.browser
NOISE = "7栋1204，楼上天天半夜拖椅子，吵得睡不着"
SHEET = b"%PDF-1.4\n%%EOF\n"


class WholeService(DeskService):
    """The chat page with the real dispatcher behind it, and the console, on one port."""

    def _at_work(self, parts: WebParts) -> AbstractAsyncContextManager[None]:
        answerer = Answerer(load_entries(), load_profile(), normalise=normalise)
        return working(parts, real_dispatcher(parts.storage, load_matcher(CACHE), answerer))


@pytest.fixture
def whole(sqlite_file: Path) -> Iterator[WholeService]:
    service = WholeService(sqlite_file)
    service.start()
    yield service
    service.stop()


class Phone:
    """A neighbour with a small phone."""

    def __init__(self, context: BrowserContext) -> None:
        self.page: Page = context.new_page()
        self.page.goto("/chat")

    def says(self, text: str, hears: str) -> None:
        self.page.locator("#text").fill(text)
        self.page.locator("#text").press("Enter")
        self.hears(hears)

    def presses(self, words: str, hears: str) -> None:
        self.page.get_by_role("button", name=words, exact=True).last.click()
        self.hears(hears)

    def hears(self, words: str) -> None:
        expect(self.page.locator("#log")).to_contain_text(words)


def small(chromium: Browser, whole: WholeService) -> BrowserContext:
    context = chromium.new_context(
        base_url=whole.address, viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True, locale="zh-CN"
    )
    context.set_default_timeout(PATIENCE_MS)
    return context


def lives_above(tx: Tx) -> None:
    """The newest chat is the neighbour's of 7栋1304, who told us so before."""
    chat_id = tx.scalar(select(chats.c.id).where(chats.c.kind == "private").order_by(chats.c.id.desc()).limit(1))
    residents.remember(tx, chat_id=int(chat_id), name="何师傅", building="7", unit="2", room="1304")


def applies(ana: Phone) -> None:
    ana.says(NOISE, "同意")
    ana.presses("同意", "请您看看对不对")
    ana.presses("提交", "要申请吗")
    ana.presses("申请调解", "一句话说两件事")
    ana.says("楼上1304，希望十点后别拖椅子", "可以让调解员去问问对方")
    ana.presses("可以问对方", "申请好了")


def fills(page: Page, form: str, **fields: str) -> None:
    """One form of the course's page, filled in and sent."""
    found = page.locator(f'form[action$="{form}"]')
    for name, value in fields.items():
        found.locator(f'[name="{name}"]').fill(value)
    found.get_by_role("button").last.click()


def takes(page: Page) -> None:
    """From the list of cases: take it, accept it, ask the neighbour in their chat."""
    page.goto("/console/mediations")
    page.get_by_role("link", name="LX-").first.click()
    page.get_by_role("button", name="我来调解").click()
    page.get_by_role("button", name="受理", exact=True).click()
    page.get_by_role("button", name="何师傅").click()


def names_both(page: Page) -> None:
    for side, name in (("applicant", "刘桂芳"), ("respondent", "何建国")):
        page.goto("/console/mediations/1/course")
        details = page.locator("details").filter(has=page.locator(f'form[action$="/parties/{side}"]'))
        if not details.locator("[name=name]").is_visible():
            details.locator("summary").click()
        fills(page, f"/parties/{side}", name=name)
        expect(page.get_by_text("改好了")).to_be_visible()


def an_hour_ago(tx: Tx) -> None:
    """The session that was agreed has begun."""
    begun = {"at": tx.now - timedelta(hours=1), "until": tx.now - timedelta(minutes=5)}
    tx.execute(mediation_sessions.update().values(begun))


def its_day_has_come(tx: Tx) -> None:
    tx.execute(mediation_visits.update().values(due_at=tx.now - timedelta(minutes=1)))
    watch(tx, load_catalogue())


def test_two_neighbours_and_their_mediator(chromium: Browser, whole: WholeService, tmp_path: Path) -> None:
    _, token = whole.run(hire, "方调解", "mediator")
    ana = Phone(small(chromium, whole))
    applies(ana)
    bo = Phone(small(chromium, whole))
    bo.says("你好", "连心")
    whole.run(lives_above)
    desk = chromium.new_context(
        base_url=whole.address, viewport={"width": 1280, "height": 800}, locale="zh-CN"
    ).new_page()
    desk.set_default_timeout(PATIENCE_MS)
    desk.goto(f"/console/enter?token={token}")
    desk.get_by_role("button", name="登录").click()
    takes(desk)
    bo.hears("噪音")
    bo.presses("愿意谈谈", "谢谢您愿意谈")
    names_both(desk)
    today = course.day_of(utc_now())
    fills(desk, "/course/sessions", day=(today + timedelta(days=2)).isoformat())
    ana.hears("想请您和对方坐下来谈谈")
    ana.presses("能来", "等对方也说好")
    bo.says("我能来", "约好了")
    ana.hears("约好了")
    ana.page.screenshot(path=tmp_path / "ana.png")

    whole.run(an_hour_ago)
    desk.goto("/console/mediations/1/course")
    desk.get_by_label("谈成了").check()
    fills(desk, "/record", record="双方把话说开。楼上愿意包椅脚。")
    desk.goto("/console/mediations/1/agreement")
    due = (today + timedelta(days=3)).isoformat()
    texts = {"facts": "楼上夜里拖椅子", "dispute": "夜里太吵", "what_1": "椅脚包毛毡", "way_1": "自己买来包好"}
    fills(desk, "/agreement", **texts, by_1=due)
    desk.get_by_role("button", name="念给双方确认").click()
    ana.hears("对方：椅脚包毛毡")
    bo.hears("您：椅脚包毛毡")
    bo.page.screenshot(path=tmp_path / "bo.png")
    ana.presses("没错，就这样", "等对方也看过")
    bo.presses("没错，就这样", "双方都说没错")

    desk.goto("/console/mediations/1/course")
    sheet = desk.locator('form[action$="/sign"]')
    sheet.locator("[name=file]").set_input_files({"name": "协议.pdf", "mimeType": "application/pdf", "buffer": SHEET})
    days = dict.fromkeys(("signed_applicant", "signed_respondent", "signed_mediator", "sealed"), today.isoformat())
    fills(desk, "/sign", **days)
    expect(desk.get_by_text("协议生效了")).to_be_visible()
    bo.hears("起算数了")

    whole.run(its_day_has_come)
    ana.hears("做到了吗")
    ana.presses("做到了", "调解员会再核一下")
    bo.says("已经做好了", "调解员会再核一下")
    desk.goto("/console/mediations/1/course")
    desk.locator("#visit").get_by_label("做到了").check()
    fills(desk, "/visits/1", how="上门看过，都包好了")
    ana.hears("这一条已经做到")
    desk.get_by_role("button", name="归档结案").click()
    bo.hears("办完归档")
    desk.goto("/console/mediations/1/print/all")
    expect(desk.locator("section.sheet")).to_have_count(6)
    desk.screenshot(path=tmp_path / "file.png", full_page=True)
