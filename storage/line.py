"""The line of those who wait for a person: who is at the desk, how long it usually takes, and whose clock has run out.

What is due is read with its rows held, so that two processes never tell the same thing twice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping, Select, func, or_, select

from knowledge.waiting import shipped_clocks, usual_wait
from storage import conversations as talks
from storage.staff import ACTING
from storage.tables import alarms, chats, conversations, drafts, staff
from storage.transaction import Tx

ON_DUTY = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody stands in the line; ``usual`` is the usual wait in minutes, None where it is not known."""

    conversation_id: int
    ahead: int
    on_duty: int
    usual: int | None


def join(tx: Tx, *, chat_id: int, reason: str, message_id: int | None = None) -> Place:
    """Wait for a person; what was said belongs to the conversation."""
    conversation_id, ahead = talks.ask_for_person(tx, chat_id=chat_id, reason=reason)
    if not ahead:
        note(tx, conversation_id, told_first=True)
    if message_id is not None:
        talks.add(tx, conversation_id=conversation_id, message_id=message_id)
    return Place(conversation_id, ahead, on_duty(tx), usual(tx))


def place(tx: Tx, conversation_id: int) -> Place:
    return Place(conversation_id, talks.ahead(tx, conversation_id), on_duty(tx), usual(tx))


def on_duty(tx: Tx) -> int:
    """How many who may act have the console before them now."""
    there = (staff.c.seen_at > tx.now - ON_DUTY) & staff.c.disabled_at.is_(None) & staff.c.role.in_(ACTING)
    return int(tx.scalar(select(func.count()).select_from(staff).where(there)))


def usual(tx: Tx) -> int | None:
    """The usual wait in minutes, from the latest conversations that were not about danger."""
    clocks = shipped_clocks()
    columns = (conversations.c.opened_at, conversations.c.first_taken_at)
    query = (
        select(*columns)
        .where(conversations.c.first_taken_at > tx.now - clocks.waits_kept, conversations.c.reason != talks.EMERGENCY)
        .order_by(conversations.c.first_taken_at.desc())
        .limit(clocks.latest_waits)
    )
    return usual_wait([taken - opened for opened, taken in tx.tuples(query)])


def waiting(tx: Tx) -> Sequence[RowMapping]:
    """Those who wait and are in no danger, in their order; whoever is has an alarm that climbs for them."""
    alarmed = select(alarms.c.chat_id).where(alarms.c.ended_at.is_(None))
    safe = or_(conversations.c.reason != talks.EMERGENCY, conversations.c.chat_id.not_in(alarmed))
    return _held(tx, _TALKS.where(conversations.c.state == "waiting", safe))


def held(tx: Tx) -> Sequence[RowMapping]:
    """Those somebody has."""
    return _held(tx, _TALKS.where(conversations.c.state == "held"))


def released(tx: Tx) -> Sequence[RowMapping]:
    """Those whose resident must still hear that a colleague will come."""
    return _held(tx, _TALKS.where(conversations.c.state == "waiting", conversations.c.news == talks.RELEASED))


def _held(tx: Tx, query: Select[Any]) -> Sequence[RowMapping]:
    return tx.all(query.order_by(conversations.c.id).with_for_update(of=conversations, skip_locked=True))


def note(tx: Tx, conversation_id: int, **values: Any) -> None:
    """Keep that something was told."""
    tx.execute(conversations.update().where(conversations.c.id == conversation_id).values(values))
    tx.wake("desk")


def open_draft(tx: Tx, chat_id: int) -> RowMapping | None:
    """The form somebody is in the middle of while they wait or talk."""
    mine = (drafts.c.chat_id == chat_id) & drafts.c.state.in_(("open", "held"))
    return tx.first(select(drafts).where(mine))


_TALKS = select(conversations, chats.c.language).join(chats, chats.c.id == conversations.c.chat_id)
