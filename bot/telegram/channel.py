"""The Telegram channel as one thing: started, stopped, asked how it is."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
from typing import Any

import structlog
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import ClientDecodeError, TelegramAPIError, TelegramNotFound, TelegramUnauthorizedError
from aiogram.types import BotCommand, Update
from fastapi import APIRouter

from bot.nursery import Nursery
from bot.outbox_worker import STEADY, OutboxWorker, Pace
from bot.telegram.arrivals import CHANNEL, arrival_of
from bot.telegram.delivery import deliverer
from bot.telegram.files import FileFetcher
from bot.telegram.group_watch import GroupWatch
from bot.telegram.polling import KINDS, LONGEST_BACKOFF, WAIT, Poller
from handlers.web.telegram_hook import PATH, telegram_router
from storage import facts, inbox
from storage.engine import Storage
from storage.inbox import Row

log = structlog.get_logger()
COMMANDS = (
    ("start", "开始 / Start"),
    ("tickets", "我的工单 / My requests"),
    ("person", "找人工 / A person"),
    ("mydata", "我的资料 / My data"),
    ("language", "中文 / English"),
)
TOAST = 200
PATIENCE = 8.0
"""Seconds somebody who asks how we are waits for each answer."""
API_ERRORS = (TelegramAPIError, ClientDecodeError, OSError, TimeoutError)


class Session(AiohttpSession):
    """aiogram's; but only where there is TLS does it wait a quarter of a second for its farewell."""

    async def close(self) -> None:
        if self.api.base.startswith("https://"):
            await super().close()
        elif self._session is not None:
            await self._session.close()


def open_bot(token: str, api: str, *, timeout: float = 60.0) -> Bot:
    """A bot on the given Bot API server; opens nothing yet."""
    return Bot(token, session=Session(api=TelegramAPIServer.from_base(api), timeout=timeout))


class TelegramChannel:
    """Updates in, messages out, files fetched; the rest of the service does not know how."""

    def __init__(
        self,
        *,
        storage: Storage,
        token: str,
        api: str,
        mode: str,
        public_url: str,
        nursery: Nursery,
        owner: str,
        wait: int = WAIT,
        pace: Pace = STEADY,
    ) -> None:
        self.token = token
        self._storage, self._nursery = storage, nursery
        self._mode, self._public_url = mode, public_url
        self._bot = open_bot(token, api)
        self.poller = Poller(storage, self._bot, owner=owner, wait=wait)
        self.outbox = OutboxWorker(
            storage, deliverer(self._bot, storage), nursery, channel=CHANNEL, owner=owner, pace=pace
        )
        self.files = FileFetcher(storage, self._bot)
        self.group = GroupWatch(storage, self._bot)
        self._stopping = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def router(self) -> APIRouter | None:
        """The webhook's route; None while we poll."""
        return telegram_router(self.secret, self.keep) if self._mode == "webhook" else None

    @property
    def secret(self) -> str:
        """Made from the token, so that every process and every restart knows it and nobody else does."""
        return hmac.new(self.token.encode(), b"lianxin webhook", hashlib.sha256).hexdigest()

    async def keep(self, update: dict[str, Any]) -> None:
        await self._storage.run(inbox.take_in, [arrival_of(update, bot_id=self._bot.id)])

    def start(self) -> None:
        """Begin. With a wrong token, or while Telegram cannot be reached, the chat page goes on without it."""
        works = {
            "intake": self._intake,
            "outbox": self.outbox.run,
            "files": self.files.run,
            "group": self.group.run,
        }
        for name, work in works.items():
            self._tasks.add(self._nursery.keep_running(work, name=f"telegram {name}"))

    async def _intake(self) -> None:
        """Say how updates shall come, for as long as it takes to be heard; then fetch them, unless they are brought."""
        backoff = 1.0
        while not self._stopping.is_set() and not await self._introduce():
            await self._rest(backoff)
            backoff = min(backoff * 2, LONGEST_BACKOFF)
        if self._mode == "polling" and not self._stopping.is_set():
            await self.poller.run()

    async def _introduce(self) -> bool:
        try:
            me = await self._bot.get_me()
            await self._set_mode()
        except (TelegramUnauthorizedError, TelegramNotFound):
            log.error("Telegram refuses the token: check LIANXIN_TELEGRAM_TOKEN; the chat page goes on without it")
        except API_ERRORS as error:
            log.warning("Telegram cannot be reached; trying on", error=type(error).__name__)
        else:
            await self._storage.run(facts.put, facts.TELEGRAM_NAME, me.username)
            log.info("telegram is on", bot=me.username, mode=self._mode)
            await self._offer_commands()
            return True
        return False

    async def _offer_commands(self) -> None:
        """A courtesy: without the menu everything can be said all the same, so that nothing waits for it."""
        try:
            await self._bot.set_my_commands([BotCommand(command=name, description=text) for name, text in COMMANDS])
        except API_ERRORS as error:
            log.warning("the command menu was not offered", error=type(error).__name__)

    async def _set_mode(self) -> None:
        """Webhook on, or off; what waits at Telegram is never dropped."""
        if self._mode == "webhook":
            address = f"{self._public_url.rstrip('/')}{PATH}"
            await self._bot.set_webhook(address, secret_token=self.secret, allowed_updates=KINDS)
        else:
            await self._bot.delete_webhook(drop_pending_updates=False)

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    def take_nothing_more(self) -> None:
        """The first half of stopping: what is in hand may still be answered."""
        self._stopping.set()
        self.poller.stop()

    async def stop(self) -> None:
        """Finish what is in hand, let go."""
        self.take_nothing_more()
        for part in (self.outbox, self.files, self.group):
            part.stop()
        await self._nursery.drain(self._tasks)
        await self._bot.session.close()

    def toast(self, row: Row, update: Update, text: str | None) -> None:
        """Answer a press, once, after its commit; it is a courtesy, and its failure is nobody's loss."""
        if update.callback_query is not None:
            answer = self._answer(update.callback_query.id, text)
            self._nursery.start(answer, name=f"telegram toast {row.id}")

    async def _answer(self, query_id: str, text: str | None) -> None:
        try:
            await self._bot.answer_callback_query(query_id, text=text[:TOAST] if text else None)
        except API_ERRORS as error:
            log.info("press not answered", error=type(error).__name__)


async def describe(token: str, api: str) -> dict[str, Any]:
    """Who the bot is and how its webhook stands, for the doctor; raises what the Bot API raises."""
    bot = open_bot(token, api, timeout=PATIENCE)
    try:
        me, hook = await bot.get_me(), await bot.get_webhook_info()
        return {
            "username": me.username,
            "webhook": hook.url,
            "waiting": hook.pending_update_count,
            "last_error": hook.last_error_message,
        }
    finally:
        await bot.session.close()
