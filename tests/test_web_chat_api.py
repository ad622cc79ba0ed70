"""The chat page's interface, as a page - or somebody's script - uses it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from handlers.web import chat_events
from handlers.web.boundary import BODY_LIMITS
from handlers.web.parts import WebParts
from storage import erasure, inbox, messages, residents, web_sessions
from storage.chats import FIRST_WEB_CHAT
from storage.engine import Storage, StorageError
from storage.tables import chats
from storage.tables import inbox as inbox_table
from storage.transaction import Tx
from tests.patience import PATIENCE
from tests.web_service import app_of, web_parts, working

HOST = "http://lianxin.test"


@pytest.fixture
def parts(storage: Storage) -> WebParts:
    return web_parts(storage)


def browser(parts: WebParts, **options: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app_of(parts)), base_url=HOST, **options)


@pytest.fixture
async def client(parts: WebParts) -> AsyncIterator[httpx.AsyncClient]:
    """A browser with a session of its own."""
    async with browser(parts) as client:
        assert (await client.post("/api/chat/sessions")).status_code == 201
        yield client


async def say(client: httpx.AsyncClient, text: Any, client_id: Any = "c1") -> httpx.Response:
    body = json.dumps({"text": text, "client_id": client_id})
    return await client.post("/api/chat/messages", content=body, headers={"Content-Type": "application/json"})


async def read(client: httpx.AsyncClient, since: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get(f"/api/chat/messages?since={since}")).json()
    return found


async def wait_for(client: httpx.AsyncClient, text: str) -> dict[str, Any]:
    """The first message with these words, once it is there."""
    async with asyncio.timeout(PATIENCE):
        while True:
            for message in await read(client):
                if text in message["text"]:
                    return message
            await asyncio.sleep(0.01)


def refusal(response: httpx.Response) -> tuple[int, str]:
    """Status and code of a refusal, whose shape is always the same and whose words are for people."""
    body = response.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message"}
    assert body["error"]["message"]
    assert "Traceback" not in response.text
    return response.status_code, body["error"]["code"]


def set_cookie(response: httpx.Response) -> str:
    return response.headers["set-cookie"].lower()


# --- sessions ---------------------------------------------------------------------------------------------------------
async def test_a_session_opens_a_web_chat_that_telegram_cannot_have(parts: WebParts) -> None:
    async with browser(parts) as client:
        opened = await client.post("/api/chat/sessions", json={"language": "en"})
    assert opened.status_code == 201
    (row,) = await parts.storage.read(lambda tx: tx.all(select(chats)))
    assert (row["channel"], row["language"]) == ("web", "en")
    assert row["remote"] >= FIRST_WEB_CHAT
    assert row["remote"] < 2**53, "a page must be able to hold it as a number"


async def test_the_token_is_in_a_cookie_scripts_cannot_read_and_not_in_the_database(parts: WebParts) -> None:
    async with browser(parts) as client:
        opened = await client.post("/api/chat/sessions")
    token = opened.json()["session"]
    cookie = set_cookie(opened)
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    assert await parts.storage.read(web_sessions.find, token) is None
    assert await parts.storage.read(web_sessions.find, web_sessions.hash_of(token)) is not None


async def test_behind_https_the_cookie_never_travels_without_it(storage: Storage) -> None:
    async with browser(web_parts(storage, public_url="https://lianxin.example")) as client:
        opened = await client.post("/api/chat/sessions")
    assert "; secure" in set_cookie(opened)
    assert "max-age" in opened.headers["strict-transport-security"]


async def test_a_bearer_token_does_what_the_cookie_does(parts: WebParts, client: httpx.AsyncClient) -> None:
    token = (await client.post("/api/chat/sessions")).json()["session"]
    await say(client, "有人吗")
    async with browser(parts, headers={"Authorization": f"Bearer {token}"}) as script:
        assert [message["text"] for message in await read(script)] == ["有人吗"]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nobody"}, {"Authorization": "Basic x"}])
async def test_without_a_session_nobody_gets_in(parts: WebParts, headers: dict[str, str]) -> None:
    async with browser(parts, headers=headers) as stranger:
        for method, path in (("GET", "messages"), ("GET", "events"), ("GET", "blobs/1")):
            assert refusal(await stranger.request(method, f"/api/chat/{path}")) == (401, "no_session")
        assert refusal(await say(stranger, "喂")) == (401, "no_session")


async def test_two_residents_never_see_each_other(parts: WebParts, client: httpx.AsyncClient) -> None:
    await say(client, "我家的事")
    async with browser(parts) as other:
        await other.post("/api/chat/sessions")
        assert await read(other) == []


# --- writing ----------------------------------------------------------------------------------------------------------
async def test_what_is_said_twice_under_one_id_is_kept_once(client: httpx.AsyncClient) -> None:
    first, again = await say(client, "门锁坏了"), await say(client, "门锁坏了")
    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json() == again.json()
    (kept,) = await read(client)
    assert kept["id"] == first.json()["id"]
    assert (kept["from"], kept["text"], kept["client_id"]) == ("resident", "门锁坏了", "c1")


async def test_the_same_words_under_two_ids_are_two_messages(client: httpx.AsyncClient) -> None:
    await say(client, "在吗", "a")
    await say(client, "在吗", "b")
    assert len(await read(client)) == 2


async def test_two_residents_may_use_the_same_client_id(parts: WebParts, client: httpx.AsyncClient) -> None:
    await say(client, "甲")
    async with browser(parts) as other:
        await other.post("/api/chat/sessions")
        await say(other, "乙")
        assert [message["text"] for message in await read(other)] == ["乙"]


async def test_ten_thousand_characters_arrive_whole(parts: WebParts, client: httpx.AsyncClient) -> None:
    text = "水😀" * 5000
    assert (await say(client, text)).status_code == 202
    assert (await read(client))[0]["text"] == text
    payload = await parts.storage.read(lambda tx: tx.scalar(select(inbox_table.c.payload)))
    assert json.loads(payload)["message"]["text"] == text


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a\x00b", "ab"),
        ("半个\ud83d字", "半个\ufffd字"),
        ("零\u200b宽\u200d\u202e", "零\u200b宽\u200d\u202e"),
        ("\x07铃\x1b[31m", "\x07铃\x1b[31m"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("'; DROP TABLE chats; --", "'; DROP TABLE chats; --"),
    ],
)
async def test_odd_characters_neither_break_nor_change_more_than_they_must(
    parts: WebParts, client: httpx.AsyncClient, sent: str, kept: str
) -> None:
    assert (await say(client, sent)).status_code == 202
    assert (await read(client))[0]["text"] == kept
    async with working(parts):
        assert kept in (await wait_for(client, "您说的是"))["text"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"{", (400, "bad_json")),
        (b'{"text": "\xff"}', (400, "bad_request")),
        (b"[" * 50_000, (400, "bad_request")),
        (b"[]", (422, "invalid")),
        (b"", (422, "invalid")),
        (b'{"text": "x"}', (422, "invalid")),
        (b'{"text": 5, "client_id": "a"}', (422, "invalid")),
        (b'{"text": null, "client_id": "a"}', (422, "invalid")),
        (b'{"text": "x", "client_id": ""}', (422, "invalid")),
        (b'{"text": "x", "client_id": "a\\u0000"}', (422, "invalid")),
        (b'{"text": "", "client_id": "a"}', (422, "empty")),
        (b'{"text": " \\n ", "client_id": "a"}', (422, "empty")),
    ],
)
async def test_what_cannot_be_read_is_refused_in_plain_words(
    client: httpx.AsyncClient, body: bytes, expected: tuple[int, str]
) -> None:
    headers = {"Content-Type": "application/json"}
    assert refusal(await client.post("/api/chat/messages", content=body, headers=headers)) == expected
    assert await read(client) == []


async def test_too_long_a_text_is_refused_and_says_how_long_it_may_be(client: httpx.AsyncClient) -> None:
    refused = await say(client, "啊" * 20_001)
    assert refusal(refused) == (413, "too_long")
    assert "20000" in refused.json()["error"]["message"]
    assert refusal(await say(client, "x" * 1_000_000)) == (413, "too_big")


async def test_a_body_that_lies_about_its_length_is_cut_off_too(client: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(BODY_LIMITS[1][1] // 1000 + 2):
            yield b" " * 1000

    headers = {"Content-Type": "application/json"}
    assert refusal(await client.post("/api/chat/messages", content=endless(), headers=headers)) == (413, "too_big")


@pytest.mark.parametrize(
    ("language", "expected"), [("en-GB,en", "nothing written"), ("zh-CN", "还没有写"), ("fr", "还没有写")]
)
async def test_refusals_speak_the_readers_language(client: httpx.AsyncClient, language: str, expected: str) -> None:
    client.headers["Accept-Language"] = language
    assert expected in (await say(client, "")).json()["error"]["message"]


async def test_an_unknown_address_and_a_wrong_method_have_the_same_shape(client: httpx.AsyncClient) -> None:
    assert refusal(await client.get("/api/chat/nothing")) == (404, "not_found")
    assert refusal(await client.delete("/api/chat/messages")) == (405, "wrong_method")


# --- other sites ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
async def test_another_sites_page_cannot_write_with_the_residents_cookie(
    client: httpx.AsyncClient, headers: dict[str, str]
) -> None:
    client.headers.update(headers)
    assert refusal(await say(client, "转账")) == (403, "other_site")
    assert refusal(await client.post("/api/chat/sessions")) == (403, "other_site")
    assert refusal(await client.post("/api/chat/attachments", data={"client_id": "a"})) == (403, "other_site")


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": HOST}, {}])
async def test_our_own_page_can(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    client.headers.update(headers)
    assert (await say(client, "喂")).status_code == 202


# --- answers, presses -------------------------------------------------------------------------------------------------
async def test_a_question_is_answered_and_a_button_pressed_twice_counts_once(
    parts: WebParts, client: httpx.AsyncClient
) -> None:
    async with working(parts):
        await say(client, "漏水")
        asked = await wait_for(client, "在哪儿")
        assert asked["from"] == "bot"
        assert asked["buttons"][0] == [
            {"text": "厨房", "data": "place:kitchen"},
            {"text": "卫生间", "data": "place:bath"},
        ]
        press = {"message_id": asked["id"], "data": "place:kitchen", "client_id": "c1"}
        assert (await client.post("/api/chat/presses", json=press)).status_code == 202
        assert (await client.post("/api/chat/presses", json=press)).status_code == 202
        await wait_for(client, "记下了")
    changed = next(message for message in await read(client) if message["id"] == asked["id"])
    assert (changed["text"], changed["buttons"], changed["edited"]) == ("漏水的地方:厨房", [], True)
    assert changed["seq"] > asked["seq"]
    assert sum("记下了" in message["text"] for message in await read(client)) == 1


async def test_an_old_button_is_answered_with_a_notice_to_those_who_listen(
    parts: WebParts, client: httpx.AsyncClient
) -> None:
    visitor = await _visitor(parts, client)
    listening = chat_events.follow(parts, visitor.chat_id, 0, notices=True)
    await anext(listening)
    assert "event: language" in await anext(listening)
    async with working(parts):
        press = {"message_id": 999, "data": "forged", "client_id": "p"}
        assert (await client.post("/api/chat/presses", json=press)).status_code == 202
        async with asyncio.timeout(PATIENCE):
            assert "用过了" in json.loads((await anext(listening)).split("data: ")[1])["text"]
    await listening.aclose()
    assert len(parts.streams) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"message_id": "1"},
        {"message_id": True},
        {"message_id": 0},
        {"message_id": 2**70},
        {"data": ""},
        {"data": "字" * 22},
        {"data": None},
        {"client_id": None},
    ],
)
async def test_a_press_that_makes_no_sense_is_refused(client: httpx.AsyncClient, wrong: dict[str, Any]) -> None:
    press = {"message_id": 1, "data": "x", "client_id": "p"} | wrong
    assert refusal(await client.post("/api/chat/presses", json=press)) == (422, "invalid")


# --- reading ----------------------------------------------------------------------------------------------------------
async def test_reading_on_from_a_seq_gives_only_what_is_new_and_marks_it_seen(
    parts: WebParts, client: httpx.AsyncClient
) -> None:
    for number in range(3):
        await say(client, f"第{number}句", f"c{number}")
    first = await read(client)
    assert [message["text"] for message in await read(client, since=first[0]["seq"])] == ["第1句", "第2句"]
    assert await read(client, since=first[-1]["seq"]) == []
    assert await _read_seq(parts) == first[-1]["seq"]


async def test_a_page_in_the_background_says_itself_what_was_seen(parts: WebParts, client: httpx.AsyncClient) -> None:
    await say(client, "一", "a")
    await say(client, "二", "b")
    await client.get("/api/chat/messages?unseen=true")
    assert await _read_seq(parts) == 0
    await client.post("/api/chat/seen", json={"seq": 2})
    await client.post("/api/chat/seen", json={"seq": 1})
    await client.post("/api/chat/seen", json={"seq": 99})
    assert await _read_seq(parts) == 2


async def test_a_long_conversation_is_read_from_its_end_backwards(client: httpx.AsyncClient) -> None:
    for number in range(7):
        await say(client, str(number), f"c{number}")
    end = (await client.get("/api/chat/messages?latest=3")).json()
    assert [message["text"] for message in end] == ["4", "5", "6"]
    above = (await client.get(f"/api/chat/messages?latest=3&before={end[0]['id']}")).json()
    assert [message["text"] for message in above] == ["1", "2", "3"]


@pytest.mark.parametrize("query", ["since=-1", "since=x", "since=99999999999999999999", "latest=0", "before=0"])
async def test_a_place_to_read_from_that_cannot_be_is_refused(client: httpx.AsyncClient, query: str) -> None:
    assert refusal(await client.get(f"/api/chat/messages?{query}")) == (422, "invalid")


async def test_the_language_of_a_chat_can_change(parts: WebParts, client: httpx.AsyncClient) -> None:
    assert (await client.post("/api/chat/language", json={"language": "en"})).status_code == 200
    assert (await _visitor(parts, client)).language == "en"
    assert refusal(await client.post("/api/chat/language", json={"language": "xx"})) == (422, "invalid")


# --- events -----------------------------------------------------------------------------------------------------------
async def test_events_are_the_messages_with_their_seq_as_id_and_continue_where_they_stopped(
    parts: WebParts, client: httpx.AsyncClient
) -> None:
    await say(client, "一", "a")
    await say(client, "二", "b")
    listed = await read(client)
    chat_id = (await _visitor(parts, client)).chat_id
    listening = chat_events.follow(parts, chat_id, listed[0]["seq"])
    assert "retry:" in await anext(listening)
    head, data = (await anext(listening)).strip().split("\n")
    assert (head, json.loads(data.removeprefix("data: "))) == (f"id: {listed[1]['seq']}", listed[1])
    await say(client, "三", "c")
    async with asyncio.timeout(PATIENCE):
        assert "三" in await anext(listening)
    await listening.aclose()


async def test_an_open_page_hears_at_once_of_another_language_and_of_what_was_deleted(
    parts: WebParts, client: httpx.AsyncClient
) -> None:
    """Its labels stayed as they were, and deleted words stood there, until it was loaded anew."""
    await say(client, "一", "a")
    await say(client, "二", "b")
    chat_id = (await _visitor(parts, client)).chat_id
    [first, second] = await read(client)
    listening = chat_events.follow(parts, chat_id, second["seq"], notices=True)
    await anext(listening)
    assert json.loads((await anext(listening)).split("data: ")[1]) == {"language": "zh"}

    def change(tx: Tx) -> None:
        residents.set_language(tx, chat_id=chat_id, language="en", chosen=False)
        erasure.drop_messages(tx, [first["id"]])
        tx.wake(messages.topic(chat_id))

    await parts.storage.run(change)
    async with asyncio.timeout(PATIENCE):
        assert json.loads((await anext(listening)).split("data: ")[1]) == {"language": "en"}
        assert json.loads((await anext(listening)).split("data: ")[1]) == {"left": [second["id"]]}
    await listening.aclose()


async def test_a_silent_stream_says_that_it_is_alive_and_ends_when_the_service_stops(
    parts: WebParts, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_events, "HEARTBEAT", 0.01)
    listening = chat_events.follow(parts, (await _visitor(parts, client)).chat_id, 0)
    await anext(listening)
    assert (await anext(listening)).startswith(":")
    parts.streams.close()
    assert [part async for part in listening if not part.startswith(":")] == []


# --- when things are broken -------------------------------------------------------------------------------------------
async def test_while_the_database_is_away_nothing_is_acknowledged(
    parts: WebParts, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise StorageError("gone")

    monkeypatch.setattr(parts.storage, "run", away)
    refused = await say(client, "喂")
    assert refusal(refused) == (503, "unavailable")
    assert int(refused.headers["retry-after"]) > 0
    monkeypatch.undo()
    assert (await say(client, "喂")).status_code == 202


async def test_a_closed_database_is_503_and_not_ready_but_the_process_is_alive(
    parts: WebParts, client: httpx.AsyncClient
) -> None:
    assert (await client.get("/readyz")).status_code == 200
    await parts.storage.close()
    assert refusal(await say(client, "喂")) == (503, "unavailable")
    ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]["database"]) == (503, False)
    assert (await client.get("/healthz")).json()["status"] == "ok"


async def test_a_mistake_of_ours_is_a_plain_500(
    parts: WebParts, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def mistake(*_: object, **__: object) -> None:
        raise KeyError("秘密")

    monkeypatch.setattr(parts.storage, "run", mistake)
    refused = await say(client, "喂")
    assert refusal(refused) == (500, "broken")
    assert "秘密" not in refused.text


async def test_checks_of_others_count_for_ready(storage: Storage) -> None:
    async def broken() -> bool:
        return False

    async with browser(web_parts(storage, checks={"telegram": broken})) as client:
        ready = await client.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]) == (503, {"database": True, "telegram": False})


async def test_intake_puts_a_press_and_a_message_with_one_id_apart(parts: WebParts, client: httpx.AsyncClient) -> None:
    await say(client, "喂", "same")
    await client.post("/api/chat/presses", json={"message_id": 1, "data": "x", "client_id": "same"})
    assert (await parts.storage.read(inbox.depth))["pending"] == 2


async def _visitor(parts: WebParts, client: httpx.AsyncClient) -> web_sessions.Visitor:
    token = client.cookies["lianxin_chat"]
    found = await parts.storage.read(web_sessions.find, web_sessions.hash_of(token))
    assert found is not None
    return found


async def _read_seq(parts: WebParts) -> int:
    def only(tx: Tx) -> int:
        return int(tx.scalar(select(chats.c.read_seq)))

    return await parts.storage.read(only)


async def test_the_whole_way_on_either_database(any_storage: Storage) -> None:
    parts = web_parts(any_storage)
    async with browser(parts) as client, working(parts):
        await client.post("/api/chat/sessions")
        assert (await say(client, "零\u200b宽\x00\ud83d\x07")).json() == (await say(client, "再来")).json()
        assert (await wait_for(client, "您说的是"))["text"].endswith("零\u200b宽\ufffd\x07")
        await say(client, "漏水", "c2")
        asked = await wait_for(client, "在哪儿")
        press = {"message_id": asked["id"], "data": "place:kitchen", "client_id": "c3"}
        assert (await client.post("/api/chat/presses", json=press)).status_code == 202
        await wait_for(client, "记下了")
    assert await any_storage.read(inbox.depth) == {"pending": 0, "parked": 0}
