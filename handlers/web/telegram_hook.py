"""Telegram's webhook: 200 only when the update is stored, 503 while it cannot be; whatever was sent is kept.

Telegram keeps the order within a chat and waits, so a refusal loses nothing.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from handlers.web.errors import RETRY_AFTER, UNAVAILABLE

PATH = "/telegram/webhook"
LARGEST = 1024 * 1024
SECRET_HEADER = b"x-telegram-bot-api-secret-token"
Keep = Callable[[dict[str, Any]], Awaitable[None]]


def telegram_router(secret: str, keep: Keep) -> APIRouter:
    """The one route; ``keep`` commits an update to the inbox."""
    router = APIRouter()

    @router.post(PATH, include_in_schema=False)
    async def receive(request: Request) -> Response:
        if not _is_telegram(request, secret):
            return Response(status_code=403)
        body = await request.body()
        update = _update(body) if len(body) <= LARGEST else None
        if update is None:
            return Response(status_code=400)
        try:
            await keep(update)
        except (*UNAVAILABLE, SQLAlchemyError, OSError):
            return Response(status_code=503, headers={"Retry-After": str(RETRY_AFTER)})
        return Response(status_code=200)

    return router


def _is_telegram(request: Request, secret: str) -> bool:
    """Compared as bytes in constant time: a header that is not ASCII is wrong, and no error."""
    given = next((value for name, value in request.scope["headers"] if name == SECRET_HEADER), b"")
    return hmac.compare_digest(given, secret.encode())


def _update(body: bytes) -> dict[str, Any] | None:
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return update if isinstance(update, dict) and "update_id" in update else None
