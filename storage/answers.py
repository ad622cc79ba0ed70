"""What was answered, with which version of which entry, and what the resident thought of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select

from storage import gaps
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
    why: str = "unknown",
) -> int:
    """Keep one answer; ``entry`` None where nothing fitting was known, ``why`` in what way (``gaps``). Its id goes into the
    buttons under it."""
    answer_id = tx.insert(
        answers,
        chat_id=chat_id,
        question_id=question_id,
        entry=entry,
        clause=clause,
        version=version,
        score=score,
        given_at=tx.now,
    )
    if entry is None:
        gaps.note(tx, answer_id, chat_id=chat_id, question_id=question_id, why=why)
    return answer_id


def judge(tx: Tx, answer_id: int, *, chat_id: int, verdict: str) -> bool:
    """``helpful``, ``not_helpful`` or ``person``; False when this chat got no such answer. The last word counts."""
    mine = (answers.c.id == answer_id) & (answers.c.chat_id == chat_id)
    if not tx.changed(answers.update().where(mine).values(verdict=verdict, judged_at=tx.now)):
        return False
    given = get(tx, answer_id)
    if verdict == "not_helpful" and given is not None and given.entry is not None:
        gaps.note(tx, answer_id, chat_id=chat_id, question_id=given.question_id, why="not_helpful")
    if verdict == "person":
        gaps.wants_person(tx, answer_id)
    return True


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
