"""The quarter's steps are laid out when it is over; a step whose day is near is said, one that is late climbs (DI-01)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, or_

from handlers.clocks.telling import level_name, staff
from handlers.texts.catalogue import Catalogue
from handlers.texts.moments import spoken
from knowledge.disclosure_calendar import rules
from storage import disclosure_calendar
from storage import staff as people
from storage.disclosure_calendar import Owed
from storage.tables import disclosure_steps
from storage.transaction import Tx


def may_be_due(tx: Tx) -> ColumnElement[bool]:
    owing = exists().where(disclosure_steps.c.id > 0, disclosure_calendar.owing(tx))
    return or_(disclosure_calendar.begins(tx), owing)


def watch(tx: Tx, texts: Catalogue) -> int:
    """How many steps were told of."""
    disclosure_calendar.begin(tx)
    owed = disclosure_calendar.told(tx)
    names = people.names(tx) if owed else {}
    for one in owed:
        _tell(tx, texts, one, names)
    return len(owed)


def _tell(tx: Tx, texts: Catalogue, one: Owed, names: dict[int, str]) -> None:
    zh = texts["zh"]
    step, quarter = rules().steps[one.step].name.zh, one.quarter.words("zh")
    who = names[one.owner_id] if one.owner_id is not None else zh("disclosure_staff.nobody")
    if one.level is None:
        due = spoken(zh, one.due_at, now=tx.now)
        staff(tx, texts, "disclosure_staff.near", one.whose, quarter=quarter, step=step, who=who, due=due)
    else:
        level = level_name(one.level)
        staff(tx, texts, "disclosure_staff.late", one.whose, quarter=quarter, step=step, who=who, level=level)
