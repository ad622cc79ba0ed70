"""How far a notice has come, and in the end exactly what became of it for each recipient."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, update

from knowledge.broadcasts import rules
from storage import staff
from storage.tables import chats, notice_recipients, outbox
from storage.transaction import Tx

OUTCOMES: Mapping[str, str] = {"dead": "lost", "doubtful": "doubtful", "pending": "on_the_way", "sending": "on_the_way"}
LETTERS = frozenset(OUTCOMES.values())
COLUMNS = ("number", "channel", "result", "reason", "at")
PAGE = 1000


@dataclass(frozen=True, slots=True)
class Progress:
    """``now`` may be told at once, ``later`` when their night is over, the first at ``later_at``."""

    now: int
    later: int
    later_at: datetime | None
    sent: int
    over: timedelta

    @property
    def minutes_left(self) -> int:
        return rules().minutes_left(self.now, sent=self.sent, over=self.over)

    @property
    def per_minute(self) -> int:
        return round(self.sent / (self.over.total_seconds() / 60)) if self.sent else 0


def counted(tx: Tx, notice_id: int) -> dict[str, int]:
    """How many in each state; of those it was said to how many letters are ``lost``, ``doubtful`` or on their way."""
    mine = notice_recipients.c.notice_id == notice_id
    by_state = select(notice_recipients.c.state, func.count()).where(mine).group_by(notice_recipients.c.state)
    found: Counter[str] = Counter(dict(tx.tuples(by_state)))
    letters = (
        select(outbox.c.state, func.count()).join(notice_recipients, _letter()).where(mine, outbox.c.state != "sent")
    )
    for state, number in tx.tuples(letters.group_by(outbox.c.state)):
        found[OUTCOMES[state]] += number
    return dict(found)


def people(found: Mapping[str, int]) -> int:
    """All recipients, whatever became of them."""
    return sum(number for state, number in found.items() if state not in LETTERS)


def progress(tx: Tx, notice_id: int) -> Progress:
    """Of one that is being sent: the pace is that of the last minutes."""
    mine = (notice_recipients.c.notice_id == notice_id) & (notice_recipients.c.state == "waiting")
    later = notice_recipients.c.not_before > tx.now
    held = case((later, notice_recipients.c.not_before), else_=None)
    row = tx.tuples(select(func.count(), func.count(held), func.min(held)).where(mine))[0]
    since = tx.now - rules().pace_over
    told = (notice_recipients.c.notice_id == notice_id) & (notice_recipients.c.state == "said")
    recent = select(func.count(), func.min(notice_recipients.c.at)).where(told, notice_recipients.c.at > since)
    sent, first = tx.tuples(recent)[0]
    over = max(tx.now - first, timedelta(seconds=1)) if first else rules().pace_over
    return Progress(row[0] - row[1], row[1], row[2], sent, over)


def settle(tx: Tx, notice_id: int) -> None:
    """What became of each letter, kept with its recipient: the outbox forgets, a report does not."""
    mine = notice_recipients.c.notice_id == notice_id
    said = mine & (notice_recipients.c.state == "said")
    tx.execute(update(notice_recipients).where(said).values(outcome="arrived"))
    away = select(notice_recipients.c.id, outbox.c.state, _error()).join(outbox, _letter())
    away = away.join(chats, chats.c.id == notice_recipients.c.chat_id)
    for key, state, error in tx.tuples(away.where(mine, outbox.c.state.in_(("dead", "doubtful")))):
        values = {"outcome": OUTCOMES[state], "reason": error}
        tx.execute(update(notice_recipients).where(notice_recipients.c.id == key).values(values))


def _letter() -> ColumnElement[bool]:
    return (outbox.c.message_id == notice_recipients.c.message_id) & (outbox.c.operation == "send")


def rows(tx: Tx, notice_id: int, after: int = 0) -> Sequence[dict[str, Any]]:
    """A page of the report, a line a recipient: its channel and what came of it; no names, no homes."""
    kept, now = notice_recipients.c.outcome, _now_of_letters()
    result = func.coalesce(kept, case((notice_recipients.c.state == "said", now), else_=notice_recipients.c.state))
    query = select(notice_recipients.c.id, chats.c.channel, result, _reason(), notice_recipients.c.at)
    query = query.join(chats, chats.c.id == notice_recipients.c.chat_id).outerjoin(outbox, _letter())
    query = query.where(notice_recipients.c.notice_id == notice_id, notice_recipients.c.id > after)
    found = tx.tuples(query.order_by(notice_recipients.c.id).limit(PAGE))
    return [dict(zip(("id", *COLUMNS[1:]), row, strict=True)) for row in found]


def _now_of_letters() -> ColumnElement[str]:
    """Of a notice that is not over yet."""
    told = or_(outbox.c.state.is_(None), outbox.c.state == "sent")
    return case((told, literal("arrived")), *((outbox.c.state == state, name) for state, name in OUTCOMES.items()))


def _reason() -> ColumnElement[Any]:
    return func.coalesce(notice_recipients.c.reason, case((outbox.c.state.in_(("dead", "doubtful")), _error())))


def _error() -> ColumnElement[Any]:
    """Why a letter did not arrive: ``blocked``, or what the channel said."""
    shut = and_(outbox.c.state == "dead", chats.c.blocked_at.is_not(None))
    return case((shut, literal("blocked")), else_=outbox.c.error)


def taken(tx: Tx, notice_id: int, format: str, *, staff_id: int) -> None:
    """Somebody took the report with them, as a file."""
    staff.note(tx, staff_id, "notice_report", str(notice_id), format=format)
