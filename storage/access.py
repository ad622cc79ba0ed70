"""The gates to objects: every page, step, file and list of the desk reaches an object through one of these.

Each asks two things: may this role do this at all (``data/reach.yaml``), and is this very object one of theirs - by place
and subject, by not having to step aside, by being named on it. ``MayNot`` is the first refusal, ``NotThere`` the second:
whoever may not meet an object does not learn that there is one.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, RowMapping, and_, or_, select

from knowledge.escalation import Level
from storage import staff
from storage.staff import MayNot, Member
from storage.stepping_aside import open_to
from storage.tables import alarm_calls, alarms, appointments, conversations, tickets
from storage.transaction import Tx
from storage.within import chat_within, guest


class NotThere(Exception):
    """There is no such object, or none for this person."""


def member_for(tx: Tx, staff_id: int, kind: str, act: str) -> Member:
    """The member as they are now, where their role may do this; MayNot."""
    member = staff.get(tx, staff_id)
    if member is None or member.disabled_at is not None or not staff.may(member, kind, act):
        raise MayNot
    return member


def access_ticket(tx: Tx, number: str, *, staff_id: int, act: str = "see") -> RowMapping:
    member_for(tx, staff_id, "ticket", act)
    return _one(tx, tickets.c.number == number, open_to(staff_id))


def access_conversation(tx: Tx, conversation_id: int, *, staff_id: int, act: str = "see") -> RowMapping:
    member_for(tx, staff_id, "conversation", act)
    return _one(tx, conversations.c.id == conversation_id, talks_of(staff_id))


def access_alarm(tx: Tx, alarm_id: int, *, staff_id: int, act: str = "see") -> RowMapping:
    member_for(tx, staff_id, "alarm", act)
    return _one(tx, alarms.c.id == alarm_id, alarms_of(staff_id))


def access_appointment(tx: Tx, appointment_id: int, *, staff_id: int, act: str = "see") -> RowMapping:
    member_for(tx, staff_id, "appointment", act)
    return _one(tx, appointments.c.id == appointment_id, appointments_of(staff_id))


def _one(tx: Tx, *which: ColumnElement[bool]) -> RowMapping:
    table = which[0].left.table
    row = tx.first(select(table).where(*which))
    if row is None:
        raise NotThere
    return row


def talks_of(staff_id: int) -> ColumnElement[bool]:
    """True of the conversations this member may meet: of residents of their places, and whatever they hold."""
    return or_(conversations.c.taken_by == staff_id, chat_within(conversations.c.chat_id, staff_id))


def alarms_of(staff_id: int) -> ColumnElement[bool]:
    """The same of alarms; one that nobody took in time is everybody's of the house (EM-03), and whoever is called for one
    sees it."""
    climbed = and_(alarms.c.level > Level.DESK, ~guest(staff_id))
    called = alarms.c.id.in_(select(alarm_calls.c.alarm_id).where(alarm_calls.c.staff_id == staff_id))
    return or_(alarms.c.taken_by == staff_id, climbed, called, chat_within(alarms.c.chat_id, staff_id))


def appointments_of(staff_id: int) -> ColumnElement[bool]:
    return chat_within(appointments.c.chat_id, staff_id)
