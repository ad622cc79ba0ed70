"""Looks now and then how each staff group is and what we may do there, and at once when somebody changed one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNotFound,
)
from aiogram.methods import TelegramMethod
from aiogram.types import BotCommand, BotCommandScopeChat

from handlers.staff import group_setting
from handlers.texts.catalogue import load_catalogue
from knowledge.group_standing import Standing
from knowledge.group_talk import COMMANDS
from storage import group_home, sending, topic_healing
from storage.engine import Storage
from storage.transaction import Tx

log = structlog.get_logger()
EVERY = 300.0


@dataclass(frozen=True, slots=True)
class Found(Standing):
    """What Telegram says: how we stand there, what it is called, which kind of chat it is."""

    title: str = ""
    kind: str = ""


class GetRawChat(TelegramMethod[dict[str, Any]]):
    """``getChat`` whose answer stays as it came: it has grown a required field with nearly every version."""

    __returning__ = dict[str, Any]
    __api_method__ = "getChat"

    chat_id: int


class GetRawMember(TelegramMethod[dict[str, Any]]):
    """``getChatMember``, likewise."""

    __returning__ = dict[str, Any]
    __api_method__ = "getChatMember"

    chat_id: int
    user_id: int


async def ask(bot: Bot, remote: int) -> Found:
    """How the group stands; raises what the Bot API raises, but being shut out is an answer.

    A right of which nothing is said is tried: a topic that cannot be made heals to a plain message.
    """
    try:
        chat, me = await bot(GetRawChat(chat_id=remote)), await _ourselves(bot, remote)
    except TelegramForbiddenError:
        return Found(inside=False)
    except TelegramBadRequest as error:
        if "chat not found" not in error.message.lower():
            raise
        return Found(inside=False)
    status = me.get("status", "administrator")
    mute = status == "restricted" and not (me.get("is_member") and me.get("can_send_messages"))
    admin = status == "administrator"
    return Found(
        inside=status not in ("left", "kicked") and not mute,
        forum=bool(chat.get("is_forum")),
        admin=admin or status == "creator",
        may_topics=admin and me.get("can_manage_topics") is not False,
        may_delete=admin and me.get("can_delete_messages") is not False,
        title=str(chat.get("title") or ""),
        kind=str(chat.get("type") or ""),
    )


async def _ourselves(bot: Bot, remote: int) -> dict[str, Any]:
    """What we are there; nothing where the server does not know that question."""
    try:
        return await bot(GetRawMember(chat_id=remote, user_id=bot.id))
    except TelegramNotFound:
        return {}


class GroupWatch:
    def __init__(self, storage: Storage, bot: Bot) -> None:
        self._storage, self._bot = storage, bot
        self._offered: set[int] = set()
        self._stopping = False

    def stop(self) -> None:
        self._stopping = True
        self._storage.signals.wake([group_home.WATCH])

    async def run(self) -> None:
        waiter = self._storage.signals.waiter(group_home.WATCH)
        try:
            while not self._stopping:
                await self.look()
                await waiter.wait(EVERY)
        finally:
            waiter.close()

    async def look(self) -> None:
        """At each group for itself: one that Telegram says nothing of holds up no other."""
        for group in await self._storage.read(group_home.watched):
            await self._look_at(int(group["id"]), int(group["remote"]))

    async def _look_at(self, chat_id: int, remote: int) -> None:
        """Ask, and keep the answer; while Telegram cannot be reached everything stays as it was known."""
        try:
            found = await ask(self._bot, remote)
        except TelegramMigrateToChat as error:
            await self._storage.run(sending.moved, chat_id, to=int(error.migrate_to_chat_id))
            return
        except (TelegramAPIError, ClientDecodeError, OSError) as error:
            log.info("a staff group was not looked at", error=type(error).__name__)
            return
        await self._storage.run(_noted, chat_id, found)
        if found.inside and remote not in self._offered:
            await self._offer_commands(remote)

    async def _offer_commands(self, remote: int) -> None:
        """What is typed in this group, instead of what residents type; tried again at the next look."""
        try:
            await self._bot.set_my_commands(group_commands(), scope=BotCommandScopeChat(chat_id=remote))
        except (TelegramAPIError, ClientDecodeError, OSError) as error:
            log.info("a staff group's commands were not offered", error=type(error).__name__)
        else:
            self._offered.add(remote)


def _noted(tx: Tx, chat_id: int, found: Found) -> None:
    topic_healing.stands(tx, chat_id, found, title=found.title)
    group_setting.tell(tx, chat_id)


def group_commands() -> list[BotCommand]:
    """One of each, by its Latin name, which is all Telegram takes; in both languages, for a group has no language."""
    words, other = load_catalogue()["zh"], load_catalogue()["en"]
    keys = [f"group_menu.{name}" for name in COMMANDS if f"group_menu.{name}" in words.words]
    return [BotCommand(command=key.partition(".")[2], description=f"{words(key)} / {other(key)}") for key in keys]
