"""How the answers that were given were taken: for the admin's to-do list, counted, and without anything personal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, case, func, select

from knowledge.notice import Words
from storage import faq_rows
from storage.tables import answers
from storage.transaction import Tx

LISTED = 100


@dataclass(frozen=True, slots=True)
class Judged:
    """How one entry was taken: how often given, and each verdict."""

    entry: str
    clause: str | None
    given: int
    helpful: int
    not_helpful: int
    person: int


def judged(tx: Tx, *where: ColumnElement[bool], days: int = 90) -> Sequence[Judged]:
    """Entries somebody was not helped by, the worst first."""
    count = func.count()
    verdicts = [
        func.sum(case((answers.c.verdict == name, 1), else_=0)) for name in ("helpful", "not_helpful", "person")
    ]
    query = (
        select(answers.c.entry, answers.c.clause, count, *verdicts)
        .where(answers.c.entry.is_not(None), answers.c.given_at > tx.now - timedelta(days=days), *where)
        .group_by(answers.c.entry, answers.c.clause)
        .having(verdicts[1] + verdicts[2] > 0)
        .order_by((verdicts[1] + verdicts[2]).desc(), answers.c.entry)
        .limit(LISTED)
    )
    return [Judged(row[0], row[1], *(int(number or 0) for number in row[2:])) for row in tx.tuples(query)]


def titles(tx: Tx) -> dict[str, Words]:
    """Of each entry, retired ones too, the question it answers."""
    return {one.key: one.latest.question for one in faq_rows.find(tx)}
