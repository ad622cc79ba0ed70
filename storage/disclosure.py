"""Items of disclosure (居务公开): drafted, published, corrected, withdrawn. What was published is never overwritten.

The privacy gate (DI-08) stands in the unit itself: nothing is published past it, whoever asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, or_, select

from knowledge import reach
from knowledge.disclosure import KINDS, rules
from knowledge.disclosure_gate import Finding, findings
from knowledge.quarters import Quarter
from knowledge.quarters import written as quarter_written
from storage import belonging, disclosure_calendar, notices, staff
from storage.staff import MayNot
from storage.tables import disclosure_events, disclosure_items
from storage.transaction import Tx

LONGEST_TITLE, LONGEST_BODY = 80, 3000


class Wrong(Exception):
    """The item cannot be kept so: ``code`` names the words that say why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Barred(Exception):
    """The privacy gate found something; nothing was published."""

    def __init__(self, found: Sequence[Finding]) -> None:
        super().__init__("privacy gate")
        self.found = list(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What an item says. ``quarter`` None: an important matter, published at once (DI-01)."""

    kind: str
    title: str
    body: str
    matter: str | None = None
    quarter: Quarter | None = None
    building: str | None = None
    happened_on: date | None = None

    def columns(self) -> dict[str, Any]:
        """Wrong for what nobody could read or find."""
        if self.kind not in KINDS or (self.matter is not None and self.matter not in rules().matters):
            raise Wrong("no_kind")
        if not self.title.strip() or not self.body.strip():
            raise Wrong("empty")
        if len(self.title) > LONGEST_TITLE or len(self.body) > LONGEST_BODY:
            raise Wrong("too_long")
        quarter = str(self.quarter) if self.quarter else None
        names = ("kind", "title", "body", "matter", "building", "happened_on")
        return {name: getattr(self, name) for name in names} | {"quarter": quarter}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item as it is read."""

    id: int
    kind: str
    matter: str | None
    quarter: str | None
    title: str
    body: str
    building: str | None
    state: str
    revision: int
    published_at: datetime | None
    corrects_id: int | None
    reason: str | None
    ended_at: datetime | None
    happened_on: date | None = None
    unwatched: str | None = None

    @property
    def about(self) -> Quarter | None:
        return quarter_written(self.quarter) if self.quarter else None


_ITEM = tuple(disclosure_items.c[name] for name in Item.__dataclass_fields__)


def _items(tx: Tx, *where: ColumnElement[bool]) -> list[Item]:
    return [Item(**row) for row in tx.all(select(*_ITEM).where(*where).order_by(disclosure_items.c.id))]


# --- reading ----------------------------------------------------------------------------------------------------------
def published(tx: Tx, quarter: Quarter | None = None, *, building: str | None = None) -> list[Item]:
    """What stands published of a quarter, or of all; of ``building`` and of everybody's there where one is given."""
    shown = [disclosure_items.c.state == "published", _here(tx, building)]
    if quarter is not None:
        shown.append(disclosure_items.c.quarter == str(quarter))
    if building is not None:
        shown.append(or_(disclosure_items.c.building.is_(None), disclosure_items.c.building == building))
    return _items(tx, *shown)


def _here(tx: Tx, building: str | None) -> ColumnElement[bool]:
    return belonging.shown_in(tx, disclosure_items.c.community_id, building)


def urgent(tx: Tx, *, since: datetime, building: str | None = None) -> list[Item]:
    """Important matters that were published at once, since then."""
    shown = disclosure_items.c.state == "published", disclosure_items.c.quarter.is_(None)
    return _items(tx, *shown, _here(tx, building), disclosure_items.c.published_at >= since)


def latest_quarter(tx: Tx, *, building: str | None = None) -> Quarter | None:
    """The newest quarter of which anything stands published."""
    query = select(disclosure_items.c.quarter).where(disclosure_items.c.state == "published", _here(tx, building))
    found = tx.scalar(query.where(disclosure_items.c.quarter.is_not(None)).order_by(disclosure_items.c.quarter.desc()))
    return quarter_written(found) if found else None


def get(tx: Tx, item_id: int) -> Item | None:
    """One item in any state."""
    found = _items(tx, disclosure_items.c.id == item_id)
    return found[0] if found else None


def newest(tx: Tx, item_id: int) -> Item | None:
    """What stands in an item's place now: itself, or the last of its corrections."""
    item = get(tx, item_id)
    while item is not None and item.state == "corrected":
        row = tx.first(
            select(disclosure_items.c.id)
            .where(disclosure_items.c.corrects_id == item.id, disclosure_items.c.state != "draft")
            .order_by(disclosure_items.c.id.desc())
        )
        if row is None:
            return item
        item = get(tx, int(row["id"]))
    return item


def corrected_from(tx: Tx, item: Item) -> Item | None:
    """What stood there before."""
    return get(tx, item.corrects_id) if item.corrects_id is not None else None


def listed(tx: Tx, quarter: Quarter | None, *where: ColumnElement[bool]) -> list[Item]:
    """Every item of a quarter for the desk, drafts too; None: the important matters."""
    wanted = disclosure_items.c.quarter == str(quarter) if quarter else disclosure_items.c.quarter.is_(None)
    return _items(tx, wanted, *where)


def quarters(tx: Tx, *where: ColumnElement[bool]) -> list[Quarter]:
    """Quarters there is anything of, newest first."""
    query = select(disclosure_items.c.quarter).where(disclosure_items.c.quarter.is_not(None), *where).distinct()
    return sorted((quarter_written(row[0]) for row in tx.tuples(query)), reverse=True)


def history(tx: Tx, item_id: int) -> Sequence[RowMapping]:
    """Who did what to an item, oldest first."""
    query = select(disclosure_events).where(disclosure_events.c.item_id == item_id)
    return tx.all(query.order_by(disclosure_events.c.id))


# --- writing ----------------------------------------------------------------------------------------------------------
def publisher(tx: Tx, staff_id: int) -> None:
    """The gate of everything that changes what is published: MayNot for whoever may not."""
    if not reach.shipped().may(staff.actor(tx, staff_id).role, "disclosure", "act"):
        raise MayNot


def draft(
    tx: Tx, written: Written, *, staff_id: int, corrects_id: int | None = None, community_id: int | None = None
) -> int:
    """A new item nobody sees yet, of the community they chose; ``corrects_id``: it is to take that one's place. NotThere
    for a community that is not theirs."""
    publisher(tx, staff_id)
    columns = written.columns()
    columns["community_id"] = belonging.whose(tx, staff_id, community_id, _named(written))
    item_id = tx.insert(disclosure_items, created_at=tx.now, created_by=staff_id, corrects_id=corrects_id, **columns)
    _note(tx, item_id, staff_id, "draft")
    return item_id


def _named(written: Written) -> list[str]:
    return [written.building] if written.building else []


def whose(tx: Tx, item_id: int) -> int | None:
    """The community it is of; None: the office's own."""
    found: int | None = tx.scalar(select(disclosure_items.c.community_id).where(disclosure_items.c.id == item_id))
    return found


def edit(tx: Tx, item_id: int, written: Written, *, revision: int, staff_id: int) -> bool:
    """Change a draft; False when it is none any more, or somebody changed it meanwhile."""
    publisher(tx, staff_id)
    belonging.whose(tx, staff_id, whose(tx, item_id), _named(written))
    if not _change_draft(tx, item_id, revision, **written.columns()):
        return False
    _note(tx, item_id, staff_id, "edit")
    return True


def discard(tx: Tx, item_id: int, *, revision: int, staff_id: int) -> bool:
    """A draft that will not be published."""
    publisher(tx, staff_id)
    done = _change_draft(tx, item_id, revision, state="withdrawn", ended_at=tx.now, ended_by=staff_id)
    if done:
        _note(tx, item_id, staff_id, "withdraw")
    return done


def publish(
    tx: Tx, item_id: int, *, revision: int, staff_id: int, reason: str = "", early: str = "", tell: bool = True
) -> bool:
    """Publish a draft; False when it is none any more. Barred where the privacy gate finds anything (DI-08).

    A correction ends the item it takes the place of, with the ``reason`` everybody may read; whoever wants to hear of new
    disclosures is told where ``tell`` says so. ``early``: why it cannot wait for the supervision committee (DI-03).
    """
    publisher(tx, staff_id)
    item = get(tx, item_id)
    if item is None or item.state != "draft":
        return False
    found = findings(item.title, item.body, reason)
    if found:
        raise Barred(found)
    corrects = item.corrects_id
    if corrects is not None and not reason.strip():
        raise Wrong("no_reason")
    if not early.strip() and _unwatched(tx, item):
        raise Wrong("unwatched")
    values = {"state": "published", "published_at": tx.now, "published_by": staff_id, "reason": reason or None}
    values["unwatched"] = early.strip() or None
    if not _change_draft(tx, item_id, revision, **values):
        return False
    if corrects is not None:
        _end(tx, corrects, "corrected", staff_id=staff_id, reason=reason)
    _note(tx, item_id, staff_id, "publish", reason)
    if tell:
        of = whose(tx, item_id)
        notices.tell_of(tx, item_id, item.title, building=item.building, community_id=of, corrects=corrects is not None)
    return True


def _unwatched(tx: Tx, item: Item) -> bool:
    """Of a quarter the supervision committee has not read yet; a correction does not wait."""
    quarter = item.about
    if quarter is None or item.corrects_id is not None:
        return False
    return disclosure_calendar.unwatched(tx, whose(tx, item.id), quarter)


def withdraw(tx: Tx, item_id: int, *, revision: int, staff_id: int, reason: str) -> bool:
    """Take a published item down; its place says that it was, and why. False when it is not published any more."""
    publisher(tx, staff_id)
    if not reason.strip():
        raise Wrong("no_reason")
    if found := findings(reason):
        raise Barred(found)
    item = get(tx, item_id)
    if item is None or item.state != "published" or item.revision != revision:
        return False
    _end(tx, item_id, "withdrawn", staff_id=staff_id, reason=reason)
    return True


def _end(tx: Tx, item_id: int, state: str, *, staff_id: int, reason: str) -> None:
    mine = (disclosure_items.c.id == item_id) & (disclosure_items.c.state == "published")
    values = {"state": state, "ended_at": tx.now, "ended_by": staff_id, "reason": reason}
    raised = disclosure_items.c.revision + 1
    if tx.changed(disclosure_items.update().where(mine).values(**values, revision=raised)):
        _note(tx, item_id, staff_id, "correct" if state == "corrected" else "withdraw", reason)


def _change_draft(tx: Tx, item_id: int, revision: int, **values: Any) -> bool:
    mine = (disclosure_items.c.id == item_id) & (disclosure_items.c.revision == revision)
    values |= {"revision": revision + 1}
    return bool(tx.changed(disclosure_items.update().where(mine, disclosure_items.c.state == "draft").values(values)))


def _note(tx: Tx, item_id: int, staff_id: int, action: str, note: str = "") -> None:
    tx.insert(disclosure_events, item_id=item_id, at=tx.now, staff_id=staff_id, action=action, note=note or None)
    staff.note(tx, staff_id, f"disclosure_{action}", str(item_id))
    tx.wake("desk")
