"""Who is looking at a chat page: a token in the browser, its hash here, and the one chat it opens.

The token itself is never stored, so a stolen database opens no chat.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

from sqlalchemy import bindparam, select

from storage.chats import FIRST_WEB_CHAT
from storage.hot import Hot
from storage.tables import chats, web_sessions
from storage.transaction import Tx

TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class Visitor:
    """The chat a session opens; ``remote`` is the chat page's own id of it."""

    chat_id: int
    remote: int
    language: str


def new_token() -> str:
    """A fresh secret for one browser; 256 bits, safe in a cookie."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def hash_of(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def begin(tx: Tx, *, token_hash: str, language: str = "zh") -> Visitor:
    """A new chat for a new browser, and the session that opens it."""
    # The remote id follows from ours; until that is known, something that nobody else can hold stands in its place.
    stand_in = -1 - secrets.randbits(62)
    chat_id = tx.insert(chats, channel="web", remote=stand_in, language=language, created_at=tx.now)
    remote = FIRST_WEB_CHAT + chat_id
    tx.execute(chats.update().where(chats.c.id == chat_id).values(remote=remote))
    row = {"token_hash": token_hash, "chat_id": chat_id, "created_at": tx.now, "seen_at": tx.now}
    tx.execute(web_sessions.insert().values(row))
    return Visitor(chat_id, remote, language)


def find(tx: Tx, token_hash: str) -> Visitor | None:
    row = _FIND.first(tx, token=token_hash)
    return Visitor(*row) if row else None


def speak(tx: Tx, *, chat_id: int, language: str) -> None:
    """From now on the bot answers this chat in ``language`` ("zh" or "en")."""
    tx.execute(chats.update().where(chats.c.id == chat_id).values(language=language))


def saw(tx: Tx, *, chat_id: int, seq: int) -> None:
    """The resident has seen everything up to ``seq``; never goes back, never runs ahead of what was said."""
    ahead = chats.update().where(chats.c.id == chat_id, chats.c.read_seq < seq, chats.c.last_seq >= seq)
    if tx.changed(ahead.values(read_seq=seq)):
        tx.execute(web_sessions.update().where(web_sessions.c.chat_id == chat_id).values(seen_at=tx.now))
        tx.wake("desk")


_FIND = Hot(
    select(chats.c.id, chats.c.remote, chats.c.language)
    .join(web_sessions, web_sessions.c.chat_id == chats.c.id)
    .where(web_sessions.c.token_hash == bindparam("token"))
)
