"""What Telegram accepts in a request, and its own words for refusing it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn
from urllib.parse import urlsplit

LONGEST_TEXT, LONGEST_CAPTION, LONGEST_ANSWER = 4096, 1024, 200
"""UTF-16 units."""
LONGEST_DATA = 64
"""Bytes of ``callback_data``."""
MOST_BUTTONS = 100
ACTIONS = ("callback_data", "url", "web_app", "copy_text")
UNCHANGED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a current content "
    "and reply markup of the message"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
HOOK_ACTIVE = "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
OTHER_POLLER = "terminated by other getUpdates request; make sure that only one bot instance is running"


class Refused(Exception):
    """An answer with ``ok: false``; ``parameters`` as in Telegram's ResponseParameters."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code, self.description, self.parameters = code, description, parameters


def refuse(words: str) -> NoReturn:
    raise Refused(400, f"Bad Request: {words}")


class Given:
    """The parameters of one call. Whatever nobody has asked for at the end is one our code invented."""

    def __init__(self, method: str, raw: Mapping[str, Any]) -> None:
        self.method = method
        self._raw = dict(raw)
        self.unread = set(raw)

    def get(self, name: str) -> Any:
        self.unread.discard(name)
        return self._raw.get(name)

    def words(self, name: str) -> str:
        return str(self.get(name) or "")

    def whole(self, name: str) -> int | None:
        given = self.get(name)
        if given is None:
            return None
        try:
            return int(given)
        except ValueError:
            refuse(f'"{name}" must be an integer')

    def chat(self) -> int:
        chat_id = self.whole("chat_id")
        if chat_id is None:
            refuse("chat_id is empty")
        return chat_id

    def json(self, name: str) -> Any:
        given = self.get(name)
        try:
            return None if given is None else json.loads(given)
        except ValueError:
            refuse(f"can't parse {name} JSON object")

    def yes(self, name: str) -> bool:
        return self.words(name).lower() in ("true", "1")

    def file(self, name: str) -> Any:
        """An uploaded part: named ``attach://…`` in the parameter, as every Bot API library does it."""
        given = self.words(name)
        return self.get(given.removeprefix("attach://")) if given.startswith("attach://") else given


def units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def message_text(given: Given, *, too_long: str = "message is too long") -> str:
    """The words of a message as they will stand there."""
    if given.get("parse_mode") is not None:
        raise AssertionError("our code sends plain text; marked-up text needs a double that understands it")
    given.json("link_preview_options")
    text = given.words("text")
    if not text:
        refuse("message text is empty")
    if not text.strip():
        refuse("text must be non-empty")
    if units(text) > LONGEST_TEXT:
        refuse(too_long)
    return text.strip()


def caption(given: Given) -> str:
    text = given.words("caption").strip()
    if units(text) > LONGEST_CAPTION:
        refuse("message caption is too long")
    return text


def keyboard(given: Given) -> dict[str, Any] | None:
    """The inline keyboard, checked button by button."""
    markup = given.json("reply_markup")
    if markup is None:
        return None
    if not isinstance(markup, dict):
        refuse("object expected as reply markup")
    rows = markup.get("inline_keyboard")
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        refuse('field "inline_keyboard" of the InlineKeyboardMarkup should be an Array of Arrays')
    if sum(map(len, rows)) > MOST_BUTTONS:
        refuse("reply markup is too long")
    for row in rows:
        for button in row:
            _button(button)
    rows = [row for row in rows if row]
    return {"inline_keyboard": rows} if rows else None


def _button(button: dict[str, Any]) -> None:
    trouble = "can't parse inline keyboard button"
    if not isinstance(button.get("text"), str) or not button["text"].strip():
        refuse(f'{trouble}: field "text" must be of type String')
    chosen = [name for name in ACTIONS if button.get(name)]
    if len(chosen) != 1 or set(button) - {"text", *ACTIONS}:
        refuse(f"{trouble}: text buttons are unallowed in the inline keyboard")
    if chosen == ["callback_data"] and len(button["callback_data"].encode()) > LONGEST_DATA:
        refuse("BUTTON_DATA_INVALID")
    if chosen == ["url"]:
        _link(button["url"])


def _link(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https", "tg") or "." not in (parts.hostname or ""):
        refuse(f"inline keyboard button URL '{address}' is invalid: Wrong HTTP URL")
