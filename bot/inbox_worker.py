"""Takes waiting updates through the dispatcher: one chat in order, many chats at once, each update exactly once.

The handler decides; this worker commits what it decided, what is said, and "row done" in one transaction. Killed at any
instant, an update has either happened whole or is still waiting.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
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
Apology = Callable[[Scene], Outcome[Any]]
GoOn = Callable[..., "Turn | None"]
Toast = Callable[[Row, Update, str | None], None]


@dataclass(frozen=True, slots=True)
class Turn:
    """A chat that is ours: what waits there, oldest first, and the scene the first of it meets."""

    rows: Sequence[Row]
    scene: Scene


class InboxWorker:
    def __init__(
        self,
        storage: Storage,
        dispatcher: Dispatcher,
        bots: Mapping[str, Bot],
        nursery: Nursery,
        *,
        owner: str,
        apology: Apology,
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
                turns = await self._claim(free) if free > 0 else []
                for turn in turns:
                    self._begin(turn)
                if len(turns) < free or self._working >= CHATS_AT_ONCE:
                    await waiter.wait(POLL)
        finally:
            waiter.close()
            await self._idle.wait()
            await self._storage.run(inbox.release_all, owner=self._owner)

    async def _claim(self, limit: int) -> list[Turn]:
        """Chats of the channels we have; a channel switched off keeps its updates waiting."""
        return await self._storage.run(_claim, owner=self._owner, limit=limit, channels=list(self._bots))

    async def work_off(self) -> None:
        """Take everything that waits now, one chat after another, and return when nothing is left (tests, tools)."""
        while turns := await self._claim(CHATS_AT_ONCE):
            for turn in turns:
                self._working += 1
                await self._work_chat(turn)

    def stop(self) -> None:
        self._stopping = True
        self._storage.signals.wake([inbox.TOPIC])

    async def _renew(self) -> None:
        while not self._stopping:
            await asyncio.sleep(RENEW)
            if self._working:
                await self._storage.run(inbox.renew, owner=self._owner)

    def _begin(self, turn: Turn) -> None:
        self._working += 1
        self._idle.clear()
        self._nursery.start(self._work_chat(turn), name="inbox chat")

    async def _work_chat(self, turn: Turn) -> None:
        """Until nothing waits there any more; then, and whenever it ends otherwise, the chat is given back."""
        mine: Turn | None = turn
        try:
            while mine is not None and not self._stopping:
                mine = await self._work_row(mine)
        finally:
            try:
                if mine is not None:
                    await self._storage.run(inbox.release, chat_id=turn.scene.chat_id, owner=self._owner)
            finally:
                self._let_go()

    def _let_go(self) -> None:
        full = self._working >= CHATS_AT_ONCE
        self._working -= 1
        if not self._working:
            self._idle.set()
        if full or self._storage.dialect != "sqlite":  # elsewhere something may have come that could not be seen yet
            self._storage.signals.wake([inbox.TOPIC])

    async def _work_row(self, turn: Turn) -> Turn | None:
        """Take the first row of a turn; the chat's next turn, or None when the chat has been given back."""
        row = turn.rows[0]
        go_on = partial(_go_on, owner=self._owner, chat_id=row.chat_id, rest=turn.rows[1:])
        try:
            update = decode(row, self._bots[row.channel])
        except UNDECODABLE as error:
            log.warning("update parked", row=row.id, channel=row.channel)
            return await self._storage.run(_park, row, type(error).__name__, go_on)
        try:
            outcome = await self._ask(turn.scene, row, update)
            following, toast = await self._storage.run(_finish, row, outcome, go_on)
        except AlreadyDone:
            log.warning("update was done by another", row=row.id)
            await self._storage.run(inbox.release, chat_id=row.chat_id, owner=self._owner)
            return None
        except Exception as error:
            log.exception("update failed", row=row.id, channel=row.channel)
            return await self._storage.run(_give_up, row, error, self._apology, go_on)
        if self._toast is not None:
            self._toast(row, update, toast)
        return following

    async def _ask(self, scene: Scene, row: Row, update: Update) -> Outcome[Any]:
        """What the handlers want done about it."""
        pressed, said = await self._seen(row, update)
        incoming = Incoming(
            scene=scene,
            row_id=row.id,
            message_id=row.message_id,
            received_at=row.received_at,
            pressed=pressed,
            attachments=(said.attachments or ()) if said else (),
        )
        bot = self._bots[row.channel]
        answer = await self._dispatcher.feed_update(bot, update, incoming=incoming, scene=scene)
        return say() if answer is UNHANDLED or answer is None else answer

    async def _seen(self, row: Row, update: Update) -> tuple[Message | None, Message | None]:
        """Our message whose button was pressed, and what we kept of a message that is more than words."""
        press = update.callback_query
        if press is not None and press.message is not None:
            pressed = await self._storage.read(
                messages.pressed, row.chat_id, press.message.message_id, press.data or ""
            )
            return pressed, None
        if row.message_id and update.message is not None and update.message.text is None:
            return None, await self._storage.read(messages.get, row.message_id)
        return None, None


def decode(row: Row, bot: Bot) -> Update:
    """The update of a row; raises one of UNDECODABLE where Telegram has invented something."""
    raw = json.loads(row.payload)
    raw.setdefault("update_id", row.id)
    update = Update.model_validate(raw, context={"bot": bot})
    if update.message is None:
        _ = update.event_type  # raises UpdateTypeLookupError for a kind this aiogram does not know
    return update


def _claim(tx: Tx, *, owner: str, limit: int, channels: Sequence[str]) -> list[Turn]:
    chosen = inbox.claim(tx, owner=owner, limit=limit, channels=channels)
    turns = [_go_on(tx, owner=owner, chat_id=chat_id) for chat_id in chosen]
    return [turn for turn in turns if turn is not None]


def _go_on(tx: Tx, *, owner: str, chat_id: int, rest: Sequence[Row] = ()) -> Turn | None:
    """The chat's next turn, out of what is known to wait there or has come since; None: nothing has, it is given back."""
    rows = rest or inbox.waiting_rows(tx, chat_id)
    if rows:
        return Turn(rows, load_scene(tx, chat_id))
    inbox.release(tx, chat_id=chat_id, owner=owner)
    return None


def _finish(tx: Tx, row: Row, outcome: Outcome[Any], go_on: GoOn) -> tuple[Turn | None, str | None]:
    inbox.mark_done(tx, row.id)
    toast = carry_out(tx, outcome, chat_id=row.chat_id)
    return go_on(tx), toast


def _park(tx: Tx, row: Row, error: str, go_on: GoOn) -> Turn | None:
    inbox.park(tx, row.id, error=f"cannot be decoded: {error}")
    return go_on(tx)


def _give_up(tx: Tx, row: Row, error: Exception, apology: Apology, go_on: GoOn) -> Turn | None:
    """Wait for the next try, or park it, say so to the resident and fetch a person."""
    if inbox.failed(tx, row.id, error=type(error).__name__):
        carry_out(tx, apology(load_scene(tx, row.chat_id)), chat_id=row.chat_id)
        return go_on(tx)
    return go_on(tx, rest=())
