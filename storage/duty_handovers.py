"""Handing a duty over: offered with what is open, accepted by the next, and only then theirs.

Until it is accepted nothing has changed: whoever offered is still on call, and still has the alarms.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import ColumnElement, RowMapping, Select, bindparam, func, select

from knowledge.duty import Post
from storage import duty, duty_plan, staff
from storage.duty import Town
from storage.hot import Hot
from storage.tables import alarms, conversations, duty_handovers, duty_people
from storage.tables import staff as staff_table
from storage.transaction import Tx

Answer = Literal["accepted", "declined", "withdrawn"]
Trouble = duty_plan.Trouble | Literal["not_on"]
LONGEST_NOTE = 500


@dataclass(frozen=True, slots=True)
class Handover:
    """An offer nobody has answered. `alarms`: what the giver looks after and is not over."""

    id: int
    town: Town
    post: Post
    giver: int
    giver_name: str
    taker: int
    taker_name: str
    until: datetime
    note: str
    alarms: tuple[int, ...]
    offered_at: datetime


def offer(
    tx: Tx, town: Town, *, by: int, post: Post, person_id: int, until: datetime, note: str = ""
) -> Trouble | None:
    """To a colleague who can hold the post; an earlier offer of the same post is withdrawn. "not_on": it is not theirs."""
    plan = duty_plan.of_town(tx, by, town, "act")
    me, next_one = plan.of_staff(by), plan.people.get(person_id)
    if me is None or me not in plan.on(post, tx.now):
        return "not_on"
    if next_one is None or next_one.out or next_one.staff_id in (None, by):
        return "no_person"
    if not next_one.may_hold(post):
        return "not_fit"
    if not tx.now < until <= tx.now + duty_plan.LONGEST:
        return "bad_time"
    earlier = (duty_handovers.c.from_staff == by) & (duty_handovers.c.post == post.value) & _open(town)
    tx.execute(duty_handovers.update().where(earlier).values(state="withdrawn", answered_at=tx.now))
    values = {"from_staff": by, "to_person": person_id, "until": until, "note": note[:LONGEST_NOTE] or None}
    made = {"alarms": _in_hand(tx, by), "offered_at": tx.now}
    id = tx.insert(duty_handovers, community_id=town, post=post.value, **values, **made)
    staff.note(tx, by, "duty_offer", str(id), post=post.value, to=person_id)
    tx.wake("desk")
    return None


def answer(tx: Tx, handover_id: int, *, by: int, said: Answer) -> Trouble | None:
    """The next accepts or declines; whoever offered withdraws. "over": it was answered before."""
    row = tx.first(select(duty_handovers).where(duty_handovers.c.id == handover_id).with_for_update())
    if row is None or row["state"] != "offered":
        return "over"
    plan = duty_plan.of_town(tx, by, row["community_id"], "act")
    taker = plan.people[row["to_person"]]
    if by != (row["from_staff"] if said == "withdrawn" else taker.staff_id):
        return "not_on"
    if said == "accepted" and (trouble := _accept(tx, row, taker, by)):
        return trouble
    changed = {"state": said, "answered_at": tx.now}
    tx.execute(duty_handovers.update().where(duty_handovers.c.id == handover_id).values(changed))
    staff.note(tx, by, f"duty_{said}", str(handover_id))
    tx.wake("desk")
    return None


def _accept(tx: Tx, row: RowMapping, taker: duty.Person, by: int) -> Trouble | None:
    post = Post(row["post"])
    if taker.out or not taker.may_hold(post):
        return "not_fit"
    if row["until"] <= tx.now:
        return "bad_time"
    trouble = duty_plan.hand(tx, row["community_id"], by=by, post=post, person_id=taker.id, until=row["until"])
    if trouble is None:
        _pass_on(tx, _in_hand(tx, row["from_staff"]), giver=row["from_staff"], taker=by)
    return trouble


def _pass_on(tx: Tx, alarm_ids: list[int], *, giver: int, taker: int) -> None:
    """Alarms the giver looks after, with the conversations they are about."""
    for alarm_id in alarm_ids:
        tx.execute(alarms.update().where(alarms.c.id == alarm_id).values(taken_by=taker))
        staff.note(tx, taker, "take_alarm", str(alarm_id), handed_by=giver)
    chats = select(alarms.c.chat_id).where(alarms.c.id.in_(alarm_ids))
    held = (conversations.c.taken_by == giver) & (conversations.c.state == "held") & conversations.c.chat_id.in_(chats)
    tx.execute(conversations.update().where(held).values(taken_by=taker, taken_at=tx.now, nudged_at=None))


def _in_hand(tx: Tx, staff_id: int) -> list[int]:
    theirs = (alarms.c.taken_by == staff_id) & alarms.c.ended_at.is_(None)
    return [int(row[0]) for row in tx.tuples(select(alarms.c.id).where(theirs).order_by(alarms.c.id))]


def waiting(tx: Tx, town: Town) -> list[Handover]:
    """Offers that nobody has answered and whose time is not over."""
    return [_read(tx, row) for row in tx.all(_OFFERS.where(_open(town), duty_handovers.c.until > tx.now))]


def for_me(tx: Tx, staff_id: int) -> int:
    """How many wait for this colleague's answer."""
    return int(_FOR_ME.scalar(tx, staff=staff_id, now=tx.now))


def _open(town: Town) -> ColumnElement[bool]:
    return duty.here(duty_handovers.c.community_id, town) & (duty_handovers.c.state == "offered")


def _read(tx: Tx, row: RowMapping) -> Handover:
    return Handover(
        id=row["id"],
        town=row["community_id"],
        post=Post(row["post"]),
        giver=row["from_staff"],
        giver_name=row["giver_name"],
        taker=row["taker"],
        taker_name=row["taker_name"],
        until=row["until"],
        note=str(row["note"] or ""),
        alarms=tuple(_in_hand(tx, row["from_staff"])),
        offered_at=row["offered_at"],
    )


_giver, _taker = staff_table.alias("giver"), staff_table.alias("taker")
_OFFERS: Select[tuple[object, ...]] = (
    select(
        duty_handovers,
        _giver.c.name.label("giver_name"),
        _taker.c.id.label("taker"),
        _taker.c.name.label("taker_name"),
    )
    .join(_giver, _giver.c.id == duty_handovers.c.from_staff)
    .join(duty_people, duty_people.c.id == duty_handovers.c.to_person)
    .join(_taker, _taker.c.id == duty_people.c.staff_id)
    .order_by(duty_handovers.c.id)
)


_FOR_ME = Hot(
    select(func.count())
    .select_from(duty_handovers.join(duty_people, duty_people.c.id == duty_handovers.c.to_person))
    .where(duty_people.c.staff_id == bindparam("staff"), duty_handovers.c.state == "offered")
    .where(duty_handovers.c.until > bindparam("now"))
)
