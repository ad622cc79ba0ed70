"""The Bot API's methods, as far as our code calls them; each as strict as Telegram, none kinder."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from tests.doubles.bot_api_groups import GroupMethods
from tests.doubles.bot_api_rules import (
    HOOK_ACTIVE,
    LONGEST_ANSWER,
    OTHER_POLLER,
    QUERY_TOO_OLD,
    UNCHANGED,
    Given,
    Refused,
    caption,
    keyboard,
    message_text,
    refuse,
    units,
)
from tests.doubles.telegram_world import Raw, World


class Methods:
    """``call`` does what a request asks; raises Refused as Telegram would refuse it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.hook: Raw = {"url": ""}
        self._pollers = 0
        self.closing = False
        self.groups = GroupMethods(world)
        self._by_name: dict[str, Callable[[Given], Any]] = self.groups.by_name() | {
            "getMe": lambda given: self.world.me,
            "setMyCommands": self._set_commands,
            "sendMessage": self._send_message,
            "sendPhoto": self._send_file("photo"),
            "sendVoice": self._send_file("voice"),
            "sendVideo": self._send_file("video"),
            "sendAudio": self._send_file("audio"),
            "sendAnimation": self._send_file("animation"),
            "sendDocument": self._send_file("document"),
            "editMessageText": self._edit_text,
            "editMessageCaption": self._edit_caption,
            "editMessageReplyMarkup": self._edit_keyboard,
            "deleteMessage": self._delete,
            "answerCallbackQuery": self._answer,
            "getFile": self._get_file,
            "setWebhook": self._set_hook,
            "deleteWebhook": self._delete_hook,
            "getWebhookInfo": self._hook_info,
        }

    async def call(self, given: Given) -> Any:
        if given.method == "getUpdates":
            return await self._get_updates(given)
        if given.method not in self._by_name:
            raise Refused(404, "Not Found: method not found")
        result = self._by_name[given.method](given)
        self.world.pulse.beat()
        return copy.deepcopy(result)

    async def _get_updates(self, given: Given) -> list[Raw]:
        offset, limit = given.whole("offset"), given.whole("limit") or 100
        timeout, wanted = given.whole("timeout") or 0, given.json("allowed_updates")
        if self.hook["url"]:
            raise Refused(409, f"Conflict: {HOOK_ACTIVE}")
        if wanted is not None:
            self.world.allowed = wanted
        if offset is not None:
            self.world.confirm(offset)
        return (await self._wait(timeout))[: min(limit, 100)]

    async def _wait(self, timeout: float) -> list[Raw]:
        """The long poll; a later one puts an end to this."""
        self._pollers += 1
        mine = self._pollers
        self.world.pulse.beat()
        await self.world.pulse.until(
            lambda: self.world.updates or self._pollers != mine or self.closing or self.hook["url"], timeout
        )
        if self._pollers != mine:
            raise Refused(409, f"Conflict: {OTHER_POLLER}")
        return copy.deepcopy(self.world.updates)

    def _set_commands(self, given: Given) -> bool:
        scope = given.json("scope") or {}
        if scope.get("type") == "chat":
            self.world.chat(int(scope["chat_id"]))
            self.world.commands_in[int(scope["chat_id"])] = given.json("commands")
        else:
            self.world.commands = given.json("commands")
        return True

    def _send_message(self, given: Given) -> Raw:
        self.world.chat(given.chat())
        text, markup = message_text(given), keyboard(given)
        return self.groups.put(given, text=text, **({"reply_markup": markup} if markup else {}))

    def _send_file(self, kind: str) -> Callable[[Given], Raw]:
        def send(given: Given) -> Raw:
            self.world.chat(given.chat())
            words, markup = caption(given), keyboard(given)
            part = given.file(kind)
            content = getattr(part, "content", b"")
            if not content:
                refuse("wrong file identifier/HTTP URL specified" if part else f"there is no {kind} in the request")
            stored = self.world.keep_file(content, folder=f"{kind}s") | {"file_name": part.name}
            size = {"width": 90, "height": 90}
            shown = [stored | size] if kind == "photo" else stored | size | {"duration": 1}
            extra = {"caption": words} if words else {}
            return self.groups.put(given, **{kind: shown}, **extra, **({"reply_markup": markup} if markup else {}))

        return send

    def _edit_text(self, given: Given) -> Raw:
        message = self.world.message(given.chat(), given.whole("message_id"))
        if "text" not in message:
            refuse("there is no text in the message to edit")
        return self._edited(given, message, message_text(given, too_long="MESSAGE_TOO_LONG"), "text")

    def _edit_caption(self, given: Given) -> Raw:
        message = self.world.message(given.chat(), given.whole("message_id"))
        if "text" in message:
            refuse("there is no caption in the message to edit")
        return self._edited(given, message, caption(given), "caption")

    def _edited(self, given: Given, message: Raw, words: str, kind: str) -> Raw:
        changed = _changed(message, words, keyboard(given), kind)
        self.groups.count(self.world.chat(given.chat()), given.method)
        return changed

    def _edit_keyboard(self, given: Given) -> Raw:
        message = self.world.message(given.chat(), given.whole("message_id"))
        return _changed(message, message["text"], keyboard(given))

    def _delete(self, given: Given) -> bool:
        chat, number = self.world.chat(given.chat()), given.whole("message_id")
        if number not in chat.messages:
            refuse("message to delete not found")
        del chat.messages[number]
        return True

    def _answer(self, given: Given) -> bool:
        query, text = self.world.queries.get(given.words("callback_query_id")), given.words("text")
        given.yes("show_alert")
        if query is None or not query.fresh or query.answers:
            refuse(QUERY_TOO_OLD)
        if units(text) > LONGEST_ANSWER:
            refuse("MESSAGE_TOO_LONG")
        query.answers.append(text)
        return True

    def _get_file(self, given: Given) -> Raw:
        file_id = given.words("file_id")
        stored = self.world.files.get(file_id)
        if stored is None:
            refuse("invalid file_id")
        if stored.too_big:
            refuse("file is too big")
        about = {"file_id": file_id, "file_unique_id": "AQAD", "file_size": len(stored.content)}
        return about | {"file_path": stored.path}

    def _set_hook(self, given: Given) -> bool:
        url, secret = given.words("url"), given.words("secret_token")
        if url and not url.startswith("https://"):
            refuse("bad webhook: An HTTPS URL must be provided for webhook")
        self.world.allowed = given.json("allowed_updates") or []
        self.hook = {"url": url, "secret": secret}
        self._drop(given)
        return True

    def _delete_hook(self, given: Given) -> bool:
        self.hook = {"url": ""}
        self._drop(given)
        return True

    def _drop(self, given: Given) -> None:
        if given.yes("drop_pending_updates"):
            self.world.updates.clear()

    def _hook_info(self, given: Given) -> Raw:
        shown = {name: value for name, value in self.hook.items() if name != "secret"}
        return shown | {"has_custom_certificate": False, "pending_update_count": len(self.world.updates)}


def _changed(message: Raw, text: str, markup: Raw | None, kind: str = "text") -> Raw:
    if (message.get(kind), message.get("reply_markup")) == (text, markup):
        refuse(UNCHANGED)
    message[kind] = text
    message.pop("reply_markup", None)
    if markup:
        message["reply_markup"] = markup
    message["edit_date"] = message["date"]
    return message
