"""What was answered, with which version of which entry, and what the resident thought of it."""

from __future__ import annotations

from sqlalchemy import select

from storage.tables import answers
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


def question_of(tx: Tx, answer_id: int) -> int | None:
    found: int | None = tx.scalar(select(answers.c.question_id).where(answers.c.id == answer_id))
    return found
