"""What time brings to a ticket's work: a unit that does not sign is reminded and then climbs; what is over is put away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, RowMapping, and_, select

from knowledge import units as rules
from knowledge.escalation import higher
from knowledge.life import State
from storage import units
from storage.offices import office_for
from storage.tables import ticket_units, tickets
from storage.tickets import record
from storage.transaction import Tx
from storage.units import Unit

AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Unsigned:
    """A ticket its unit has not signed for; ``climbed``: not for the first time."""

    ticket: RowMapping
    unit: Unit
    climbed: bool


def unsigned(tx: Tx) -> list[Unsigned]:
    """Each is told of when its time is up; from the second time on the ticket climbs one level (WO-17)."""
    waits = and_(may_be_due(tx), tickets.c.state == State.ASSIGNED.value)
    query = select(ticket_units).join(tickets, tickets.c.id == ticket_units.c.ticket_id).where(waits)
    rows = tx.all(query.order_by(ticket_units.c.sign_by).limit(AT_ONCE).with_for_update(skip_locked=True))
    return [_asked(tx, part) for part in rows]


def may_be_due(tx: Tx) -> ColumnElement[bool]:
    return ticket_units.c.sign_by <= tx.now


def _asked(tx: Tx, part: RowMapping) -> Unsigned:
    row = tx.first(select(tickets).where(tickets.c.id == part["ticket_id"]))
    unit = units.get(tx, part["unit_id"])
    assert row is not None
    assert unit is not None
    climbed, state = part["sign_asked"] > 0, str(row["state"])
    again = rules.shipped().sign[row["urgency"]].after(tx.now, office_for(tx, row), "WO-05").due_at
    mine = ticket_units.c.id == part["id"]
    tx.execute(ticket_units.update().where(mine).values(sign_by=again, sign_asked=part["sign_asked"] + 1))
    values = {"revision": row["revision"] + 1} | ({"level": int(higher(row["level"]))} if climbed else {})
    tx.execute(tickets.update().where(tickets.c.id == row["id"]).values(values))
    action = "sign_late" if climbed else "sign_reminded"
    record(tx, int(row["id"]), actor="bot", action=action, from_state=state, to_state=state, note=unit.zh)
    tx.wake("desk")
    return Unsigned(row, unit, climbed)


def to_archive(tx: Tx) -> ColumnElement[bool]:
    """Over for as long as is stated, and not put away."""
    before = tx.now - timedelta(days=rules.shipped().archive_after_days)
    return and_(tickets.c.closed_at.is_not(None), tickets.c.closed_at <= before, tickets.c.state != "archived")


def archive(tx: Tx) -> int:
    """Put away what has been over long enough; how many. No unit has anything of it from then on."""
    query = select(tickets.c.id, tickets.c.state).where(to_archive(tx), tickets.c.state.in_(_OVER))
    rows = tx.all(query.order_by(tickets.c.closed_at).limit(AT_ONCE).with_for_update(skip_locked=True))
    for row in rows:
        put_away(tx, row)
        to_state, ticket_id = State.ARCHIVED.value, int(row["id"])
        record(tx, ticket_id, actor="bot", action="archive", from_state=row["state"], to_state=to_state)
    return len(rows)


def put_away(tx: Tx, row: RowMapping) -> None:
    """The state, and the end of every unit's part in it."""
    ticket_id = int(row["id"])
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(state=State.ARCHIVED.value))
    end_parts(tx, [ticket_id])


def end_parts(tx: Tx, ticket_ids: Sequence[int]) -> None:
    now = and_(ticket_units.c.ticket_id.in_(ticket_ids), ticket_units.c.ended_at.is_(None))
    tx.execute(ticket_units.update().where(now).values(ended_at=tx.now, sign_by=None))


_OVER = tuple(state.value for state in (State.CLOSED, State.DECLINED, State.TRANSFERRED, State.WITHDRAWN))
