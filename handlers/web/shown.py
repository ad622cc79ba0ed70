"""A message as the chat page gets it, the same in the list and in the event stream."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from storage.messages import Message


class Button(BaseModel):
    """``data`` goes back in a press; a ``tel:`` or ``https:`` address is a link to follow instead."""

    text: str
    data: str


class Attachment(BaseModel):
    """``url`` is absent for what has no file (a location, a contact) or has not arrived yet."""

    kind: str
    url: str | None = None
    name: str | None = None
    mime: str | None = None
    size: int | None = None
    width: int | None = None
    height: int | None = None


class Shown(BaseModel):
    """``seq`` grows within a chat, and an edit takes a new one; ``client_id`` is there for what this page sent, ``answers``
    names the message of this chat that it replies to."""

    model_config = ConfigDict(populate_by_name=True)

    id: int
    seq: int
    sender: Literal["bot", "resident", "staff"] = Field(alias="from")
    text: str
    buttons: list[list[Button]]
    edited: bool
    at: datetime
    attachments: list[Attachment]
    client_id: str | None = None
    answers: int | None = None


def shown(message: Message) -> Shown:
    key = message.client_key
    return Shown.model_validate(
        {
            "id": message.id,
            "seq": message.seq,
            "from": message.sender,
            "text": message.text,
            "buttons": message.buttons or [],
            "edited": message.edited_at is not None,
            "at": message.at,
            "attachments": [_attachment(part) for part in message.attachments or ()],
            "answers": message.reply_to_id,
            "client_id": key.partition(":")[2] if key else None,
        }
    )


def _attachment(part: dict[str, Any]) -> dict[str, Any]:
    blob = part.get("blob")
    url = f"/api/chat/blobs/{blob}" if blob is not None else None
    return {name: part.get(name) for name in Attachment.model_fields if name != "url"} | {"url": url}
