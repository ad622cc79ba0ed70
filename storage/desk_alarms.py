"""Alarms as staff see them and act on them, and who may read what was said in them.

Of violence at home, of a child harmed, of somebody who does not want to live the words are read by whoever may help
while it lasts, and afterwards by whoever looked after them, whoever is named on the care note, and admins (EM-04, PI-13).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeVar

from sqlalchemy import ColumnElement, RowMapping, func, select

from knowledge.emergencies import Emergency, emergency
from storage import alarms, care, conversations, staff
from storage.access import access_alarm, alarms_of
from storage.alarms import Outcome
from storage.staff import Member
from storage.tables import alarms as alarm_table
from storage.tables import conversations as talk_table
from storage.tables import messages as message_table
from storage.tables import staff as staff_table
from storage.tables import tickets
from storage.transaction import Tx
from storage.types import UtcDateTime

ENDED_FOR = timedelta(days=30)
Report = Literal["reported", "not_due"]
Said = TypeVar("Said")


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm. ``said_false``: the resident took it back, and somebody still has to look. ``covered``: what it is about
    is not shown to this reader."""

    id: int
    chat_id: int
    kind: str
    place: str | None
    words: str
    raised_at: datetime
    repeats: int
    level: int
    child: bool
    taken_by: int | None
    holder: str | None
    said_false: bool
    conversation_id: int | None
    ended_at: datetime | None
    outcome: str | None
    note: str | None
    report: str | None
    covered: bool
    taken_at: datetime | None = None
    ticket: str | None = None
    """the number of the ticket it was rung for"""

    @property
    def known(self) -> Emergency:
        return emergency(self.kind)

    @property
    def duty(self) -> str | None:
        """The rule by which whoever takes it must report, or None."""
        return self.known.duty(child=self.child)


def open_alarms(tx: Tx, *, member: Member | None = None) -> list[Alarm]:
    """Alarms not over, those nobody has taken first."""
    return [_alarm(tx, row, member) for row in alarms.open_alarms(tx, *_theirs(member))]


def ended_alarms(tx: Tx, *, member: Member | None = None) -> list[Alarm]:
    """Those of the last month, the newest first."""
    lately = select(alarm_table).where(alarm_table.c.ended_at > tx.now - ENDED_FOR, *_theirs(member))
    return [_alarm(tx, row, member) for row in tx.all(lately.order_by(alarm_table.c.id.desc()))]


def alarm(tx: Tx, alarm_id: int, *, member: Member | None = None) -> Alarm | None:
    row = tx.first(select(alarm_table).where(alarm_table.c.id == alarm_id, *_theirs(member)))
    return _alarm(tx, row, member) if row else None


def _theirs(member: Member | None) -> list[ColumnElement[bool]]:
    return [] if member is None else [alarms_of(member.id)]


def _alarm(tx: Tx, row: RowMapping, member: Member | None) -> Alarm:
    words = tx.scalar(select(message_table.c.text).where(message_table.c.id == row["message_id"]))
    talk = select(func.max(talk_table.c.id)).where(talk_table.c.chat_id == row["chat_id"])
    covered = emergency(row["kind"]).private and not _may_read(tx, row, member)
    known = (
        "id",
        "chat_id",
        "kind",
        "raised_at",
        "repeats",
        "level",
        "child",
        "taken_by",
        "ended_at",
        "report",
        "taken_at",
    )
    return Alarm(
        **{name: row[name] for name in known},
        place=None if covered else row["place"],
        words="" if covered else str(words or ""),
        holder=tx.scalar(select(staff_table.c.name).where(staff_table.c.id == row["taken_by"])),
        said_false=row["outcome"] == "false_alarm",
        conversation_id=tx.scalar(talk),
        outcome=row["outcome"],
        note=None if covered else row["note"],
        covered=covered,
        ticket=tx.scalar(select(tickets.c.number).where(tickets.c.id == row["ticket_id"]))
        if row["ticket_id"]
        else None,
    )


