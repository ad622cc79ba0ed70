"""What the desk has of somebody in its own words: kept filters that look for them, and reasons and reports in the audit.

That somebody looked, when, and at which number stays; the words that may name a resident do not (PI-05).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Text, cast, or_, select

from storage.tables import audit, residents, saved_filters, tickets, volunteers
from storage.transaction import Tx

WORDS = ("reason", "report", "note", "text")
"""What of an audit line was typed by somebody."""
GONE = "〔已删除 / deleted〕"
SEARCH = "q"
SHORTEST = 2


def forget(tx: Tx, resident_id: int) -> int:
    """Whatever names this resident; how many filters and lines. Call it while they still have a name."""
    named, numbers = _names(tx, resident_id), _numbers(tx, resident_id)
    return _forget_filters(tx, {*named, *numbers}) + _forget_lines(tx, named, numbers)


def of_ticket(tx: Tx, ticket_id: int) -> None:
    """The same of one matter that is made anonymous."""
    number = tx.scalar(select(tickets.c.number).where(tickets.c.id == ticket_id))
    if number is not None:
        _forget_filters(tx, {str(number)})
        _forget_lines(tx, set(), {str(number)})


def _names(tx: Tx, resident_id: int) -> set[str]:
    said = tx.tuples(select(residents.c.name, residents.c.phone).where(residents.c.id == resident_id))
    said += tx.tuples(select(volunteers.c.name, volunteers.c.phone).where(volunteers.c.resident_id == resident_id))
    phones = tx.tuples(select(tickets.c.phone).where(tickets.c.resident_id == resident_id))
    return {word.strip() for row in (*said, *phones) for word in row if word and len(word.strip()) >= SHORTEST}


def _numbers(tx: Tx, resident_id: int) -> set[str]:
    of = (tickets, volunteers)
    found = [tx.tuples(select(table.c.number).where(table.c.resident_id == resident_id)) for table in of]
    return {str(number) for rows in found for (number,) in rows}


def _forget_filters(tx: Tx, words: Collection[str]) -> int:
    """Kept searches for them."""
    done = 0
    for row in tx.all(select(saved_filters)):
        if not _tells(f"{row['name']} {row['wanted'].get(SEARCH, '')}", words):
            continue
        tx.execute(saved_filters.delete().where(saved_filters.c.id == row["id"]))
        done += 1
    return done


def _forget_lines(tx: Tx, named: Collection[str], numbers: Collection[str]) -> int:
    said = cast(audit.c.detail, Text)
    tells = [said.contains(form, autoescape=True) for word in named for form in {word, json.dumps(word)[1:-1]}]
    about = audit.c.object.in_(list(numbers))
    rows = tx.all(select(audit.c.id, audit.c.detail).where(audit.c.detail.is_not(None), or_(about, *tells)))
    changed = [(int(row["id"]), _unsaid(row["detail"])) for row in rows if any(row["detail"].get(one) for one in WORDS)]
    for line, detail in changed:
        tx.execute(audit.update().where(audit.c.id == line).values(detail=detail))
    return len(changed)


def _unsaid(detail: Mapping[str, Any]) -> dict[str, Any]:
    return {name: GONE if name in WORDS and value else value for name, value in detail.items()}


def _tells(said: str, words: Collection[str]) -> bool:
    return any(word in said for word in words)
