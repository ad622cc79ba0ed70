"""An alarm nobody has taken is said again, and each higher level hears of it in its time (EM-03, WO-SLA P0)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, RowMapping, or_

from handlers import alarm_buttons
from handlers.clocks import alarm_letters
from handlers.clocks.telling import climbed, danger_name, level_name, minutes
from handlers.outcome import plain
from handlers.texts.catalogue import Catalogue
from knowledge.escalation import Level
from knowledge.waiting import shipped_clocks
from storage import alarm_calls, alarms, group_home, messages, ticket_alarms
from storage.tables import alarms as alarm_table
from storage.transaction import Tx


def may_be_due(tx: Tx) -> ColumnElement[bool]:
    """Alarms whose time has come, and those of tickets that were seen to."""
    waiting = alarm_table.c.taken_at.is_(None) & alarm_table.c.ended_at.is_(None) & (alarm_table.c.next_at <= tx.now)
    return or_(waiting, ticket_alarms.met(tx))


def ring_for_tickets(tx: Tx, texts: Catalogue) -> None:
    """P0 tickets nobody was in touch about get an alarm of their own."""
    for alarm_id in ticket_alarms.ring(tx):
        _loud(tx, alarm_id, texts, "on_call.ticket")
    alarm_letters.tell(tx, texts)


def repeat(tx: Tx, texts: Catalogue) -> int:
    """Call again for every alarm nobody has taken, the group and each telephone; how many."""
    ticket_alarms.end_met(tx)
    due = alarms.due(tx)
    for alarm in due:
        _say(tx, texts, alarm)
    alarm_letters.tell(tx, texts)
    return len(due)


def called(tx: Tx, texts: Catalogue, alarm_id: int) -> str:
    """Who was called, for the staff group: names of colleagues, no word of a resident."""
    names = alarm_calls.names(alarm_calls.of(tx, [alarm_id]))
    return texts["zh"]("on_call.names", names=names) if names else texts["zh"]("on_call.nobody")


def _say(tx: Tx, texts: Catalogue, alarm: RowMapping) -> None:
    ladder = shipped_clocks().ladders["taken_back" if alarm["outcome"] else "alarm"]
    level = ladder.reached(alarm["raised_at"], tx.now)
    kind, alarm_id = danger_name(texts, alarm["kind"]), int(alarm["id"])
    if level is None or not climbed(level, alarm["level"]):
        return _loud(tx, alarm_id, texts, "emergency.staff_again", count=alarm["repeats"] + 1, kind=kind)
    alarms.climb(tx, alarm_id, level=level)
    waited = minutes(tx.now - alarm["raised_at"])
    return _loud(tx, alarm_id, texts, "emergency.staff_up", level=level_name(Level(level)), kind=kind, minutes=waited)


def _loud(tx: Tx, alarm_id: int, texts: Catalogue, key: str, **values: object) -> None:
    """In the group of its place, with whom it calls and the button that takes it."""
    text = f"{texts['zh'](key, **values)}\n{called(tx, texts, alarm_id)}"
    rows = plain(alarm_buttons.group(texts["zh"], alarm_id))
    for chat_id in group_home.rung_for(tx, alarm_id):
        messages.say(tx, chat_id=chat_id, text=text, buttons=rows, priority=messages.ALARM)
