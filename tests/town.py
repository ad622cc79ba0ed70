"""A small town to tell stories in: the real database, dispatcher and inbox worker; residents on either channel.

ana = await town.resident("web")
await ana.says("7栋1204厨房水管爆了")
assert "7栋1204" in ana.sees()
await ana.presses("提交")
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from typing import Any

from aiogram import Bot, Dispatcher

from bot.inbox_worker import InboxWorker
from bot.nursery import Nursery
from bot.telegram.arrivals import arrival_of
from bot.telegram.refusing_session import RefusingSession
from handlers.residents import people
from handlers.texts.catalogue import load_catalogue
from handlers.web.updates import press_arrival, text_arrival
from storage import inbox, messages
from storage.chats import FIRST_WEB_CHAT, find_or_open
from storage.engine import Storage
from storage.inbox import Arrival
from storage.messages import Message
from storage.web_sessions import Visitor

COUNTER = itertools.count(1)


class Resident:
    """Somebody with a phone: says, sees, presses. What a subclass knows is how their channel carries it."""

    channel: str

    def __init__(self, town: Town, remote: int, chat_id: int) -> None:
        self.town, self.remote, self.chat_id = town, remote, chat_id
        self.read = 0
        self.known: set[int] = set()

    def words(self, text: str) -> Arrival:
        raise NotImplementedError

    def press(self, message: Message, data: str) -> Arrival:
        raise NotImplementedError

    async def says(self, text: str) -> list[str]:
        """Say it, let the town work, and return the new words of the bot."""
        return await self.sends(self.words(text))

    async def sends(self, *arrivals: Arrival) -> list[str]:
        await self.town.works()  # what was on its way to this phone has arrived
        await self.town.storage.run(inbox.take_in, arrivals)
        await self.town.works()
        return await self.hears()

    async def hears(self) -> list[str]:
        """What others said in this chat since the last look."""
        fresh = await self.town.storage.read(messages.since, chat_id=self.chat_id, seq=self.read)
        self.read = max([self.read, *(message.seq for message in fresh)])
        new = [message for message in fresh if message.id not in self.known]
        self.known.update(message.id for message in new)
        return [message.text for message in new if message.sender != "resident"]

    async def thread(self) -> list[Message]:
        return await self.town.storage.read(messages.latest, chat_id=self.chat_id)

    async def sees(self) -> str:
        """The last thing the bot or staff said."""
        return [message.text for message in await self.thread() if message.sender != "resident"][-1]

    async def buttons(self) -> list[str]:
        """Every button that can be pressed now, by its words."""
        return [button["text"] for _, button in await self._offered()]

    async def _offered(self) -> list[tuple[Message, dict[str, str]]]:
        said = [message for message in await self.thread() if message.buttons]
        return [(message, button) for message in said for row in message.buttons or () for button in row]

    async def presses(self, words: str, *, times: int = 1) -> list[str]:
        """Press the newest button that says this; whatever was said meanwhile has arrived."""
        await self.town.works()
        offered = await self._offered()
        found = [(message, button["data"]) for message, button in offered if button["text"] == words]
        assert found, f"no button says {words!r}; there are {await self.buttons()}"
        message, data = found[-1]
        return await self.sends(*(self.press(message, data) for _ in range(times)))

    async def submits(self) -> list[str]:
        """Send the form off; a sensitive matter is asked about separately on the way."""
        heard = await self.presses("提交")
        return heard + await self.presses("单独同意") if "单独同意" in await self.buttons() else heard

    async def presses_data(self, message: Message, data: str) -> list[str]:
        """Press a button that may not be there (any more)."""
        await self.town.works()
        return await self.sends(self.press(message, data))


class WebResident(Resident):
    channel = "web"

    @property
    def visitor(self) -> Visitor:
        return Visitor(chat_id=self.chat_id, remote=self.remote, language="zh")

    def words(self, text: str) -> Arrival:
        return text_arrival(self.visitor, text=text, client_id=f"c{next(COUNTER)}", at=1_790_000_000)

    def press(self, message: Message, data: str) -> Arrival:
        return press_arrival(
            self.visitor, message_id=message.id, data=data, client_id=f"p{next(COUNTER)}", at=1_790_000_000
        )


class TelegramResident(Resident):
    channel = "telegram"

    def raw(self, **message: Any) -> dict[str, Any]:
        number = next(COUNTER)
        person = {"id": self.remote, "is_bot": False, "first_name": "居民"}
        chat = {"id": self.remote, "type": "private", "first_name": "居民"}
        base = {"message_id": 500_000 + number, "date": 1_790_000_000, "chat": chat, "from": person}
        return {"update_id": number, "message": base | message}

    def words(self, text: str) -> Arrival:
        return arrival_of(self.raw(text=text))

    def press(self, message: Message, data: str) -> Arrival:
        update = self.raw()
        pressed = update.pop("message") | {"message_id": message.id, "text": message.text}
        sender = pressed.pop("from")
        query = {
            "id": f"q{update['update_id']}",
            "from": sender,
            "chat_instance": "1",
            "message": pressed,
            "data": data,
        }
        return arrival_of(update | {"callback_query": query})


class Town:
    """The service without its ends: what a channel brings is put in, and worked on until nothing waits."""

    def __init__(self, storage: Storage, dispatcher: Dispatcher) -> None:
        self.storage = storage
        texts = load_catalogue()
        bots: Mapping[str, Bot] = {
            "web": Bot("1:web", session=RefusingSession()),
            "telegram": Bot("42:TEST", session=RefusingSession()),
            "phone": Bot("1:phone", session=RefusingSession()),
        }
        self.worker = InboxWorker(
            storage, dispatcher, bots, Nursery(), owner="town", apology=lambda scene: people.apology(texts, scene)
        )

    async def resident(self, channel: str) -> Any:
        """Somebody new."""
        number = next(COUNTER)
        remote = FIRST_WEB_CHAT + number if channel == "web" else 7_000_000 + number
        chat_id = await self.storage.run(find_or_open, channel=channel, remote=remote)
        kind = WebResident if channel == "web" else TelegramResident
        return kind(self, remote, chat_id)

    async def works(self) -> None:
        """Until nothing waits; what Telegram would have been sent counts as delivered under our own ids."""
        await self.worker.work_off()
        await self.storage.run(_deliver_all)


def _deliver_all(tx: Any) -> None:
    """Stand in for Telegram taking every message: its id for one is ours."""
    from sqlalchemy import select

    from storage.tables import chats, deliveries, outbox

    telegram = outbox.c.chat_id.in_(select(chats.c.id).where(chats.c.channel != "phone"))
    for row in tx.all(select(outbox).where(outbox.c.state == "pending", telegram)):
        known = tx.scalar(select(deliveries.c.id).where(deliveries.c.message_id == row["message_id"]))
        if known is None:
            tx.insert(deliveries, chat_id=row["chat_id"], message_id=row["message_id"], remote=row["message_id"])
        tx.execute(outbox.update().where(outbox.c.id == row["id"]).values(state="sent"))


def packed(update: dict[str, Any]) -> str:
    return json.dumps(update, ensure_ascii=False)
