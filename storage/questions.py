"""What residents asked and did not get: for the admin's to-do list, grouped, counted, and without anything personal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, case, func, select

from knowledge.normalise import normalise
from knowledge.private_data import nameless
from storage.stepping_aside import no_complaint
from storage.tables import answers, messages
from storage.transaction import Tx

SPAN = timedelta(days=90)
ALIKE = 72
"""rapidfuzz's ratio from which two questions are one for the list."""
READ, LISTED = 2000, 100


@dataclass(frozen=True, slots=True)
class Judged:
    """How one entry was taken: how often given, and each verdict."""

    entry: str
    clause: str | None
    given: int
    helpful: int
    not_helpful: int
    person: int


@dataclass(frozen=True, slots=True)
class Open:
    """A question nothing was known for, in the words of whoever asked it last, and how many asked alike."""

    words: str
    count: int
    last_at: datetime
    person: int


def judged(tx: Tx, *where: ColumnElement[bool]) -> Sequence[Judged]:
    """Entries somebody was not helped by, the worst first."""
    count = func.count()
    verdicts = [
        func.sum(case((answers.c.verdict == name, 1), else_=0)) for name in ("helpful", "not_helpful", "person")
    ]
    query = (
        select(answers.c.entry, answers.c.clause, count, *verdicts)
        .where(answers.c.entry.is_not(None), answers.c.given_at > tx.now - SPAN, *where)
        .group_by(answers.c.entry, answers.c.clause)
        .having(verdicts[1] + verdicts[2] > 0)
        .order_by((verdicts[1] + verdicts[2]).desc(), answers.c.entry)
        .limit(LISTED)
    )
    return [Judged(row[0], row[1], *(int(number or 0) for number in row[2:])) for row in tx.tuples(query)]


def unanswered(tx: Tx, *where: ColumnElement[bool]) -> Sequence[Open]:
    """Questions without an answer, alike ones together, the most frequent first."""
    query = (
        select(messages.c.text, answers.c.given_at, answers.c.verdict)
        .join(messages, messages.c.id == answers.c.question_id)
        .where(answers.c.entry.is_(None), answers.c.given_at > tx.now - SPAN, no_complaint(), *where)
        .order_by(answers.c.id.desc())
        .limit(READ)
    )
    groups: list[tuple[str, Open]] = []
    for text, at, verdict in tx.tuples(query):
        _sort_in(groups, nameless(text), at, wants_person=verdict == "person")
    return sorted((group for _, group in groups), key=lambda group: (-group.count, -group.last_at.timestamp()))[:LISTED]


def _sort_in(groups: list[tuple[str, Open]], words: str, at: datetime, *, wants_person: bool) -> None:
    plain = normalise(words)
    if not plain:
        return
    for place, (other, group) in enumerate(groups):
        if fuzz.ratio(plain, other) >= ALIKE:
            more = Open(group.words, group.count + 1, group.last_at, group.person + int(wants_person))
            groups[place] = (other, more)
            return
    groups.append((plain, Open(words, 1, at, int(wants_person))))
