"""Which tickets may be the same matter as this one: for staff who may meet them, each with what speaks for it (WO-18).

Only tickets near in time are looked at, by the resident, the building, and the rarest of the words; of what is confidential
or a dispute nothing is suggested to anybody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, RowMapping, and_, func, select

from knowledge import searching
from knowledge.incidents import ROUTES
from knowledge.life import State
from knowledge.likeness import Facts, Likeness, likeness, shipped
from storage import folded, linking
from storage.stepping_aside import open_to
from storage.tables import ticket_grams, tickets
from storage.transaction import Tx

LOOKED_AT = 40
"""Tickets of one building, or with one word, that are compared: the newest."""
RARE_WORDS = 6
NEWEST = 5_000
"""Words are looked for among so many of the newest tickets, however many there are."""


@dataclass(frozen=True, slots=True)
class Similar:
    """Another ticket, and why it may be the same."""

    ticket: RowMapping
    likeness: Likeness


@dataclass(frozen=True, slots=True)
class Often:
    """The same thing at the same place: how often it was reported in the last days, this one included."""

    count: int
    closed: int


def similar(tx: Tx, row: RowMapping, *, staff_id: int) -> list[Similar]:
    """The likest first, at most as many as the rules show; without what was linked, merged, or is another matter."""
    seen = {*linking.known(tx, int(row["id"])), *folded.held_in(tx, int(row["id"]))}
    mine = facts(row)
    found = [
        Similar(other, like)
        for other in _candidates(tx, row, staff_id)
        if int(other["id"]) not in seen and (like := likeness(mine, facts(other))) is not None
    ]
    return sorted(found, key=lambda one: (-one.likeness.points, -int(one.ticket["id"])))[: shipped().shown]


def facts(row: RowMapping) -> Facts:
    return Facts(
        id=int(row["id"]),
        resident_id=int(row["resident_id"]) if not row["anonymous"] else -int(row["id"]),
        category=row["category"],
        topic=row["topic"],
        building=row["building"],
        unit=row["unit"],
        said=f"{row['title']} {row['description']}",
        opened_at=row["opened_at"],
    )


def _candidates(tx: Tx, row: RowMapping, staff_id: int) -> Iterable[RowMapping]:
    span = shipped().span
    lately = and_(tickets.c.opened_at > row["opened_at"] - span, tickets.c.opened_at < row["opened_at"] + span)
    common = (lately, tickets.c.id != row["id"], *_OPENLY, open_to(staff_id))
    ways: list[ColumnElement[bool]] = [tickets.c.id.in_(_with_words(tx, row))]
    if not row["anonymous"]:
        ways.append(tickets.c.resident_id == row["resident_id"])
    if row["building"]:
        ways.append(tickets.c.building == row["building"])
    queries = (select(tickets).where(way, *common).order_by(tickets.c.id.desc()).limit(LOOKED_AT) for way in ways)
    found = {int(other["id"]): other for query in queries for other in tx.all(query)}
    return found.values()


def _with_words(tx: Tx, row: RowMapping) -> list[int]:
    """Tickets that have the rarest of this one's words, as far as its words are open to a search."""
    floor = int(row["id"]) - NEWEST
    said = sorted(searching.grams(f"{row['title']} {row['description']}"))
    near = and_(ticket_grams.c.ticket_id > floor, ticket_grams.c.gram.in_([gram for gram in said if gram[0] != "*"]))
    count = func.count()
    counted = select(ticket_grams.c.gram).where(near).group_by(ticket_grams.c.gram).having(count > 1)
    rare = [gram for (gram,) in tx.tuples(counted.order_by(count, ticket_grams.c.gram).limit(RARE_WORDS))]
    among = and_(ticket_grams.c.gram.in_(rare), ticket_grams.c.ticket_id > floor)
    shared = select(ticket_grams.c.ticket_id).where(among).group_by(ticket_grams.c.ticket_id)
    newest = shared.order_by(func.count().desc(), ticket_grams.c.ticket_id.desc()).limit(LOOKED_AT)
    return [int(ticket_id) for (ticket_id,) in tx.tuples(newest)]


def often(tx: Tx, row: RowMapping, *, staff_id: int) -> Often | None:
    """None where the matter is of nobody else's concern, or did not come often."""
    if not row["topic"] or not row["building"]:
        return None
    here = and_(tickets.c.building == row["building"], tickets.c.topic == row["topic"])
    if row["unit"]:
        here = and_(here, (tickets.c.unit == row["unit"]) | tickets.c.unit.is_(None))
    lately = tickets.c.opened_at > row["opened_at"] - shipped().span
    query = select(func.count(), func.count(tickets.c.closed_at)).where(here, lately, *_OPENLY, open_to(staff_id))
    [(count, closed)] = tx.tuples(query)
    return Often(count, closed) if count >= shipped().often else None


_OPENLY = (
    tickets.c.confidential.is_(False),
    tickets.c.route.in_(sorted(ROUTES)),
    tickets.c.state != State.MERGED.value,
)
