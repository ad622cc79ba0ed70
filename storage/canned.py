"""Prepared answers staff make: one's own, and the desk's; every version is kept.

Whoever makes one has it for themselves and may offer it to the desk; an admin or operator gives it to everybody. What
ships (``knowledge.canned``) is changed or retired by a row that takes its place, so that an upgrade never overwrites it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, or_, select

from knowledge.canned import Wording, shipped
from knowledge.notice import Words
from storage import staff
from storage.staff import MayNot
from storage.tables import canned_answers, canned_versions
from storage.tables import staff as staff_table
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Kept:
    """One prepared answer as it reads now. ``ref`` names it for good: a shipped one's key, or ``#`` and its number."""

    ref: str
    version: int
    wording: Wording
    id: int | None = None
    seed: str | None = None
    owner_id: int | None = None
    owner: str | None = None
    offered: bool = False
    retired: bool = False

    @property
    def is_desks(self) -> bool:
        return self.owner_id is None


@dataclass(frozen=True, slots=True)
class Version:
    """How it read, since when, by whose hand."""

    version: int
    at: datetime
    by: str
    wording: Wording


@dataclass(frozen=True, slots=True)
class Changed:
    """Somebody changed it meanwhile, to this version."""

    version: int


def for_writing(tx: Tx, *, staff_id: int) -> list[Kept]:
    """What this member may put into an answer: their own, the desk's, and what ships."""
    return [one for one in everything(tx, staff_id=staff_id) if not one.retired and one.owner_id in (None, staff_id)]


def everything(tx: Tx, *, staff_id: int) -> list[Kept]:
    """For the page they are looked after on: retired ones too, and to whoever may share, what others offer."""
    others = and_(canned_answers.c.offered_at.is_not(None), canned_answers.c.retired_at.is_(None))
    seen = or_(canned_answers.c.owner_id.is_(None), canned_answers.c.owner_id == staff_id)
    rows = _rows(tx, or_(seen, others) if _may_share(tx, staff_id) else seen)
    taken = {row["seed"] for row in rows if row["seed"]}
    own = [_kept(row) for row in rows]
    return [*own, *(Kept(key, 1, wording, seed=key) for key, wording in shipped().answers.items() if key not in taken)]


def get(tx: Tx, ref: str, *, staff_id: int) -> Kept | None:
    return next((one for one in everything(tx, staff_id=staff_id) if one.ref == ref), None)


def make(tx: Tx, wording: Wording, *, staff_id: int) -> str:
    """A new one of this member's own; its name."""
    answer_id = tx.insert(canned_answers, owner_id=staff_id, made_by=staff_id, made_at=tx.now)
    _write(tx, answer_id, 1, wording, staff_id)
    return f"#{answer_id}"


def change(tx: Tx, ref: str, wording: Wording, *, version: int, staff_id: int) -> str | Changed:
    """A new version; the name it has from now on. The desk's are changed by whoever may share; MayNot, LookupError."""
    one = _to_change(tx, ref, staff_id)
    if one.version != version:
        return Changed(one.version)
    if one.wording == wording:
        return one.ref
    answer_id = one.id or _in_place(tx, one, staff_id)
    tx.execute(canned_answers.update().where(canned_answers.c.id == answer_id).values(version=one.version + 1))
    _write(tx, answer_id, one.version + 1, wording, staff_id)
    return one.ref


def retire(tx: Tx, ref: str, *, staff_id: int, back: bool = False) -> None:
    """Offered no more, or again; nothing of it is lost. MayNot, LookupError."""
    one = _to_change(tx, ref, staff_id)
    answer_id = one.id or _in_place(tx, one, staff_id)
    at = None if back else tx.now
    tx.execute(canned_answers.update().where(canned_answers.c.id == answer_id).values(retired_at=at))
    staff.note(tx, staff_id, "canned_back" if back else "canned_retire", one.ref)


