"""The session of the bots handlers see: a handler that calls the Bot API is caught, loudly, instead of sending."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any

from aiogram import Bot
from aiogram.client.session.base import BaseSession
from aiogram.methods import TelegramMethod
from aiogram.methods.base import TelegramType


class CalledTheApi(RuntimeError):
    """A handler tried to act instead of returning what should happen."""


class RefusingSession(BaseSession):
    async def close(self) -> None:
        """Nothing is open."""

    async def make_request(
        self,
        bot: Bot,  # noqa: ARG002 - the base class names it
        method: TelegramMethod[TelegramType],
        timeout: int | None = None,  # noqa: ARG002
    ) -> TelegramType:
        raise CalledTheApi(f"handlers return outcomes and never call the Bot API ({type(method).__name__})")

    async def stream_content(self, *_: Any, **__: Any) -> AsyncGenerator[bytes, None]:
        for refused in ("handlers never download",):
            raise CalledTheApi(refused)
        yield b""
