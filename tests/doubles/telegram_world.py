"""What Telegram knows: chats and what stands in them, updates on their way to the bot, pressed buttons, files."""

from __future__ import annotations

import asyncio
import copy
import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.doubles.bot_api_rules import Refused, refuse

Raw = dict[str, Any]
BY_DEFAULT_LEFT_OUT = ("chat_member", "message_reaction", "message_reaction_count")


class Pulse:
    """Lets somebody wait for something that will become true."""

    def __init__(self) -> None:
        self._next = asyncio.Event()

    def beat(self) -> None:
        self._next.set()
        self._next = asyncio.Event()

    async def until(self, true: Callable[[], Any], within: float) -> bool:
        """True as soon as ``true()`` is, False when ``within`` seconds were not enough."""
        end = time.monotonic() + within
        while not true():
            try:
                await asyncio.wait_for(self._next.wait(), max(0.0, end - time.monotonic()))
            except TimeoutError:
                return bool(true())
        return True


@dataclass
class Chat:
    """One chat; ``closed`` says, in Telegram's words, why the bot cannot write here (None: it can)."""

    about: Raw
    messages: dict[int, Raw] = field(default_factory=dict)
    closed: Refused | None = None
    numbers: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def id(self) -> int:
        return int(self.about["id"])

    def put(self, sender: Raw, **content: Any) -> Raw:
        """A new message of somebody's, as Telegram would show it."""
        number = next(self.numbers)
        self.messages[number] = {
            "message_id": number,
            "date": int(time.time()),
            "chat": self.about,
            "from": sender,
            **content,
        }
        return self.messages[number]


@dataclass
class Query:
    """A pressed button the bot may answer for a short while, once."""

    id: str
    chat_id: int
    fresh: bool = True
    answers: list[str] = field(default_factory=list)


@dataclass
class StoredFile:
    content: bytes
    path: str
    too_big: bool = False


class World:
    """The state behind the Bot API of one bot."""

    def __init__(self, bot_id: int) -> None:
        self.me: Raw = {"id": bot_id, "is_bot": True, "first_name": "连心", "username": "lianxin_test_bot"}
        self.pulse = Pulse()
        self.chats: dict[int, Chat] = {}
        self.updates: list[Raw] = []
        self.queries: dict[str, Query] = {}
        self.files: dict[str, StoredFile] = {}
        self.commands: list[Raw] = []
        self.commands_in: dict[int, list[Raw]] = {}
        self.allowed: list[str] = []
        self.now: Callable[[], float] = time.time
        """Seconds; a test may have them stand still."""
        self._numbers = itertools.count(700_001)

    def chat(self, chat_id: int) -> Chat:
        """The chat the bot wants to write to."""
        if chat_id not in self.chats:
            refuse("chat not found")
        found = self.chats[chat_id]
        if found.closed is not None:
            raise found.closed
        return found

    def message(self, chat_id: int, number: int | None) -> Raw:
        """One of the bot's own messages, to be edited."""
        found = self.chat(chat_id).messages.get(number or 0)
        if found is None:
            refuse("message to edit not found")
        if found["from"]["id"] != self.me["id"]:
            refuse("message can't be edited")
        return found

    def happened(self, kind: str, content: Any, *, number: int | None = None) -> Raw | None:
        """Something the bot is told about, unless it does not want to know; as it was told."""
        wanted = kind in self.allowed if self.allowed else kind not in BY_DEFAULT_LEFT_OUT
        return self.injected({kind: content}, number=number) if wanted else None

    def injected(self, update: Raw, *, number: int | None = None) -> Raw:
        """An update of any shape, whatever was asked for."""
        told = {"update_id": number or next(self._numbers), **copy.deepcopy(update)}
        self.updates.append(told)
        self.pulse.beat()
        return told

    def renumber(self, first: int) -> None:
        """After a quiet week Telegram may begin its update ids anew, anywhere."""
        self._numbers = itertools.count(first)

    def confirm(self, offset: int) -> None:
        """Everything before ``offset`` is forgotten; a negative one leaves that many."""
        if offset < 0:
            self.updates = self.updates[offset:]
        else:
            self.updates = [update for update in self.updates if update["update_id"] >= offset]

    def keep_file(self, content: bytes, *, folder: str, too_big: bool = False) -> Raw:
        number = len(self.files) + 1
        file_id = f"AgACAgUAAxkBAAI{number}_-{folder}"
        self.files[file_id] = StoredFile(content, f"{folder}/file_{number}.bin", too_big)
        return {"file_id": file_id, "file_unique_id": f"AQAD{number}", "file_size": len(content)}
