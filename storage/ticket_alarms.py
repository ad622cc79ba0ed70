"""P0 tickets nobody has been in touch about ring like any danger (WO-SLA P0: a person within five minutes).

However such a ticket came - by telephone, made urgent at the desk - it has an alarm, once: the one its chat raised, or one
of its own. Its own ends when somebody has been in touch, or the ticket is over.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, exists, or_, select

from storage import alarms
from storage.tables import alarms as alarm_table
from storage.tables import tickets
from storage.tickets import OPEN
from storage.transaction import Tx

RULE = "WO-SLA P0"


def unheard(_: Tx) -> ColumnElement[bool]:
    """True of open P0 tickets nobody was in touch about, and of which no alarm was raised."""
    same_danger = or_(alarm_table.c.ended_at.is_(None), alarm_table.c.ended_at >= tickets.c.opened_at)
    of_chat = (alarm_table.c.chat_id == tickets.c.chat_id) & same_danger
    raised = or_(alarm_table.c.ticket_id == tickets.c.id, of_chat)
    is_open = tickets.c.next_due.is_not(None) & tickets.c.state.in_(OPEN)
    urgent = (tickets.c.urgency == "P0") & is_open & tickets.c.first_contact_at.is_(None)
    return urgent & ~exists().where(raised).correlate(tickets)


def ring(tx: Tx) -> list[int]:
    """Raise what is due; the alarms that are new. A ticket whose chat was ringing when it was filed has its alarm."""
    rows = tx.all(select(tickets).where(unheard(tx)).with_for_update(skip_locked=True))
    return [
        alarms.raise_alarm(
            tx,
            chat_id=row["chat_id"],
            message_id=None,
            kind=alarms.UNNAMED,
            rule=RULE,
            place=None if row["confidential"] or not row["building"] else f"{row['building']}栋",
            ticket_id=row["id"],
        ).id
        for row in rows
    ]


def met(_: Tx) -> ColumnElement[bool]:
    """True of open alarms whose ticket was seen to."""
    seen_to = or_(tickets.c.first_contact_at.is_not(None), tickets.c.state.not_in(OPEN), tickets.c.urgency != "P0")
    theirs = exists().where(tickets.c.id == alarm_table.c.ticket_id, seen_to).correlate(alarm_table)
    return alarm_table.c.ended_at.is_(None) & alarm_table.c.ticket_id.is_not(None) & theirs


def end_met(tx: Tx) -> int:
    """End the alarms of tickets somebody was in touch about; how many."""
    ids = [int(row[0]) for row in tx.tuples(select(alarm_table.c.id).where(met(tx)))]
    return sum(alarms.end(tx, id, outcome="handled") for id in ids)
