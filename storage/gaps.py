"""Questions that found no answer or not a good one: kept as they happen, put together where they are one, listed.

A row is written with the answer that was none. Groups are made afterwards in small steps (a clock), so that no page and no
message waits for the comparing. What was dealt with is gone from the list until it is asked again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from knowledge.alike import Groups, core, rules
from knowledge.private_data import nameless
from storage.stepping_aside import no_complaint
from storage.tables import gap_groups, gaps, messages
from storage.transaction import Tx

SPAN = timedelta(days=90)
SPANS = (90, 180, 365)
"""Days that can be looked back on; questions are put together by those of ``SPAN``."""
WHYS = ("unknown", "unsure", "not_helpful", "outside")
SORTED_AT_ONCE, COMPARED = 20, 6000
LISTED, EXAMPLES, LONGEST = 60, 4, 160


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions that are one. ``people``: chats; ``whys``: how many of which kind; ``again``: it was dealt with before."""

    id: int
    count: int
    people: int
    person: int
    whys: Mapping[str, int]
    last_at: datetime
    again: bool
    examples: tuple[str, ...]

    @property
    def words(self) -> str:
        return self.examples[0]


# --- kept -------------------------------------------------------------------------------------------------------------
def note(tx: Tx, answer_id: int, *, chat_id: int, question_id: int | None, why: str) -> None:
    """A question that was not answered; once an answer and kind."""
    same = (gaps.c.answer_id == answer_id) & (gaps.c.why == why)
    if tx.scalar(select(gaps.c.id).where(same)) is None:
        row = {"answer_id": answer_id, "chat_id": chat_id, "question_id": question_id, "why": why}
        tx.insert(gaps, at=tx.now, **row)


def wants_person(tx: Tx, answer_id: int) -> None:
    tx.execute(gaps.update().where(gaps.c.answer_id == answer_id).values(person=True))


# --- put together -----------------------------------------------------------------------------------------------------
def waits(_: Tx) -> ColumnElement[bool]:
    """True of a question that is in no group."""
    return gaps.c.group_id.is_(None) & gaps.c.question_id.is_not(None)


def sort_some(tx: Tx, limit: int = SORTED_AT_ONCE) -> int:
    """Put the next ones into the groups they belong to; how many."""
    query = select(gaps.c.id, messages.c.text).join(messages, messages.c.id == gaps.c.question_id)
    fresh = tx.tuples(query.where(gaps.c.group_id.is_(None)).order_by(gaps.c.id).limit(limit))
    if not fresh:
        return 0
    groups = Groups({key: list(cores) for key, cores in _known(tx).items()})
    for gap_id, text in fresh:
        about = core(nameless(text or ""))
        found = groups.nearest(about) if about else None
        group_id = found if found is not None else tx.insert(gap_groups, made_at=tx.now)
        groups.put(about, group_id)
        tx.execute(gaps.update().where(gaps.c.id == gap_id).values(group_id=group_id, core=about))
    tx.wake("desk")
    return len(fresh)


def _known(tx: Tx) -> dict[int, list[str]]:
    """The newest questions of each group, of the last months."""
    query = select(gaps.c.group_id, gaps.c.core).where(gaps.c.at > tx.now - SPAN, gaps.c.group_id.is_not(None))
    kept = query.where(gaps.c.core.is_not(None)).order_by(gaps.c.at.desc()).limit(COMPARED)
    found: dict[int, list[str]] = defaultdict(list)
    for group_id, about in tx.tuples(kept):
        if len(found[group_id]) < rules().newest:
            found[group_id].append(about)
    return found


