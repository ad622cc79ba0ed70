"""The staff group in a story: colleagues who write and press in a ticket's topic, from telephones of their own."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from bot.telegram.arrivals import arrival_of
from handlers.outcome import plain
from handlers.staff.cards import card_buttons
from storage import inbox, messages, staff_telegram, topics
from storage.chats import find_or_open
from storage.messages import Message
from storage.tables import messages as message_table
from storage.tables import tickets
from storage.tables import topics as topic_table
from storage.transaction import Tx
from tests.desk_service import Desk
from tests.scenarios.office import GROUP
from tests.town import COUNTER, TelegramResident, Town

CHAT = {"id": GROUP, "type": "supergroup", "title": "工作群", "is_forum": True}
BOT = {"id": 42, "is_bot": True, "first_name": "连心"}


async def connected(town: Town, desk: Desk) -> Colleague:
    """The colleague's telephone, linked to their account, and in the group."""
    phone = await town.resident("telegram")
    code = await town.storage.run(staff_telegram.make_code, desk.staff_id)
    await phone.says(f"/start {code}")
    assert "接上了" in "".join(await phone.presses("是我，接上"))
    group = await town.storage.run(find_or_open, channel="telegram", remote=GROUP, kind="staff")
    found = Colleague(town, phone.remote, phone.chat_id, group)
    await found.hears()
    return found


async def topic_for(town: Town, number: str) -> Topic:
    """The ticket's topic with its card, as Telegram has made them."""
    topic_id, thread = await town.storage.run(_opened, number)
    await town.works()
    return Topic(town, number, topic_id, thread)


def _opened(tx: Tx, number: str) -> tuple[int, int]:
    row = tx.first(select(tickets).where(tickets.c.number == number))
    assert row is not None
    topic = topics.topic_of(tx, int(row["id"]))
    assert topic is not None, "it never goes to the group"
    thread = 9_000 + topic.id
    tx.execute(topic_table.update().where(topic_table.c.id == topic.id).values(thread=thread))
    topics.write_card(tx, topic, f"工单 {number}", buttons=plain(card_buttons(row)))
    return topic.id, thread


class Topic:
    def __init__(self, town: Town, number: str, topic_id: int, thread: int) -> None:
        self.town, self.number, self.id, self.thread = town, number, topic_id, thread

    async def said(self) -> list[Message]:
        """What we said there, as it reads now."""
        chat_id = await self.town.storage.run(find_or_open, channel="telegram", remote=GROUP, kind="staff")
        all_of_it = await self.town.storage.read(messages.latest, chat_id=chat_id, limit=200)
        there = await self.town.storage.read(_of_topic, self.id)
        return [one for one in all_of_it if one.id in there and one.sender == "bot"]

    async def reads(self) -> str:
        return "\n".join(one.text for one in await self.said())


def _of_topic(tx: Tx, topic_id: int) -> set[int]:
    return {int(key) for (key,) in tx.tuples(select(message_table.c.id).where(message_table.c.topic_id == topic_id))}


class Colleague(TelegramResident):
    """Their own chat, as any resident's; and what they do in the group."""

    def __init__(self, town: Town, remote: int, chat_id: int, group: int) -> None:
        super().__init__(town, remote, chat_id)
        self.group = group

    def in_topic(self, topic: Topic | None, **content: Any) -> dict[str, Any]:
        update = self.raw(**content)
        there: dict[str, Any] = {"chat": CHAT}
        if topic is not None:
            there |= {"message_thread_id": topic.thread, "is_topic_message": True}
        update["message"] |= there
        return update

    async def writes(self, topic: Topic | None, text: str = "", **content: Any) -> int:
        """Say it there; Telegram's id of it."""
        update = self.in_topic(topic, **({"text": text} if text else {}), **content)
        await self.town.storage.run(inbox.take_in, [arrival_of(update)])
        await self.town.works()
        return int(update["message"]["message_id"])

    async def edits(self, topic: Topic, number: int, text: str) -> None:
        update = self.in_topic(topic, text=text)
        message = update.pop("message") | {"message_id": number, "edit_date": 1_790_000_100}
        await self.town.storage.run(inbox.take_in, [arrival_of(update | {"edited_message": message})])
        await self.town.works()

    async def taps(self, topic: Topic, words: str) -> None:
        """Press the newest button in the topic that says this."""
        offered = [(one, button) for one in await topic.said() for row in one.buttons or () for button in row]
        found = [(one, button["data"]) for one, button in offered if button["text"].startswith(words)]
        assert found, f"no button says {words!r}; there are {[button['text'] for _, button in offered]}"
        await self.taps_data(*found[-1])

    async def taps_data(self, message: Message, data: str) -> None:
        update = self.press_update(message, data)
        update["callback_query"]["message"] |= {"chat": CHAT, "from": BOT}
        await self.town.storage.run(inbox.take_in, [arrival_of(update)])
        await self.town.works()

    def press_update(self, message: Message, data: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.press(message, data).payload)
        found["update_id"] = next(COUNTER)
        return found

    def replying(self, message: Message) -> dict[str, Any]:
        shown = {"message_id": message.id, "date": 1_790_000_000, "chat": CHAT, "from": BOT, "text": message.text}
        return {"reply_to_message": shown}

    async def replies_to(self, message: Message, text: str) -> list[str]:
        """In their own chat."""
        update = self.raw(text=text)
        chat = update["message"]["chat"]
        update["message"] |= {"reply_to_message": self.replying(message)["reply_to_message"] | {"chat": chat}}
        return await self.sends(arrival_of(update))
