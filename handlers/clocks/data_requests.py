"""A request about personal data whose day is near is said, with who answers it; one that is late climbs (PI-12)."""

from __future__ import annotations

from handlers.clocks.telling import level_name, staff
from handlers.texts.catalogue import Catalogue
from handlers.texts.moments import spoken
from storage import request_reminders
from storage.request_reminders import Owed
from storage.transaction import Tx


def watch(tx: Tx, texts: Catalogue) -> int:
    """How many were told of; the staff group learns the number, never whose data it is about."""
    owed = request_reminders.told(tx)
    for one in owed:
        _tell(tx, texts, one)
    return len(owed)


def _tell(tx: Tx, texts: Catalogue, one: Owed) -> None:
    zh = texts["zh"]
    who, due = one.who or zh("request_staff.nobody"), spoken(zh, one.due_at, now=tx.now)
    if one.level is None:
        staff(tx, texts, "request_staff.near", one.whose, number=one.number, who=who, due=due)
    else:
        level = level_name(one.level)
        staff(tx, texts, "request_staff.late", one.whose, number=one.number, who=who, due=due, level=level)
