"""Residents: who somebody is, as far as they said, and what they agreed to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from storage.tables import chats, residents
from storage.transaction import Tx

KNOWN = ("name", "phone", "building", "unit", "room")


def of_chat(tx: Tx, chat_id: int) -> int:
    """The resident behind a chat, made when there is none yet."""
    found = tx.scalar(select(chats.c.resident_id).where(chats.c.id == chat_id))
    if found is not None:
        return int(found)
    resident_id = tx.insert(residents, created_at=tx.now)
    tx.execute(chats.update().where(chats.c.id == chat_id).values(resident_id=resident_id))
    return resident_id


def consent(tx: Tx, *, chat_id: int, version: str, agreed: bool) -> None:
    """Keep what was answered to the privacy notice, and to which version (PI-02, PI-03)."""
    values = {
        "consent_version": version,
        "consented_at": tx.now if agreed else None,
        "refused_at": None if agreed else tx.now,
    }
    tx.execute(residents.update().where(residents.c.id == of_chat(tx, chat_id)).values(values))
    mark_noticed(tx, chat_id=chat_id, version=version)


def mark_noticed(tx: Tx, *, chat_id: int, version: str) -> None:
    """The privacy notice has been shown in this chat."""
    tx.execute(chats.update().where(chats.c.id == chat_id).values(noticed_version=version))


def remember(tx: Tx, *, chat_id: int, **known: Any) -> None:
    """Keep what a resident said about themselves, so that it is not asked again; only what is not None."""
    values = {key: value for key, value in known.items() if key in KNOWN and value}
    if values:
        tx.execute(residents.update().where(residents.c.id == of_chat(tx, chat_id)).values(values))


def set_language(tx: Tx, *, chat_id: int, language: str) -> None:
    tx.execute(chats.update().where(chats.c.id == chat_id).values(language=language))
