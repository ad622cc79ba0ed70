"""What was answered, with which version of which entry, and what the resident thought of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select

from storage.tables import answers, messages
from storage.transaction import Tx


def keep(
    tx: Tx,
    *,
    chat_id: int,
    question_id: int | None,
    entry: str | None,
    clause: str | None,
    version: int | None,
    score: float,
) -> int:
    """Keep one answer; ``entry`` None where nothing fitting was known. Its id goes into the buttons under it."""
    return tx.insert(
        answers,
        chat_id=chat_id,
        question_id=question_id,
        entry=entry,
        clause=clause,
        version=version,
        score=score,
        given_at=tx.now,
    )


def judge(tx: Tx, answer_id: int, *, chat_id: int, verdict: str) -> bool:
    """``helpful``, ``not_helpful`` or ``person``; False when this chat got no such answer. The last word counts."""
    mine = (answers.c.id == answer_id) & (answers.c.chat_id == chat_id)
    return bool(tx.changed(answers.update().where(mine).values(verdict=verdict, judged_at=tx.now)))


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it was given; ``entry`` None where nothing was known."""

    question_id: int | None
    entry: str | None
    clause: str | None


def get(tx: Tx, answer_id: int) -> Given | None:
    return _one(tx, answers.c.id == answer_id)


def just_given(tx: Tx, *, chat_id: int, before: int, within: timedelta) -> Given | None:
    """The answer to the very last thing this resident said before the message ``before``, if that was lately."""
    said = select(func.max(messages.c.id)).where(
        messages.c.chat_id == chat_id, messages.c.sender == "resident", messages.c.id < before
    )
    lately = answers.c.given_at > tx.now - within
    return _one(tx, (answers.c.chat_id == chat_id) & (answers.c.question_id == said.scalar_subquery()) & lately)


def _one(tx: Tx, which: ColumnElement[bool]) -> Given | None:
    query = select(answers.c.question_id, answers.c.entry, answers.c.clause).where(which)
    return next((Given(*row) for row in tx.tuples(query.order_by(answers.c.id.desc()).limit(1))), None)
