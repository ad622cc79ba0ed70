"""An alarm nobody has taken is said again, and each higher level hears of it in its time (EM-03, WO-SLA P0)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, RowMapping, or_

from handlers.clocks.telling import climbed, danger_name, level_name, minutes, staff
from handlers.texts.catalogue import Catalogue
from knowledge.escalation import Level
from knowledge.waiting import shipped_clocks
from storage import alarm_calls, alarms, messages, ticket_alarms
from storage.tables import alarms as alarm_table
from storage.transaction import Tx


def may_be_due(tx: Tx) -> ColumnElement[bool]:
    """Alarms whose time has come, and those of tickets that were seen to."""
    waiting = alarm_table.c.taken_at.is_(None) & alarm_table.c.ended_at.is_(None) & (alarm_table.c.next_at <= tx.now)
    return or_(waiting, ticket_alarms.met(tx))


def ring_for_tickets(tx: Tx, texts: Catalogue) -> None:
    """P0 tickets nobody was in touch about get an alarm of their own."""
    for alarm_id in ticket_alarms.ring(tx):
        staff(tx, texts, "on_call.ticket", called(tx, texts, alarm_id), priority=messages.ALARM)


def repeat(tx: Tx, texts: Catalogue) -> int:
    """Call again for every alarm nobody has taken; how many."""
    ticket_alarms.end_met(tx)
    due = alarms.due(tx)
    for alarm in due:
        _say(tx, texts, alarm)
    return len(due)


def called(tx: Tx, texts: Catalogue, alarm_id: int) -> str:
    """Who was called, for the staff group: names of colleagues, no word of a resident."""
    names = alarm_calls.names(alarm_calls.of(tx, [alarm_id]))
    return texts["zh"]("on_call.names", names=names) if names else texts["zh"]("on_call.nobody")


def _say(tx: Tx, texts: Catalogue, alarm: RowMapping) -> None:
    ladder = shipped_clocks().ladders["taken_back" if alarm["outcome"] else "alarm"]
    level = ladder.reached(alarm["raised_at"], tx.now)
    kind, tail = danger_name(texts, alarm["kind"]), called(tx, texts, alarm["id"])
    if level is None or not climbed(level, alarm["level"]):
        count = alarm["repeats"] + 1
        return staff(tx, texts, "emergency.staff_again", tail, priority=messages.ALARM, count=count, kind=kind)
    alarms.climb(tx, alarm["id"], level=level)
    waited = minutes(tx.now - alarm["raised_at"])
    words = {"level": level_name(Level(level)), "kind": kind, "minutes": waited}
    return staff(tx, texts, "emergency.staff_up", tail, priority=messages.ALARM, **words)
