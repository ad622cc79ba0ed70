"""Dealing with questions that were not known: taught, written, left alone; and taken back.

What was asked until then is gone from the list; asked again afterwards, it is back. Everything is one step of a history.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from knowledge import catalogue
from knowledge.normalise import normalise
from knowledge.phrases import Label, label_of, name_of
from storage import faq_phrases, faq_rows, phrases, staff
from storage.access import member_for
from storage.faq_rows import Unfit
from storage.tables import gap_groups, gap_settlings
from storage.tables import staff as staff_table
from storage.transaction import Tx

LONGEST = 120
OUTSIDE = Label("out_of_scope")
COVER = "〔"
"""Begins what stands for something personal: a phrase that has one says nothing a resident would say."""
TAUGHT = frozenset({"phrase", "route", "outside"})
"""Steps by which words mean something else in every community."""
TEACHABLE = (
    *("service_request", "dispute", "volunteer", "suggestion"),
    *("praise", "activity", "disclosure", "ticket_status", "human"),
)


@dataclass(frozen=True, slots=True)
class Settling:
    """One step: ``action`` phrase, entry, route, outside or done."""

    id: int
    at: datetime
    by: str
    action: str
    phrase: str | None
    entry: str | None
    means: str | None
    undone_at: datetime | None


def settle(tx: Tx, /, group_id: int, action: str, *, staff_id: int, **kept: Any) -> int:
    """This group is dealt with, as of now; the step's id."""
    member_for(tx, staff_id, "question", "act")
    before = tx.scalar(select(gap_groups.c.settled_at).where(gap_groups.c.id == group_id).with_for_update())
    tx.execute(gap_groups.update().where(gap_groups.c.id == group_id).values(settled_at=tx.now))
    staff.note(tx, staff_id, f"gap_{action}", str(group_id), **{name: value for name, value in kept.items() if value})
    tx.wake("desk")
    row = {"group_id": group_id, "at": tx.now, "by": staff_id, "action": action, "settled_before": before}
    return tx.insert(gap_settlings, **row, **kept)


def add_to_entry(tx: Tx, group_id: int, text: str, key: str, *, take: bool, staff_id: int) -> int:
    """From now on these words lead to this entry. Unfit where they lead elsewhere, and nobody said to ``take`` them."""
    member_for(tx, staff_id, "question", "teach")
    said = _phrase(text)
    if faq_rows.get(tx, key) is None:
        raise Unfit("no_entry")
    fresh = faq_phrases.add_phrase(tx, key, said, staff_id=staff_id, take=take)
    return settle(tx, group_id, "phrase", staff_id=staff_id, phrase=said if fresh else None, entry=key)


def teach(tx: Tx, group_id: int, text: str, name: str, *, staff_id: int) -> int:
    """From now on these words mean this matter, or that it is none of ours."""
    member_for(tx, staff_id, "question", "teach")
    said, label = _phrase(text), _label(name)
    before = next((one.label for one in phrases.changes(tx) if normalise(one.text) == normalise(said)), None)
    phrases.change(tx, said, label, staff_id=staff_id)
    action = "outside" if label == OUTSIDE else "route"
    meant = name_of(before) if before else None
    return settle(tx, group_id, action, staff_id=staff_id, phrase=said, means=name_of(label), meant=meant)


def undo(tx: Tx, group_id: int, settling_id: int, *, staff_id: int) -> bool:
    """Take the last step back, with what was taught by it; False when it is none, or no longer the last."""
    member_for(tx, staff_id, "question", "act")
    last = select(func.max(gap_settlings.c.id)).where(
        gap_settlings.c.group_id == group_id, gap_settlings.c.undone_at.is_(None)
    )
    mine = (gap_settlings.c.id == settling_id) & (gap_settlings.c.id == last.scalar_subquery())
    row = tx.first(select(gap_settlings).where(mine, gap_settlings.c.undone_at.is_(None)))
    if row is None:
        return False
    if row["action"] in TAUGHT:
        member_for(tx, staff_id, "question", "teach")
    values = {"undone_at": tx.now, "undone_by": staff_id}
    tx.execute(gap_settlings.update().where(gap_settlings.c.id == settling_id).values(values))
    tx.execute(gap_groups.update().where(gap_groups.c.id == group_id).values(settled_at=row["settled_before"]))
    if row["action"] == "phrase" and row["phrase"]:
        faq_phrases.remove_phrase(tx, row["entry"], row["phrase"], staff_id=staff_id)
    if row["action"] in ("route", "outside"):
        phrases.change(tx, row["phrase"], label_of(row["meant"]) if row["meant"] else None, staff_id=staff_id)
    staff.note(tx, staff_id, "gap_undo", str(group_id), step=row["action"])
    tx.wake("desk")
    return True


def history(tx: Tx, group_id: int) -> list[Settling]:
    """What was done about a group, the newest first."""
    return _listed(tx, gap_settlings.c.group_id == group_id)


def lately(tx: Tx, groups: Sequence[int]) -> list[tuple[int, Settling]]:
    """The last steps about these groups that stand, the newest first, each with its group."""
    query = select(gap_settlings.c.id, gap_settlings.c.group_id).where(gap_settlings.c.group_id.in_(list(groups)))
    where = dict(tx.tuples(query))
    found = _listed(tx, gap_settlings.c.id.in_(list(where)) & gap_settlings.c.undone_at.is_(None))
    return [(where[one.id], one) for one in found]


def settled(tx: Tx, limit: int = 20) -> list[int]:
    """Groups that were dealt with, the latest first."""
    query = select(gap_groups.c.id).where(gap_groups.c.settled_at.is_not(None))
    return [int(key) for (key,) in tx.tuples(query.order_by(gap_groups.c.settled_at.desc()).limit(limit))]


def _listed(tx: Tx, which: Any) -> list[Settling]:
    columns = [gap_settlings.c[name] for name in ("id", "at", "action", "phrase", "entry", "means", "undone_at")]
    query = select(*columns, staff_table.c.name.label("by")).join(staff_table, staff_table.c.id == gap_settlings.c.by)
    return [Settling(**row) for row in tx.all(query.where(which).order_by(gap_settlings.c.id.desc()))]


def _phrase(text: str) -> str:
    said = " ".join(text.split())
    if not normalise(said):
        raise Unfit("no_phrase")
    if len(said) > LONGEST:
        raise Unfit("long_phrase", str(LONGEST))
    if COVER in said:
        raise Unfit("covered")
    return said


def _label(name: str) -> Label:
    route, _, category = name.partition("/")
    known = route == OUTSIDE.route or route in TEACHABLE
    if not known or (category and catalogue.category(route, category) is None):
        raise Unfit("no_route")
    return Label(route, category or None)
