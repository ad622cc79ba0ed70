"""Telegram at the other end: the Bot API double, the office that works through it, and what was logged meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from structlog.testing import capture_logs

from storage.engine import Storage
from tests.conftest import FrozenClock
from tests.doubles.bot_api import BotApi, bot_api
from tests.telegram_office import Office, open_office


@pytest.fixture(autouse=True)
def logged() -> Any:
    with capture_logs() as lines:
        yield lines


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    """The server; nothing may have been called that Telegram does not have."""
    async with bot_api() as server:
        yield server
    assert server.invented == []


@pytest.fixture
async def office(storage: Storage, api: BotApi, clock: FrozenClock) -> AsyncIterator[Office]:
    async with open_office(storage, api, clock) as opened:
        yield opened
