"""The queues: what should be done now, most urgent first, a page at a time, however many tickets are over.

A page begins behind the last row of the one before (``Place``), never after so many rows: reaching the hundredth costs
what reaching the second does. What is asked of closed tickets walks at most ``SPAN`` of them and then says where it
stopped. Every page and search goes through ``open_to``: what a member must not see is in none of them (WO-24).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import ge, gt, le, lt
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    func,
    literal,
    literal_column,
    select,
    true,
    tuple_,
)

from knowledge import reach, searching
from knowledge.searching import Question
from storage.queue_kinds import stands_in
from storage.stepping_aside import open_to
from storage.tables import staff as staff_table
from storage.tables import ticket_grams, tickets
from storage.transaction import Tx

FACETS = ("building", "unit", "category", "route", "urgency")
PAGE = 50
SPAN = 10_000


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One line of the queue. ``due_at`` is the promise that counts next: first contact, then the result."""

    id: int
    number: str
    title: str
    route: str
    category: str | None
    building: str | None
    unit: str | None
    room: str | None
    place_note: str | None
    urgency: str
    confidential: bool
    state: str
    waiting_resident: bool
    waiting_since: datetime | None
    unread: int
    opened_at: datetime
    closed_at: datetime | None
    first_contact_at: datetime | None
    level: int
    redos: int
    outcome: str | None
    revision: int
    due_at: datetime
    assigned_to: int | None
    assignee: str | None
    lead_unit_id: int | None
    supervised_at: datetime | None
    follow_up_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a member asks for: a queue, words, and what the tickets must be like."""

    queue: str = "all"
    words: str = ""
    facets: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Behind which row a page begins: the values of the order it stands in. ``loose``: of a loosely asked search."""

    values: tuple[Any, ...]
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """``more``: where the next one begins, None at the end. ``stopped``: it walked far enough for one page, and there
    may be more behind. ``loose``: nothing had all the words together. ``short``: one character finds nothing."""

    rows: list[QueueRow]
    more: Place | None = None
    stopped: bool = False
    loose: bool = False
    short: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """The columns a list stands in the order of; ``down``: the last first."""

    columns: tuple[ColumnElement[Any], ...]
    down: bool = False

    def behind(self, values: Sequence[Any]) -> ColumnElement[bool]:
        return self._compared(lt if self.down else gt, values)

    def as_far_as(self, values: Sequence[Any]) -> ColumnElement[bool]:
        return self._compared(ge if self.down else le, values)

    def _compared(self, how: Callable[[Any, Any], Any], values: Sequence[Any]) -> ColumnElement[bool]:
        given = (literal(value, column.type) for value, column in zip(values, self.columns, strict=True))
        found: ColumnElement[bool] = how(tuple_(*self.columns), tuple_(*given))
        return found

    def knows(self, values: Sequence[Any]) -> bool:
        """True of a place in this order, and not of one in another."""
        kinds = [column.type.python_type for column in self.columns]
        return len(values) == len(kinds) and all(map(isinstance, values, kinds))

    @property
    def by(self) -> list[ColumnElement[Any]]:
        return [column.desc() if self.down else column for column in self.columns]


def page(tx: Tx, wanted: Wanted, *, staff_id: int, role: str, after: Place | None = None) -> Page:
    """One page of what is wanted, as far as this member may see it; a place of another order is the beginning."""
    if not wanted.words:
        return _listed(tx, wanted, stands_in(tx, wanted.queue, staff_id), staff_id, after)
    personal = reach.shipped().limit(role).personal
    question = searching.question(wanted.words, personal=personal == "free")
    if personal == "never":  # nobody fishes for words they may not read
        question = Question((), (), question.number)
        if question.number is None:
            return Page([])
    if not question:
        return Page([], short=True)
    if after is not None and after.loose:
        return _searched(tx, wanted, Question(question.loose, (), question.number), staff_id, after, loose=True)
    found = _searched(tx, wanted, question, staff_id, after)
    if found.rows or found.more or after is not None or not question.loose:
        return found
    return _searched(tx, wanted, Question(question.loose, (), question.number), staff_id, None, loose=True)


def _order(queue: str) -> Order:
    if queue == "closed":
        return Order((tickets.c.closed_at, tickets.c.id), down=True)
    if queue == "follow_up":
        return Order((tickets.c.follow_up_at, tickets.c.id))
    if queue in ("overdue", "soon"):
        return Order((tickets.c.next_due, tickets.c.id))
    return Order((tickets.c.urgency, tickets.c.next_due, tickets.c.id))


