"""People with Telegram on their phones: they say, send, edit, press, block - and see what the bot made of their chat."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from tests.doubles.bot_api_rules import Refused
from tests.doubles.telegram_world import Chat, Query, Raw
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from tests.doubles.bot_api import BotApi

BLOCKED = "Forbidden: bot was blocked by the user"


class Person:
    def __init__(self, api: BotApi, about: Raw, chat_id: int) -> None:
        self.api, self.about, self.chat_id = api, about, chat_id

    @property
    def chat(self) -> Chat:
        return self.api.world.chats[self.chat_id]

    # --- what they do --------------------------------------------------------------------------------------------
    async def says(self, text: str) -> int:
        """Say something; Telegram's id of it."""
        return await self.sends(text=text)

    async def sends(self, **content: Any) -> int:
        """Send a message with any content the Bot API knows."""
        said = self.chat.put(self.about, **content)
        await self._tell("message", said)
        return int(said["message_id"])

    async def sends_photo(self, content: bytes, **more: Any) -> int:
        """In two sizes, the larger last, as Telegram does it."""
        small = self.api.world.keep_file(b"thumbnail", folder="photos") | {"width": 90, "height": 60}
        large = self.api.world.keep_file(content, folder="photos") | {"width": 1280, "height": 960}
        return await self.sends(photo=[small, large], **more)

    async def sends_voice(self, content: bytes) -> int:
        stored = self.api.world.keep_file(content, folder="voice")
        return await self.sends(voice=stored | {"duration": 4, "mime_type": "audio/ogg"})

    async def sends_document(self, content: bytes, *, name: str, too_big: bool = False, **more: Any) -> int:
        stored = self.api.world.keep_file(content, folder="documents", too_big=too_big)
        return await self.sends(document=stored | {"file_name": name, "mime_type": "application/pdf"}, **more)

    async def sends_animation(self, content: bytes) -> int:
        """A GIF: Telegram shows it as an animation and, for old clients, as a document too."""
        stored = self.api.world.keep_file(content, folder="animations") | {"mime_type": "video/mp4"}
        animation = stored | {"width": 320, "height": 240, "duration": 2}
        return await self.sends(animation=animation, document=stored)

    async def sends_sticker(self) -> int:
        stored = self.api.world.keep_file(b"RIFF", folder="stickers")
        flags = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
        return await self.sends(sticker=stored | flags | {"emoji": "👍"})

    async def edits(self, number: int, text: str) -> None:
        """Change what they had said, or what stood under a picture."""
        message = self.chat.messages[number]
        message.update({"text" if "text" in message else "caption": text}, edit_date=message["date"] + 1)
        await self._tell("edited_message", message)

    async def presses(self, words: str, *, times: int = 1, stale: bool = False) -> list[Query]:
        """Press the newest button that says this; ``stale``: Telegram will not take an answer to it any more."""
        message, button = self._button(words)
        return [await self._press(message, button, stale) for _ in range(times)]

    async def _press(self, message: Raw, button: Raw, stale: bool) -> Query:
        queries = self.api.world.queries
        query = Query(f"{self.chat_id}{len(queries) + 1:06d}", self.chat_id, fresh=not stale)
        queries[query.id] = query
        shown = copy.deepcopy(message)
        pressed = {"id": query.id, "from": self.about, "chat_instance": "1", "message": shown}
        await self._tell("callback_query", pressed | {"data": button["callback_data"]})
        return query

    async def blocks(self) -> None:
        """Block the bot; it is told, unless it does not want to know."""
        self.chat.closed = Refused(403, BLOCKED)
        await self._membership("member", "kicked")

    async def unblocks(self) -> None:
        self.chat.closed = None
        await self._membership("kicked", "member")

    async def _membership(self, before: str, after: str) -> None:
        bot = self.api.world.me
        states = {
            "member": {"user": bot, "status": "member"},
            "kicked": {"user": bot, "status": "kicked", "until_date": 0},
        }
        changed = {"chat": self.chat.about, "from": self.about, "date": 1_764_000_000}
        await self._tell(
            "my_chat_member", changed | {"old_chat_member": states[before], "new_chat_member": states[after]}
        )

    async def _tell(self, kind: str, content: Raw) -> None:
        self.api.world.happened(kind, content)
        await self.api.pushes()

    # --- what they see -------------------------------------------------------------------------------------------
    def shown(self) -> list[Raw]:
        """The bot's messages that stand in the chat now."""
        return [message for message in self.chat.messages.values() if message["from"]["is_bot"]]

    def sees(self) -> list[str]:
        """Their words."""
        return [message.get("text") or message.get("caption") or "" for message in self.shown()]

    def buttons(self) -> list[str]:
        return [button["text"] for message in self.shown() for button in _buttons(message)]

    def _button(self, words: str) -> tuple[Raw, Raw]:
        offered = [(message, button) for message in self.shown() for button in _buttons(message)]
        found = [(message, button) for message, button in offered if button["text"] == words]
        assert found, f"no button says {words!r}; there are {self.buttons()}"
        return found[-1]

    async def hears(self, words: str, *, times: int = 1, within: float = PATIENCE) -> str:
        """Wait until the bot has said this (``times`` messages with it); the last of them, whole."""
        heard = await self.api.world.pulse.until(lambda: len(self.heard(words)) >= times, within)
        assert heard, f"{words!r} was not heard {times} times; the chat says {self.sees()}"
        return self.heard(words)[-1]

    def heard(self, words: str) -> list[str]:
        """Which of the bot's messages say this."""
        return [text for text in self.sees() if words in text]


def _buttons(message: Raw) -> list[Raw]:
    markup = message.get("reply_markup", {"inline_keyboard": []})
    return [button for row in markup["inline_keyboard"] for button in row]
