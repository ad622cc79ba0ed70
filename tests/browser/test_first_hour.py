"""An admin's first hour: the service on an empty database, and at its end residents answered from what was entered."""

from __future__ import annotations

import asyncio
import io
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect
from sqlalchemy import select

from bot.service import Service
from bot.settings import Settings
from storage import subscriptions
from storage.sqlite import SQLiteStorage
from storage.tables import chats
from storage.transaction import Tx
from tests.browser.conftest import PATIENCE_MS
from tests.desk_service import hire
from tests.patience import PATIENCE
from tests.scenarios.conftest import CACHE

pytestmark = pytest.mark.browser
PLAN = "1–3 栋，每栋 2 单元 9 层 4 户"


def _settings(data_dir: Path) -> Settings:
    return Settings(_env_file=None, http_port=0, data_dir=data_dir)  # type: ignore[call-arg]


class EmptyHouse:
    """The whole service, as it starts on an empty database, on a thread of its own."""

    def __init__(self, database: Path, data_dir: Path) -> None:
        self._database, self._settings = database, _settings(data_dir)
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def start(self) -> None:
        self._thread.start()
        assert self._ready.wait(PATIENCE), "the service did not start"

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE)

    def run(self, unit: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        done = asyncio.run_coroutine_threadsafe(self._storage.run(unit, *args, **kwargs), self._loop)
        return done.result(PATIENCE)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._storage = SQLiteStorage(self._database)
        await self._storage.open()
        await Service(self._settings, self._storage).run(self._stop, announce=self._begun)
        await self._storage.close()

    async def _begun(self, service: Service) -> None:
        self.address = f"http://127.0.0.1:{service.server.port}"
        self._loop.call_later(0.1, self._ready.set)


@pytest.fixture
def house(sqlite_file: Path, tmp_path: Path) -> Iterator[EmptyHouse]:
    data_dir = tmp_path / "data"
    shutil.copytree(CACHE / "matcher", data_dir / "matcher")
    house = EmptyHouse(sqlite_file, data_dir)
    house.start()
    yield house
    house.stop()


def opened(chromium: Browser, house: EmptyHouse, width: int) -> BrowserContext:
    size = {"width": width, "height": 800}
    context = chromium.new_context(base_url=house.address, viewport=size, locale="zh-CN")  # type: ignore[arg-type]
    context.set_default_timeout(PATIENCE_MS)
    return context


def says(phone: Page, words: str, hears: str) -> None:
    phone.locator("#text").fill(words)
    phone.locator("#text").press("Enter")
    expect(phone.locator("#log")).to_contain_text(hears)


def wants_to_hear(tx: Tx) -> None:
    """The newest chat asked for notices."""
    chat_id = tx.scalar(select(chats.c.id).where(chats.c.kind == "private").order_by(chats.c.id.desc()).limit(1))
    subscriptions.start(tx, chat_id=int(chat_id), topics=["disclosure", "outage"], building=None)


def sets_up(page: Page) -> None:
    """From the line on every page to buildings with flats, and a first colleague."""
    page.get_by_role("link", name="接着设置").click()
    page.get_by_label("小区名称").fill("望江家园")
    page.get_by_label("社区名称").fill("望江社区")
    page.get_by_role("button", name="新建").click()
    page.get_by_label("楼栋（一行一种）").fill(PLAN)
    page.get_by_role("button", name="先看看").click()
    expect(page.get_by_text("将新建 3 栋楼、108 户")).to_be_visible()
    page.get_by_role("button", name="就这样建").click()
    for step in ("上班时间", "值班电话"):
        page.locator("li", has_text=step).get_by_role("button", name="先跳过").click()
    page.get_by_role("link", name="去加同事").click()
    page.locator('form[action$="/staff/add"] [name="name"]').fill("前台")
    page.locator('form[action$="/staff/add"] [name="role"]').select_option("operator")
    page.get_by_role("button", name="添加").click()
    page.goto("/console/first-steps")
    page.get_by_role("button", name="已经贴好了").click()
    expect(page.get_by_role("status")).to_contain_text("都设好了")


def filled(page: Page, kind: str, *rows: list[str]) -> bytes:
    """The empty sheet as it is taken from the page, with these lines in it."""
    with page.expect_download() as taken:
        page.locator(f"#{kind}").get_by_role("button", name="下载空表").click()
    book = openpyxl.load_workbook(io.BytesIO(taken.value.path().read_bytes()))
    for number, row in enumerate(rows, 2):
        for column, words in enumerate(row, 1):
            book.worksheets[0].cell(number, column, words)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def brings_in(page: Page, kind: str, *rows: list[str]) -> None:
    """A list as a sheet: taken empty, filled in, looked through by the service, and only then agreed to."""
    page.goto("/console/imports")
    content = filled(page, kind, *rows)
    sheet = FilePayload(name=f"{kind}.xlsx", mimeType="application/octet-stream", buffer=content)
    page.locator(f'#{kind} input[type="file"]').set_input_files(files=[sheet])
    page.locator(f"#{kind}").get_by_role("button", name="上传检查").click()
    page.get_by_label("为什么改").fill("开张")
    page.locator('form[action$="/confirm"] button').click()
    expect(page.get_by_role("status")).to_contain_text("已导入")


def brings_lists(page: Page) -> None:
    brings_in(page, "flats", ["4", "1", "0101", "1"], ["4", "1", "0201", "2"])
    brings_in(page, "staff", ["李强", "经办人"])
    with page.context.expect_page() as opened_page:
        page.get_by_role("button", name="邀请").click()
    expect(opened_page.value.locator(".invitation")).to_contain_text("李强")


def tells_more(page: Page) -> None:
    """What is known of the community, and a greeting of its own."""
    page.goto("/console/communities/1")
    page.locator('#facts [name="status"]').select_option("established")
    page.locator('#facts [name="households"]').fill("108")
    page.locator("#facts").get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_contain_text("已保存")
    page.goto("/console/wording/own.service_numbers")
    page.locator('[name="zh"]').fill("社区办公室 023-00000000")
    page.get_by_role("button", name="先看样子").click()
    expect(page.locator(".phone-bubble").first).to_contain_text("023-00000000")
    page.get_by_role("button", name="保存", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("已保存")


def teaches(page: Page) -> None:
    """An answer of its own, published, with two more ways to ask for it."""
    page.goto("/console/faq/new")
    said = {"question_zh": "社区图书室几点开门", "answer_zh": "图书室周二到周日9点到17点开门，在7栋二楼。"}
    said |= {"question_en": "When is the library open", "answer_en": "Tuesday to Sunday, 9 to 17, Building 7, floor 2."}
    said |= {"source_zh": "社区通知", "source_en": "The community's notice"}
    for name, words in said.items():
        page.locator(f'[name="{name}"]').fill(words)
    page.locator('form[action$="/faq/new"] button.strong').click()
    page.locator("summary", has_text="发布").first.click()
    page.locator('form[action$="/publish"] button.strong').click()
    page.locator('#faq-phrases [name="phrases"]').fill("图书室什么时候开\n图书室开门时间")
    page.locator("#faq-phrases button.strong").click()
    expect(page.locator("#phrases")).to_contain_text("图书室开门时间")


def publishes(page: Page) -> None:
    page.goto("/console/disclosure")
    page.get_by_role("link", name="新写一条").click()
    page.get_by_label("目录里的事项").select_option("parking_fees")
    page.get_by_label("标题").fill("停车费收支")
    page.get_by_label("内容").fill("收入：停车费52000元")
    page.get_by_role("button", name="保存草稿").click()
    page.get_by_role("button", name="发布").click()
    expect(page.get_by_role("status")).to_contain_text("已发布")


def broadcasts(page: Page) -> None:
    page.goto("/console/notices/new")
    page.locator('[name="topic"]').select_option("outage")
    page.locator('[name="title"]').fill("明天停水")
    page.locator('[name="text"]').fill("明天上午九点到十一点停水。")
    page.locator('[name="where"][value="all"]').check()
    page.locator('[name="urgent"]').check()  # by the real clock: at night nothing else would arrive
    page.locator('form[action$="/notices/new"] button.strong').click()
    expect(page.locator(".reach")).to_contain_text("1")
    page.locator('form[action$="/send"] button').click()


def test_the_admins_first_hour(chromium: Browser, house: EmptyHouse) -> None:
    _, token = house.run(hire, "管理员", "admin")
    page = opened(chromium, house, 1280).new_page()
    page.goto(f"/console/enter?token={token}")
    page.get_by_role("button", name="登录").click()
    sets_up(page)
    brings_lists(page)
    tells_more(page)

    phone = opened(chromium, house, 390).new_page()
    phone.goto("/chat")
    says(phone, "你好", "望江社区")
    expect(phone.locator("#log")).to_contain_text("社区办公室 023-00000000")
    says(phone, "我们社区有多大", "4栋楼、110套房")

    teaches(page)
    says(phone, "图书室什么时候开", "周二到周日9点到17点")

    house.run(wants_to_hear)
    publishes(page)
    broadcasts(page)
    expect(phone.locator("#log")).to_contain_text("明天停水")
    page.goto("/console/figures/month")
    expect(page.locator("main")).to_contain_text("望江社区")
