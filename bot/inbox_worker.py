"""Takes waiting updates through the dispatcher: one chat in order, many chats at once, each update exactly once.

The handler decides; this worker commits what it decided, what is said, and "row done" in one transaction. Killed at any
instant, an update has either happened whole or is still waiting.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from aiogram import Bot, Dispatcher
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.types import Update
from aiogram.types.update import UpdateTypeLookupError
from pydantic import ValidationError

from bot.nursery import Nursery
from handlers.incoming import Incoming
from handlers.outcome import Outcome, carry_out, say
from storage import inbox, messages
from storage.chats import Scene, load_scene
from storage.engine import Storage
from storage.inbox import AlreadyDone, Row
from storage.messages import Message
from storage.transaction import Tx

log = structlog.get_logger()
CHATS_AT_ONCE = 64
POLL = 2.0
"""Seconds after which the worker looks even though nothing woke it."""
RENEW = inbox.LEASE.total_seconds() / 3

UNDECODABLE = (ValidationError, ValueError, TypeError, RecursionError, UpdateTypeLookupError)
Toast = Callable[[Row, Update, str | None], None]


@dataclass(frozen=True, slots=True)
class Work:
    """What is read before the dispatcher is asked."""

    scene: Scene
    pressed: Message | None
    said: Message | None


class InboxWorker:
    def __init__(
        self,
        storage: Storage,
        dispatcher: Dispatcher,
        bots: Mapping[str, Bot],
        nursery: Nursery,
        *,
        owner: str,
        apology: Callable[[Scene], Outcome[Any]],
        toast: Toast | None = None,
    ) -> None:
        self._storage = storage
        self._dispatcher = dispatcher
        self._bots = bots
        self._nursery = nursery
        self._owner = owner
        self._apology = apology
        self._toast = toast
        self._stopping = False
        self._working = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def run(self) -> None:
        """Work until ``stop``; then finish what is in hand and give the chats back."""
        waiter = self._storage.signals.waiter(inbox.TOPIC)
        self._nursery.start(self._renew(), name="inbox leases")
        try:
            while not self._stopping:
                free = CHATS_AT_ONCE - self._working
                chats = await self._claim(free) if free > 0 else []
                for chat_id in chats:
                    self._begin(chat_id)
                if not chats or free <= len(chats):
                    await waiter.wait(POLL)
        finally:
            waiter.close()
            await self._idle.wait()
            await self._storage.run(inbox.release_all, owner=self._owner)

    async def _claim(self, limit: int) -> list[int]:
        """Chats of the channels we have; a channel switched off keeps its updates waiting."""
        return await self._storage.run(inbox.claim, owner=self._owner, limit=limit, channels=list(self._bots))

    async def work_off(self) -> None:
        """Take everything that waits now, one chat after another, and return when nothing is left (tests, tools)."""
        while chats := await self._claim(CHATS_AT_ONCE):
            for chat_id in chats:
                self._working += 1
                await self._work_chat(chat_id)

    def stop(self) -> None:
        self._stopping = True
        self._storage.signals.wake([inbox.TOPIC])

    async def _renew(self) -> None:
        while not self._stopping:
            await asyncio.sleep(RENEW)
            if self._working:
                await self._storage.run(inbox.renew, owner=self._owner)

    def _begin(self, chat_id: int) -> None:
        self._working += 1
        self._idle.clear()
        self._nursery.start(self._work_chat(chat_id), name="inbox chat")

    async def _work_chat(self, chat_id: int) -> None:
        try:
            while rows := await self._storage.read(inbox.waiting_rows, chat_id):
                for row in rows:
                    if self._stopping or not await self._work_row(row):
                        return
        finally:
            try:
                await self._storage.run(inbox.release, chat_id=chat_id, owner=self._owner)
            finally:
                self._let_go()

    def _let_go(self) -> None:
        self._working -= 1
        if not self._working:
            self._idle.set()
        self._storage.signals.wake([inbox.TOPIC])

    async def _work_row(self, row: Row) -> bool:
        """True when the chat may go on to its next update."""
        bot = self._bots[row.channel]
        try:
            update = decode(row, bot)
        except UNDECODABLE as error:
            log.warning("update parked", row=row.id, channel=row.channel)
            await self._storage.run(inbox.park, row.id, error=f"cannot be decoded: {type(error).__name__}")
            return True
        try:
            await self._handle(row, update, bot)
        except AlreadyDone:
            log.warning("update was done by another", row=row.id)
            return False
        except Exception as error:
            log.exception("update failed", row=row.id, channel=row.channel)
            return await self._storage.run(_give_up, row, error, self._apology)
        return True

    async def _handle(self, row: Row, update: Update, bot: Bot) -> None:
        work = await self._storage.read(_prepare, row, update)
        incoming = Incoming(
            scene=work.scene,
            row_id=row.id,
            message_id=row.message_id,
            received_at=row.received_at,
            pressed=work.pressed,
            attachments=(work.said.attachments or ()) if work.said else (),
        )
        answer = await self._dispatcher.feed_update(bot, update, incoming=incoming, scene=work.scene)
        outcome: Outcome[Any] = say() if answer is UNHANDLED or answer is None else answer
        await self._storage.run(_finish, row, outcome)
        if self._toast is not None:
            self._toast(row, update, outcome.toast)


def decode(row: Row, bot: Bot) -> Update:
    """The update of a row; raises one of UNDECODABLE where Telegram has invented something."""
    raw = json.loads(row.payload)
    raw.setdefault("update_id", row.id)
    update = Update.model_validate(raw, context={"bot": bot})
    _ = update.event_type  # raises UpdateTypeLookupError for a kind this aiogram does not know
    return update


def _prepare(tx: Tx, row: Row, update: Update) -> Work:
    press = update.callback_query
    return Work(
        scene=load_scene(tx, row.chat_id),
        pressed=messages.pressed(tx, row.chat_id, press.message.message_id, press.data or "")
        if press and press.message
        else None,
        said=messages.get(tx, row.message_id) if row.message_id and '"text"' not in row.payload else None,
    )


def _finish(tx: Tx, row: Row, outcome: Outcome[Any]) -> None:
    inbox.mark_done(tx, row.id)
    carry_out(tx, outcome, chat_id=row.chat_id)


def _give_up(tx: Tx, row: Row, error: Exception, apology: Callable[[Scene], Outcome[Any]]) -> bool:
    """Wait for the next try, or park it, say so to the resident and fetch a person. True when parked."""
    parked = inbox.failed(tx, row.id, error=type(error).__name__)
    if parked:
        carry_out(tx, apology(load_scene(tx, row.chat_id)), chat_id=row.chat_id)
    return parked
