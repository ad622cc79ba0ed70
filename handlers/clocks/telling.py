"""Telling staff and residents what a clock has brought."""

from __future__ import annotations

from datetime import timedelta

from handlers.outcome import Rows, plain
from handlers.texts.catalogue import Catalogue
from knowledge.emergencies import emergency
from knowledge.escalation import LEVEL_NAMES, Level
from storage import group_home, messages
from storage.transaction import Tx


def staff(
    tx: Tx, texts: Catalogue, key: str, whose: int | None, /, *, priority: int = messages.NOTICE, **values: object
) -> None:
    """In the group of the community it concerns (``whose``); of what concerns the whole house (None), in the house's."""
    text = texts["zh"](key, **values)
    for chat_id in group_home.told_in(tx, whose):
        messages.say(tx, chat_id=chat_id, text=text, priority=priority)


def resident(tx: Tx, chat_id: int, text: str, rows: Rows = ()) -> int:
    return messages.say(tx, chat_id=chat_id, text=text, buttons=plain(rows))


def level_name(level: Level, language: str = "zh") -> str:
    return LEVEL_NAMES[level].get(language)


def minutes(span: timedelta) -> int:
    """Whole minutes, at least one."""
    return max(1, round(span.total_seconds() / 60))


def climbed(level: Level | None, before: int | None) -> bool:
    """True when a level has been reached nobody has told of yet."""
    return level is not None and (before is None or level > before)


def danger_name(texts: Catalogue, kind: str) -> str:
    """What the staff group may read of a danger (EM-04, EM-07)."""
    known = emergency(kind)
    return texts["zh"]("emergency.unnamed") if known.private else known.name.zh
