"""What residents say of a matter reported as done - solved, not solved, not yet seen - and what it does, once.

Whoever filed a ticket, or brought it to a further phone with its claim code, may judge it; a family proxy as far as their
authority goes; a neighbour who only follows it may not. A press names the round it was asked in: one of an earlier round
changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, select

from knowledge import closing, life, units
from knowledge.closing import Closed, Verdict
from knowledge.escalation import higher
from knowledge.life import Refusal, State
from knowledge.proxies import Act
from storage import call_backs, clocks, mediation
from storage.rights import access
from storage.tables import conversations, tickets
from storage.tickets import listeners, record
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Judged:
    """What a verdict led to.

    ``kind``: ``solved``, ``not_solved`` (taken up again), ``not_seen`` (asked again at ``ask_at``), ``not_confirmed``,
    ``again`` (that was said before), ``stale`` (a round that is over, or nothing to judge).
    """

    kind: str
    ticket: RowMapping

    @property
    def id(self) -> int:
        return int(self.ticket["id"])

    @property
    def round(self) -> int:
        return int(self.ticket["redos"])


ACTS = {Verdict.SOLVED: Act.SOLVED, Verdict.NOT_SOLVED: Act.NOT_SOLVED, Verdict.NOT_SEEN: Act.NOT_SEEN}


def hold(tx: Tx, which: ColumnElement[bool]) -> RowMapping:
    """One ticket as it is, held until the commit; LookupError where there is none."""
    row = tx.first(select(tickets).where(which).with_for_update())
    if row is None:
        raise LookupError("no such ticket")
    return row


def judge(
    tx: Tx,
    ticket_id: int,
    *,
    chat_id: int,
    verdict: Verdict,
    round: int | None = None,
    via: str = "button",
    reason: str | None = None,
) -> Judged | None:
    """The resident's verdict; None when the ticket is not theirs to judge. ``round`` None: of the current one."""
    right = access(tx, ticket_id, chat_id=chat_id, act=ACTS[verdict])
    if right is None:
        return None
    row = hold(tx, tickets.c.id == right.ticket.id)
    asked = right.ticket.id == ticket_id and round in (None, row["redos"])
    current = asked and mediation.of_ticket(tx, ticket_id) is None
    found = _worth(row, verdict) if current else "stale"
    if found is not None:
        return Judged(found, row)
    call_backs.keep(tx, row, via=via, chat_id=chat_id, contacted=True, solved=verdict.value, reason=reason)
    right.keep(tx)
    return _follow(tx, row, verdict, reason)


def _worth(row: RowMapping, verdict: Verdict) -> str | None:
    """None where the verdict changes something; otherwise ``again`` or ``stale``."""
    waited, over = row["state"] == State.CALLING_BACK, row["state"] == State.CLOSED
    if verdict is Verdict.SOLVED:
        if over:
            return "again" if row["outcome"] == Closed.SOLVED else None
        return None if life.is_open(row["state"]) else "stale"
    if verdict is Verdict.NOT_SOLVED:
        return None if waited or over else "stale"
    return None if waited else "stale"


def _follow(tx: Tx, row: RowMapping, verdict: Verdict, reason: str | None) -> Judged:
    if verdict is Verdict.SOLVED:
        return closed(tx, row, Closed.SOLVED, actor="resident")
    if verdict is Verdict.NOT_SOLVED:
        return redone(tx, row, reason=reason, actor="resident")
    return later(tx, row, actor="resident")


def closed(tx: Tx, row: RowMapping, outcome: Closed, *, actor: str, staff_id: int | None = None) -> Judged:
    """It is over: solved by the resident's word, or never confirmed."""
    values = {**clocks.QUIET, "state": State.CLOSED.value, "outcome": outcome.value, "closed_at": tx.now}
    values |= {"waiting_resident": False, "waiting_since": None, "supervised_at": None, "follow_up_at": None}
    return _change(tx, row, values, outcome.value, actor=actor, staff_id=staff_id)