def offer(tx: Tx, ref: str, *, staff_id: int) -> None:
    """Its owner would like the desk to have it; MayNot, LookupError."""
    one = _to_change(tx, ref, staff_id)
    if one.owner_id != staff_id:
        raise MayNot
    tx.execute(canned_answers.update().where(canned_answers.c.id == one.id).values(offered_at=tx.now))


def share(tx: Tx, ref: str, *, staff_id: int) -> None:
    """From now on it is the desk's; MayNot, LookupError. Whoever made it stays named."""
    one = get(tx, ref, staff_id=staff_id)
    if one is None or one.id is None:
        raise LookupError(ref)
    if not _may_share(tx, staff_id):
        raise MayNot
    values = {"owner_id": None, "offered_at": None, "shared_by": staff_id, "shared_at": tx.now}
    tx.execute(canned_answers.update().where(canned_answers.c.id == one.id).values(values))
    staff.note(tx, staff_id, "canned_share", one.ref)


def history(tx: Tx, one: Kept) -> list[Version]:
    """How it read, the newest first; what ships begins it."""
    query = select(canned_versions, staff_table.c.name.label("by"))
    query = query.join(staff_table, staff_table.c.id == canned_versions.c.staff_id)
    rows = tx.all(query.where(canned_versions.c.answer_id == (one.id or 0)).order_by(canned_versions.c.version.desc()))
    return [Version(row["version"], row["at"], row["by"], _wording(row)) for row in rows]


def _to_change(tx: Tx, ref: str, staff_id: int) -> Kept:
    one = get(tx, ref, staff_id=staff_id)
    if one is None:
        raise LookupError(ref)
    if one.owner_id != staff_id and not (one.is_desks and _may_share(tx, staff_id)):
        raise MayNot
    return one


def _in_place(tx: Tx, one: Kept, staff_id: int) -> int:
    """A row in place of what ships, which begins its history."""
    values = {"made_by": staff_id, "made_at": tx.now, "shared_by": staff_id, "shared_at": tx.now}
    answer_id = tx.insert(canned_answers, seed=one.seed, **values)
    _write(tx, answer_id, 1, one.wording, staff_id)
    return answer_id


def _may_share(tx: Tx, staff_id: int) -> bool:
    member = staff.get(tx, staff_id)
    return member is not None and staff.may(member, "canned", "share")


def _write(tx: Tx, answer_id: int, version: int, wording: Wording, staff_id: int) -> None:
    tx.insert(
        canned_versions,
        answer_id=answer_id,
        version=version,
        at=tx.now,
        staff_id=staff_id,
        title_zh=wording.title.zh,
        title_en=wording.title.en,
        zh=wording.text.zh,
        en=wording.text.en,
        clause=wording.clause,
        categories=list(wording.categories),
        steps=list(wording.steps),
    )


def _rows(tx: Tx, which: ColumnElement[bool]) -> list[RowMapping]:
    owner = staff_table.c.name.label("owner")
    now = and_(
        canned_versions.c.answer_id == canned_answers.c.id, canned_versions.c.version == canned_answers.c.version
    )
    query = select(canned_answers, owner, *(canned_versions.c[name] for name in WORDS)).join(canned_versions, now)
    query = query.outerjoin(staff_table, staff_table.c.id == canned_answers.c.owner_id)
    return list(tx.all(query.where(which).order_by(canned_answers.c.id)))


def _kept(row: RowMapping) -> Kept:
    return Kept(
        ref=row["seed"] or f"#{row['id']}",
        version=row["version"],
        wording=_wording(row),
        id=row["id"],
        seed=row["seed"],
        owner_id=row["owner_id"],
        owner=row["owner"],
        offered=row["offered_at"] is not None,
        retired=row["retired_at"] is not None,
    )


def _wording(row: RowMapping | Any) -> Wording:
    return Wording(
        title=Words(row["title_zh"], row["title_en"]),
        text=Words(row["zh"], row["en"]),
        steps=tuple(row["steps"]),
        categories=tuple(row["categories"]),
        clause=row["clause"],
    )


WORDS = ("title_zh", "title_en", "zh", "en", "clause", "categories", "steps")
