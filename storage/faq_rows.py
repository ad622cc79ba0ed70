"""One FAQ entry as it is kept: what residents get now, the draft that is worked on, every version there was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, select

from knowledge.faq_wording import Wording, wording
from storage import staff
from storage.tables import faq_drafts, faq_entries, faq_versions
from storage.tables import staff as staff_table
from storage.transaction import Tx

TOPIC = "faq"


class Unfit(Exception):
    """It cannot be done so: ``code`` names the words that say why, ``about`` what it is about."""

    def __init__(self, code: str, about: str = "") -> None:
        super().__init__(code)
        self.code, self.about = code, about


@dataclass(frozen=True, slots=True)
class Draft:
    """``state``: draft, review, or planned for ``publish_at``. ``sense``: words or sense, once somebody has said it."""

    revision: int
    wording: Wording
    state: str
    why: str
    made_by: int | None
    changed_at: datetime
    sent_back: str = ""
    sense: str | None = None
    publish_at: datetime | None = None
    planned_by: int | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """``wording`` is what residents get, or last got; None before the first publishing.

    ``incoming``: what ships now, where nobody has decided about it; ``gone``: it ships no more.
    """

    id: int
    key: str
    origin: str
    general: bool
    version: int
    revision: int
    checked_on: date
    wording: Wording | None
    draft: Draft | None
    expires_at: datetime | None = None
    expired: bool = False
    retired_at: datetime | None = None
    retired_why: str = ""
    base: Wording | None = None
    incoming: Wording | None = None
    gone: bool = False

    @property
    def latest(self) -> Wording:
        """What it says, published or not."""
        shown = self.wording or (self.draft.wording if self.draft else None)
        assert shown is not None
        return shown

    @property
    def newest(self) -> Wording:
        """What the editor begins with."""
        return self.draft.wording if self.draft else self.latest

    @property
    def state(self) -> str:
        """``published``, ``retired``, or ``new``: nobody has got it yet."""
        return "retired" if self.retired_at else "published" if self.version else "new"


@dataclass(frozen=True, slots=True)
class Version:
    """``sense``: first, words or sense - what changed for whoever got the one before."""

    number: int
    wording: Wording
    sense: str
    why: str
    made_by: str | None
    published_at: datetime
    published_by: str | None
    again: int | None


def find(tx: Tx, *where: ColumnElement[bool]) -> list[Kept]:
    """Entries in the order they were made, each with its published words and its draft."""
    now = and_(faq_versions.c.entry_id == faq_entries.c.id, faq_versions.c.number == faq_entries.c.version)
    draft = [column.label(f"draft_{column.name}") for column in faq_drafts.c]
    query = select(faq_entries, faq_versions.c.content.label("said"), *draft).outerjoin(faq_versions, now)
    query = query.outerjoin(faq_drafts, faq_drafts.c.entry_id == faq_entries.c.id)
    return [_kept(row) for row in tx.all(query.where(*where).order_by(faq_entries.c.id))]


def get(tx: Tx, key: str) -> Kept | None:
    return next(iter(find(tx, faq_entries.c.key == key)), None)


def named(tx: Tx, entry_id: int) -> str | None:
    """What the entry with this number is called."""
    found: str | None = tx.scalar(select(faq_entries.c.key).where(faq_entries.c.id == entry_id))
    return found


def there(tx: Tx, key: str) -> Kept:
    """The entry; LookupError when there is none of this name."""
    found = get(tx, key)
    if found is None:
        raise LookupError(key)
    return found


def versions(tx: Tx, key: str) -> list[Version]:
    """What was published, the newest first."""
    author, publisher = staff_table.alias(), staff_table.alias()
    query = select(faq_versions, author.c.name.label("author"), publisher.c.name.label("publisher"))
    query = query.join(faq_entries, faq_entries.c.id == faq_versions.c.entry_id)
    query = query.outerjoin(author, author.c.id == faq_versions.c.made_by)
    query = query.outerjoin(publisher, publisher.c.id == faq_versions.c.published_by)
    rows = tx.all(query.where(faq_entries.c.key == key).order_by(faq_versions.c.number.desc()))
    return [_version(row) for row in rows]


def may(tx: Tx, staff_id: int | None, act: str) -> None:
    """MayNot for whoever may not; None is the machine itself, or whoever sits at it."""
    if staff_id is not None and not staff.may(staff.actor(tx, staff_id), "faq", act):
        raise staff.MayNot


def note(tx: Tx, staff_id: int | None, action: str, key: str, **detail: Any) -> None:
    """Who, when, why: one line of the audit."""
    staff.note(tx, staff_id, f"faq_{action}", f"faq:{key}", **{name: value for name, value in detail.items() if value})


def touch(tx: Tx, entry_id: int, **values: Any) -> None:
    """Something residents notice has changed: every process reads anew after the commit."""
    given = values | {"revision": faq_entries.c.revision + 1}
    tx.execute(faq_entries.update().where(faq_entries.c.id == entry_id).values(given))
    tx.wake(TOPIC)


def _kept(row: RowMapping) -> Kept:
    return Kept(
        **{name: row[name] for name in ("id", "key", "origin", "general", "version", "revision", "expires_at")},
        **{name: row[name] for name in ("expired", "retired_at", "retired_why")},
        checked_on=date.fromisoformat(row["checked_on"]),
        wording=wording(row["said"]) if row["said"] else None,
        draft=_draft(row) if row["draft_id"] else None,
        base=wording(row["base"]) if row["base"] else None,
        incoming=wording(row["incoming"]) if row["incoming"] else None,
        gone=row["incoming"] == {},
    )


def _draft(row: RowMapping) -> Draft:
    names: Sequence[str] = ("revision", "state", "why", "made_by", "changed_at", "sent_back", "sense", "publish_at")
    given = {name: row[f"draft_{name}"] for name in (*names, "planned_by", "expires_at")}
    return Draft(wording=wording(row["draft_content"]), **given)


def _version(row: RowMapping) -> Version:
    return Version(
        number=row["number"],
        wording=wording(row["content"]),
        sense=row["sense"],
        why=row["why"],
        made_by=row["author"],
        published_at=row["published_at"],
        published_by=row["publisher"],
        again=row["again"],
    )
