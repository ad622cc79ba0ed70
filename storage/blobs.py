"""Attachments as rows: backup, deletion and several processes need nothing more.

A blob from the chat page is ``stored`` at once. One that a channel still holds is ``wanted``, is fetched outside any
transaction, then ``filled`` - or given up on, visibly.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select

from storage.tables import blobs
from storage.transaction import Tx

TOPIC = "blobs"
TRIES = 60
LONGEST_PAUSE = timedelta(hours=1)
"""Between two tries; together with ``TRIES`` two days, for as long may a network be down."""
SIZE_LIMIT = 20 * 1024 * 1024
"""Bytes; also what a Telegram bot can fetch."""


@dataclass(frozen=True, slots=True)
class Blob:
    """One attachment, with its content."""

    id: int
    chat_id: int | None
    kind: str
    mime: str
    name: str | None
    content: bytes


@dataclass(frozen=True, slots=True)
class Wanted:
    """An attachment the channel still holds under ``remote_file``."""

    id: int
    kind: str
    mime: str
    name: str | None
    remote_file: str


def store(tx: Tx, *, chat_id: int | None, kind: str, mime: str, content: bytes, name: str | None = None) -> int:
    """Keep an attachment; its id. Without a chat it is nobody’s but the case’s it is filed in."""
    return tx.insert(
        blobs,
        chat_id=chat_id,
        kind=kind,
        mime=mime,
        name=name,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        content=content,
        created_at=tx.now,
    )


def want(
    tx: Tx, *, chat_id: int, kind: str, mime: str, remote_file: str, name: str | None = None, size: int = 0
) -> int:
    """Note an attachment to be fetched from its channel; its id, at once."""
    values = {"chat_id": chat_id, "kind": kind, "mime": mime, "name": name, "size": size}
    tx.wake(TOPIC)
    return tx.insert(blobs, **values, state="wanted", remote_file=remote_file, created_at=tx.now)


def is_too_large(part: Mapping[str, Any]) -> bool:
    """An attachment, as a message has it, that will never come."""
    return int(part.get("size") or 0) > SIZE_LIMIT


def get(tx: Tx, blob_id: int, *, chat_id: int | None = None) -> Blob | None:
    """A stored attachment; with ``chat_id`` only if it belongs to that chat, and was not taken back there. None too while
    it is still wanted."""
    query = select(blobs.c.id, blobs.c.chat_id, blobs.c.kind, blobs.c.mime, blobs.c.name, blobs.c.content)
    query = query.where(blobs.c.id == blob_id, blobs.c.content.is_not(None))
    if chat_id is not None:
        query = query.where(blobs.c.chat_id == chat_id, blobs.c.taken_back.is_(False))
    row = tx.connection.execute(query).first()
    return Blob(*row[:5], content=bytes(row[5])) if row else None


def coming(tx: Tx, blob_ids: Sequence[int], *, chat_id: int | None = None) -> bool:
    """True while one of these (of this chat) is still being fetched."""
    waiting = select(blobs.c.id).where(blobs.c.id.in_(list(blob_ids)), blobs.c.state == "wanted")
    if chat_id is not None:
        waiting = waiting.where(blobs.c.chat_id == chat_id)
    return tx.scalar(waiting.limit(1)) is not None


def borrow(tx: Tx, blob_id: int, *, chat_id: int) -> int | None:
    """The same attachment for another chat, to be kept and deleted with that one; fetched anew where it is not here yet."""
    row = tx.first(select(blobs).where(blobs.c.id == blob_id))
    if row is None:
        return None
    own = {name: value for name, value in row.items() if name not in ("id", "chat_id", "created_at")}
    tx.wake(TOPIC)
    return tx.insert(blobs, **own, chat_id=chat_id, created_at=tx.now)


def wanted(tx: Tx, *, limit: int = 10) -> list[Wanted]:
    """What should be fetched now, oldest first."""
    due = or_(blobs.c.next_at.is_(None), blobs.c.next_at <= tx.now)
    query = select(blobs.c.id, blobs.c.kind, blobs.c.mime, blobs.c.name, blobs.c.remote_file)
    rows = tx.connection.execute(query.where(blobs.c.state == "wanted", due).order_by(blobs.c.id).limit(limit))
    return [Wanted(*row) for row in rows]


def filled(tx: Tx, blob_id: int, *, content: bytes, mime: str | None = None, kind: str | None = None) -> None:
    """The content has been fetched, and is of this kind."""
    values: dict[str, object] = {"content": content, "size": len(content), "state": "stored", "error": None}
    values["sha256"] = hashlib.sha256(content).hexdigest()
    values |= {name: value for name, value in (("mime", mime), ("kind", kind)) if value is not None}
    tx.execute(blobs.update().where(blobs.c.id == blob_id, blobs.c.state == "wanted").values(values))
    tx.wake("desk")


def not_filled(tx: Tx, blob_id: int, *, error: str) -> bool:
    """Fetching failed: try again later, each time after twice as long. True when that was the last try."""
    tried = tx.scalar(select(blobs.c.attempts).where(blobs.c.id == blob_id))
    attempts = int(tried or 0) + 1
    given_up = attempts >= TRIES
    values = {
        "attempts": attempts,
        "error": error,
        "next_at": tx.now + min(LONGEST_PAUSE, timedelta(seconds=5 * 2 ** min(attempts, 16))),
        "state": "failed" if given_up else "wanted",
    }
    tx.execute(blobs.update().where(blobs.c.id == blob_id, blobs.c.state == "wanted").values(values))
    return given_up


def refuse(tx: Tx, blob_id: int, *, error: str) -> None:
    """It will not be kept: too big, or not what it says it is."""
    values = {"state": "refused", "error": error}
    tx.execute(blobs.update().where(blobs.c.id == blob_id, blobs.c.state == "wanted").values(values))
    tx.wake("desk")
