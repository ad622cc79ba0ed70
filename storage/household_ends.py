"""The end of looking after a household, and what is forgotten: at once where they wish it, else when its time is over."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select

from knowledge import households as rule
from storage import heart_cards, household_plans, staff
from storage.households import Wrong, held
from storage.tables import (
    card_chats,
    household_looks,
    household_visits,
    household_words,
    households,
)
from storage.tables import (
    heart_cards as cards,
)
from storage.transaction import Tx

WORDS = ("building", "unit", "room", "name", "phone", "situation", "agreed_by")


def end(tx: Tx, id: int, *, why: str, staff_id: int) -> None:
    """It is not looked after any more, its card is dead. At their wish all that was written of it goes at once (PI-03)."""
    held(tx, id, staff_id=staff_id, act="act")
    if why not in rule.ENDS:
        raise Wrong("no_reason")
    values = {"state": "ended", "ended_at": tx.now, "ended_by": staff_id, "ended_why": why}
    tx.execute(households.update().where(households.c.id == id).values(values))
    household_plans.drop(tx, id)
    heart_cards.kill(tx, id, why="ended")
    settled = household_words.c.household_id == id
    tx.execute(household_words.update().where(settled, household_words.c.done_at.is_(None)).values(done_at=tx.now))
    staff.note(tx, staff_id, "household_end", str(id), why=why)
    if why in ("wish", "mistake"):
        forget(tx, [id])
    tx.wake("desk")


def forget(tx: Tx, ids: Sequence[int]) -> int:
    """Nothing leads to anybody any more: that there was one of its kind, and how often somebody came, stays."""
    blank = dict.fromkeys(WORDS) | {"forgotten_at": tx.now}
    tx.execute(
        household_visits.update()
        .where(household_visits.c.household_id.in_(ids))
        .values(seen=None, needs=None, ticket_id=None)
    )
    tx.execute(household_words.delete().where(household_words.c.household_id.in_(ids)))
    theirs = select(cards.c.id).where(cards.c.household_id.in_(ids))
    tx.execute(card_chats.delete().where(card_chats.c.card_id.in_(theirs)))
    return tx.changed(households.update().where(households.c.id.in_(ids)).values(blank))


def over(before: datetime) -> tuple[ColumnElement[bool], ...]:
    """True of households that ended before then and still have a name."""
    return (households.c.state == "ended", households.c.ended_at < before, households.c.forgotten_at.is_(None))


def of_chats(tx: Tx, chat_ids: Sequence[int]) -> None:
    """Somebody has everything deleted: what they said by a card, and which card opened their chat."""
    for table in (card_chats, household_words):
        tx.execute(table.delete().where(table.c.chat_id.in_(chat_ids)))


def drop_looks(tx: Tx, before: datetime) -> int:
    return tx.changed(household_looks.delete().where(household_looks.c.at < before))
