"""A real browser before a real service; skipped with a plain reason where there is no Chromium."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.desk_service import DeskService
from tests.desk_service import hire
from tests.patience import PATIENCE
from tests.web_service import WebService

BROWSERS = [Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium")]
CHROMIUM = next((path for path in BROWSERS if path.exists()), None)
"""The shell without a window draws the same pages for a third of the work."""
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
]
PATIENCE_MS = PATIENCE * 1000
expect.set_options(timeout=PATIENCE_MS)


class RestingLoop:
    """Playwright's loop stays in the middle of running on this thread; between its own tests nobody else may see that,
    or no asynchronous test could run beside them, and they would all have to stand in one block on one worker."""

    loop: asyncio.AbstractEventLoop | None = None

    @classmethod
    def wake(cls) -> None:
        asyncio._set_running_loop(cls.loop)

    @classmethod
    def rest(cls) -> None:
        cls.loop = asyncio._get_running_loop()
        asyncio._set_running_loop(None)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """pytest asks every conftest about every test; ours are those of this folder."""
    if item.path.parent != Path(__file__).parent:
        return (yield)
    RestingLoop.wake()
    try:
        return (yield)
    finally:
        RestingLoop.rest()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip(f"no Chromium: none of {', '.join(map(str, BROWSERS))} is there")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        if asyncio._get_running_loop() is None:  # the last test of all was another's
            RestingLoop.wake()
        browser.close()


@pytest.fixture
def service(sqlite_file: Path) -> Iterator[WebService]:
    service = WebService(sqlite_file)
    service.start()
    yield service
    service.stop()


@pytest.fixture
def phone(chromium: Browser, service: WebService) -> Iterator[BrowserContext]:
    """A small phone, held by somebody who reads Chinese."""
    context = chromium.new_context(
        base_url=service.address,
        viewport={"width": 360, "height": 740},
        is_mobile=True,
        has_touch=True,
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
        permissions=["microphone"],
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(phone: BrowserContext) -> Iterator[Page]:
    """An open tab. Whatever goes wrong in its scripts, or leaves our server, fails the test."""
    page = phone.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if "Content Security" in line.text else None)
    yield page
    assert troubles == []


@pytest.fixture
def desk(sqlite_file: Path) -> Iterator[DeskService]:
    service = DeskService(sqlite_file)
    service.start()
    yield service
    service.stop()


@pytest.fixture
def monitor(chromium: Browser, desk: DeskService) -> Iterator[BrowserContext]:
    context = chromium.new_context(
        base_url=desk.address, viewport={"width": 1280, "height": 800}, locale="zh-CN", timezone_id="Asia/Shanghai"
    )
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def signed(monitor: BrowserContext, desk: DeskService) -> Page:
    """An open tab, signed in by pressing the button of the link."""
    _, token = desk.run(hire, "周敏", "operator")
    page = monitor.new_page()
    page.goto(f"/console/enter?token={token}")
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_text("没有待办的工单")).to_be_visible()
    return page
