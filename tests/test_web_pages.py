"""What every page of ours keeps to: local files only, strict headers, the same words in both languages."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest
from fastapi import APIRouter

import handlers.web
from bot.http import HttpServer
from handlers.web.app import create_app
from handlers.web.chat_page import GREETING
from handlers.web.errors import BY_STATUS
from handlers.web.pages import STATIC, TEMPLATES
from handlers.web.parts import WebParts
from handlers.web.words import load_words
from knowledge.signatures import Wrong
from storage.engine import Storage
from tests.patience import PATIENCE
from tests.test_web_chat_api import browser
from tests.web_service import app_of, web_parts

SOURCES = Path(handlers.web.__file__).parent
SCRIPTS = sorted(STATIC.glob("*.js"))
CHAT_API = (
    ("post", "/api/chat/sessions"),
    ("post", "/api/chat/messages"),
    ("get", "/api/chat/messages"),
    ("post", "/api/chat/attachments"),
    ("post", "/api/chat/presses"),
    ("get", "/api/chat/events"),
)


@pytest.fixture
def parts(storage: Storage) -> WebParts:
    return web_parts(storage, telegram_link="https://t.me/example_bot")


@pytest.fixture
async def client(parts: WebParts) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(parts) as client:
        yield client


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inside in value.items():
            yield from leaves(inside, f"{path}.{key}")
    elif isinstance(value, list):
        for place, inside in enumerate(value):
            yield from leaves(inside, f"{path}[{place}]")
    else:
        yield path, str(value)


def test_both_languages_say_the_same_things() -> None:
    sections = load_words().sections
    chinese, english = dict(leaves(sections["zh"])), dict(leaves(sections["en"]))
    assert chinese.keys() == english.keys()
    assert all(chinese.values())
    assert all(english.values())
    for key, words in chinese.items():
        assert sorted(re.findall(r"{\w+}", words)) == sorted(re.findall(r"{\w+}", english[key])), key


def test_every_refusal_has_its_words_and_every_word_is_used() -> None:
    code = "".join(path.read_text("utf-8") for path in SOURCES.glob("*.py"))
    named = set(re.findall(r'ApiError\(\d+, "(\w+)"', code) + re.findall(r'(?:WrongKind|BadPhoto)\("(\w+)"\)', code))
    named |= {f"signature_{wrong}" for wrong in get_args(Wrong)}
    named |= (
        set(re.findall(r'error_response\(\w+(?:\(\w+\))?, \d+, "(\w+)"', code)) | set(BY_STATUS.values()) | {"other"}
    )
    assert named == load_words().section("zh", "errors").keys()


def test_every_word_a_page_asks_for_exists_and_every_word_is_asked_for() -> None:
    text = (TEMPLATES / "chat.html").read_text("utf-8") + "".join(path.read_text("utf-8") for path in SCRIPTS)
    known = {*load_words().section("zh", "chat"), *GREETING}
    for key in known:
        assert re.search(rf"\b{key}\b", text), f"{key} is never shown"
    for key in re.findall(r'data-t(?:-\w+)?="(\w+)"', text) + re.findall(r"L\.word\('(\w+)'\)", text):
        assert key in known, key


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_use_nothing_an_old_phone_does_not_know(script: Path) -> None:
    text = re.sub(r"/\*.*?\*/|//[^\n]*", "", script.read_text("utf-8"), flags=re.S)
    for newer in (
        r"\?\.[a-zA-Z(\[]",
        r"\?\?",
        r"\.\.\.",
        r"\.finally\(",
        r"replaceChildren",
        r"\.at\(",
        r"\bimport\b",
        r"(?<![:'])innerHTML",
    ):
        assert not re.search(newer, text), newer


@pytest.mark.parametrize("path", ["/", "/chat", "/docs", "/nowhere"])
@pytest.mark.parametrize("language", ["zh", "en"])
async def test_pages_load_nothing_from_elsewhere_and_run_nothing_inline(
    client: httpx.AsyncClient, path: str, language: str
) -> None:
    page = await client.get(f"{path}?lang={language}", headers={"Accept": "text/html"})
    assert page.headers["content-type"].startswith("text/html")
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    allowed = re.compile(r"/|#|tel:|https://t\.me/example_bot$")
    assert addresses
    assert all(allowed.match(address) for address in addresses)
    assert not re.search(r"\sstyle=|\son\w+=|<style", page.text)
    for attributes, body in re.findall(r"<script([^>]*)>(.*?)</script>", page.text, flags=re.S):
        assert "application/json" in attributes or not body.strip()
    for address in addresses:
        if address.startswith("/static/"):
            file = await client.get(address)
            assert (file.status_code, "immutable" in file.headers["cache-control"]) == (200, True)


@pytest.mark.parametrize("path", ["/", "/chat", "/api/chat/messages", "/nowhere", "/static/chat.css", "/healthz"])
async def test_every_answer_carries_the_safe_headers(client: httpx.AsyncClient, path: str) -> None:
    headers = (await client.get(path)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"


async def test_the_start_page_has_two_doors(client: httpx.AsyncClient) -> None:
    page = (await client.get("/")).text
    assert 'href="/chat"' in page
    assert 'href="/console"' in page
    assert "tel:120" in page


async def test_the_reference_names_every_way_in(client: httpx.AsyncClient) -> None:
    schema = (await client.get("/openapi.json")).json()
    reference = (await client.get("/docs")).text
    for method, path in CHAT_API:
        assert method in schema["paths"][path]
        assert f"{method.upper()} {path}" in reference
    assert "client_id" in reference


async def test_figures_count_answers_by_pattern_never_by_address(client: httpx.AsyncClient) -> None:
    await client.get("/api/chat/blobs/12345")
    figures = (await client.get("/metrics")).text
    assert 'route="/api/chat/blobs/{blob_id}",status="401"' in figures
    assert "12345" not in figures


async def test_others_mount_their_routers_beside_ours(parts: WebParts) -> None:
    router = APIRouter()

    @router.get("/console")
    async def console() -> dict[str, str]:
        return {"door": "staff"}

    app = create_app(parts, routers=[router])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as client:
        assert (await client.get("/console")).json() == {"door": "staff"}


async def test_the_server_stops_in_time_while_a_page_listens(parts: WebParts, monkeypatch: pytest.MonkeyPatch) -> None:
    """The stream ends by itself: requests in hand would be given far longer than we wait."""
    monkeypatch.setattr("bot.http.GRACE", 100 * PATIENCE)
    server = HttpServer(app_of(parts), streams=parts.streams, host="127.0.0.1", port=0)
    port = server.open()
    running = asyncio.create_task(server.run())
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=PATIENCE) as client:
        await client.post("/api/chat/sessions")
        async with client.stream("GET", "/api/chat/events") as stream:
            parts_of_it = stream.aiter_text()
            assert "retry" in await anext(parts_of_it)
            server.stop()
            async with asyncio.timeout(PATIENCE):
                assert "".join([part async for part in parts_of_it]) == ""
    async with asyncio.timeout(PATIENCE):
        await running
    assert len(parts.streams) == 0


def test_a_taken_port_is_an_error_at_once(parts: WebParts) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        server = HttpServer(app_of(parts), streams=parts.streams, host="127.0.0.1", port=taken.getsockname()[1])
        with pytest.raises(OSError, match="in use"):
            server.open()
