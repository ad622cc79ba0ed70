"""More time: asked for, granted, refused, or a day to look at it again (WO-13)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import RowMapping, select

from knowledge import units as rules
from knowledge.calendar import Promise
from knowledge.deadlines import extension
from knowledge.life import Refusal
from storage import clocks
from storage.offices import office_for
from storage.step import At, Values
from storage.tables import extension_asks
from storage.transaction import Tx

TIME: Mapping[str, tuple[str, str]] = {
    "day": ("请选延到哪一天。", "Choose the new date."),
    "again": ("这张工单已经延过一次，不能再延。", "It was extended once and cannot be again."),
    "late": (
        "期限已经过了，不能再延（延期要在到期之前）。",
        "The deadline has passed: more time is asked for before it.",
    ),
    "not_later": ("新日期要晚于现在的期限。", "The new date has to be later than the deadline."),
    "too_far": ("最多只能延 10 个工作日。", "Ten working days at most."),
    "closed": ("那天不上班，请换一天。", "Nobody works on that day: choose another."),
    "far": (
        "日期太远了，请选近一些，到时候再看一次。",
        "That is too far off: choose a nearer day and look again then.",
    ),
    "past": ("请选今天以后的日期。", "Choose a day after today."),
}


def _no_time(code: str) -> Refusal:
    return Refusal("time", *TIME[code])


def _later(at: At) -> Promise | Refusal:
    """The promise an extension makes (WO-13)."""
    if at.given.until is None:
        return _no_time("day")
    found = extension(
        at.row["due_at"], at.given.until, now=at.tx.now, taken=at.row["extensions"], office=office_for(at.tx, at.row)
    )
    return _no_time(found) if isinstance(found, str) else found


def ask_extension(at: At) -> Values | Refusal:
    found = _later(at)
    if isinstance(found, Refusal):
        return found
    who = {"asked_by": at.member.id, "unit_id": at.row["lead_unit_id"], "asked_at": at.tx.now}
    at.tx.insert(extension_asks, ticket_id=at.ticket_id, until=found.due_at, reason=at.text, **who)
    return {}


def extend(at: At) -> Values | Refusal:
    found = _later(at)
    if isinstance(found, Refusal):
        return found
    _decide(at, granted=True)
    return clocks.extended(at.row, found, at.tx)


def refuse_extension(at: At) -> Values | Refusal:
    _decide(at, granted=False)
    return {}


def _decide(at: At, *, granted: bool) -> None:
    waiting = (extension_asks.c.ticket_id == at.ticket_id) & extension_asks.c.decided_at.is_(None)
    said = {"decided_at": at.tx.now, "decided_by": at.member.id, "granted": granted}
    at.tx.execute(extension_asks.update().where(waiting).values(said))


def asked_for(tx: Tx, ticket_id: int) -> RowMapping | None:
    """The more time that waits for the desk's word."""
    waiting = (extension_asks.c.ticket_id == ticket_id) & extension_asks.c.decided_at.is_(None)
    return tx.first(select(extension_asks).where(waiting).order_by(extension_asks.c.id.desc()))


def follow_up(at: At) -> Values | Refusal:
    """It cannot be solved for now: measures and a day, and it is looked at again then (WO-13)."""
    until = at.given.until
    if until is None:
        return _no_time("day")
    due = office_for(at.tx, at.row).closing(until)
    if due is None or due <= at.tx.now:
        return _no_time("closed" if due is None else "past")
    if due > at.tx.now + timedelta(days=rules.shipped().follow_up_at_most_days):
        return _no_time("far")
    _decide(at, granted=False)
    return {
        **clocks.promised(Promise(due, "WO-13 follow-up", office_for(at.tx, at.row).is_provisional(until))),
        "follow_up_at": due,
    }
