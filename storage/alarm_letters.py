"""What calls colleagues privately on Telegram for an alarm: said anew each time it rings, until somebody has taken it.

Nobody is told by whoever raised, took or ended an alarm: the clock compares who was called with who was told, so that it
comes to the same however the alarm changed, in whichever process, and after ``kill -9``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, exists, func, or_, select

from knowledge.duty import Post
from storage import stepping_aside
from storage.tables import alarm_calls, alarm_letters, alarms, chats, messages, staff_telegram, tickets
from storage.tables import staff as staff_table
from storage.transaction import Tx

_other = alarm_calls.alias("another_call")


@dataclass(frozen=True, slots=True)
class Letter:
    """One call to be told, or told before. ``words``, ``number``: what of it this colleague may read."""

    call_id: int
    alarm: RowMapping
    post: Post
    staff_id: int
    chat_id: int
    times: int
    message_id: int | None
    words: str
    number: str | None


def _running() -> ColumnElement[bool]:
    return and_(alarms.c.id == alarm_calls.c.alarm_id, alarms.c.taken_at.is_(None), alarms.c.ended_at.is_(None))


def _handed() -> ColumnElement[bool]:
    """They handed it on, and somebody else is called who has not."""
    someone = (_other.c.alarm_id == alarm_calls.c.alarm_id) & _other.c.handed_at.is_(None)
    return and_(alarm_calls.c.handed_at.is_not(None), exists().where(someone).correlate(alarm_calls))


def untold(_: Tx) -> ColumnElement[bool]:
    """True of calls of a running alarm that reach a phone and were not said, or not as often as it rang."""
    told = select(alarm_letters.c.times).where(alarm_letters.c.call_id == alarm_calls.c.id).correlate(alarm_calls)
    reached = and_(staff_telegram.c.staff_id == alarm_calls.c.staff_id, chats.c.id == staff_telegram.c.chat_id)
    again = alarm_calls.c.times > func.coalesce(told.scalar_subquery(), 0)
    return and_(_running(), reached, chats.c.blocked_at.is_(None), again, ~_handed())


def unsettled(_: Tx) -> ColumnElement[bool]:
    """True of letters whose alarm somebody has, is over, or was handed on."""
    over = or_(alarms.c.taken_at.is_not(None), alarms.c.ended_at.is_not(None), _handed())
    theirs = and_(alarm_calls.c.id == alarm_letters.c.call_id, alarms.c.id == alarm_calls.c.alarm_id)
    return and_(theirs, alarm_letters.c.settled_at.is_(None), alarm_letters.c.message_id.is_not(None), over)


def to_say(tx: Tx) -> list[Letter]:
    """Each is counted as told, so that two clocks tell it once; whoever calls says it in this transaction."""
    query = select(alarm_calls, staff_telegram.c.chat_id.label("to")).where(untold(tx)).order_by(alarm_calls.c.id)
    rows = tx.all(query.with_for_update(of=alarm_calls, skip_locked=True))
    return [_letter(tx, row, int(row["to"]), int(row["times"])) for row in rows]


def to_settle(tx: Tx) -> list[Letter]:
    query = select(alarm_calls, messages.c.chat_id.label("to"), alarm_letters.c.times.label("told"))
    query = query.join(alarm_letters, alarm_letters.c.call_id == alarm_calls.c.id)
    query = query.join(messages, messages.c.id == alarm_letters.c.message_id)
    rows = tx.all(query.join(alarms, alarms.c.id == alarm_calls.c.alarm_id).where(unsettled(tx)))
    return [_letter(tx, row, int(row["to"]), int(row["told"])) for row in rows]


def _letter(tx: Tx, call: RowMapping, chat_id: int, times: int) -> Letter:
    alarm = tx.first(select(alarms).where(alarms.c.id == call["alarm_id"]))
    assert alarm is not None
    return Letter(
        call_id=int(call["id"]),
        alarm=alarm,
        post=Post(call["post"]),
        staff_id=int(call["staff_id"]),
        chat_id=chat_id,
        times=times,
        message_id=tx.scalar(select(alarm_letters.c.message_id).where(alarm_letters.c.call_id == call["id"])),
        words=str(tx.scalar(select(messages.c.text).where(messages.c.id == alarm["message_id"])) or ""),
        number=_number(tx, alarm["ticket_id"], int(call["staff_id"])),
    )


def _number(tx: Tx, ticket_id: int | None, staff_id: int) -> str | None:
    if ticket_id is None or not stepping_aside.may_see(tx, ticket_id, staff_id=staff_id):
        return None
    return str(tx.scalar(select(tickets.c.number).where(tickets.c.id == ticket_id)))


def said(tx: Tx, letter: Letter, message_id: int) -> None:
    values: dict[str, Any] = {"message_id": message_id, "times": letter.times, "settled_at": None}
    if not tx.changed(alarm_letters.update().where(alarm_letters.c.call_id == letter.call_id).values(values)):
        tx.insert(alarm_letters, call_id=letter.call_id, alarm_id=letter.alarm["id"], **values)


def group_untold(_: Tx) -> ColumnElement[bool]:
    """True of alarms somebody has taken and has still in hand, and the group was not told who."""
    told = (alarm_letters.c.alarm_id == alarms.c.id) & alarm_letters.c.call_id.is_(None)
    since = told & (alarm_letters.c.settled_at >= alarms.c.taken_at)
    running = and_(alarms.c.taken_at.is_not(None), alarms.c.ended_at.is_(None), alarms.c.ticket_id.is_(None))
    return and_(running, ~exists().where(since).correlate(alarms))


def to_tell_group(tx: Tx) -> Sequence[RowMapping]:
    """Each is counted as told."""
    rows = tx.all(select(alarms).where(group_untold(tx)).order_by(alarms.c.id).with_for_update(skip_locked=True))
    for row in rows:
        told = (alarm_letters.c.alarm_id == row["id"]) & alarm_letters.c.call_id.is_(None)
        if not tx.changed(alarm_letters.update().where(told).values(settled_at=tx.now)):
            tx.insert(alarm_letters, alarm_id=row["id"], times=1, settled_at=tx.now)
    return rows


def settled(tx: Tx, letter: Letter) -> None:
    mine = alarm_letters.c.call_id == letter.call_id
    tx.execute(alarm_letters.update().where(mine).values(settled_at=tx.now))


def holder(tx: Tx, alarm: RowMapping) -> str | None:
    """Who has it."""
    found: str | None = tx.scalar(select(staff_table.c.name).where(staff_table.c.id == alarm["taken_by"]))
    return found


def names_called(tx: Tx, alarm_id: int, *, but: int) -> Sequence[str]:
    """Who else is called for it now."""
    query = select(staff_table.c.name).join(alarm_calls, alarm_calls.c.staff_id == staff_table.c.id)
    mine = (alarm_calls.c.alarm_id == alarm_id) & (alarm_calls.c.staff_id != but) & alarm_calls.c.handed_at.is_(None)
    return list(dict.fromkeys(str(name) for (name,) in tx.tuples(query.where(mine).order_by(alarm_calls.c.id))))
