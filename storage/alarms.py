"""Alarms: somebody may be in danger. An alarm repeats, and climbs, until a person has taken it (EM-03, WO-07)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from sqlalchemy import ColumnElement, RowMapping, select, true

from knowledge.waiting import shipped_clocks
from storage import alarm_calls, group_news
from storage.tables import alarms
from storage.transaction import Tx

TOPIC = "alarm"
UNNAMED = "other"
Outcome = Literal["handled", "false_alarm"]
QUIET_FOR = timedelta(days=90)
"""How long after an alarm of a quiet kind nobody telephones this resident without asking (EM-07)."""


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm; ``new`` when staff must hear of it now, ``taken`` when somebody has it already."""

    id: int
    new: bool
    taken: bool


def raise_alarm(
    tx: Tx,
    *,
    chat_id: int,
    message_id: int | None,
    kind: str,
    rule: str,
    place: str | None = None,
    child: bool = False,
    ticket_id: int | None = None,
) -> Raised:
    """The alarm of this chat, and whoever is on call is called; more words about the same danger do not make a second, and
    a danger nobody can name is taken for the one that is known. Said again after it was taken back, it is as new."""
    current = (alarms.c.chat_id == chat_id) & alarms.c.ended_at.is_(None)
    same = alarms.c.kind == kind if kind != UNNAMED else true()
    found = tx.first(select(alarms).where(current, same).order_by(alarms.c.id.desc()).limit(1))
    tx.wake(TOPIC)
    tx.wake("desk")
    if found is not None:
        return _again(tx, found, place=place, child=child)
    values = {"message_id": message_id, "kind": kind, "rule": rule, "place": place, "raised_at": tx.now}
    alarm_id = tx.insert(alarms, chat_id=chat_id, child=child, ticket_id=ticket_id, **values)
    group_news.look_again(tx, chat_id)
    _ring(tx, alarm_id)
    return Raised(alarm_id, True, False)


def _ring(tx: Tx, alarm_id: int) -> None:
    """Call whoever is due, and note when it is heard again."""
    row = tx.first(select(alarms).where(alarms.c.id == alarm_id))
    assert row is not None
    clocks = shipped_clocks()
    alarm_calls.call(tx, row)
    again_at = alarm_calls.next_at(row, tx.now, clocks.repeat_taken_back if row["outcome"] else clocks.repeat)
    tx.execute(alarms.update().where(alarms.c.id == alarm_id).values(next_at=again_at))


def _again(tx: Tx, alarm: RowMapping, *, place: str | None, child: bool) -> Raised:
    taken = alarm["taken_at"] is not None
    values: dict[str, Any] = {"place": place} if place else {}
    if child and not alarm["child"]:
        values["child"] = True
    if alarm["outcome"] is not None:
        values |= {"outcome": None, "raised_at": tx.now, "level": 0}
    if values:
        tx.execute(alarms.update().where(alarms.c.id == alarm["id"]).values(values))
    if "raised_at" in values and not taken:
        alarm_calls.anew(tx, int(alarm["id"]))
        _ring(tx, int(alarm["id"]))
    return Raised(int(alarm["id"]), alarm["outcome"] is not None, taken)


def due(tx: Tx) -> Sequence[RowMapping]:
    """Alarms nobody has taken and whose repetition is due; each counted as repeated, so that none repeats twice, and the
    posts that are due by now are called."""
    query = select(alarms).where(alarms.c.taken_at.is_(None), alarms.c.ended_at.is_(None), alarms.c.next_at <= tx.now)
    rows = tx.all(query.with_for_update(skip_locked=True))
    for row in rows:
        tx.execute(alarms.update().where(alarms.c.id == row["id"]).values(repeats=row["repeats"] + 1))
        _ring(tx, int(row["id"]))
        tx.wake("desk")
    return rows


def climb(tx: Tx, alarm_id: int, *, level: int) -> None:
    tx.execute(alarms.update().where(alarms.c.id == alarm_id).values(level=level))


