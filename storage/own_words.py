"""What an admin made of the texts residents read: every version is kept, the newest holds; without words, as shipped.

A text is the whole house's, or one community's own, which goes before the house's there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, RowMapping, func, select

from knowledge.own_words import allowed
from storage import staff, towns, within
from storage.access import NotThere, member_for
from storage.tables import communities, own_words
from storage.transaction import Tx

Standing = Mapping[tuple[int | None, str, str], str]
"""By community - None: the whole house -, language and key."""


class Meanwhile(Exception):
    """Somebody else changed it since it was looked at."""


def standing(tx: Tx) -> Standing:
    """The texts that are not as shipped."""
    newest = select(func.max(own_words.c.id)).group_by(own_words.c.community_id, own_words.c.key, own_words.c.language)
    query = select(own_words.c.community_id, own_words.c.language, own_words.c.key, own_words.c.text)
    rows = tx.tuples(query.where(own_words.c.id.in_(newest), own_words.c.text.is_not(None)))
    return {(place, str(language), str(key)): str(text) for place, language, key, text in rows}


def places(tx: Tx, staff_id: int) -> list[tuple[int, str]]:
    """The communities whose own words they may change: those that are theirs as a whole."""
    theirs = within.led_within(communities.c.id, staff_id) & communities.c.retired_at.is_(None)
    query = select(communities.c.id, communities.c.name).where(theirs).order_by(communities.c.id)
    return [(int(key), str(name)) for key, name in tx.tuples(query)]


def versions(tx: Tx, key: str, place: int | None = None) -> Sequence[RowMapping]:
    """Of one text, the newest first."""
    mine = (own_words.c.key == key) & _of(place)
    return tx.all(select(own_words).where(mine).order_by(own_words.c.id.desc()).limit(40))


def _of(place: int | None) -> ColumnElement[bool]:
    return own_words.c.community_id.is_(None) if place is None else own_words.c.community_id == place


def version(tx: Tx, version_id: int) -> RowMapping | None:
    return tx.first(select(own_words).where(own_words.c.id == version_id))


def newest(rows: Sequence[RowMapping]) -> int:
    """What a form on these versions stands on."""
    return int(rows[0]["id"]) if rows else 0


def put(
    tx: Tx,
    key: str,
    texts: Mapping[str, str | None],
    *,
    by: int,
    place: int | None = None,
    seen: int | None = None,
) -> int:
    """These words from now on, by language; None: as shipped, or in a community as the house has them. How many languages
    that changed. MayNot; NotThere for another's community, or a text that is the house's alone; Meanwhile where ``seen``,
    the version they stand on, is not the newest any more.
    """
    _may(tx, key, place, by)
    if seen is not None and newest(versions(tx, key, place)) != seen:
        raise Meanwhile
    now, changed = standing(tx), 0
    for language, text in texts.items():
        if now.get((place, language, key)) != text:
            row = {"key": key, "language": language, "community_id": place, "text": text}
            tx.insert(own_words, made_at=tx.now, made_by=by, **row)
            changed += 1
    if changed:
        shipped = [language for language, text in texts.items() if text is None]
        where = {} if place is None else {"community": place}
        staff.note(tx, by, "own_words", key, languages=list(texts), shipped=shipped, **where)
        towns.changed(tx)
    return changed


def _may(tx: Tx, key: str, place: int | None, by: int) -> None:
    if place is None:
        member_for(tx, by, "wording", "house")
        return
    member_for(tx, by, "wording", "act")
    if key not in allowed().local or place not in dict(places(tx, by)):
        raise NotThere
