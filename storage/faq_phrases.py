"""What leads to an entry: phrases a resident might say, and keywords. They count at once, and who added them is kept.

A phrase stands under one entry. What was taught as something else (``storage.phrases``) goes before it, until it is taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, select

from knowledge.normalise import normalise
from knowledge.phrases import Label, name_of
from storage.faq_rows import Unfit, may, note, there, touch
from storage.tables import faq_entries, faq_phrases, phrases
from storage.transaction import Tx

LONGEST = {"example": 120, "keyword": 20}


@dataclass(frozen=True, slots=True)
class Phrase:
    """``kind``: example or keyword. ``shipped``: it came with the program."""

    id: int
    text: str
    kind: str
    shipped: bool
    added_at: datetime
    added_by: int | None
    removed_at: datetime | None = None
    removed_by: int | None = None


def phrases_of(tx: Tx, key: str, kind: str | None = None, *, removed: bool = False) -> list[Phrase]:
    """An entry's phrases in the order they came; with ``removed`` those that were taken away instead."""
    columns = [faq_phrases.c[name] for name in Phrase.__dataclass_fields__]
    gone = faq_phrases.c.removed_at.is_not(None) if removed else faq_phrases.c.removed_at.is_(None)
    query = select(*columns).join(faq_entries, faq_entries.c.id == faq_phrases.c.entry_id)
    query = query.where(faq_entries.c.key == key, gone).order_by(faq_phrases.c.id)
    return [Phrase(**row) for row in tx.all(query.where(faq_phrases.c.kind == kind) if kind else query)]


def add_phrase(
    tx: Tx, key: str, text: str, *, staff_id: int | None, kind: str = "example", take: bool = False
) -> Phrase | None:
    """From now on it leads here; None when it did already.

    Unfit(``means_entry``) and Unfit(``means``) when it leads elsewhere, named in ``about``; ``take`` takes it away there.
    """
    may(tx, staff_id, "publish")
    one, said = there(tx, key), " ".join(text.split())
    plain = normalise(said)
    row = _row(tx, one.id, plain, kind)
    if row is not None and row["removed_at"] is None:
        return None
    may_lead(tx, key, said, kind=kind, take=take)
    if kind == "example":
        _take_from_others(tx, one.id, plain, staff_id=staff_id)
    phrase_id = _again(tx, row, staff_id) if row else _insert(tx, one.id, said, plain, kind, staff_id)
    touch(tx, one.id)
    note(tx, staff_id, "add_phrase", key, text=said, kind=kind)
    return next(phrase for phrase in phrases_of(tx, key) if phrase.id == phrase_id)


def may_lead(tx: Tx, key: str, text: str, *, kind: str = "example", take: bool = False) -> None:
    """Nothing where these words may be added; else the Unfit of ``add_phrase``."""
    one, said = there(tx, key), " ".join(text.split())
    plain = normalise(said)
    if not plain or len(said) > LONGEST[kind]:
        raise Unfit("no_phrase" if not plain else "long_phrase", str(LONGEST[kind]))
    if kind != "example" or take:
        return
    for other in _elsewhere(tx, one.id, plain):
        raise Unfit("means_entry", other["key"])
    for row in _taught(tx, plain):
        if not row["removed_at"]:
            raise Unfit("means", name_of(Label(row["route"], row["category"], row["clause"])))


def remove_phrase(tx: Tx, key: str, text: str, *, staff_id: int | None, kind: str = "example") -> bool:
    """It leads here no more; False when it did not. A shipped one stays away through every upgrade."""
    may(tx, staff_id, "publish")
    one = there(tx, key)
    row = _row(tx, one.id, normalise(text), kind)
    if row is None or row["removed_at"] is not None:
        return False
    _remove(tx, row["id"], staff_id)
    touch(tx, one.id)
    note(tx, staff_id, "remove_phrase", key, text=row["text"], kind=kind)
    return True


def taught_elsewhere(tx: Tx, text: str) -> int:
    """It was taught to mean something else: it leads to no entry any more; how many entries lost it."""
    mine = faq_phrases.c.removed_at.is_(None) & (faq_phrases.c.plain == normalise(text))
    rows = tx.all(select(faq_phrases).where(mine, faq_phrases.c.kind == "example"))
    for row in rows:
        _remove(tx, row["id"], None)
        touch(tx, row["entry_id"])
    return len(rows)


def _take_from_others(tx: Tx, entry_id: int, plain: str, *, staff_id: int | None) -> None:
    for other in _elsewhere(tx, entry_id, plain):
        _remove(tx, other["id"], staff_id)
        touch(tx, other["entry_id"])
    for row in _taught(tx, plain):
        tx.execute(phrases.delete().where(phrases.c.id == row["id"]))


def _taught(tx: Tx, plain: str) -> list[RowMapping]:
    return [row for row in tx.all(select(phrases)) if normalise(row["text"]) == plain]


def _elsewhere(tx: Tx, entry_id: int, plain: str) -> list[RowMapping]:
    query = select(faq_phrases, faq_entries.c.key).join(faq_entries, faq_entries.c.id == faq_phrases.c.entry_id)
    same = (faq_phrases.c.plain == plain) & (faq_phrases.c.kind == "example") & (faq_phrases.c.entry_id != entry_id)
    return list(tx.all(query.where(same, faq_phrases.c.removed_at.is_(None), faq_entries.c.retired_at.is_(None))))


def _row(tx: Tx, entry_id: int, plain: str, kind: str) -> RowMapping | None:
    mine = (faq_phrases.c.entry_id == entry_id) & (faq_phrases.c.plain == plain) & (faq_phrases.c.kind == kind)
    return tx.first(select(faq_phrases).where(mine))


def _insert(tx: Tx, entry_id: int, said: str, plain: str, kind: str, staff_id: int | None) -> int:
    by = {"shipped": False, "added_at": tx.now, "added_by": staff_id}
    return tx.insert(faq_phrases, entry_id=entry_id, kind=kind, text=said, plain=plain, **by)


def _again(tx: Tx, row: RowMapping, staff_id: int | None) -> int:
    values = {"removed_at": None, "removed_by": None, "added_at": tx.now, "added_by": staff_id}
    tx.execute(faq_phrases.update().where(faq_phrases.c.id == row["id"]).values(values))
    return int(row["id"])


def _remove(tx: Tx, phrase_id: int, staff_id: int | None) -> None:
    values = {"removed_at": tx.now, "removed_by": staff_id}
    tx.execute(faq_phrases.update().where(faq_phrases.c.id == phrase_id).values(values))
