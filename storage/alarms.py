"""Alarms: somebody may be in danger. An alarm repeats until a person has taken it (EM-03, WO-07)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import RowMapping, or_, select, true

from storage.tables import alarms, chats
from storage.transaction import Tx

REPEAT_AFTER = timedelta(minutes=2)
TOPIC = "alarm"
UNNAMED = "other"


def raise_alarm(
    tx: Tx, *, chat_id: int, message_id: int | None, kind: str, rule: str, place: str | None = None
) -> tuple[int, bool]:
    """The alarm of this chat and whether it is a new one; more words about the same danger do not make a second.

    A danger nobody can name is taken for the one that is known.
    """
    current = (alarms.c.chat_id == chat_id) & alarms.c.ended_at.is_(None)
    same = alarms.c.kind == kind if kind != UNNAMED else true()
    found = tx.scalar(select(alarms.c.id).where(current, same).order_by(alarms.c.id.desc()).limit(1))
    tx.wake(TOPIC)
    tx.wake("desk")
    if found is not None:
        if place:
            tx.execute(alarms.update().where(alarms.c.id == found).values(place=place))
        return int(found), False
    values = {"message_id": message_id, "kind": kind, "rule": rule, "place": place, "raised_at": tx.now}
    return tx.insert(alarms, chat_id=chat_id, next_at=tx.now + REPEAT_AFTER, **values), True


def due(tx: Tx) -> Sequence[RowMapping]:
    """Alarms nobody has taken and whose repetition is due; each counted as repeated, so that none repeats twice."""
    query = select(alarms).where(alarms.c.taken_at.is_(None), alarms.c.ended_at.is_(None), alarms.c.next_at <= tx.now)
    rows = tx.all(query.with_for_update(skip_locked=True))
    for row in rows:
        values = {"repeats": row["repeats"] + 1, "next_at": tx.now + REPEAT_AFTER}
        tx.execute(alarms.update().where(alarms.c.id == row["id"]).values(values))
        tx.wake("desk")
    return rows


def take(tx: Tx, alarm_id: int, *, staff_id: int) -> bool:
    """Somebody looks after it: it stops repeating. False when another was first."""
    untaken = (alarms.c.id == alarm_id) & alarms.c.taken_at.is_(None) & alarms.c.ended_at.is_(None)
    tx.wake("desk")
    return bool(tx.changed(alarms.update().where(untaken).values(taken_by=staff_id, taken_at=tx.now, next_at=None)))


def end(tx: Tx, alarm_id: int, *, outcome: str) -> bool:
    """It is over: ``handled`` or ``false_alarm``."""
    current = (alarms.c.id == alarm_id) & alarms.c.ended_at.is_(None)
    tx.wake("desk")
    return bool(tx.changed(alarms.update().where(current).values(ended_at=tx.now, outcome=outcome, next_at=None)))


def report_false(tx: Tx, alarm_id: int, *, chat_id: int) -> bool:
    """The resident says it was a false alarm: staff see that, and still look (EM-03: no negotiation)."""
    mine = (alarms.c.id == alarm_id) & (alarms.c.chat_id == chat_id) & alarms.c.ended_at.is_(None)
    tx.wake("desk")
    return bool(tx.changed(alarms.update().where(mine).values(outcome="false_alarm")))


def staff_chats(tx: Tx) -> list[int]:
    """Where alarms go beside the console: the staff group's chat, if there is one that can be reached."""
    return [
        int(row["id"])
        for row in tx.all(select(chats.c.id).where(chats.c.kind == "staff", chats.c.blocked_at.is_(None)))
    ]


def open_alarms(tx: Tx) -> Sequence[RowMapping]:
    """Those not over, the untaken first."""
    return tx.all(
        select(alarms).where(or_(alarms.c.ended_at.is_(None))).order_by(alarms.c.taken_at.is_not(None), alarms.c.id)
    )


def note_place(tx: Tx, *, chat_id: int, place: str) -> None:
    """Where it is, said after the alarm was raised and while it has no place yet."""
    blank = (alarms.c.chat_id == chat_id) & alarms.c.ended_at.is_(None) & alarms.c.place.is_(None)
    if tx.changed(alarms.update().where(blank).values(place=place)):
        tx.wake("desk")
