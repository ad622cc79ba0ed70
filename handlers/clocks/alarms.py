"""An alarm nobody has taken is said again, and each higher level hears of it in its time (EM-03, WO-SLA P0)."""

from __future__ import annotations

from sqlalchemy import RowMapping

from handlers.clocks.telling import climbed, danger_name, level_name, minutes, staff
from handlers.texts.catalogue import Catalogue
from knowledge.escalation import Level
from knowledge.waiting import shipped_clocks
from storage import alarms, messages
from storage.transaction import Tx


def repeat(tx: Tx, texts: Catalogue) -> int:
    """Call again for every alarm nobody has taken; how many."""
    due = alarms.due(tx)
    for alarm in due:
        _say(tx, texts, alarm)
    return len(due)


def _say(tx: Tx, texts: Catalogue, alarm: RowMapping) -> None:
    ladder = shipped_clocks().ladders["taken_back" if alarm["outcome"] else "alarm"]
    level = ladder.reached(alarm["raised_at"], tx.now)
    kind = danger_name(texts, alarm["kind"])
    if level is None or not climbed(level, alarm["level"]):
        count = alarm["repeats"] + 1
        return staff(tx, texts, "emergency.staff_again", priority=messages.ALARM, count=count, kind=kind)
    alarms.climb(tx, alarm["id"], level=level)
    waited = minutes(tx.now - alarm["raised_at"])
    words = {"level": level_name(Level(level)), "kind": kind, "minutes": waited}
    return staff(tx, texts, "emergency.staff_up", priority=messages.ALARM, **words)
