"""Intake understands as little as it must: no shape an update can have is refused, and none is changed."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as some

from bot.telegram.arrivals import LARGEST_SIZE, LONGEST_KEY, arrival_of

NAMES = ["message", "callback_query", "chat", "id", "type", "text", "caption", "photo", "document", "file_id", "from"]
NAMES += [
    "update_id",
    "message_id",
    "file_size",
    "mime_type",
    "file_name",
    "voice",
    "user",
    "my_chat_member",
    "sticker",
]
ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.sampled_from(NAMES), inner, max_size=5),
    max_leaves=20,
)
UPDATES = some.dictionaries(some.sampled_from(NAMES), ANYTHING, max_size=6)


@given(UPDATES)
@example({"update_id": "\ud800\0", "message": {"chat": {"id": 2**63}, "text": "\ud83d\0"}})
@example({"message": {"photo": [], "document": {"file_id": "x", "file_size": 2**40, "mime_type": "\0"}}})
def test_any_update_is_an_arrival_both_databases_can_store(raw: dict[str, Any]) -> None:
    arrival = arrival_of(raw, bot_id=42)
    assert json.loads(arrival.payload) == raw
    assert 0 < len(arrival.key) <= LONGEST_KEY
    assert abs(arrival.remote) < 2**63
    stored = [arrival.key, arrival.words or "", arrival.payload]
    for part in arrival.attachments:
        stored += [str(part[name] or "") for name in ("kind", "mime", "name", "remote_file")]
        assert 0 <= int(str(part["size"])) <= LARGEST_SIZE
    for text in stored:
        assert "\0" not in text.encode().decode()


def test_each_bots_updates_are_its_own() -> None:
    assert arrival_of({"update_id": 1}, bot_id=1).key != arrival_of({"update_id": 1}, bot_id=2).key
