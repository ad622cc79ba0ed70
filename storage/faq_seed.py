"""What ships becomes the FAQ, once; later versions of it are merged three ways and never overwrite what somebody changed.

An entry nobody here has changed follows what ships. Where somebody has, what ships now waits in ``incoming`` until an admin
decides: take theirs, keep mine, or merge. Phrases are merged one by one: what an admin took away stays away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import null, select, text

from knowledge.faq import Entry
from knowledge.faq_wording import Wording, merge, of_entry
from knowledge.normalise import normalise
from storage.faq import put_out, save_draft
from storage.faq_rows import Kept, Unfit, find, may, note, there, touch
from storage.migrate import LOCK
from storage.tables import faq_entries, faq_phrases, faq_versions
from storage.transaction import Tx

CHOICES = ("theirs", "mine", "merge")
SHIPPED = "shipped"


def seed(tx: Tx, shipped: Sequence[Entry]) -> int:
    """Bring what ships in; how many entries were new or changed. However many processes start at once, it happens once."""
    if tx.connection.dialect.name == "postgresql":
        tx.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})
    known = {one.key: one for one in find(tx)}
    fresh = [entry for entry in shipped if entry.id not in known]
    _bring_in(tx, fresh)
    changed = len(fresh) + _phrases(tx, shipped, {entry.id for entry in fresh})
    for entry in shipped:
        if entry.id in known:
            changed += _follow(tx, known[entry.id], entry)
    gone = set(known) - {entry.id for entry in shipped}
    changed += sum(_left(tx, known[key]) for key in gone if known[key].origin == SHIPPED)
    if changed:
        tx.wake("faq")
    return changed


def _bring_in(tx: Tx, fresh: Sequence[Entry]) -> None:
    if not fresh:
        return
    tx.execute(faq_entries.insert(), [_row(tx, entry) for entry in fresh])
    ids = _ids(tx)
    rows = [
        {"entry_id": ids[entry.id], "number": entry.version, "content": of_entry(entry).kept(), "sense": "first"}
        | {"why": "", "published_at": tx.now}
        for entry in fresh
    ]
    tx.execute(faq_versions.insert(), rows)
    tx.execute(faq_phrases.insert(), [row for entry in fresh for row in _said(tx, ids[entry.id], entry)])


def _row(tx: Tx, entry: Entry) -> dict[str, Any]:
    given = {"key": entry.id, "origin": SHIPPED, "general": entry.general, "version": entry.version, "revision": 1}
    given |= {"expired": False, "base": of_entry(entry).kept(), "made_at": tx.now}
    return given | {"checked_on": entry.checked_on.isoformat()}


def _said(tx: Tx, entry_id: int, entry: Entry) -> Iterable[dict[str, Any]]:
    for kind, said in (("example", entry.examples), ("keyword", entry.keywords)):
        for phrase in dict.fromkeys(said):
            given = {"entry_id": entry_id, "kind": kind, "text": phrase, "plain": normalise(phrase)}
            yield given | {"shipped": True, "added_at": tx.now}


def _phrases(tx: Tx, shipped: Sequence[Entry], fresh: set[str]) -> int:
    """Phrases that came or went with this version; those anybody here touched stay as they are."""
    ids = _ids(tx)
    here: dict[tuple[int, str, str], Any] = {
        (row["entry_id"], row["kind"], row["text"]): row for row in tx.all(select(faq_phrases))
    }
    older = [entry for entry in shipped if entry.id not in fresh]
    ours = {
        (row["entry_id"], row["kind"], row["text"]): row for entry in older for row in _said(tx, ids[entry.id], entry)
    }
    new = [row for key, row in ours.items() if key not in here]
    if new:
        tx.execute(faq_phrases.insert(), new)
    watched = {ids[entry.id] for entry in older}
    gone = [row for key, row in here.items() if row["shipped"] and key[0] in watched and key not in ours]
    left = [row for row in gone if row["removed_at"] is None and row["added_by"] is None]
    for row in left:
        tx.execute(faq_phrases.update().where(faq_phrases.c.id == row["id"]).values(removed_at=tx.now))
    for entry_id in {row["entry_id"] for row in (*new, *left)}:
        touch(tx, entry_id)
    return len(new) + len(left)


def _follow(tx: Tx, one: Kept, entry: Entry) -> int:
    """What ships may have changed since it was last decided upon."""
    theirs = of_entry(entry)
    if one.general != entry.general:
        touch(tx, one.id, general=entry.general)
    if theirs in (one.base, one.incoming):
        return 0
    if theirs == one.wording:
        _settle(tx, one, theirs)
    elif one.wording == one.base and one.draft is None and one.state == "published":
        _take(tx, one, theirs, staff_id=None)
        touch(tx, one.id, checked_on=entry.checked_on.isoformat())
    else:
        tx.execute(faq_entries.update().where(faq_entries.c.id == one.id).values(incoming=theirs.kept()))
    return 1


def _left(tx: Tx, one: Kept) -> int:
    """It ships no more: gone where nobody here changed it, otherwise for an admin to decide."""
    if one.gone or one.base is None or one.state == "retired":
        return 0
    if one.wording == one.base and one.draft is None:
        touch(tx, one.id, retired_at=tx.now, base={})
        note(tx, None, "ships_no_more", one.key)
    else:
        tx.execute(faq_entries.update().where(faq_entries.c.id == one.id).values(incoming={}))
    return 1


def decide(tx: Tx, key: str, choice: str, *, staff_id: int | None, why: str = "") -> None:
    """What becomes of a shipped text that changed: ``theirs`` is published, ``mine`` stays, ``merge`` makes a draft.

    Unfit(``nothing_waits``) when there is nothing to decide (any more).
    """
    may(tx, staff_id, "publish")
    one = there(tx, key)
    theirs = one.incoming
    if theirs is None or choice not in CHOICES:
        raise Unfit("nothing_waits")
    if choice == "theirs":
        _take(tx, one, theirs, staff_id=staff_id, why=why)
    elif choice == "merge":
        merged = merge(one.base or theirs, one.newest, theirs).wording
        save_draft(tx, key, merged, staff_id=staff_id, why=why)
    _settle(tx, one, theirs)
    note(tx, staff_id, "shipped", key, choice=choice, why=why)


def keep_gone(tx: Tx, key: str, *, staff_id: int | None) -> None:
    """It ships no more and stays all the same: from now on it is ours."""
    may(tx, staff_id, "publish")
    one = there(tx, key)
    if not one.gone:
        raise Unfit("nothing_waits")
    tx.execute(faq_entries.update().where(faq_entries.c.id == one.id).values(incoming=null(), origin="own"))
    note(tx, staff_id, "shipped", key, choice="keep")


def _take(tx: Tx, one: Kept, theirs: Wording, *, staff_id: int | None, why: str = "") -> None:
    put_out(tx, one, theirs, staff_id=staff_id, made_by=None, sense="sense", why=why)
    _settle(tx, one, theirs)


def _settle(tx: Tx, one: Kept, theirs: Wording) -> None:
    values: Mapping[str, Any] = {"base": theirs.kept(), "incoming": null()}
    tx.execute(faq_entries.update().where(faq_entries.c.id == one.id).values(values))


def _ids(tx: Tx) -> dict[str, int]:
    return dict(tx.tuples(select(faq_entries.c.key, faq_entries.c.id)))
