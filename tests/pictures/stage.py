"""The stage: the real service, a resident's phone and a member of staff's monitor, and journeys played on them."""

from __future__ import annotations

import io
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import yaml
from PIL import Image, ImageDraw
from playwright.async_api import Browser, FilePayload, Page, TimeoutError, async_playwright

from handlers.texts.catalogue import load_catalogue
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.doubles.service_process import ServiceProcess
from tests.pictures.desk import Monitor
from tests.pictures.sheet import Shot

PATIENCE_MS = 15_000
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
Words = dict[str, str]
Journey = dict[str, Any]
QUIET = {"photo": 2000, "say": 1500}
"""Milliseconds nothing may have changed: what was said and a picture stand there long before their answer."""
LATEST = 5000.0
"""Milliseconds a button may take to come."""
SETTLED = """([before, quiet]) => new Promise(resolve => {
  const state = () => document.querySelector('#log').innerText + document.querySelectorAll('#log button').length;
  let last = state(), since = Date.now(); const begun = Date.now();
  const look = () => {
    const now = state(); if (now !== last) { last = now; since = Date.now(); }
    const done = now !== before && Date.now() - since > quiet;
    if (done || Date.now() - begun > 8000) resolve(now); else setTimeout(look, 50);
  }; look(); })"""
"""Waits until something new stands there and has not changed for a while; what stands there then."""


def load_journeys() -> list[Journey]:
    found: list[Journey] = yaml.safe_load((Path(__file__).parent / "journeys.yaml").read_text("utf-8"))
    return found


class Stage:
    """``async with Stage(folder, matcher=…, language="zh") as stage: await stage.play(journey)``"""

    def __init__(self, folder: Path, *, matcher: Path, language: str) -> None:
        self._language, self._texts = language, load_catalogue()[language]
        self._service = ServiceProcess(folder, matcher=matcher, demo=True)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Stage:
        await self._service.start()
        self._stack.push_async_callback(self._service.end_whatever_happens)
        await self._service.ready()
        link = await self._service.sign_in_link()
        playwright = await self._stack.enter_async_context(async_playwright())
        self._browser: Browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        self._stack.push_async_callback(self._browser.close)
        self._monitor = await Monitor.signed_in(self._browser, link, LOCALES[self._language])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def play(self, journey: Journey) -> list[Shot]:
        """One journey on a fresh phone; its pictures."""
        context = await self._browser.new_context(
            base_url=self._service.address, viewport={"width": 360, "height": 740}, device_scale_factor=1.5, is_mobile=True,
            has_touch=True, locale=LOCALES[self._language], timezone_id="Asia/Shanghai",
        )  # fmt: skip
        context.set_default_timeout(PATIENCE_MS)
        phone = Phone(await context.new_page(), self._word)
        await phone.open(journey.get("at", "/chat"), language=self._language)
        title = self._word(journey["journey"])
        shots = []
        for step in journey["steps"]:
            [(kind, what)] = step.items()
            if kind == "shot":
                shots.append(Shot(title, self._word(what), await phone.picture()))
            elif kind == "desk":
                picture = await self._monitor.picture(what["open"], what.get("follow"))
                shots.append(Shot(title, self._word(what["shot"]), picture, what.get("keep")))
            elif kind == "staff":
                await phone.after(self._monitor.does(what, self._word))
            else:
                await phone.does(kind, what)
        await context.close()
        return shots

    def _word(self, what: str | Words) -> str:
        """Words in this language; a string is a key of the residents' texts."""
        if isinstance(what, dict):
            return str(what[self._language])
        return self._texts(what)


class Phone:
    """A resident's chat page."""

    def __init__(self, page: Page, word: Any) -> None:
        self._page, self._word = page, word

    async def open(self, address: str, *, language: str) -> None:
        await self._page.goto(address)
        await self._page.wait_for_selector("body[data-ready]")
        await self._page.evaluate(f"() => document.querySelector('[data-language={language}]').click()")

    async def does(self, kind: str, what: Any) -> None:
        acts: dict[str, Any] = {
            "say": self._say,
            "press": self._press,
            "photo": self._photo,
            "tap": self._tap,
            "goto": self._goto,
        }
        await self.after(acts[kind](what), quiet=QUIET.get(kind, 500))

    async def after(self, act: Any, *, quiet: int = 500) -> None:
        """Do it, and wait until the answer has come."""
        before = await self._page.evaluate(
            "document.querySelector('#log') ? document.querySelector('#log').innerText"
            " + document.querySelectorAll('#log button').length : ''"
        )
        await act
        if await self._page.query_selector("#log"):
            await self._page.evaluate(SETTLED, [before, quiet])

    async def _say(self, what: Words) -> None:
        await self._page.locator("#text").fill(self._word(what))
        await self._page.keyboard.press("Enter")

    async def _press(self, what: str | Words) -> None:
        button = self._page.get_by_role("button", name=self._word(what), exact=True)
        with suppress(TimeoutError):  # the first answer of a service that has just begun takes a while
            await button.last.wait_for(timeout=LATEST)
        if not await button.count():
            there = await self._page.locator("#log button").all_inner_texts()
            raise AssertionError(f"no button says {self._word(what)!r}; there are {there}")
        await button.last.tap()

    async def _photo(self, what: Words) -> None:
        picture: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": _leak()}
        await self._page.set_input_files("#pick-photo", files=picture)
        await self._page.get_by_role("dialog").get_by_role("button").last.tap()

    async def _tap(self, selector: str) -> None:
        await self._page.locator(selector).tap()

    async def _goto(self, address: str) -> None:
        await self._page.goto(address)

    async def picture(self) -> bytes:
        await self._page.evaluate("() => { if (window.Lianxin && Lianxin.view) Lianxin.view.toBottom(); }")
        return await self._page.screenshot()


def _leak() -> bytes:
    """A picture that could be of a wet wall."""
    picture = Image.new("RGB", (640, 480), "#d8d2c4")
    draw = ImageDraw.Draw(picture)
    for number in range(24):
        left = 120 + number * 14
        draw.ellipse((left, 60, left + 60, 160 + number * 9), fill="#b7a98c")
    made = io.BytesIO()
    picture.save(made, "JPEG")
    return made.getvalue()
