"""Visits whose day has come or is over, and words nobody answered: the staff group hears who, never of which home."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import ColumnElement, or_, select

from handlers.clocks.telling import level_name, staff
from handlers.texts.catalogue import Catalogue
from storage import household_plans
from storage import staff as people
from storage.tables import household_plans as plans
from storage.tables import household_words
from storage.transaction import Tx


def may_be_due(tx: Tx) -> ColumnElement[bool]:
    """Beside one another, so that each is one look by its own index."""
    owing = plans.c.id.in_(select(plans.c.id).where(household_plans.owing(tx)))
    late = select(household_words.c.id).where(household_plans.unanswered(tx)).exists()
    return or_(owing, late)


def watch(tx: Tx, texts: Catalogue) -> int:
    """How many visits were told of."""
    owed = household_plans.told(tx)
    late = household_plans.late_words(tx)
    names = people.names(tx) if owed or late else {}
    for (worker_id, level, whose), count in Counter((one.worker_id, one.level, one.whose) for one in owed).items():
        if worker_id is None:
            staff(tx, texts, "household_staff.nobody", whose, count=count)
        elif level is None:
            staff(tx, texts, "household_staff.today", whose, name=names[worker_id], count=count)
        else:
            climbed = level_name(level)
            staff(tx, texts, "household_staff.climbed", whose, name=names[worker_id], count=count, level=climbed)
    for worker_id, whose in late:
        if worker_id is None:
            staff(tx, texts, "household_staff.word_nobody", whose)
        else:
            staff(tx, texts, "household_staff.late_word", whose, name=names[worker_id])
    return len(owed)
