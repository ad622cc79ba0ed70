"""The Telegram side of the service taken apart: intake, work and delivery happen when a test says so, on its clock.

Everything is real - channel, workers, database, HTTP - but the dispatcher, which has a few lines, and Telegram.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache
from typing import Any

from aiogram import Bot, Dispatcher, F
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message
from sqlalchemy import select

from bot.inbox_worker import InboxWorker
from bot.nursery import Nursery
from bot.outbox_worker import Pace
from bot.telegram.channel import TelegramChannel
from bot.telegram.refusing_session import RefusingSession
from handlers.incoming import Incoming
from handlers.outcome import Button, Edit, Outcome, Say, do, say
from storage import messages, sending
from storage.engine import Storage
from storage.transaction import Tx
from tests.conftest import FrozenClock
from tests.doubles.bot_api import BotApi

PUBLIC = "https://hotline.example.org"
CHOICES = ((Button("厨房", "place:kitchen"), Button("卫生间", "place:bath")), (Button("打电话", "tel:02300000000"),))
SORRY = "出了点问题"
NOT_PACED = Pace(private=timedelta(0), group=timedelta(0), lead=timedelta(0), alarm=timedelta(0), overall=0)


async def answer(message: Message, incoming: Incoming) -> Outcome[Any]:
    """Asks where a leak is, breaks when told to, names the kind of what has no words, and repeats everything else."""
    if message.text == "漏水":
        return say(Say("漏水的地方在哪儿?", buttons=CHOICES))
    if message.text == "坏":
        raise RuntimeError("as told")
    if message.text == "两句":
        return say(Say("第一句"), Say("第二句"))
    if message.text and message.text.startswith("长"):
        return say(Say(long_words(int(message.text[1:])), buttons=CHOICES))
    if incoming.attachments:
        return say(Say("收到" + "、".join(str(part["kind"]) for part in incoming.attachments)))
    return say(Say(f"您说的是:{message.text}"))


def long_words(letters: int) -> str:
    """Sentences of ten signs, so many signs in all, none like another."""
    return "".join(f"{number:08d}吧。" for number in range(letters // 10))


async def choose(press: CallbackQuery, incoming: Incoming) -> Outcome[Any]:
    if incoming.pressed is None:
        return say().with_toast("这个按钮已经用过了")
    return say(Edit(incoming.pressed.id, "漏水的地方:厨房"), Say("记下了。")).with_toast("好的")


async def edited(message: Message, incoming: Incoming) -> Outcome[Any]:
    return do(_revise, chat_id=incoming.scene.chat_id, remote=message.message_id, text=message.text or "")


def _revise(tx: Tx, *, chat_id: int, remote: int, text: str) -> None:
    ours = messages.ours(tx, chat_id, remote)
    assert ours is not None
    messages.revise(tx, ours, text=text)


async def membership(change: ChatMemberUpdated, incoming: Incoming) -> Outcome[Any]:
    gone = change.new_chat_member.status == "kicked"
    return do(sending.blocked, incoming.scene.chat_id, at=incoming.received_at if gone else None)


@cache
def small_dispatcher() -> Dispatcher:
    dispatcher = Dispatcher(disable_fsm=True)
    dispatcher.message.register(answer, F.chat.type == "private")
    dispatcher.edited_message.register(edited)
    dispatcher.callback_query.register(choose)
    dispatcher.my_chat_member.register(membership)
    return dispatcher


class Office:
    """One process's Telegram side."""

    def __init__(
        self, storage: Storage, api: BotApi, clock: FrozenClock, *, owner: str, mode: str, pace: Pace, address: str
    ) -> None:
        self.storage, self.api, self.clock = storage, api, clock
        self.nursery = Nursery()
        self.channel = TelegramChannel(
            storage=storage,
            token=api.token,
            api=address or api.address,
            mode=mode,
            public_url=PUBLIC,
            nursery=self.nursery,
            owner=owner,
            wait=0,
            pace=pace,
        )
        self.worker = InboxWorker(
            storage,
            small_dispatcher(),
            {"telegram": Bot(api.token, session=RefusingSession())},
            self.nursery,
            owner=owner,
            apology=lambda scene: say(Say(SORRY)),
            toast=self.channel.toast,
        )

    async def takes_in(self) -> int:
        """Ask until nothing new comes; how many updates came."""
        taken = 0
        while batch := await self.channel.poller.take_batch():
            taken += batch
        return taken

    async def sends(self) -> int:
        """Send what may go out at this moment of the clock; how many letters were tried."""
        tried = 0
        while begun := await self.channel.outbox.send_some():
            tried += begun
        return tried

    async def works(self) -> None:
        """Updates in, worked on, answers out."""
        await self.takes_in()
        await self.worker.work_off()
        await self.nursery.drain()
        await self.sends()

    async def rows(self, table: Any) -> list[dict[str, Any]]:
        def all_of(tx: Tx) -> list[dict[str, Any]]:
            return [dict(row) for row in tx.all(select(table).order_by(*table.primary_key.columns))]

        return await self.storage.read(all_of)

    async def column(self, column: Any) -> list[Any]:
        return [row[column.name] for row in await self.rows(column.table)]


OWNERS = itertools.count(1)


@asynccontextmanager
async def open_office(
    storage: Storage,
    api: BotApi,
    clock: FrozenClock,
    *,
    mode: str = "polling",
    pace: Pace = NOT_PACED,
    address: str = "",
) -> AsyncIterator[Office]:
    office = Office(storage, api, clock, owner=f"office {next(OWNERS)}", mode=mode, pace=pace, address=address)
    try:
        yield office
    finally:
        office.worker.stop()
        await office.channel.stop()
        await office.nursery.cancel()
        await asyncio.sleep(0)
