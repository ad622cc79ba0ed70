"""An alarm out of a call: raised in one key, made more exact as more is known, taken back; and the call passed on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import RowMapping, Select, select

from storage import alarms, callers, calls, messages, residents, staff
from storage.alarms import Raised
from storage.tables import alarms as alarm_table
from storage.tables import calls as calls_table
from storage.tables import messages as message_table
from storage.transaction import Tx

TAKEN_BACK_WITHIN = timedelta(minutes=10)
"""So long whoever raised it by telephone may take it back with one key; after that it ends as every alarm does."""
MOST_TRANSFERS = 20


@dataclass(frozen=True, slots=True)
class Danger:
    kind: str
    rule: str
    place: str | None
    child: bool
    words: str


def alarm(
    tx: Tx, call_id: int, *, staff_id: int, danger: Danger, number: str | None, building: str | None
) -> Raised | None:
    """Raise the alarm of this call; pressed twice it is one. None when a colleague has the call by now."""
    row = calls.hold(tx, call_id, staff_id=staff_id)
    if row is None:
        return None
    chat_id = row["chat_id"] or callers.chat_for(tx, number=row["number"] or number, name=None)
    residents.remember(tx, chat_id=chat_id, building=building)
    said = messages.record(tx, chat_id=chat_id, sender="resident", text=danger.words, staff_id=staff_id)
    raised = alarms.raise_alarm(
        tx, chat_id=chat_id, message_id=said, kind=danger.kind, rule=danger.rule, place=danger.place, child=danger.child
    )
    calls.set_chat(tx, call_id, chat_id=chat_id, alarm_id=raised.id)
    if raised.new:
        staff.note(tx, staff_id, "raise_alarm", str(raised.id))
    return raised


def more(tx: Tx, call_id: int, *, danger: Danger) -> None:
    """What was not known when the key was pressed: what kind of danger, where, that a child speaks, and the words since."""
    row = tx.first(_open_alarm(call_id))
    if row is None:
        return
    known = {
        "kind": danger.kind if row["kind"] == alarms.UNNAMED else row["kind"],
        "place": row["place"] or danger.place,
    }
    known["child"] = row["child"] or danger.child
    told = (message_table.c.id == row["message_id"]) & (message_table.c.text != danger.words)
    news = bool(danger.words) and tx.changed(message_table.update().where(told).values(text=danger.words))
    if news or any(row[name] != value for name, value in known.items()):
        tx.execute(alarm_table.update().where(alarm_table.c.id == row["id"]).values(known))
        tx.wake("desk")


def take_back(tx: Tx, call_id: int, *, staff_id: int, reason: str) -> RowMapping | None:
    """It was none: the alarm of this call ends as a false one, for this reason. The alarm as it was; None when it is over,
    too old, or somebody else's call."""
    if calls.hold(tx, call_id, staff_id=staff_id) is None:
        return None
    row = tx.first(_open_alarm(call_id))
    if row is None or tx.now - row["raised_at"] > TAKEN_BACK_WITHIN:
        return None
    alarms.end(tx, int(row["id"]), outcome="false_alarm", ended_by=staff_id, note=reason)
    staff.note(tx, staff_id, "end_alarm", str(row["id"]), outcome="false_alarm")
    tx.execute(calls_table.update().where(calls_table.c.id == call_id).values(alarm_id=None))
    return row


def _open_alarm(call_id: int) -> Select[Any]:
    mine = select(calls_table.c.alarm_id).where(calls_table.c.id == call_id).scalar_subquery()
    return select(alarm_table).where(alarm_table.c.id == mine, alarm_table.c.ended_at.is_(None)).with_for_update()


def transferred(tx: Tx, call_id: int, *, staff_id: int, to: str, outcome: str, who: str) -> bool:
    """Passed on to 110 or another line, and what came of it; each time is kept (WO-26). False: a colleague has the call."""
    row = calls.hold(tx, call_id, staff_id=staff_id)
    if row is None:
        return False
    one = {"at": tx.now.isoformat(), "to": to, "outcome": outcome, "who": who}
    kept = [*(row["transfers"] or []), one][-MOST_TRANSFERS:]
    tx.execute(calls_table.update().where(calls_table.c.id == call_id).values(transfers=kept, updated_at=tx.now))
    staff.note(tx, staff_id, "transfer_call", str(call_id), to=to, outcome=outcome)
    return True


def transfers_of_alarm(tx: Tx, alarm_id: int) -> list[dict[str, str]]:
    """To whom the call was passed on out of which this alarm was raised."""
    rows = tx.tuples(select(calls_table.c.transfers).where(calls_table.c.alarm_id == alarm_id))
    return [one for (kept,) in rows for one in kept or []]
