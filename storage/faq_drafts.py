"""A draft of an FAQ entry: kept, handed in to be looked over, sent back, thrown away. Residents notice nothing of it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from knowledge.calendar import CHINA
from knowledge.faq import ID
from knowledge.faq_wording import Wording, faults
from storage.faq_rows import Draft, Kept, Unfit, get, may, note, there, touch
from storage.tables import faq_drafts, faq_entries
from storage.transaction import Tx

RESERVED = frozenset({"new", "look"})
"""Names that stand in the console's addresses."""


def save_draft(
    tx: Tx,
    key: str | None,
    wording: Wording,
    *,
    staff_id: int | None,
    why: str = "",
    revision: int | None = None,
    name: str | None = None,
) -> str:
    """Keep a draft; the entry's key. ``key`` None begins a new entry, called ``name`` where that is given.

    ``revision``: the draft's as it was seen, 0 where there was none. Unfit(``changed``) when somebody was quicker.
    """
    may(tx, staff_id, "act")
    if key is None:
        key = _begin(tx, name, staff_id)
    one = there(tx, key)
    _settled(tx, one, staff_id)
    if revision is not None and revision != (one.draft.revision if one.draft else 0):
        raise Unfit("changed")
    _write(tx, one, wording, why, staff_id)
    note(tx, staff_id, "draft", key, why=why)
    return key


def _begin(tx: Tx, name: str | None, staff_id: int | None) -> str:
    if name is not None and (not ID.fullmatch(name) or len(name) > 60 or name in RESERVED):
        raise Unfit("bad_name", name)
    if name is not None and get(tx, name) is not None:
        raise Unfit("taken", name)
    values: dict[str, Any] = {"origin": "own", "general": False, "expired": False, "checked_on": today(tx).isoformat()}
    entry_id = tx.insert(faq_entries, key=name or uuid4().hex, made_at=tx.now, made_by=staff_id, **values)
    key = name or f"own-{entry_id}"
    tx.execute(faq_entries.update().where(faq_entries.c.id == entry_id).values(key=key))
    return key


def _write(tx: Tx, one: Kept, wording: Wording, why: str, staff_id: int | None) -> None:
    values: dict[str, Any] = {"content": wording.kept(), "state": "draft", "why": why, "made_by": staff_id}
    values |= {"changed_at": tx.now, "publish_at": None, "planned_by": None, "sense": None, "expires_at": None}
    if one.draft is None:
        tx.insert(faq_drafts, entry_id=one.id, **values)
    else:
        set_draft(tx, one, **values)


def set_draft(tx: Tx, one: Kept, **values: Any) -> None:
    given = values | {"revision": faq_drafts.c.revision + 1}
    tx.execute(faq_drafts.update().where(faq_drafts.c.entry_id == one.id).values(given))


def submit(tx: Tx, key: str, *, staff_id: int | None) -> None:
    """It is ready to be looked over. Unfit for a draft that could not be published."""
    may(tx, staff_id, "act")
    one = there(tx, key)
    _settled(tx, one, staff_id)
    fit(draft_of(one))
    set_draft(tx, one, state="review", sent_back="")
    note(tx, staff_id, "submit", key)


def send_back(tx: Tx, key: str, *, staff_id: int | None, why: str) -> None:
    """Looked over, and not good yet: ``why`` is for whoever wrote it. A plan is taken back so, too."""
    may(tx, staff_id, "publish")
    one = there(tx, key)
    draft_of(one)
    set_draft(tx, one, state="draft", sent_back=why, publish_at=None, planned_by=None)
    note(tx, staff_id, "send_back", key, why=why)


def drop_draft(tx: Tx, key: str, *, staff_id: int | None) -> None:
    """Throw the draft away; an entry nobody ever got goes with it."""
    may(tx, staff_id, "act")
    one = there(tx, key)
    _settled(tx, one, staff_id)
    draft_of(one)
    tx.execute(faq_drafts.delete().where(faq_drafts.c.entry_id == one.id))
    note(tx, staff_id, "drop", key)
    if one.version == 0:
        touch(tx, one.id, retired_at=tx.now, retired_by=staff_id)


def _settled(tx: Tx, one: Kept, staff_id: int | None) -> None:
    """What is planned was decided upon: only whoever may publish changes it."""
    if one.draft and one.draft.state == "planned":
        may(tx, staff_id, "publish")


def draft_of(one: Kept) -> Draft:
    if one.draft is None:
        raise Unfit("no_draft")
    return one.draft


def fit(draft: Draft) -> None:
    for fault in faults(draft.wording):
        raise Unfit(fault.code, fault.about)


def today(tx: Tx) -> date:
    return tx.now.astimezone(CHINA).date()