def _may_read(tx: Tx, row: RowMapping, member: Member | None) -> bool:
    if member is None or member.role == "admin" or member.id in (row["taken_by"], row["ended_by"]):
        return True
    if row["ended_at"] is None:
        return member.may_act
    return care.follows(tx, row["chat_id"], staff_id=member.id)


def readable(tx: Tx, chat_id: int, said: Sequence[Said], member: Member | None) -> list[Said]:
    """What of a chat's messages this member may read."""
    rows = tx.all(select(alarm_table).where(alarm_table.c.chat_id == chat_id))
    private = [row for row in rows if emergency(row["kind"]).private and not _may_read(tx, row, member)]
    spans = [_span(tx, row) for row in private]
    return [one for one in said if not any(start <= _at(one) <= end for start, end in spans)]


def _span(tx: Tx, alarm: RowMapping) -> tuple[datetime, datetime]:
    """From the words that raised the alarm to the end of the conversation it was spoken of in."""
    said_at = tx.scalar(select(message_table.c.at).where(message_table.c.id == alarm["message_id"]))
    talks = (talk_table.c.chat_id == alarm["chat_id"]) & (talk_table.c.reason == conversations.EMERGENCY)
    still_open = tx.scalar(select(talk_table.c.id).where(talks, talk_table.c.state != "ended"))
    ended = tx.scalar(select(func.max(talk_table.c.ended_at, type_=UtcDateTime)).where(talks))
    until = tx.now if still_open or alarm["ended_at"] is None else max(alarm["ended_at"], ended or alarm["ended_at"])
    return min(alarm["raised_at"], said_at or alarm["raised_at"]), until


def _at(said: Any) -> datetime:
    at: datetime = said["at"] if isinstance(said, RowMapping) else said.at
    return at


def take_alarm(tx: Tx, alarm_id: int, *, staff_id: int) -> int | None:
    """Look after an alarm; its chat, or None when a colleague was first or it is over."""
    access_alarm(tx, alarm_id, staff_id=staff_id, act="act")
    row = tx.first(select(alarm_table).where(alarm_table.c.id == alarm_id).with_for_update())
    if row is None or (row["taken_by"] != staff_id and not alarms.take(tx, alarm_id, staff_id=staff_id)):
        return None
    if row["taken_by"] != staff_id:
        staff.note(tx, staff_id, "take_alarm", str(alarm_id))
        tx.wake(alarms.TOPIC)
    return int(row["chat_id"])


@dataclass(frozen=True, slots=True)
class Ending:
    """How an alarm ended: what was ticked off, whether the duty to report was met, and the care note where one is due."""

    outcome: Outcome
    note: str = ""
    checks: tuple[str, ...] = ()
    report: Report | None = None
    care: care.Written | None = None


Ended = Literal["done", "over", "no_report", "no_care"]


def end_alarm(tx: Tx, alarm_id: int, *, staff_id: int, ending: Ending) -> Ended:
    """It is over. "over": nobody had taken it, or it was over before; "no_report", "no_care": something due is missing."""
    access_alarm(tx, alarm_id, staff_id=staff_id, act="act")
    found = alarm(tx, alarm_id)
    if found is None or found.taken_by is None or found.ended_at is not None:
        return "over"
    if ending.outcome == "handled" and found.duty and ending.report is None:
        return "no_report"
    if ending.outcome == "handled" and found.known.care and ending.care is None:
        return "no_care"
    more = {"note": ending.note or None, "checks": list(ending.checks) or None, "report": ending.report}
    if not alarms.end(tx, alarm_id, outcome=ending.outcome, ended_by=staff_id, **more):
        return "over"
    staff.note(tx, staff_id, "end_alarm", str(alarm_id), outcome=ending.outcome, report=ending.report)
    if ending.care is not None:
        care.write(tx, alarm_id=alarm_id, chat_id=found.chat_id, staff_id=staff_id, written=ending.care)
    tx.wake(alarms.TOPIC)
    return "done"
