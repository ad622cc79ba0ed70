"""What residents asked lately, without anything personal: for looking at what a change of the FAQ would do."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy import ColumnElement, select

from knowledge.faq_preview import Asked
from knowledge.normalise import normalise
from knowledge.private_data import nameless
from storage.stepping_aside import no_complaint
from storage.tables import answers, messages
from storage.transaction import Tx

SPAN = timedelta(days=90)
READ, LONGEST = 2000, 200


def asked(tx: Tx, *where: ColumnElement[bool]) -> list[Asked]:
    """Questions of the last 90 days, the newest first, alike ones once; what somebody steps aside from is left out."""
    query = select(messages.c.text).join(answers, messages.c.id == answers.c.question_id)
    query = query.where(answers.c.given_at > tx.now - SPAN, no_complaint(), *where)
    count: Counter[str] = Counter()
    words: dict[str, str] = {}
    for (text,) in tx.tuples(query.order_by(answers.c.id.desc()).limit(READ)):
        said = nameless(text or "")[:LONGEST]
        if plain := normalise(said):
            count[plain] += 1
            words.setdefault(plain, said)
    return [Asked(said, count[plain]) for plain, said in words.items()]
