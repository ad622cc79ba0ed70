"""A member of staff at the console, as far as the pictures need one."""

from __future__ import annotations

from typing import Any

from playwright.async_api import Browser, Page

from tests.browser.conftest import PATIENCE_MS


class Monitor:
    def __init__(self, page: Page, address: str) -> None:
        self._page, self._address = page, address

    @classmethod
    async def signed_in(cls, browser: Browser, link: str, locale: str) -> Monitor:
        context = await browser.new_context(
            viewport={"width": 1000, "height": 740}, locale=locale, timezone_id="Asia/Shanghai"
        )
        context.set_default_timeout(PATIENCE_MS)
        page = await context.new_page()
        await page.goto(link)
        await page.locator("form button").first.click()
        return cls(page, link.split("/console")[0])

    async def picture(self, path: str, follow: str | None = None) -> bytes:
        """A page; or the one its first link to ``follow`` leads to."""
        await self._page.goto(self._address + path)
        if follow:
            await self._page.locator(f"a[href*='{follow}']").first.click()
        return await self._page.screenshot()

    async def does(self, what: dict[str, Any], word: Any) -> None:
        """``open`` a page, ``follow`` a link, press a ``quick`` button, ``choose``, ``write``, ``send``: in this order."""
        if "open" in what:
            await self._page.goto(self._address + what["open"])
        if "follow" in what:
            await self._page.locator(f"a[href*='{what['follow']}']").first.click()
        if "quick" in what:
            await self._page.locator(f".quick button[value='{what['quick']}']").click()
        if "choose" in what:
            await self._page.locator(f"label[for='a-{what['choose']}']").click()
        if "write" in what:
            await self._page.locator("textarea").first.fill(word(what["write"]))
        if "send" in what:
            await self._page.locator(f".composer[action$='{what['send']}'] button.strong").first.click()