def redone(tx: Tx, row: RowMapping, *, reason: str | None, actor: str, staff_id: int | None = None) -> Judged:
    """Not solved: taken up again one level higher, with a new clock; the desk sees why. Not solved again and again, it is
    supervised (WO-17)."""
    action = "redo" if row["state"] == State.CALLING_BACK else "reopen"
    state = life.step(row["state"], action, "resident")
    if isinstance(state, Refusal):
        return Judged("stale", row)
    values = {
        **clocks.QUIET,
        **clocks.redo(row, tx),
        "state": state.value,
        "level": int(higher(row["level"])),
        "redos": row["redos"] + 1,
        "outcome": None,
        "closed_at": None,
        "unread": row["unread"] + 1,
        "follow_up_at": None,
    }
    watched = row["supervised_at"] is None and row["redos"] + 1 >= units.shipped().supervise_after_redos
    values |= {"supervised_at": tx.now} if watched else {}
    judged = _change(tx, row, values, "not_solved", actor=actor, staff_id=staff_id, note=reason)
    if watched:
        record(tx, int(row["id"]), actor="bot", action="supervise_redo", from_state=state, to_state=state)
    return judged


def later(tx: Tx, row: RowMapping, *, actor: str, staff_id: int | None = None) -> Judged:
    """Not yet seen: asked again after the stated time."""
    return _change(tx, row, clocks.not_seen(row, tx), "not_seen", actor=actor, staff_id=staff_id)


def _change(tx: Tx, row: RowMapping, values: dict[str, Any], action: str, **who: Any) -> Judged:
    ticket_id, to_state = int(row["id"]), str(values.get("state", row["state"]))
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(values | {"revision": row["revision"] + 1}))
    record(tx, ticket_id, action=action, from_state=row["state"], to_state=to_state, **who)
    tx.wake("desk")
    return Judged(action, hold(tx, tickets.c.id == ticket_id))


def rate(tx: Tx, ticket_id: int, *, chat_id: int, round: int, value: str) -> Judged | None:
    """How satisfied they are, once a round; ``again`` when it was given, ``stale`` when the round is over."""
    right = access(tx, ticket_id, chat_id=chat_id, act=Act.RATE)
    if right is None or closing.shipped().answer(value) is None:
        return None
    row = hold(tx, tickets.c.id == right.ticket.id)
    if row["id"] != ticket_id or row["redos"] != round or row["outcome"] is None:
        return Judged("stale", row)
    if call_backs.rated(tx, row):
        return Judged("again", row)
    call_backs.keep(tx, row, via="button", chat_id=chat_id, contacted=True, satisfied=value)
    right.keep(tx)
    record(tx, ticket_id, actor="resident", action="rate", from_state=row["state"], to_state=row["state"], note=value)
    tx.wake("desk")
    return Judged("rated", row)


def give_reason(tx: Tx, ticket_id: int, *, chat_id: int, text: str, message_id: int | None) -> Judged | None:
    """Why it is not solved, or why they are not satisfied, in their own words; staff read it as new words."""
    right = access(tx, ticket_id, chat_id=chat_id, act=Act.WHY)
    if right is None:
        return None
    ticket_id = right.ticket.id
    row = hold(tx, tickets.c.id == ticket_id)
    call_backs.keep(tx, row, via="words", chat_id=chat_id, contacted=True, reason=text)
    right.keep(tx)
    values = {"unread": row["unread"] + 1, "revision": row["revision"] + 1}
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(values))
    state = row["state"]
    record(
        tx,
        ticket_id,
        actor="resident",
        action="reason",
        from_state=state,
        to_state=state,
        note=text,
        message_id=message_id,
    )
    tx.wake("desk")
    return Judged("reason", row)


def due_to_ask(tx: Tx, *, limit: int = 50) -> list[tuple[RowMapping, list[int]]]:
    """Tickets whose resident is to be asked once more now, with the chats to ask in; each marked as asked.

    While a person has their chat the bot is silent there: it asks afterwards.
    """
    with_a_person = select(conversations.c.chat_id).where(conversations.c.state != "ended")
    due = and_(tickets.c.ask_at <= tx.now, tickets.c.chat_id.not_in(with_a_person))
    query = select(tickets).where(due).order_by(tickets.c.ask_at).limit(limit)
    return [_asked(tx, row) for row in tx.all(query.with_for_update(skip_locked=True))]


def _asked(tx: Tx, row: RowMapping) -> tuple[RowMapping, list[int]]:
    ticket_id, state = int(row["id"]), str(row["state"])
    waited = life.is_open(state) and (row["waiting_resident"] or state == State.CALLING_BACK)
    values = clocks.reminded(row, tx) if waited else dict(clocks.QUIET)
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(values))
    if waited:
        record(tx, ticket_id, actor="bot", action="remind", from_state=state, to_state=state)
    return row, listeners(tx, ticket_id) if waited else []


def call_at(tx: Tx, ticket_id: int) -> datetime | None:
    """From when on a person calls about it."""
    found: datetime | None = tx.scalar(select(tickets.c.call_at).where(tickets.c.id == ticket_id))
    return found
