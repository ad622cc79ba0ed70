"""A desk to test with: people who work here, residents' tickets, and a browser that is signed in."""

from __future__ import annotations

import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from PIL import Image

from handlers.web.parts import WebParts
from knowledge.deadlines import promise
from storage import staff, tickets
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.tickets import Filed, Request
from storage.transaction import Tx
from tests.web_service import app_of, web_parts

BURST = Request(
    route="service_request",
    category="repair",
    title="厨房水管爆了",
    description="7栋1204厨房水管爆了，水往客厅流",
    building="7",
    unit="2",
    room="1204",
    phone="02300000000",
    urgency="P1",
)


def request_of(**changed: Any) -> Request:
    """The burst pipe, with what is different."""
    return Request(**({name: getattr(BURST, name) for name in Request.__dataclass_fields__} | changed))


def file_ticket(tx: Tx, /, *, remote: int = FIRST_WEB_CHAT + 1, channel: str = "web", **changed: Any) -> Filed:
    """A resident's ticket, filed now, from the chat ``remote``."""
    request = request_of(**changed)
    chat_id = find_or_open(tx, channel=channel, remote=remote)
    promises = promise(request.category, request.urgency, tx.now)
    filed = tickets.file(tx, chat_id=chat_id, request=request, opened_at=tx.now, promises=promises)
    assert filed is not None
    return filed


def a_photo(*, colour: str = "teal", **beside: Any) -> bytes:
    """A small picture as a JPEG; ``beside`` is what is written next to it (``comment``, ``exif``)."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG", **beside)
    return out.getvalue()


def hire(tx: Tx, name: str, role: str) -> tuple[int, str]:
    """A member of staff and their sign-in link's token."""
    member = staff.add(tx, name=name, role=role)
    return member, staff.make_link(tx, member)


class Desk:
    """Somebody at the console: opens pages, and sends the forms found on them."""

    def __init__(self, client: httpx.AsyncClient, staff_id: int) -> None:
        self.client, self.staff_id = client, staff_id
        self.page = ""
        self.status = 0

    async def opens(self, address: str) -> str:
        return self._shows(await self.client.get(address, follow_redirects=True))

    async def sends(self, form: str, /, **fields: str) -> str:
        """Send the form of the page whose action ends with ``form``, its hidden fields included."""
        return self._shows(await self.posts(form, **fields))

    async def posts(self, form: str, /, **fields: str) -> httpx.Response:
        address, hidden = self.form(form)
        return await self.client.post(address, data=hidden | fields, follow_redirects=True)

    def form(self, ending: str) -> tuple[str, dict[str, str]]:
        for address, inside in re.findall(r'<form method="post" action="([^"]+)"[^>]*>(.*?)</form>', self.page, re.S):
            if address.endswith(ending):
                return address, dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', inside))
        raise AssertionError(f"no form to {ending} on this page")

    def _shows(self, response: httpx.Response) -> str:
        self.page, self.status = response.text, response.status_code
        return self.page


def desk_app(parts: WebParts) -> Any:
    return app_of(parts, console=True)


@asynccontextmanager
async def at_the_desk(storage: Storage, *, name: str = "周敏", role: str = "operator") -> AsyncIterator[Desk]:
    """Somebody hired and signed in, on a Chinese browser."""
    member, token = await storage.run(hire, name, role)
    async with desk_browser(web_parts(storage)) as client:
        await client.post("/console/enter", data={"token": token})
        yield Desk(client, member)


def desk_browser(parts: WebParts) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(desk_app(parts))
    return httpx.AsyncClient(transport=transport, base_url="http://desk", headers={"Accept-Language": "zh-CN"})