# --- listed -----------------------------------------------------------------------------------------------------------
def listed(
    tx: Tx, *where: ColumnElement[bool], outside: bool = False, days: int = SPAN.days, limit: int = LISTED
) -> list[Gap]:
    """What waits to be dealt with, the most asked first. ``outside``: those that were only ever declined instead."""
    declined = func.sum(case((gaps.c.why == "outside", 1), else_=0))
    whys = [func.sum(case((gaps.c.why == name, 1), else_=0)) for name in WHYS]
    columns = (gaps.c.group_id, func.count(), func.count(gaps.c.chat_id.distinct()), func.max(gaps.c.at))
    wanted = func.sum(case((gaps.c.person, 1), else_=0))
    query = select(*columns, wanted, func.max(gap_groups.c.settled_at), *whys).select_from(gaps).join(gap_groups)
    query = query.where(*_open(tx, days), *where).group_by(gaps.c.group_id)
    query = query.having(declined == func.count() if outside else declined < func.count())
    rows = tx.tuples(query.order_by(func.count().desc(), func.max(gaps.c.at).desc(), gaps.c.group_id).limit(limit))
    said = examples(tx, [row[0] for row in rows], *where)
    return [_gap(row, said[row[0]]) for row in rows if said.get(row[0])]


def _gap(row: tuple[int | datetime | None, ...], said: Sequence[str]) -> Gap:
    group_id, count, people, last_at, person, settled_at, *numbers = row
    whys = {name: int(number) for name, number in zip(WHYS, numbers, strict=True) if number}  # type: ignore[arg-type]
    return Gap(group_id, count, people, person or 0, whys, last_at, settled_at is not None, tuple(said))  # type: ignore[arg-type]


def _open(tx: Tx, days: int) -> list[ColumnElement[bool]]:
    """Asked in these last days and since the group was last dealt with; nothing somebody steps aside from."""
    since = or_(gap_groups.c.settled_at.is_(None), gaps.c.at > gap_groups.c.settled_at)
    return [gaps.c.at > tx.now - timedelta(days=days), since, _shown()]


def _shown() -> ColumnElement[bool]:
    hidden = select(messages.c.id).where(messages.c.ticket_id.is_not(None), ~no_complaint())
    return and_(gaps.c.question_id.is_not(None), gaps.c.question_id.not_in(hidden))


def examples(tx: Tx, groups: Sequence[int], *where: ColumnElement[bool]) -> dict[int, list[str]]:
    """The newest wordings of each group, alike ones once, without anything personal."""
    place = func.row_number().over(partition_by=gaps.c.group_id, order_by=(gaps.c.at.desc(), gaps.c.id.desc()))
    newest = select(gaps.c.group_id, gaps.c.question_id, place.label("place"))
    newest = newest.where(gaps.c.group_id.in_(list(groups)), _shown(), *where)
    rows = newest.subquery()
    query = select(rows.c.group_id, messages.c.text).join(messages, messages.c.id == rows.c.question_id)
    found: dict[int, list[str]] = defaultdict(list)
    for group_id, text in tx.tuples(query.where(rows.c.place <= 3 * EXAMPLES).order_by(rows.c.group_id, rows.c.place)):
        words = nameless(text or "")[:LONGEST]
        if words and words not in found[group_id] and len(found[group_id]) < EXAMPLES:
            found[group_id].append(words)
    return found


def one(tx: Tx, group_id: int, *where: ColumnElement[bool]) -> Gap | None:
    """A group with everything that was asked of it in the last months, dealt with or not; None where nothing is to see."""
    whys = [func.sum(case((gaps.c.why == name, 1), else_=0)) for name in WHYS]
    columns = (gaps.c.group_id, func.count(), func.count(gaps.c.chat_id.distinct()), func.max(gaps.c.at))
    wanted = func.sum(case((gaps.c.person, 1), else_=0))
    query = select(*columns, wanted, func.max(gap_groups.c.settled_at), *whys).select_from(gaps).join(gap_groups)
    rows = tx.tuples(query.where(gaps.c.group_id == group_id, _shown(), *where).group_by(gaps.c.group_id))
    said = examples(tx, [group_id], *where).get(group_id) if rows else None
    return _gap(rows[0], said) if said else None
