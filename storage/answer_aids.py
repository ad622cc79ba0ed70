"""What helped to write an answer, and whether it did: prepared answers, and what the knowledge base suggested.

Lines are only ever added. What was suggested and not right is a question that found no good answer (``questions``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, case, func, select

from knowledge.private_data import nameless
from storage.stepping_aside import open_to
from storage.tables import answer_aids, messages, ticket_events, tickets
from storage.transaction import Tx

SPAN, READ, EXAMPLES = timedelta(days=90), 2000, 3
KINDS, OUTCOMES = ("canned", "suggested"), ("used", "edited", "not_right")


@dataclass(frozen=True, slots=True)
class Aid:
    """What stood in the composer: ``ref`` a prepared answer's name, or an FAQ entry's."""

    kind: str
    ref: str
    version: int
    clause: str | None = None
    question_id: int | None = None


@dataclass(frozen=True, slots=True)
class Use:
    """How often a prepared answer was sent, how often changed before, and when last."""

    times: int
    edited: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Suggested:
    """One entry as a suggestion: how often used, edited, not right, and the words it was not right for."""

    entry: str
    clause: str | None
    outcomes: Counter[str]
    words: list[str]


def keep(
    tx: Tx, ticket_id: int, aids: Sequence[tuple[Aid, str]], *, staff_id: int, message_id: int | None = None
) -> None:
    """Each with its outcome; what is no aid or no outcome is a ValueError."""
    for aid, outcome in aids:
        if aid.kind not in KINDS or outcome not in OUTCOMES:
            raise ValueError(f"{aid.kind}: {outcome}")
        told = _told(tx, ticket_id, aid.question_id)
        tx.insert(
            answer_aids,
            ticket_id=ticket_id,
            staff_id=staff_id,
            at=tx.now,
            kind=aid.kind,
            ref=aid.ref,
            version=aid.version,
            clause=aid.clause,
            outcome=outcome,
            question_id=told,
            message_id=message_id,
        )


def of_the_last(tx: Tx, ticket_id: int, aids: Sequence[tuple[Aid, str]], *, staff_id: int) -> None:
    """The same for what was said last about a ticket."""
    said = select(ticket_events.c.message_id).where(ticket_events.c.ticket_id == ticket_id)
    keep(
        tx, ticket_id, aids, staff_id=staff_id, message_id=tx.scalar(said.order_by(ticket_events.c.id.desc()).limit(1))
    )


def _told(tx: Tx, ticket_id: int, message_id: int | None) -> int | None:
    """The message, where it belongs to this ticket: an aid points at no words of another one."""
    mine = (messages.c.id == message_id) & (messages.c.ticket_id == ticket_id)
    found: int | None = tx.scalar(select(messages.c.id).where(mine)) if message_id is not None else None
    return found


def not_right(tx: Tx, ticket_id: int, aid: Aid, *, staff_id: int) -> None:
    """A suggestion somebody turned down; twice is once."""
    if not turned_down(tx, ticket_id, aid):
        keep(tx, ticket_id, [(aid, "not_right")], staff_id=staff_id)


def turned_down(tx: Tx, ticket_id: int, aid: Aid) -> bool:
    """True where it was said of this very suggestion, for these words, that it is not right."""
    same = and_(
        answer_aids.c.ticket_id == ticket_id,
        answer_aids.c.ref == aid.ref,
        answer_aids.c.outcome == "not_right",
        answer_aids.c.question_id.is_(None)
        if aid.question_id is None
        else answer_aids.c.question_id == aid.question_id,
    )
    return tx.scalar(select(answer_aids.c.id).where(same).limit(1)) is not None


def uses(tx: Tx) -> dict[str, Use]:
    """Of each prepared answer, by its name."""
    edited = func.sum(case((answer_aids.c.outcome == "edited", 1), else_=0))
    query = select(answer_aids.c.ref, func.count(), edited, func.max(answer_aids.c.at))
    query = query.where(answer_aids.c.kind == "canned").group_by(answer_aids.c.ref)
    return {ref: Use(int(times), int(changed or 0), at) for ref, times, changed, at in tx.tuples(query)}


def suggested(tx: Tx, *, staff_id: int) -> list[Suggested]:
    """How each suggested entry was taken, the worst first; of tickets this member may meet, and nothing secret."""
    seen = (open_to(staff_id), tickets.c.confidential.is_(False), answer_aids.c.at > tx.now - SPAN)
    words = case((answer_aids.c.question_id.is_(None), tickets.c.description), else_=messages.c.text)
    columns = (answer_aids.c.ref, answer_aids.c.clause, answer_aids.c.outcome, words)
    query = select(*columns).join(tickets, tickets.c.id == answer_aids.c.ticket_id)
    query = query.outerjoin(messages, messages.c.id == answer_aids.c.question_id)
    newest = query.where(answer_aids.c.kind == "suggested", *seen).order_by(answer_aids.c.id.desc()).limit(READ)
    found: dict[str, Suggested] = {}
    for ref, clause, outcome, said in tx.tuples(newest):
        one = found.setdefault(ref, Suggested(ref, clause, Counter(), []))
        one.outcomes[outcome] += 1
        if outcome == "not_right" and said and len(one.words) < EXAMPLES:
            one.words.append(nameless(said))
    return sorted(found.values(), key=lambda one: (-one.outcomes["not_right"], -one.outcomes["edited"], one.entry))


def of_messages(tx: Tx, ticket_id: int) -> dict[int, tuple[str, str, int, str]]:
    """What each message of a ticket was written with: kind, name, version, outcome."""
    columns = [answer_aids.c[name] for name in ("message_id", "kind", "ref", "version", "outcome")]
    query = select(*columns).where(answer_aids.c.ticket_id == ticket_id, answer_aids.c.message_id.is_not(None))
    return {row[0]: tuple(row[1:]) for row in tx.tuples(query.order_by(answer_aids.c.id))}
