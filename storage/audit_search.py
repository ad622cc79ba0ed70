"""The audit, found: by who, action, object, day and words, a page at a time from the newest back.

However many lines there are, a page is quick: days become places in the order of the lines, everything else has an index,
and words are looked for through so many lines at a time; a page says how far back it has looked.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Text, cast, func, or_, select

from storage import staff
from storage.access import member_for
from storage.staff import MayNot
from storage.tables import audit
from storage.tables import staff as staff_table
from storage.transaction import Tx
from storage.within import unlimited

CHINA = ZoneInfo("Asia/Shanghai")
AT_ONCE = 50
LOOKED_THROUGH = 100_000
"""Lines one page looks through for words."""
SAME_LOOK = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is looked for; days in Chongqing, both included."""

    since: date | None = None
    until: date | None = None
    who: int | None = None
    action: str = ""
    object: str = ""
    words: str = ""

    @property
    def anything(self) -> bool:
        return any((self.since, self.until, self.who, self.action, self.object, self.words))


@dataclass(frozen=True, slots=True)
class Line:
    id: int
    at: datetime
    staff: str | None
    action: str
    object: str | None
    detail: Any


@dataclass(frozen=True, slots=True)
class Page:
    """``more``: the next page begins below this line; ``looked_to``: how far back words were looked for, where it ended
    before the beginning."""

    lines: Sequence[Line]
    more: int | None
    looked_to: datetime | None = None


def looks(tx: Tx, staff_id: int, wanted: Wanted, *, first: bool) -> None:
    """Whoever searches it is written down, once for the same question; what they typed is not, for it may name somebody."""
    member = member_for(tx, staff_id, "audit", "see")
    if not tx.scalar(select(unlimited(member.id))):
        raise MayNot
    if not first:
        return
    detail = {"who": wanted.who, "did": wanted.action, "words": bool(wanted.words), "thing": bool(wanted.object)}
    detail |= {"since": str(wanted.since or ""), "until": str(wanted.until or "")}
    mine = (audit.c.staff_id == staff_id, audit.c.action == "search_audit")
    last = tx.first(select(audit.c.at, audit.c.detail).where(*mine).order_by(audit.c.id.desc()).limit(1))
    if last is None or last["detail"] != detail or tx.now - last["at"] > SAME_LOOK:
        staff.note(tx, staff_id, "search_audit", None, **detail)


def page(tx: Tx, wanted: Wanted, *, below: int | None = None, limit: int = AT_ONCE) -> Page:
    top, bottom = _span(tx, wanted)
    if below is not None:
        top = min(top, below - 1)
    floor = max(bottom, top - LOOKED_THROUGH + 1) if wanted.words else bottom
    query = select(audit.c.id, audit.c.at, staff_table.c.name, audit.c.action, audit.c.object, audit.c.detail)
    query = query.outerjoin(staff_table, staff_table.c.id == audit.c.staff_id)
    here = query.where(audit.c.id >= floor, audit.c.id <= top, *_such(wanted)).order_by(audit.c.id.desc())
    lines = [Line(*row) for row in tx.tuples(here.limit(limit + 1))]
    if len(lines) > limit:
        return Page(lines[:limit], lines[limit - 1].id)
    if floor > bottom:
        return Page(lines, floor, _at(tx, floor))
    return Page(lines, None)


def _span(tx: Tx, wanted: Wanted) -> tuple[int, int]:
    """The lines of the days that are wanted, newest and oldest."""
    top = int(tx.scalar(select(func.max(audit.c.id))) or 0)
    bottom = 1
    if wanted.until is not None:
        after = _first_from(tx, _begin(wanted.until + timedelta(days=1)))
        top = top if after is None else after - 1
    if wanted.since is not None:
        first = _first_from(tx, _begin(wanted.since))
        bottom = top + 1 if first is None else first
    return top, bottom


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA)


def _first_from(tx: Tx, moment: datetime) -> int | None:
    """Lines are only ever added: whatever was written later stands later."""
    query = select(audit.c.id).where(audit.c.at >= moment).order_by(audit.c.at, audit.c.id).limit(1)
    found: int | None = tx.scalar(query)
    return found


def _at(tx: Tx, line: int) -> datetime | None:
    query = select(audit.c.at).where(audit.c.id >= line).order_by(audit.c.id).limit(1)
    found: datetime | None = tx.scalar(query)
    return found


def _such(wanted: Wanted) -> list[ColumnElement[bool]]:
    such: list[ColumnElement[bool]] = []
    if wanted.who is not None:
        such.append(audit.c.staff_id == wanted.who)
    if wanted.action:
        such.append(audit.c.action == wanted.action)
    if wanted.object:
        such.append(audit.c.object == wanted.object)
    if wanted.words:
        such.append(_says(wanted.words))
    return such


def _says(words: str) -> ColumnElement[bool]:
    """SQLite keeps what is not ASCII in details as escapes."""
    detail, escaped = cast(audit.c.detail, Text), json.dumps(words)[1:-1]
    spelled = [detail.contains(one, autoescape=True) for one in dict.fromkeys((words, escaped))]
    return or_(audit.c.object.contains(words, autoescape=True), *spelled)


def actions(tx: Tx) -> list[str]:
    """Everything that was ever done, each found by a jump in the index."""
    found: list[str] = []
    following = tx.scalar(select(func.min(audit.c.action)))
    while following is not None:
        found.append(str(following))
        following = tx.scalar(select(func.min(audit.c.action)).where(audit.c.action > following))
    return found


def rows(found: Page) -> list[Mapping[str, Any]]:
    """A page as an export takes it."""
    names = ("at", "staff", "action", "object", "detail")
    return [{name: getattr(line, name) for name in names} for line in found.lines]
