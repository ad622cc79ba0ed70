"""The outermost layer: bounded bodies, safe headers, a count of every answer, and no traceback to anybody."""

from __future__ import annotations

import time
import traceback

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from handlers.web.errors import error_response
from handlers.web.parts import WebParts

log = structlog.get_logger()
KIB, MIB = 1024, 1024 * 1024
BODY_LIMITS = (
    ("/api/chat/attachments", 20 * MIB + 256 * KIB),
    ("/api/chat/", 256 * KIB),
    ("/telephone/", 64 * KIB),
    ("/console/", 20 * MIB + 256 * KIB),
    ("/", 4 * MIB),
)
"""Bytes by path; the first prefix that fits."""
POLITE = 256 * MIB
"""How much of an oversized body is read and dropped, so that the sender can hear why it was refused."""
FRAMES = 8
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=()",
    "Cache-Control": "no-store",
}
"""Set where the answer does not say otherwise."""
HEADERS_WHEN_SECURE = HEADERS | {"Strict-Transport-Security": "max-age=15552000"}


class Boundary:
    """Pure ASGI, so that event streams pass through untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answer = Answer(scope, send, scope["app"].state.parts)
        body = Body(receive, limit=limit_for(scope["path"]))
        try:
            if _declared_length(scope) > body.limit:
                await body.drop()
                await error_response(Request(scope), 413, "too_big")(scope, receive, answer.send)
                return
            await self._app(scope, body.receive, answer.send)
        except ClientDisconnect:
            log.info("the browser went away", route=answer.route)
        except Exception as error:
            # Neither the error's text nor any local variable: both may hold a resident's words.
            where = "".join(traceback.format_tb(error.__traceback__)[-FRAMES:])
            log.error("request failed", route=answer.route, error=type(error).__name__, where=where)
            if answer.begun:
                raise
            await error_response(Request(scope), 500, "broken")(scope, receive, answer.send)


class Body:
    """Hands the body on, up to its limit."""

    def __init__(self, receive: Receive, *, limit: int) -> None:
        self._receive = receive
        self.limit = limit
        self._taken = 0

    async def receive(self) -> Message:
        message = await self._receive()
        self._taken += len(message.get("body", b""))
        if self._taken > self.limit:
            await self.drop()
            raise HTTPException(413)
        return message

    async def drop(self) -> None:
        dropped = 0
        while dropped < POLITE:
            message = await self._receive()
            dropped += len(message.get("body", b""))
            if message["type"] != "http.request" or not message.get("more_body"):
                return


class Answer:
    """Adds the headers and counts the answer when it begins."""

    def __init__(self, scope: Scope, send: Send, parts: WebParts) -> None:
        self._scope = scope
        self._send = send
        self._parts = parts
        self._started = time.perf_counter()
        self.begun = False

    @property
    def route(self) -> str:
        return str(getattr(self._scope.get("route"), "path", "other"))

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            headers = MutableHeaders(scope=message)
            for name, value in (HEADERS_WHEN_SECURE if self._parts.secure else HEADERS).items():
                headers.setdefault(name, value)
            self._count(message["status"])
        await self._send(message)

    def _count(self, status: int) -> None:
        seconds = time.perf_counter() - self._started
        self._parts.meters.answered(method=self._scope["method"], route=self.route, status=status, seconds=seconds)


def limit_for(path: str) -> int:
    return next(limit for prefix, limit in BODY_LIMITS if path.startswith(prefix))


def _declared_length(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