def take(tx: Tx, alarm_id: int, *, staff_id: int) -> bool:
    """Somebody looks after it: it stops repeating. False when another was first."""
    untaken = (alarms.c.id == alarm_id) & alarms.c.taken_at.is_(None) & alarms.c.ended_at.is_(None)
    tx.wake(TOPIC)
    tx.wake("desk")
    return bool(tx.changed(alarms.update().where(untaken).values(taken_by=staff_id, taken_at=tx.now, next_at=None)))


def let_go(tx: Tx, *, chat_id: int | None = None, staff_id: int | None = None) -> Sequence[RowMapping]:
    """Whoever had taken it is silent, or does not work here any more: untaken again, it rings at once. Which."""
    mine = alarms.c.taken_by == staff_id if staff_id is not None else alarms.c.chat_id == chat_id
    current = mine & alarms.c.taken_at.is_not(None) & alarms.c.ended_at.is_(None)
    running = tx.all(select(alarms).where(current).order_by(alarms.c.id))
    values = {"taken_by": None, "taken_at": None, "next_at": tx.now}
    if tx.changed(alarms.update().where(current).values(values)):
        tx.wake(TOPIC)
        tx.wake("desk")
    return running


def end(tx: Tx, alarm_id: int, *, outcome: Outcome, **more: Any) -> bool:
    """It is over; ``more`` is what was noted: ended_by, note, checks, report."""
    current = (alarms.c.id == alarm_id) & alarms.c.ended_at.is_(None)
    values = {"ended_at": tx.now, "outcome": outcome, "next_at": None} | more
    tx.wake(TOPIC)
    tx.wake("desk")
    return bool(tx.changed(alarms.update().where(current).values(values)))


def report_false(tx: Tx, alarm_id: int, *, chat_id: int) -> bool:
    """The resident says it was a false alarm: staff see that, and still look (EM-03: no negotiation)."""
    mine = (alarms.c.id == alarm_id) & (alarms.c.chat_id == chat_id) & alarms.c.ended_at.is_(None)
    tx.wake("desk")
    return bool(tx.changed(alarms.update().where(mine).values(outcome="false_alarm")))


def open_alarms(tx: Tx, *which: ColumnElement[bool]) -> Sequence[RowMapping]:
    """Those not over, the untaken first."""
    query = select(alarms).where(alarms.c.ended_at.is_(None), *which)
    return tx.all(query.order_by(alarms.c.taken_at.is_not(None), alarms.c.id))


def open_in(tx: Tx, chat_id: int) -> bool:
    """True while an alarm of this chat is not over."""
    current = (alarms.c.chat_id == chat_id) & alarms.c.ended_at.is_(None)
    return tx.scalar(select(alarms.c.id).where(current).limit(1)) is not None


def in_danger(tx: Tx, chat_id: int) -> bool:
    """The same, of alarms that were not taken back."""
    current = (alarms.c.chat_id == chat_id) & alarms.c.ended_at.is_(None) & alarms.c.outcome.is_(None)
    return tx.scalar(select(alarms.c.id).where(current).limit(1)) is not None


def untaken_in(tx: Tx, chat_id: int) -> list[int]:
    """Alarms of a chat nobody looks after."""
    current = (alarms.c.chat_id == chat_id) & alarms.c.ended_at.is_(None) & alarms.c.taken_at.is_(None)
    return [int(row[0]) for row in tx.tuples(select(alarms.c.id).where(current))]


def kinds_in(tx: Tx, chat_id: int) -> set[str]:
    """Which dangers were told of in this chat lately."""
    lately = (alarms.c.chat_id == chat_id) & (alarms.c.raised_at > tx.now - QUIET_FOR)
    return {str(row[0]) for row in tx.tuples(select(alarms.c.kind).where(lately))}


def note_place(tx: Tx, *, chat_id: int, place: str) -> None:
    """Where it is, said after the alarm was raised and while it has no place yet."""
    blank = (alarms.c.chat_id == chat_id) & alarms.c.ended_at.is_(None) & alarms.c.place.is_(None)
    if tx.changed(alarms.update().where(blank).values(place=place)):
        tx.wake("desk")
