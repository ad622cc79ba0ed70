"""Which open tickets stand in which queue, and how many in each. Every count goes through ``open_to`` (WO-24)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    ScalarSelect,
    Select,
    and_,
    func,
    literal_column,
    or_,
    select,
)

from knowledge.life import Role, State
from storage import units
from storage.staff import Member
from storage.stepping_aside import open_to
from storage.tables import chats, messages, tickets
from storage.tables import staff as staff_table
from storage.thread import LONG_UNSEEN
from storage.transaction import Tx
from storage.within import given_to_theirs

QUEUES = (
    "all",
    "mine",
    "unit",
    "unassigned",
    "to_sign",
    "returns",
    "extensions",
    "to_check",
    "overdue",
    "soon",
    "unread",
    "waiting",
    "unseen",
    "p0",
    "climbed",
    "supervised",
    "follow_up",
    "verdict",
    "closed",
)
ENOUGH = 100
"""Counts stop here: nobody works through a hundred, and counting goes no further than it has to."""
SOON = timedelta(hours=24)


def counts(tx: Tx, *, staff_id: int) -> dict[str, int]:
    """How many each queue of open tickets holds, ``ENOUGH`` where it is that many or more."""
    names, kinds = [name for name in QUEUES if name != "closed"], _kinds(tx.now, staff_id)
    held = [_some(kinds.get(name, _TO_DO) & open_to(staff_id)) for name in names]
    return dict(zip(names, tx.tuples(select(*held))[0], strict=True))


def _some(condition: ColumnElement[bool]) -> Any:
    some = select(literal_column("1")).select_from(tickets).where(condition).limit(ENOUGH).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def stands_in(tx: Tx, queue: str, staff_id: int) -> ColumnElement[bool]:
    return _kinds(tx.now, staff_id).get(queue, _TO_DO)


def _kinds(now: datetime, staff_id: int) -> dict[str, ColumnElement[bool]]:
    ours = and_(_TO_DO, tickets.c.waiting_resident.is_(False))
    return {
        "mine": and_(_TO_DO, tickets.c.assigned_to == staff_id),
        "unit": and_(_IS_OPEN, or_(tickets.c.lead_unit_id == _unit(staff_id), given_to_theirs(staff_id))),
        "unassigned": and_(_TO_DO, tickets.c.assigned_to.is_(None), ~_units_own()),
        "to_sign": and_(_IS_OPEN, _in(State.ASSIGNED), _theirs_to_sign(staff_id)),
        "returns": and_(_IS_OPEN, _in(State.RETURN_ASKED)),
        "extensions": and_(_IS_OPEN, _in(State.EXTENSION_ASKED)),
        "to_check": and_(_IS_OPEN, _in(State.FED_BACK)),
        "overdue": and_(ours, tickets.c.next_due <= now),
        "soon": and_(ours, tickets.c.next_due > now, tickets.c.next_due <= now + SOON),
        "unread": and_(_IS_OPEN, tickets.c.unread > _said("0")),
        "waiting": and_(_TO_DO, tickets.c.waiting_resident.is_(True)),
        "unseen": and_(_IS_OPEN, _unseen(now)),
        "p0": and_(_IS_OPEN, tickets.c.urgency == "P0"),
        "climbed": and_(_IS_OPEN, tickets.c.level > _said("0")),
        "supervised": and_(_IS_OPEN, tickets.c.supervised_at.is_not(None)),
        "follow_up": and_(_IS_OPEN, tickets.c.follow_up_at.is_not(None)),
        "verdict": and_(_IS_OPEN, _AWAITED),
        "closed": and_(tickets.c.closed_at.is_not(None), tickets.c.next_due.is_(None)),
    }


def _unseen(now: datetime) -> ColumnElement[bool]:
    """True where something of ours has not been seen for an hour, or cannot arrive: their page is closed, they blocked us
    or left. Somebody rings."""
    away = or_(chats.c.blocked_at.is_not(None), chats.c.left_at.is_not(None))
    unread = and_(chats.c.channel == "web", messages.c.seq > chats.c.read_seq, messages.c.at <= now - LONG_UNSEEN)
    ours = and_(messages.c.ticket_id == tickets.c.id, messages.c.sender != "resident", messages.c.chat_id == chats.c.id)
    theirs = and_(_later.c.chat_id == chats.c.id, _later.c.sender == "resident", _later.c.seq > messages.c.seq)
    wrote = select(literal_column("1")).where(theirs).correlate(chats, messages).exists()
    said: Select[Any] = select(literal_column("1")).select_from(messages).where(ours, or_(away, and_(unread, ~wrote)))
    return (
        select(literal_column("1"))
        .where(chats.c.id == tickets.c.chat_id, said.correlate(tickets, chats).exists())
        .exists()
    )


def _in(state: State) -> ColumnElement[bool]:
    return tickets.c.state == _said(f"'{state.value}'")


def _units_own() -> ColumnElement[bool]:
    """True of what a unit leads whose people work here: whose it is there is theirs to say."""
    return and_(tickets.c.lead_unit_id.is_not(None), units.works_here(tickets.c.lead_unit_id))


def _theirs_to_sign(staff_id: int) -> ColumnElement[bool]:
    """For people of a unit, what was given to it; for the office, everything."""
    return or_(_unit(staff_id).is_(None), tickets.c.lead_unit_id == _unit(staff_id))


def _unit(staff_id: int) -> ScalarSelect[Any]:
    return select(staff_table.c.unit_id).where(staff_table.c.id == staff_id).correlate(None).scalar_subquery()


def queues_of(member: Member) -> tuple[str, ...]:
    """The queues that are anything to this member."""
    found = set(QUEUES) - ({"unit"} if member.unit_id is None else set())
    if member.role not in OF_THE_DESK:
        found -= {"returns", "extensions", "to_check"}
    return tuple(name for name in QUEUES if name in found)


OF_THE_DESK = frozenset({Role.ADMIN.value, Role.OPERATOR.value, Role.SUPERVISOR.value})
_later = messages.alias("later")


def _said(value: str) -> ColumnElement[Any]:
    """A value written into the statement: an index of some rows is only used where its own words are said."""
    return literal_column(value)


_IS_OPEN = tickets.c.next_due.is_not(None)
_AWAITED = tickets.c.state == _said(f"'{State.CALLING_BACK.value}'")
_TO_DO = and_(_IS_OPEN, tickets.c.state != _said(f"'{State.CALLING_BACK.value}'"))
