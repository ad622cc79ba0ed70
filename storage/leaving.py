"""What somebody who leaves had in hand, and how it goes back to the line: nothing stays with a person who is not there."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, func, select

from knowledge.life import State, is_open
from storage import households_of
from storage.tables import alarms, care_notes, conversations, mediations, ticket_events, tickets
from storage.transaction import Tx

OPEN_STATES = [state.value for state in State if is_open(state)]


@dataclass(frozen=True, slots=True)
class InHand:
    """How much somebody looks after now."""

    tickets: int
    conversations: int
    alarms: int
    cases: int
    care: int
    households: int = 0

    @property
    def anything(self) -> bool:
        return any((self.tickets, self.conversations, self.alarms, self.cases, self.care, self.households))


def in_hand(tx: Tx, staff_id: int) -> InHand:
    return InHand(
        tickets=_count(tx, tickets, theirs(staff_id)),
        conversations=_count(tx, conversations, conversations.c.taken_by == staff_id, conversations.c.state == "held"),
        alarms=_count(tx, alarms, alarms.c.taken_by == staff_id, alarms.c.ended_at.is_(None)),
        cases=_count(tx, mediations, mediations.c.mediator_id == staff_id, mediations.c.ended_at.is_(None)),
        care=_count(tx, care_notes, care_notes.c.named_to == staff_id, care_notes.c.closed_at.is_(None)),
        households=households_of.of(tx, staff_id),
    )


def put_back(tx: Tx, staff_id: int) -> int:
    """Their open tickets are nobody's from now on, each with a line of history; how many. Promises run on."""
    rows = tx.all(select(tickets).where(theirs(staff_id)).with_for_update())
    for row in rows:
        values = {"assigned_to": None, "revision": row["revision"] + 1}
        tx.execute(tickets.update().where(tickets.c.id == row["id"]).values(values))
        state = {"from_state": row["state"], "to_state": row["state"]}
        tx.insert(ticket_events, ticket_id=row["id"], at=tx.now, actor="bot", action="put_back", **state)
    if rows:
        tx.wake("desk")
    return len(rows)


def theirs(staff_id: int) -> ColumnElement[bool]:
    return (tickets.c.assigned_to == staff_id) & tickets.c.state.in_(OPEN_STATES)


def _count(tx: Tx, table: Table, *which: ColumnElement[bool]) -> int:
    return int(tx.scalar(select(func.count()).select_from(table).where(*which)))
