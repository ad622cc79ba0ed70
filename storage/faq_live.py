"""What residents are answered from, as one reading; and what waits for an admin."""

from __future__ import annotations

from collections import defaultdict

from sqlalchemy import ColumnElement, func, or_, select

from knowledge.faq import Entry
from knowledge.faq_live import Live
from knowledge.faq_wording import as_entry
from storage import phrases as taught
from storage.faq_rows import Kept, find
from storage.tables import faq_drafts, faq_entries, faq_phrases
from storage.transaction import Tx


def stamp(tx: Tx) -> tuple[int, int]:
    """Grows with every change of what is live."""
    found = tx.tuples(select(func.count(), func.coalesce(func.sum(faq_entries.c.revision), 0)).select_from(faq_entries))
    return int(found[0][0]), int(found[0][1])


def live(tx: Tx) -> Live:
    """Everything that was published, each with its phrases; no entries where nothing was ever seeded."""
    said = _phrases(tx)
    rows = find(tx, faq_entries.c.version > 0)
    return Live(
        tuple(_entry(one, said) for one in rows),
        frozenset(one.key for one in rows if one.state == "retired"),
        frozenset(change.text for change in taught.changes(tx)),
    )


def _entry(one: Kept, said: dict[tuple[int, str], list[str]]) -> Entry:
    return as_entry(
        one.latest,
        key=one.key,
        version=one.version,
        checked_on=one.checked_on,
        examples=tuple(said[one.id, "example"]),
        keywords=tuple(said[one.id, "keyword"]),
        general=one.general,
    )


def _phrases(tx: Tx) -> dict[tuple[int, str], list[str]]:
    found: dict[tuple[int, str], list[str]] = defaultdict(list)
    columns = (faq_phrases.c.entry_id, faq_phrases.c.kind, faq_phrases.c.text)
    query = select(*columns).where(faq_phrases.c.removed_at.is_(None)).order_by(faq_phrases.c.id)
    for entry_id, kind, said in tx.tuples(query):
        found[entry_id, kind].append(said)
    return found


def tasks(tx: Tx) -> dict[str, list[Kept]]:
    """What an admin should look at, by why: looked over, shipped text changed, expired."""
    return {
        "review": find(tx, faq_drafts.c.state == "review"),
        "shipped": [one for one in find(tx, _waits()) if one.incoming is not None or one.gone],
        "expired": find(tx, faq_entries.c.expired.is_(True)),
    }


def count_tasks(tx: Tx) -> int:
    query = (
        select(func.count()).select_from(faq_entries).outerjoin(faq_drafts, faq_drafts.c.entry_id == faq_entries.c.id)
    )
    return int(
        tx.scalar(query.where(or_(faq_drafts.c.state == "review", _waits(), faq_entries.c.expired.is_(True)))) or 0
    )


def _waits() -> ColumnElement[bool]:
    return faq_entries.c.incoming.is_not(None)
