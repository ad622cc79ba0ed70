"""The FAQ's life: drafted, looked over, published now or later, checked again, retired; every version is kept.

What shipped only seeds it (``storage.faq_seed``); from then on the database is the truth. A change counts in every process
within a second of its commit (``TOPIC``). Whoever calls without a ``staff_id`` is the machine itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, select

from knowledge.faq_wording import Wording, changed
from storage import faq_ringing
from storage.faq_drafts import draft_of, drop_draft, fit, save_draft, send_back, set_draft, submit, today
from storage.faq_phrases import Phrase, add_phrase, may_lead, phrases_of, remove_phrase
from storage.faq_rows import TOPIC, Draft, Kept, Unfit, Version, find, get, may, named, note, there, touch, versions
from storage.tables import faq_drafts, faq_entries, faq_versions
from storage.transaction import Tx

__all__ = [
    "TOPIC",
    "Draft",
    "Kept",
    "Phrase",
    "Unfit",
    "Version",
    "add_phrase",
    "bring_back",
    "checked",
    "come_due",
    "drop_draft",
    "entries",
    "get",
    "may_lead",
    "named",
    "phrases_of",
    "planned_due",
    "publish",
    "remove_phrase",
    "retire",
    "roll_back",
    "run_out",
    "save_draft",
    "send_back",
    "submit",
    "versions",
]
SENSES = ("words", "sense")


def entries(tx: Tx) -> list[Kept]:
    """Every entry, the retired and the never published too."""
    return find(tx)


def publish(
    tx: Tx,
    key: str,
    *,
    staff_id: int | None,
    sense: str = "sense",
    why: str = "",
    at: datetime | None = None,
    expires_at: datetime | None = None,
    checked_on: date | None = None,
    revision: int | None = None,
) -> int | None:
    """Residents get the draft from now on, or from ``at``; the new version's number, None where that is later.

    ``sense``: ``words`` where it means the same as before. ``checked_on``: the day it was found to be true, today where
    nothing is said. Unfit when the draft is none yet, was changed since ``revision``, or has faults.
    """
    may(tx, staff_id, "publish")
    one = there(tx, key)
    draft = draft_of(one)
    fit(draft)
    if revision is not None and revision != draft.revision:
        raise Unfit("changed")
    if sense not in SENSES:
        raise Unfit("no_sense", sense)
    if expires_at is not None and expires_at <= (at or tx.now):
        raise Unfit("expires_before")
    said = why or draft.why
    if at is not None and at > tx.now:
        plan = {"publish_at": at, "planned_by": staff_id, "expires_at": expires_at, "sense": sense}
        set_draft(tx, one, state="planned", why=said, **plan)
        note(tx, staff_id, "plan", key, why=said, at=at.isoformat())
        return None
    day = _not_ahead(tx, checked_on)
    number = put_out(tx, one, draft.wording, staff_id=staff_id, made_by=draft.made_by, sense=sense, why=said)
    touch(tx, one.id, expires_at=expires_at, checked_on=day.isoformat())
    return number


def put_out(
    tx: Tx,
    one: Kept,
    wording: Wording,
    *,
    staff_id: int | None,
    made_by: int | None,
    sense: str,
    why: str,
    again: int | None = None,
    keep_draft: bool = False,
) -> int:
    """The next version, with everything that goes with it. Whoever calls has asked who may."""
    number = _last(tx, one) + 1
    sense = "first" if one.version == 0 else sense
    by = {"made_by": made_by, "published_at": tx.now, "published_by": staff_id, "why": why, "again": again}
    tx.insert(faq_versions, entry_id=one.id, number=number, content=wording.kept(), sense=sense, **by)
    if not keep_draft:
        tx.execute(faq_drafts.delete().where(faq_drafts.c.entry_id == one.id))
    touch(tx, one.id, version=number, retired_at=None, retired_by=None, retired_why="", expired=False, expires_at=None)
    if sense == "sense":
        faq_ringing.overtaken(tx, one.id)
    pieces = changed(one.wording, wording) if one.wording else []
    note(tx, staff_id, "publish", one.key, version=number, why=why, sense=sense, changed=pieces)
    return number


def roll_back(tx: Tx, key: str, number: int, *, staff_id: int | None, why: str, sense: str = "sense") -> int:
    """What an earlier version said is said again, as a new version; a draft stays. LookupError, Unfit."""
    may(tx, staff_id, "publish")
    one = there(tx, key)
    old = next((version for version in versions(tx, key) if version.number == number), None)
    if old is None:
        raise LookupError(f"{key} {number}")
    if one.state == "published" and one.wording == old.wording:
        raise Unfit("same")
    by: Mapping[str, Any] = {"staff_id": staff_id, "made_by": staff_id, "again": number, "keep_draft": True}
    return put_out(tx, one, old.wording, sense=sense, why=why, **by)


def checked(tx: Tx, key: str, *, staff_id: int | None, on: date | None = None) -> None:
    """Somebody has made sure that it is still true; no new version, for it says the same."""
    may(tx, staff_id, "publish")
    one, day = there(tx, key), _not_ahead(tx, on)
    touch(tx, one.id, checked_on=day.isoformat())
    note(tx, staff_id, "checked", key, on=day.isoformat())


def retire(tx: Tx, key: str, *, staff_id: int | None, why: str, instead: str | None = None) -> None:
    """It answers no more: its questions go to a person, or to the entry named ``instead``, which gets its phrases."""
    may(tx, staff_id, "publish")
    one = there(tx, key)
    if one.state != "published" and not one.expired:
        raise Unfit("not_published")
    if instead is not None:
        _hand_over(tx, one, instead, staff_id)
    touch(tx, one.id, retired_at=tx.now, retired_by=staff_id, retired_why=why, expired=False)
    faq_ringing.overtaken(tx, one.id)
    note(tx, staff_id, "retire", key, why=why, instead=instead)


def _hand_over(tx: Tx, one: Kept, instead: str, staff_id: int | None) -> None:
    other = get(tx, instead)
    if other is None or other.key == one.key or other.state != "published":
        raise Unfit("no_other", instead)
    said = [one.latest.question.zh, one.latest.question.en, *(row.text for row in phrases_of(tx, one.key, "example"))]
    for text in filter(None, dict.fromkeys(said)):
        add_phrase(tx, instead, text, staff_id=staff_id, take=True)


def bring_back(tx: Tx, key: str, *, staff_id: int | None, why: str = "") -> None:
    """A retired one answers again, as it last did."""
    may(tx, staff_id, "publish")
    one = there(tx, key)
    if one.state != "retired" or one.version == 0:
        raise Unfit("not_retired")
    touch(tx, one.id, retired_at=None, retired_by=None, retired_why="", expired=False, expires_at=None)
    note(tx, staff_id, "bring_back", key, why=why)


def come_due(tx: Tx) -> int:
    """What was planned for now is published, what has run out is retired; how many that were."""
    planned = find(tx, planned_due(tx))
    for one in planned:
        _publish_planned(tx, one, draft_of(one))
    over = find(tx, run_out(tx))
    for one in over:
        touch(tx, one.id, retired_at=tx.now, expired=True)
        faq_ringing.overtaken(tx, one.id)
        note(tx, None, "expire", one.key)
    return len(planned) + len(over)


def planned_due(tx: Tx) -> ColumnElement[bool]:
    return (faq_drafts.c.state == "planned") & (faq_drafts.c.publish_at <= tx.now)


def run_out(tx: Tx) -> ColumnElement[bool]:
    return (faq_entries.c.expires_at <= tx.now) & faq_entries.c.retired_at.is_(None) & (faq_entries.c.version > 0)


def _publish_planned(tx: Tx, one: Kept, draft: Draft) -> None:
    by: Mapping[str, Any] = {"staff_id": draft.planned_by, "made_by": draft.made_by}
    put_out(tx, one, draft.wording, sense=draft.sense or "sense", why=draft.why, **by)
    tx.execute(faq_entries.update().where(faq_entries.c.id == one.id).values(expires_at=draft.expires_at))


def _last(tx: Tx, one: Kept) -> int:
    query = select(faq_versions.c.number).where(faq_versions.c.entry_id == one.id)
    return int(tx.scalar(query.order_by(faq_versions.c.number.desc()).limit(1)) or 0)


def _not_ahead(tx: Tx, day: date | None) -> date:
    latest = today(tx)
    if day is not None and day > latest:
        raise Unfit("checked_ahead")
    return day or latest
