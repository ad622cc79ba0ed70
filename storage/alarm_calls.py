"""Whom an alarm has called, one post after the other, and who of them could not be reached (WO-SLA P0, EM-03).

The first on call hears at once, the second, the committee and the sub-district in their time; where the roster names
nobody, everybody with the role is called. Each is called once a post; repeating counts. Nothing here is a resident's word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, Select, bindparam, or_, select

from knowledge.duty import Post, shipped
from storage import duty
from storage.hot import Hot
from storage.offices import Offices
from storage.tables import alarm_calls, alarms, duty_people
from storage.tables import staff as staff_table
from storage.transaction import Tx

SLOW_FOR = timedelta(days=30)
"""How long alarms that were taken late are listed."""


@dataclass(frozen=True, slots=True)
class Call:
    """One person called at one post. `rung_at`: somebody telephoned them because they were not reached."""

    id: int
    alarm_id: int
    post: Post
    name: str
    phone: str | None
    outside: bool
    called_at: datetime
    times: int
    seen_at: datetime | None
    rung_at: datetime | None
    everybody: bool
    """the roster named nobody: all with the role were called"""
    handed_at: datetime | None = None
    staff_id: int | None = None


def ladder(alarm: RowMapping) -> str:
    """An alarm its resident took back climbs slower."""
    return "taken_back" if alarm["outcome"] else "alarm"


def next_at(alarm: RowMapping, now: datetime, pause: timedelta) -> datetime:
    """When an untaken alarm is heard again: after the pause, or when the next post is due, whichever is first."""
    rung = shipped().next_rung(ladder(alarm), alarm["raised_at"], now)
    return min(now + pause, rung) if rung else now + pause


def call(tx: Tx, alarm: RowMapping) -> None:
    """Call every post that is due by now, and those that were handed it before their time."""
    plan = duty.plan(tx, Offices(tx).of_alarm(alarm))
    due = {*shipped().reached(ladder(alarm), alarm["raised_at"], tx.now), *_called(tx, int(alarm["id"]))}
    for post in (one for one in Post if one in due):
        _call_post(tx, plan, int(alarm["id"]), post)


def _called(tx: Tx, alarm_id: int) -> set[Post]:
    """Those who handed it on had been called."""
    handed = alarm_calls.c.alarm_id == alarm_id
    return {Post(post) for (post,) in tx.tuples(select(alarm_calls.c.post).where(handed).distinct())}


def _call_post(tx: Tx, plan: duty.Plan, alarm_id: int, post: Post) -> None:
    named = [(one.id, one.staff_id) for one in plan.on(post, tx.now)]
    for person_id, staff_id in named or _everybody(tx, plan, post):
        _call(tx, alarm_id, post, person_id, staff_id)


def hand_on(tx: Tx, alarm: RowMapping, *, staff_id: int) -> list[str] | None:
    """Whoever was called cannot take it: the next post is called now and not in its time. The names of whom that
    called; none where there is nobody after them. None where nobody called this colleague."""
    alarm_id = int(alarm["id"])
    mine = (alarm_calls.c.alarm_id == alarm_id) & (alarm_calls.c.staff_id == staff_id)
    if not tx.changed(alarm_calls.update().where(mine).values(handed_at=tx.now, seen_at=tx.now)):
        return None
    plan, called = duty.plan(tx, Offices(tx).of_alarm(alarm)), _called(tx, alarm_id)
    known = {call.name for call in of(tx, [alarm_id])}
    for post in (one for one in Post if one not in called):
        _call_post(tx, plan, alarm_id, post)
        if fresh := [call.name for call in of(tx, [alarm_id]) if call.name not in known]:
            return fresh
    return []


def _everybody(tx: Tx, plan: duty.Plan, post: Post) -> list[tuple[int | None, int | None]]:
    """All with the role who are responsible there; whoever is away only where nobody else is left."""
    roles = shipped().posts[post].everybody
    query = select(staff_table.c.id).where(staff_table.c.role.in_(roles), duty.of_the_house())
    ids = [int(row[0]) for row in tx.tuples(query.order_by(staff_table.c.id))]
    theirs = [id for id in ids if plan.town in {known for known, _ in duty.towns(tx, id)}]
    away = {plan.people[person].staff_id for person in plan.roster.away_at(tx.now)}
    return [(None, id) for id in theirs if id not in away] or [(None, id) for id in theirs]


def _call(tx: Tx, alarm_id: int, post: Post, person_id: int | None, staff_id: int | None) -> None:
    same = (alarm_calls.c.alarm_id == alarm_id) & (alarm_calls.c.post == post.value)
    who = duty.here(alarm_calls.c.person_id, person_id) & duty.here(alarm_calls.c.staff_id, staff_id)
    again = alarm_calls.update().where(same, who).values(last_at=tx.now, times=alarm_calls.c.times + 1)
    if not tx.changed(again):
        values = {"person_id": person_id, "staff_id": staff_id, "called_at": tx.now, "last_at": tx.now}
        tx.insert(alarm_calls, alarm_id=alarm_id, post=post.value, **values)


def anew(tx: Tx, alarm_id: int) -> None:
    """The danger is back: whoever knew of it must hear of it again."""
    values = {"called_at": tx.now, "seen_at": None, "rung_at": None, "rung_by": None, "handed_at": None}
    tx.execute(alarm_calls.update().where(alarm_calls.c.alarm_id == alarm_id).values(values))


def seen(tx: Tx, staff_id: int) -> None:
    """Their console shows it now."""
    unseen = (alarm_calls.c.staff_id == staff_id) & alarm_calls.c.seen_at.is_(None)
    tx.execute(alarm_calls.update().where(unseen).values(seen_at=tx.now))


def alarm_of(tx: Tx, call_id: int) -> int:
    """Whose call it is; 0, the number of no alarm, where there is no such call."""
    return int(tx.scalar(select(alarm_calls.c.alarm_id).where(alarm_calls.c.id == call_id)) or 0)


def rung(tx: Tx, call_id: int, *, staff_id: int) -> bool:
    """Somebody telephoned them; False when that was written down before."""
    untold = (alarm_calls.c.id == call_id) & alarm_calls.c.rung_at.is_(None)
    tx.wake("desk")
    return bool(tx.changed(alarm_calls.update().where(untold).values(rung_at=tx.now, rung_by=staff_id)))


def of(tx: Tx, alarm_ids: Iterable[int]) -> list[Call]:
    """Every call of these alarms, in the order they were made."""
    query = _CALLS.where(alarm_calls.c.alarm_id.in_(list(alarm_ids)))
    return [_read(row) for row in tx.all(query.order_by(alarm_calls.c.id))]


def unreached(tx: Tx, alarm_ids: Iterable[int]) -> list[Call]:
    """Who was called for one of these alarms while nobody had taken it, and is to be rung up: their console shows nothing,
    or they have none."""
    patience = tx.now - shipped().unreached_after
    silent = or_(alarm_calls.c.staff_id.is_(None), alarm_calls.c.called_at <= patience)
    query = _CALLS.join(alarms, alarms.c.id == alarm_calls.c.alarm_id).where(
        alarm_calls.c.alarm_id.in_(list(alarm_ids)),
        alarms.c.taken_at.is_(None),
        alarms.c.ended_at.is_(None),
        alarm_calls.c.seen_at.is_(None),
        alarm_calls.c.rung_at.is_(None),
        silent,
    )
    return [_read(row) for row in tx.all(query.order_by(alarm_calls.c.id))]


def mine(tx: Tx, staff_id: int) -> set[int]:
    """The alarms that call this colleague now."""
    return {int(row[0]) for row in _MINE.all(tx, staff=staff_id)}


def names(calls: Sequence[Call]) -> str:
    """Whom an alarm called, for the staff group; nobody in particular is said as nothing."""
    return "、".join(dict.fromkeys(call.name for call in calls if not call.everybody))


def _read(row: RowMapping) -> Call:
    return Call(
        id=row["id"],
        alarm_id=row["alarm_id"],
        post=Post(row["post"]),
        name=str(row["colleague"] or row["name"] or ""),
        phone=row["phone"],
        outside=row["staff_id"] is None,
        called_at=row["called_at"],
        times=row["times"],
        seen_at=row["seen_at"],
        rung_at=row["rung_at"],
        everybody=row["person_id"] is None,
        handed_at=row["handed_at"],
        staff_id=row["staff_id"],
    )


_CALLS: Select[tuple[object, ...]] = (
    select(alarm_calls, staff_table.c.name.label("colleague"), duty_people.c.name, duty_people.c.phone)
    .outerjoin(staff_table, staff_table.c.id == alarm_calls.c.staff_id)
    .outerjoin(duty_people, duty_people.c.id == alarm_calls.c.person_id)
)


_MINE = Hot(
    select(alarm_calls.c.alarm_id)
    .join(alarms, alarms.c.id == alarm_calls.c.alarm_id)
    .where(alarm_calls.c.staff_id == bindparam("staff"), alarms.c.taken_at.is_(None), alarms.c.ended_at.is_(None))
)
