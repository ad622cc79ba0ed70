"""Taking an alarm, and handing it on, wherever somebody does it: the console, a private chat, the group."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import select

from storage import alarm_calls, alarms, conversations, desk_alarms, desk_talks, staff
from storage.access import access_alarm
from storage.tables import alarms as alarm_table
from storage.tables import staff as staff_table
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has an alarm since when; nobody: it is over."""

    name: str | None
    since: datetime | None


def take(tx: Tx, alarm_id: int, *, staff_id: int, words: desk_talks.Words) -> bool:
    """Whoever takes an alarm has the conversation, too, and the resident is told that a person is there. False when a
    colleague was first, or it is over. One rung for a ticket begins no conversation: its page says how to be in touch."""
    chat_id = desk_alarms.take_alarm(tx, alarm_id, staff_id=staff_id)
    found = desk_alarms.alarm(tx, alarm_id)
    if chat_id is not None and found is not None and found.ticket is None:
        desk_talks.begin_talk(tx, chat_id, staff_id=staff_id, reason=conversations.EMERGENCY, words=words)
    return chat_id is not None


def holder(tx: Tx, alarm_id: int) -> Holder:
    query = select(staff_table.c.name, alarm_table.c.taken_at).outerjoin_from(
        alarm_table, staff_table, staff_table.c.id == alarm_table.c.taken_by
    )
    rows = list(tx.tuples(query.where(alarm_table.c.id == alarm_id, alarm_table.c.ended_at.is_(None))))
    return Holder(*rows[0]) if rows else Holder(None, None)


Handed = list[str] | Literal["taken", "not_called"]


def hand_on(tx: Tx, alarm_id: int, *, staff_id: int) -> Handed:
    """Whoever is called next hears now; the alarm rings on. The names, none where nobody comes after this colleague."""
    access_alarm(tx, alarm_id, staff_id=staff_id, act="act")
    row = tx.first(select(alarm_table).where(alarm_table.c.id == alarm_id).with_for_update())
    if row is None or row["taken_at"] is not None or row["ended_at"] is not None:
        return "taken"
    called = alarm_calls.hand_on(tx, row, staff_id=staff_id)
    if called is None:
        return "not_called"
    staff.note(tx, staff_id, "hand_on_alarm", str(alarm_id), to="、".join(called) or None)
    tx.wake(alarms.TOPIC)
    tx.wake("desk")
    return called
