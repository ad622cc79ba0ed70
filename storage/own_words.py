"""What an admin made of the texts residents read: every version is kept, the newest holds; without words, as shipped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import RowMapping, func, select

from storage import staff, towns
from storage.access import member_for
from storage.tables import own_words
from storage.transaction import Tx

Standing = Mapping[tuple[str, str], str]
"""By language and key."""


class Meanwhile(Exception):
    """Somebody else changed it since it was looked at."""


def standing(tx: Tx) -> Standing:
    """The texts that are not as shipped."""
    newest = select(func.max(own_words.c.id)).group_by(own_words.c.key, own_words.c.language)
    query = select(own_words.c.language, own_words.c.key, own_words.c.text)
    rows = tx.tuples(query.where(own_words.c.id.in_(newest), own_words.c.text.is_not(None)))
    return {(str(language), str(key)): str(text) for language, key, text in rows}


def versions(tx: Tx, key: str) -> Sequence[RowMapping]:
    """Of one text, the newest first."""
    return tx.all(select(own_words).where(own_words.c.key == key).order_by(own_words.c.id.desc()).limit(40))


def version(tx: Tx, version_id: int) -> RowMapping | None:
    return tx.first(select(own_words).where(own_words.c.id == version_id))


def newest(rows: Sequence[RowMapping]) -> int:
    """What a form on these versions stands on."""
    return int(rows[0]["id"]) if rows else 0


def put(tx: Tx, key: str, texts: Mapping[str, str | None], *, by: int, seen: int | None = None) -> int:
    """These words from now on, by language; None: as shipped. How many languages that changed.

    Meanwhile where ``seen``, the version they stand on, is not the newest any more.
    """
    member_for(tx, by, "wording", "act")
    if seen is not None and newest(versions(tx, key)) != seen:
        raise Meanwhile
    now, changed = standing(tx), 0
    for language, text in texts.items():
        if now.get((language, key)) != text:
            tx.insert(own_words, key=key, language=language, text=text, made_at=tx.now, made_by=by)
            changed += 1
    if changed:
        shipped = [language for language, text in texts.items() if text is None]
        staff.note(tx, by, "own_words", key, languages=list(texts), shipped=shipped)
        towns.changed(tx)
    return changed