def _like(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What the tickets must be like. Where a confidential one is, is told to nobody who asks for a place."""
    found = [tickets.c[name] == value for name, value in wanted.facets.items() if name in FACETS and value]
    if wanted.facets.get("building") or wanted.facets.get("unit"):
        found.append(tickets.c.confidential.is_(False))
    return found


def _listed(
    tx: Tx, wanted: Wanted, condition: ColumnElement[bool], staff_id: int, after: Place | None, **flags: bool
) -> Page:
    """Of a queue, in its own order."""
    order, floor = _order(wanted.queue), None
    begin = _begin(order, after)
    narrow = _like(wanted)
    if wanted.queue == "closed" and narrow:
        walked = select(*order.columns).where(tickets.c.closed_at.is_not(None), *begin)
        floor = _floor(tx, walked, order)
    query = _rows(order).where(condition, *narrow, *begin)
    return _page(tx, query, order, staff_id, floor, **flags)


def _searched(
    tx: Tx, wanted: Wanted, question: Question, staff_id: int, after: Place | None, *, loose: bool = False
) -> Page:
    """By words: an open queue in its own order; everything, and what is over, the newest first."""
    condition = and_(*([stands_in(tx, wanted.queue, staff_id)] if wanted.queue != "all" else []), _numbered(question))
    if wanted.queue not in ("all", "closed"):
        return _listed(tx, wanted, and_(condition, *map(_has, question.grams)), staff_id, after, loose=loose)
    if question.number:
        order = Order((tickets.c.number,), down=True)
        query = _rows(order).where(condition, *map(_has, question.grams), *_like(wanted), *_begin(order, after))
        return _page(tx, query, order, staff_id, None, loose=loose)
    return _walked(tx, wanted, question, condition, staff_id, after, loose=loose)


def _walked(
    tx: Tx,
    wanted: Wanted,
    question: Question,
    condition: ColumnElement[bool],
    staff_id: int,
    after: Place | None,
    *,
    loose: bool,
) -> Page:
    """Along the tickets that have the rarest of the grams, the newest first, as far as ``SPAN`` of them."""
    rarest = min(question.grams, key=lambda gram: _how_many(tx, gram))
    order = Order((ticket_grams.c.ticket_id,), down=True)
    begin = (ticket_grams.c.gram == rarest, *_begin(order, after))
    floor = _floor(tx, select(*order.columns).where(*begin), order)
    others = [_has(gram) for gram in question.grams if gram != rarest]
    joined = _rows(order).join(ticket_grams, ticket_grams.c.ticket_id == tickets.c.id)
    return _page(tx, joined.where(*begin, condition, *others, *_like(wanted)), order, staff_id, floor, loose=loose)


def _how_many(tx: Tx, gram: str) -> int:
    """How many tickets have it; counting stops where it does not matter any more."""
    some = select(literal_column("1")).where(ticket_grams.c.gram == gram).limit(SPAN // 10).subquery()
    return int(tx.scalar(select(func.count()).select_from(some)))


def _has(gram: str) -> ColumnElement[bool]:
    one = ticket_grams.alias()
    return select(literal_column("1")).where(one.c.ticket_id == tickets.c.id, one.c.gram == gram).exists()


def _numbered(question: Question) -> ColumnElement[bool]:
    if question.number is None:
        return true()
    return and_(tickets.c.number >= question.number, tickets.c.number < question.number + "~")


def _begin(order: Order, after: Place | None) -> list[ColumnElement[bool]]:
    return [order.behind(after.values)] if after is not None and order.knows(after.values) else []


def _floor(tx: Tx, walked: Select[Any], order: Order) -> tuple[Any, ...] | None:
    """The row at which one page's walk ends; None where the list ends before it."""
    found = tx.tuples(walked.order_by(*order.by).offset(SPAN).limit(1))
    return found[0] if found else None


def _rows(order: Order) -> Select[Any]:
    columns = [tickets.c[name] for name in QueueRow.__dataclass_fields__ if name in tickets.c and name != "due_at"]
    found = select(
        *columns,
        func.coalesce(tickets.c.next_due, tickets.c.due_at).label("due_at"),
        staff_table.c.name.label("assignee"),
        *_place(order),
    )
    return found.outerjoin(staff_table, staff_table.c.id == tickets.c.assigned_to)


def _place(order: Order) -> list[ColumnElement[Any]]:
    return [column.label(f"place_{number}") for number, column in enumerate(order.columns)]


def _page(
    tx: Tx, query: Select[Any], order: Order, staff_id: int, floor: tuple[Any, ...] | None, *, loose: bool = False
) -> Page:
    if floor is not None:
        query = query.where(order.as_far_as(floor))
    found = tx.all(query.where(open_to(staff_id)).order_by(*order.by).limit(PAGE + 1))
    rows = [QueueRow(**{name: row[name] for name in QueueRow.__dataclass_fields__}) for row in found[:PAGE]]
    if len(found) > PAGE:
        last = tuple(found[PAGE - 1][f"place_{number}"] for number in range(len(order.columns)))
        return Page(rows, Place(last, loose), loose=loose)
    return Page(rows, Place(floor, loose) if floor else None, stopped=floor is not None, loose=loose)
