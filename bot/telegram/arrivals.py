"""Raw updates as arrivals, before anybody tries to understand them: whatever shape they have, none is refused.

Only what intake needs is read: whose chat, what people will see of it, and which files to fetch. Never raises.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from storage.inbox import Arrival

CHANNEL = "telegram"
FILES = ("voice", "audio", "video", "video_note", "animation", "document")
"""In this order, and of each message the first: an animation comes as a document too, for old apps."""
MIMES = {"photo": "image/jpeg", "voice": "audio/ogg"}
SHOWN = {"sticker": "[sticker]", "contact": "[contact]", "poll": "[poll]", "dice": "[dice]"}
"""What staff see of a message that has neither words nor a file."""
MAP = "https://uri.amap.com/marker?position={}&coordinate=wgs84"
"""A map that opens on any phone here; longitude first."""
A_DAY = 24 * 3600
LONGEST_KEY = 180
LONGEST_NAME = 200
LARGEST_SIZE = 2**31 - 1
"""Telegram's largest files are larger; none of those can be fetched, and their size does not matter."""


def arrival_of(raw: Mapping[str, Any], *, bot_id: int = 0) -> Arrival:
    """The arrival of one update of ``getUpdates`` or the webhook. Update ids are each bot's own: ``bot_id`` is part of
    the key, so that a new bot's first updates are not taken for an old one's."""
    message = _dict(raw.get("message"))
    remote, kind = _chat(raw)
    key = _storable(f"{bot_id}:{raw.get('update_id')}")[:LONGEST_KEY]
    payload = json.dumps(raw, ensure_ascii=True)
    if not message:
        return Arrival(channel=CHANNEL, key=key, remote=remote, kind=kind, payload=payload)
    number = message.get("message_id")
    return Arrival(
        channel=CHANNEL,
        key=key,
        remote=remote,
        kind=kind,
        payload=payload,
        words=_words(message),
        attachments=_attachments(message),
        remote_message=number if _whole(number) else None,
        answers=_answered(message),
    )


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63


def _chat(raw: Mapping[str, Any]) -> tuple[int, str]:
    """The chat an update belongs to; else its sender's own; else none, which is chat 0."""
    for part in (_dict(value) for value in raw.values()):
        chat = _dict(part.get("chat")) or _dict(_dict(part.get("message")).get("chat"))
        if _whole(chat.get("id")):
            return chat["id"], "private" if chat.get("type") == "private" else "group"
    for part in (_dict(value) for value in raw.values()):
        sender = _dict(part.get("from")) or _dict(part.get("user"))
        if _whole(sender.get("id")):
            return sender["id"], "private"
    return 0, "private"


def _words(message: Mapping[str, Any]) -> str:
    for name in ("text", "caption"):
        if isinstance(message.get(name), str):
            return _storable(message[name])
    if (place := _place(_dict(message.get("location")), _dict(message.get("venue")))) is not None:
        return place
    return next((shown for name, shown in SHOWN.items() if name in message), "")


def _place(point: Mapping[str, Any], venue: Mapping[str, Any]) -> str | None:
    """Where somebody stands, with a map for whoever must find them; the name of the place where it has one."""
    there = point or _dict(venue.get("location"))
    found = [there.get(name) for name in ("latitude", "longitude")]
    if not all(isinstance(one, int | float) and abs(one) <= 180 for one in found):
        return "[location]" if there else None
    latitude, longitude = (f"{one:.5f}" for one in found)
    named = [_storable(str(venue[name])) for name in ("title", "address") if isinstance(venue.get(name), str)]
    return "\n".join([" ".join(["📍", *named, f"{latitude},{longitude}"]), MAP.format(f"{longitude},{latitude}")])


def _answered(message: Mapping[str, Any]) -> int | None:
    """The channel's id of what it replies to; the beginning of a topic, which everything there answers, is nothing."""
    reply = _dict(message.get("reply_to_message"))
    number = reply.get("message_id")
    return number if _whole(number) and "forum_topic_created" not in reply else None


def _storable(text: str) -> str:
    """Without what no database keeps: NUL and halves of a surrogate pair."""
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _attachments(message: Mapping[str, Any]) -> list[dict[str, object]]:
    photos = message.get("photo")
    if isinstance(photos, list) and photos:
        found = [("photo", photos[-1])]
    else:
        found = [(name, message[name]) for name in FILES if name in message][:1]
    return [made for kind, part in found if (made := _attachment(kind, _dict(part)))]


def _attachment(kind: str, part: Mapping[str, Any]) -> dict[str, object]:
    if not isinstance(part.get("file_id"), str):
        return {}
    size, mime = part.get("file_size"), part.get("mime_type")
    name, seconds = part.get("file_name"), part.get("duration")
    length = {"seconds": seconds} if isinstance(seconds, int) and 0 < seconds < A_DAY else {}
    return {
        **length,
        "kind": kind,
        "mime": _storable(mime)[:LONGEST_NAME] if isinstance(mime, str) else MIMES.get(kind, ""),
        "name": _storable(name)[:LONGEST_NAME] if isinstance(name, str) and name else None,
        "size": min(max(size, 0), LARGEST_SIZE) if isinstance(size, int) else 0,
        "remote_file": _storable(part["file_id"]),
    }
