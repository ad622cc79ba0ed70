"""The search's index: what each ticket is found by, kept in the transaction that changes what it says.

A confidential matter, an anonymous one and a dispute are found by their number and by nothing else, so that nobody can
fish for them. What is deleted of a ticket is deleted here (``renew``), and nothing is found by it any more.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import RowMapping, select

from knowledge import searching
from storage.tables import messages, ticket_calls, ticket_events, ticket_grams, tickets, transcripts
from storage.transaction import Tx

COVERED_ROUTES = frozenset({"dispute"})
PLACES = (("building", "栋"), ("unit", "单元"), ("floor", "层"))
_FIELDS = (
    *(tickets.c[name] for name in ("id", "number", "title", "description", "place_note", "visit_words")),
    *(tickets.c[name] for name in ("building", "unit", "floor", "room", "phone")),
    *(tickets.c[name] for name in ("route", "confidential", "anonymous")),
)


def renew(tx: Tx, ticket_id: int) -> None:
    """Find a ticket by what it and its thread say now, and by nothing they said before."""
    tx.execute(ticket_grams.delete().where(ticket_grams.c.ticket_id == ticket_id))
    row = tx.first(select(*_FIELDS).where(tickets.c.id == ticket_id))
    if row is not None:
        _add(tx, ticket_id, _of_ticket(row) if _covered(row) else _of_ticket(row).union(_of_thread(tx, ticket_id)))


def renew_all(tx: Tx, ticket_ids: Iterable[int | None]) -> None:
    for ticket_id in sorted({one for one in ticket_ids if one is not None}):
        renew(tx, ticket_id)


def said(tx: Tx, ticket_id: int, text: str | None) -> None:
    """These words were said, or noted, about a ticket."""
    row = tx.first(select(*_FIELDS[-3:]).where(tickets.c.id == ticket_id)) if text else None
    if row is not None and not _covered(row):
        _add(tx, ticket_id, searching.grams(text or ""))


def _covered(row: RowMapping) -> bool:
    return bool(row["confidential"] or row["anonymous"]) or row["route"] in COVERED_ROUTES


def _of_ticket(row: RowMapping) -> set[str]:
    found = searching.of_number(row["number"])
    if _covered(row):
        return found
    texts = [row[name] or "" for name in ("title", "description", "place_note", "visit_words")]
    texts += [f"{row[name]}{word}" for name, word in PLACES if row[name]]
    found = found.union(*map(searching.grams, texts))
    return found | searching.of_room(row["room"] or "") | searching.of_phone(row["phone"] or "")


def _of_thread(tx: Tx, ticket_id: int) -> set[str]:
    """What residents and staff said, also by voice and telephone, and what staff noted; the bot's own sentences are in
    every ticket."""
    spoken = select(messages.c.text).where(messages.c.ticket_id == ticket_id, messages.c.sender != "bot")
    noted = select(ticket_events.c.note).where(
        ticket_events.c.ticket_id == ticket_id, ticket_events.c.note.is_not(None)
    )
    heard = [select(table.c[name]).where(table.c.ticket_id == ticket_id) for table, name in _HEARD]
    texts = [str(text) for (text,) in tx.tuples(spoken.union_all(noted, *heard))]
    return set().union(*map(searching.grams, texts))


_HEARD = ((transcripts, "text"), (ticket_calls, "note"))


def _add(tx: Tx, ticket_id: int, found: Iterable[str]) -> None:
    rows = [{"ticket_id": ticket_id, "gram": gram} for gram in sorted(found)]
    if rows:
        tx.execute(tx.inserting(ticket_grams).on_conflict_do_nothing(), rows)
