"""What every router of the residents' asks of a message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiogram.types import Message, TelegramObject

from handlers.incoming import Incoming
from handlers.residents.case import Case


async def private(event: TelegramObject, incoming: Incoming) -> bool:
    """Like every filter of ours a coroutine: aiogram sends plain functions to another thread, ten times a message."""
    return incoming.scene.personal


def command(*names: str) -> Callable[[Message, Case], Awaitable[bool]]:
    async def matches(message: Message, case: Case) -> bool:
        first = case.text.split(maxsplit=1)[0] if case.text else ""
        return first.startswith("/") and first[1:].split("@")[0].lower() in names

    return matches
