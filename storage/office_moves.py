"""What a change of the office's time moves: call-backs that were agreed for hours it takes away go to the next opening.

Promises that were given stand; how many of them end while nobody is there is said. Looked at by making the change and
taking it back, so that what is shown is what will be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import RowMapping, select

from knowledge import own_terms
from knowledge.appointments import Slot, offered
from knowledge.calendar import CHINA, OfficeCalendar
from knowledge.deadlines import TERMS
from storage import office_time
from storage.offices import Offices
from storage.tables import appointments, chats, tickets
from storage.tickets import OPEN
from storage.transaction import Tx

EXAMPLE = "service_request", "repair"
A_MOMENT = timedelta(seconds=1)


class OnlyLooked(Exception):
    """Nothing was changed; ``moves`` is what would have been."""

    def __init__(self, moves: Moves) -> None:
        super().__init__("only looked")
        self.moves = moves


@dataclass(frozen=True, slots=True)
class Example:
    """When a matter of this urgency is promised, said on the first day of the change."""

    urgency: str
    was: datetime
    now: datetime


@dataclass(frozen=True, slots=True)
class Moved:
    """An appointment, and when it is kept instead."""

    row: RowMapping
    slot: Slot
    office: OfficeCalendar


@dataclass(frozen=True, slots=True)
class Moves:
    examples: list[Example]
    appointments: list[Moved]
    promises: int


def moving(tx: Tx, change: Callable[[Tx], object], *, since: date, community_id: int | None) -> Moves:
    """Make ``change``, which begins on that day, of one community or the house, and move what it moves."""
    before = Offices(tx)
    keys = before.communities() if community_id is None else [community_id]
    for key in keys:
        before.of(key)
    examples = _promised(tx, since, before.of(community_id))
    change(tx)
    after = Offices(tx)
    lost = {key for key in keys if before.of(key) != after.of(key)}
    found = list(_appointments(tx, before, after, lost))
    for one in found:
        values = {"at": one.slot.start, "until": one.slot.end, "level": None, "revision": one.row["revision"] + 1}
        tx.execute(appointments.update().where(appointments.c.id == one.row["id"]).values(values))
    then = _promised(tx, since, after.of(community_id))
    told = [Example(urgency, was, then[urgency]) for urgency, was in examples.items() if was != then[urgency]]
    return Moves(told, found, _ending(tx, before, after, lost))


def _promised(tx: Tx, since: date, office: OfficeCalendar) -> dict[str, datetime]:
    said_at = max(tx.now, datetime.combine(since, time(), CHINA))
    terms = office_time.changes(tx)
    found = {one: own_terms.promised(terms, *EXAMPLE, one, said_at, office=office) for one in TERMS}
    return {urgency: promises.close.due_at for urgency, promises in found.items()}


def _appointments(tx: Tx, before: Offices, after: Offices, lost: set[int]) -> Iterator[Moved]:
    query = select(appointments, chats.c.language).join(chats, chats.c.id == appointments.c.chat_id)
    query = query.where(appointments.c.state == "open", appointments.c.at > tx.now).order_by(appointments.c.id)
    for row in tx.all(query.with_for_update(of=appointments)):
        whose = after.community_of_chat(row["chat_id"])
        if whose in lost and before.of(whose).is_open(row["at"]) and not after.of(whose).is_open(row["at"]):
            office = after.of(whose)
            yield Moved(row, offered(max(tx.now, row["at"]), office=office, count=1)[0], office)


def _ending(tx: Tx, before: Offices, after: Offices, lost: set[int]) -> int:
    """Open promises that end in hours that are taken away: they stand."""
    columns = (tickets.c.community_id, tickets.c.building, tickets.c.due_at)
    rows = tx.all(select(*columns).where(tickets.c.state.in_(OPEN), tickets.c.due_at > tx.now))
    ends = ((after.whose(row), row["due_at"] - A_MOMENT) for row in rows)
    return sum(before.of(whose).is_open(at) and not after.of(whose).is_open(at) for whose, at in ends if whose in lost)
