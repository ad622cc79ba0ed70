"""Residents: who somebody is, as far as they said, and what they agreed to."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from storage.tables import chats, consents, residents
from storage.transaction import Tx

NOTICE = "notice"
KNOWN = ("name", "phone", "building", "unit", "room")


def of_chat(tx: Tx, chat_id: int) -> int:
    """The resident behind a chat, made when there is none yet."""
    found = tx.scalar(select(chats.c.resident_id).where(chats.c.id == chat_id))
    if found is not None:
        return int(found)
    resident_id = tx.insert(residents, created_at=tx.now)
    tx.execute(chats.update().where(chats.c.id == chat_id).values(resident_id=resident_id))
    return resident_id


def consent(tx: Tx, *, chat_id: int, version: str, answer: str) -> None:
    """Keep what was answered to the privacy notice, and to which version (PI-02, PI-03): given, refused or withdrawn."""
    given, resident_id = answer == "given", of_chat(tx, chat_id)
    values = {
        "consent_version": version,
        "consented_at": tx.now if given else None,
        "refused_at": None if given else tx.now,
    }
    tx.execute(residents.update().where(residents.c.id == resident_id).values(values))
    _answered(tx, resident_id, about=NOTICE, version=version, answer=answer)
    mark_noticed(tx, chat_id=chat_id, version=version)


def consent_separately(tx: Tx, *, chat_id: int, about: str, version: str, answer: str) -> None:
    """Keep what was answered about one sensitive matter (PI-06); the general consent stays as it is."""
    _answered(tx, of_chat(tx, chat_id), about=about, version=version, answer=answer)


def _answered(tx: Tx, resident_id: int, *, about: str, version: str, answer: str) -> None:
    """One line of the record; lines are never changed."""
    tx.insert(consents, resident_id=resident_id, at=tx.now, about=about, version=version, answer=answer)


def mark_noticed(tx: Tx, *, chat_id: int, version: str) -> None:
    """The privacy notice has been shown in this chat."""
    tx.execute(chats.update().where(chats.c.id == chat_id).values(noticed_version=version))


def remember(tx: Tx, /, *, chat_id: int, **known: Any) -> None:
    """Keep what a resident said about themselves, so that it is not asked again; only what is not None."""
    values = {key: value for key, value in known.items() if key in KNOWN and value}
    if values:
        tx.execute(residents.update().where(residents.c.id == of_chat(tx, chat_id)).values(values))


def set_language(tx: Tx, *, chat_id: int, language: str, chosen: bool = True) -> None:
    """``chosen``: by the resident, so that nobody guesses any more; a guess changes nothing then."""
    may = [] if chosen else [chats.c.language_chosen.is_(False)]
    values = {"language": language, "language_chosen": chosen}
    tx.execute(chats.update().where(chats.c.id == chat_id, *may).values(values))


def came_from(tx: Tx, *, chat_id: int, building: str) -> None:
    """A poster in this building led here: where nothing else is known it is offered as the place."""
    tx.execute(chats.update().where(chats.c.id == chat_id).values(building=building))


def came_back(tx: Tx, *, chat_id: int) -> None:
    """Somebody who had left writes again: messages may come again."""
    tx.execute(chats.update().where(chats.c.id == chat_id).values(left_at=None))
