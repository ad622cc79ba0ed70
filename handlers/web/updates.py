"""What the chat page sends, as the updates a Telegram channel would bring: one dispatcher for both."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from storage import blobs, inbox
from storage.inbox import Arrival
from storage.tables import inbox as inbox_table
from storage.transaction import Tx
from storage.web_sessions import Visitor

CHANNEL = "web"
NAMES = {"zh": "居民", "en": "Resident"}


def text_arrival(visitor: Visitor, *, text: str, client_id: str, at: int) -> Arrival:
    """A plain message; ``at`` in unix seconds."""
    return _arrival(visitor, _message(visitor, at) | {"text": text}, words=text, client_id=client_id)


def press_arrival(visitor: Visitor, *, message_id: int, data: str, client_id: str, at: int) -> Arrival:
    """A pressed button; whether there is such a button is the handlers' to find out."""
    key = f"{visitor.remote}/press:{client_id}"
    press = {
        "id": key,
        "from": _sender(visitor),
        "chat_instance": CHANNEL,
        "message": _message(visitor, at) | {"message_id": message_id},
        "data": data,
    }
    return Arrival(channel=CHANNEL, key=key, remote=visitor.remote, payload=_packed(callback_query=press))


def take_in_file(
    tx: Tx,
    visitor: Visitor,
    *,
    kind: str,
    mime: str,
    name: str,
    content: bytes,
    shape: Mapping[str, int],
    caption: str,
    client_id: str,
    at: int,
) -> int | None:
    """Keep an attachment and take in the message it makes; the message's id. The same ``client_id`` twice is one."""
    known = tx.scalar(_KNOWN.where(inbox_table.c.update_key == _key(visitor, client_id)))
    if known is not None:
        return int(known)
    blob_id = blobs.store(tx, chat_id=visitor.chat_id, kind=kind, mime=mime, name=name, content=content)
    described = {"file_id": f"blob:{blob_id}", "file_unique_id": f"blob{blob_id}", "file_size": len(content)}
    message = _message(visitor, at) | _part(kind, described | dict(shape), mime=mime, name=name)
    if caption:
        message["caption"] = caption
    shown = {"blob": blob_id, "kind": kind, "mime": mime, "name": name, "size": len(content), **shape}
    return inbox.take_in(tx, [_arrival(visitor, message, words=caption, client_id=client_id, attachments=(shown,))])[0]


def _part(kind: str, described: dict[str, Any], *, mime: str, name: str) -> dict[str, Any]:
    if kind == "photo":
        return {"photo": [described]}
    if kind == "voice":
        return {"voice": described | {"duration": 0, "mime_type": mime}}
    if kind == "video":
        return {"video": described | {"width": 0, "height": 0, "duration": 0, "mime_type": mime, "file_name": name}}
    return {"document": described | {"mime_type": mime, "file_name": name}}


def _arrival(
    visitor: Visitor,
    message: dict[str, Any],
    *,
    words: str,
    client_id: str,
    attachments: tuple[dict[str, object], ...] = (),
) -> Arrival:
    return Arrival(
        channel=CHANNEL,
        key=_key(visitor, client_id),
        remote=visitor.remote,
        payload=_packed(message=message),
        words=words,
        attachments=attachments,
    )


def _key(visitor: Visitor, client_id: str) -> str:
    return f"{visitor.remote}:{client_id}"


def _message(visitor: Visitor, at: int) -> dict[str, Any]:
    chat = {"id": visitor.remote, "type": "private"}
    return {"message_id": 1, "date": at, "chat": chat, "from": _sender(visitor)}


def _sender(visitor: Visitor) -> dict[str, Any]:
    name = NAMES.get(visitor.language, NAMES["zh"])
    return {"id": visitor.remote, "is_bot": False, "first_name": name, "language_code": visitor.language}


def _packed(**update: object) -> str:
    return json.dumps(update, separators=(",", ":"))


_KNOWN = select(inbox_table.c.message_id).where(inbox_table.c.channel == CHANNEL)
