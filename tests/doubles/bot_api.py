"""A Bot API server on 127.0.0.1: strict, stateful, and as unreliable as a test wants it to be.

    async with bot_api() as api:
        ana = api.person()
        await ana.says("您好")            # an update waits for the bot
        await ana.hears("您好")           # until the bot has answered
        await ana.presses("同意")
        api.trouble("sendMessage", "cut after")   # the next one is done, but nobody is told

Nothing of the code under test is replaced: it speaks HTTP to this server as it does to Telegram's.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from aiohttp import web

from tests.doubles.bot_api_methods import Methods
from tests.doubles.bot_api_rules import Given, Refused
from tests.doubles.telegram_groups import Group, GroupChat
from tests.doubles.telegram_people import Person
from tests.doubles.telegram_world import Chat, Raw, World

BOT_ID = 4242
TOKEN = f"{BOT_ID}:AAF-test_token_of_nobody_0123456789"
LARGEST_UPLOAD = 60 * 1024 * 1024
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"


@dataclass
class Trouble:
    """Something that goes wrong with the next calls it fits, after ``skip`` of them went well.

    ``act``: "cut before" and "cut after" drop the connection before or after the call is executed; "held" waits
    until ``BotApi.released`` is set; "bad gateway" answers as a proxy would, in HTML; "refuse" answers ``refusal``
    without executing.
    """

    method: str
    act: str
    times: int
    chat_id: int | None = None
    refusal: Refused | None = None
    skip: int = 0

    def strikes(self, given: Given) -> bool:
        """Does it go wrong this time? Counts."""
        if not self.fits(given):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True

    def fits(self, given: Given) -> bool:
        chat_id = given.whole("chat_id")
        right_chat = self.chat_id is None or chat_id == self.chat_id
        return self.times > 0 and self.method in (given.method, "*") and right_chat


@dataclass(frozen=True)
class Upload:
    """A file that came with a request."""

    name: str
    content: bytes


@dataclass
class BotApi:
    """The server; ``calls`` is every request it has seen, in order."""

    token: str = TOKEN
    world: World = field(default_factory=lambda: World(BOT_ID))
    calls: list[tuple[str, Raw]] = field(default_factory=list)
    invented: list[str] = field(default_factory=list)
    troubles: list[Trouble] = field(default_factory=list)
    address: str = ""
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """What is held goes on when this is set."""
    reach: dict[str, str] = field(default_factory=dict)
    """Where a public address really is, for the webhook."""

    def __post_init__(self) -> None:
        self.methods = Methods(self.world)
        self._people = 0

    def person(self) -> Person:
        """Somebody new, who has pressed Start."""
        self._people += 1
        number = 8_000_000 + self._people
        about = {"id": number, "first_name": "居民"}
        self.world.chats[number] = Chat({**about, "type": "private"})
        return Person(self, {**about, "is_bot": False, "language_code": "zh-hans"}, number)

    def group(self, kind: str = "group") -> Group:
        """A group the bot is an admin of: "group", "supergroup", or "forum", a supergroup with topics."""
        self._people += 1
        number = -9_000_000 - self._people - (0 if kind == "group" else 1_000_000_000_000)
        about = {"id": number, "type": "group" if kind == "group" else "supergroup", "title": "值班群"}
        self.world.chats[number] = GroupChat(about | ({"is_forum": True} if kind == "forum" else {}))
        return Group(self, {"id": 77, "is_bot": False, "first_name": "值班"}, number)

    def trouble(self, method: str, act: str, *, times: int = 1, chat_id: int | None = None) -> None:
        self.troubles.append(Trouble(method, act, times, chat_id))

    def refuses(
        self, method: str, code: int, words: str, *, times: int = 1, chat_id: int | None = None, **parameters: int
    ) -> Trouble:
        refusal = Refused(code, words, **parameters)
        self.troubles.append(Trouble(method, "refuse", times, chat_id, refusal=refusal))
        return self.troubles[-1]

    def asks_patience(
        self, seconds: int, *, method: str = "sendMessage", chat_id: int | None = None, skip: int = 0
    ) -> None:
        words = f"Too Many Requests: retry after {seconds}"
        self.refuses(method, 429, words, chat_id=chat_id, retry_after=seconds).skip = skip

    def called(self, method: str) -> list[Raw]:
        """The parameters of every call of a method, also of those that went wrong."""
        return [given for name, given in self.calls if name == method]

    async def pushes(self) -> list[int]:
        """Bring what waits to the webhook, in order, as far as it is taken; the statuses it answered."""
        statuses = []
        async with aiohttp.ClientSession() as session:
            while self.world.updates and self.methods.hook["url"]:
                statuses.append(await self._push(session, self.world.updates[0]))
                if statuses[-1] != 200:
                    break
                self.world.updates.pop(0)
        return statuses

    async def _push(self, session: aiohttp.ClientSession, update: Raw) -> int:
        url = self.methods.hook["url"]
        for public, really in self.reach.items():
            url = url.replace(public, really)
        headers = {SECRET_HEADER: self.methods.hook["secret"]}
        async with session.post(url, json=update, headers=headers) as answer:
            if answer.status != 200:
                self.methods.hook["last_error_message"] = f"Wrong response from the webhook: {answer.status}"
                self.methods.hook["last_error_date"] = 1_764_000_000
            return answer.status

    # --- the HTTP side -------------------------------------------------------------------------------------------
    async def serve_method(self, request: web.Request) -> web.StreamResponse:
        given = Given(request.match_info["method"], await _parameters(request))
        self.calls.append((given.method, given._raw))
        self.world.pulse.beat()
        trouble = next((one for one in self.troubles if one.strikes(given)), None)
        if trouble is not None and trouble.act == "cut before":
            return _cut(request)
        answer = await self._answer(request, given, trouble)
        return _cut(request) if trouble is not None and trouble.act == "cut after" else answer

    async def _answer(self, request: web.Request, given: Given, trouble: Trouble | None) -> web.Response:
        if trouble is not None and trouble.act == "held":
            await self.released.wait()
        if trouble is not None and trouble.act == "bad gateway":
            return web.Response(status=502, text="<html><h1>502 Bad Gateway</h1></html>", content_type="text/html")
        try:
            self._authorise(request)
            if trouble is not None and trouble.refusal is not None:
                raise trouble.refusal
            result = await self.methods.call(given)
        except Refused as refused:
            return _refusal(refused)
        self.invented += [f"{given.method}.{name}" for name in given.unread]
        return web.json_response({"ok": True, "result": result})

    def _authorise(self, request: web.Request) -> None:
        if request.match_info["token"] != self.token:
            raise Refused(401, "Unauthorized")

    async def serve_file(self, request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        self.calls.append(("download", {"path": path}))
        trouble = next((one for one in self.troubles if one.method == "download" and one.times > 0), None)
        if trouble is not None:
            trouble.times -= 1
            return _cut(request) if trouble.act == "cut before" else web.Response(status=502, text="<html></html>")
        found = [stored for stored in self.world.files.values() if stored.path == path]
        if request.match_info["token"] != self.token or not found:
            return web.Response(status=404, text='{"ok":false,"error_code":404,"description":"Not Found"}')
        return web.Response(body=found[0].content)

    def close(self) -> None:
        self.methods.closing = True
        self.world.pulse.beat()


async def _parameters(request: web.Request) -> dict[str, Any]:
    """Whichever way they came: a form, an upload, JSON or the address."""
    if request.content_type == "application/json":
        sent = await request.json()
        return {name: value if isinstance(value, str) else json.dumps(value) for name, value in sent.items()}
    form = await request.post()
    return {**request.query, **{name: _field(value) for name, value in form.items()}}


def _field(value: Any) -> Any:
    return Upload(value.filename, value.file.read()) if isinstance(value, web.FileField) else value


def _cut(request: web.Request) -> web.Response:
    """Nobody hears the answer."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def _refusal(refused: Refused) -> web.Response:
    body: Raw = {"ok": False, "error_code": refused.code, "description": refused.description}
    if refused.parameters:
        body["parameters"] = refused.parameters
    return web.json_response(body, status=refused.code)


@asynccontextmanager
async def bot_api(token: str = TOKEN) -> AsyncIterator[BotApi]:
    """A server of its own on a free port."""
    api = BotApi(token)
    app = web.Application(client_max_size=LARGEST_UPLOAD)
    app.router.add_route("*", "/bot{token:[^/]+}/{method}", api.serve_method)
    app.router.add_get("/file/bot{token:[^/]+}/{path:.+}", api.serve_file)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    api.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield api
    finally:
        api.close()
        await runner.cleanup()
