"""Household duty (包户): the households somebody looks after, who may read of them, and every look with its reason (S-07).

The gate is in the units: the worker and the stand-in named on a household, and admins of its place; nobody else learns that
there is one. Nothing here is in a search, an export or a staff group; the audit names a household by its number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, select

from knowledge import households as rule
from storage import belonging, household_plans, staff
from storage.access import NotThere, member_for
from storage.households_of import households_of
from storage.offices import Offices
from storage.tables import buildings, flats, household_looks, household_words, households
from storage.tables import household_plans as plans
from storage.transaction import Tx

LONGEST_NAME, LONGEST_TEXT, LONGEST_REASON = 40, 1500, 200
TELEPHONE = re.compile(r"[+(（]?\d[\d\s()（）—–-]{5,}(?:转\s*\d+)?")


class Wrong(Exception):
    """It cannot be kept so: ``code`` names the words that say why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What is written of a household."""

    kind: str
    building: str | None
    unit: str | None
    room: str | None
    name: str | None
    phone: str | None
    situation: str | None
    days: int | None = None

    def columns(self) -> dict[str, Any]:
        """Wrong for what nobody could find or plan."""
        known = rule.rules()
        if self.kind not in known.kinds:
            raise Wrong("no_kind")
        if not self.name or not self.building:
            raise Wrong("who_and_where")
        if self.days is not None and not 1 <= self.days <= known.longest:
            raise Wrong("days")
        if self.phone and not TELEPHONE.fullmatch(self.phone):
            raise Wrong("phone")
        return {name: getattr(self, name) for name in Entered.__dataclass_fields__}


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """How the household agreed to being looked after, and who said so (PI-06)."""

    how: str
    by: str

    def columns(self, now: datetime) -> dict[str, Any]:
        if self.how not in rule.AGREED or not self.by.strip():
            raise Wrong("not_agreed")
        return {"agreed_how": self.how, "agreed_by": self.by.strip(), "agreed_at": now}


# --- entering ---------------------------------------------------------------------------------------------------------
def register(
    tx: Tx, entered: Entered, agreed: Agreed, *, worker_id: int, stand_in_id: int | None, staff_id: int
) -> int:
    """A household from today on, with its first visit planned. NotThere for a building that is not theirs."""
    member_for(tx, staff_id, "household", "keep")
    columns = entered.columns() | agreed.columns(tx.now)
    columns["community_id"] = belonging.whose(tx, staff_id, None, [str(entered.building)])
    _behind_a_door(tx, columns)
    columns |= _hands(tx, worker_id, stand_in_id)
    id = tx.insert(households, created_at=tx.now, created_by=staff_id, **columns)
    here = Offices(tx).of(columns["community_id"])
    household_plans.plan(tx, id, kind=entered.kind, own_days=entered.days, since=tx.now, office=here)
    _looked(tx, id, staff_id, "…")
    staff.note(tx, staff_id, "household_register", str(id), agreed=agreed.how)
    tx.wake("desk")
    return id


def _behind_a_door(tx: Tx, written: Mapping[str, Any]) -> None:
    """Whether there is such a flat, as far as this building's flats are known."""
    here = (buildings.c.community_id == written["community_id"]) & (buildings.c.name == written["building"])
    known = select(flats.c.unit, flats.c.room).join(buildings, buildings.c.id == flats.c.building_id)
    doors = tx.tuples(known.where(here, flats.c.retired_at.is_(None)))
    said = [(at, str(written[name]).lstrip("0")) for at, name in enumerate(("unit", "room")) if written[name]]
    if doors and not any(all(str(door[at]).lstrip("0") == words for at, words in said) for door in doors):
        raise Wrong("no_door")


def change(tx: Tx, id: int, entered: Entered, *, revision: int, staff_id: int) -> bool:
    """Put it right; False when somebody changed it meanwhile."""
    row = held(tx, id, staff_id=staff_id, act="act")
    columns = entered.columns()
    if entered.building != row["building"]:
        columns["community_id"] = belonging.whose(tx, staff_id, None, [str(entered.building)])
    if any(columns[name] != row[name] for name in ("building", "unit", "room")):
        _behind_a_door(tx, {"community_id": row["community_id"], **columns})
    mine = (households.c.id == id) & (households.c.revision == revision)
    if not tx.changed(households.update().where(mine).values(revision=revision + 1, **columns)):
        return False
    staff.note(tx, staff_id, "household_change", str(id))
    return True


def hand_over(
    tx: Tx, id: int, *, worker_id: int, stand_in_id: int | None, reason: str, revision: int, staff_id: int
) -> bool:
    """Somebody else looks after it from now on; the card that names the one before is to be made anew."""
    held(tx, id, staff_id=staff_id, act="keep")
    if not reason.strip():
        raise Wrong("no_reason")
    mine = (households.c.id == id) & (households.c.revision == revision)
    values = _hands(tx, worker_id, stand_in_id) | {"revision": revision + 1}
    if not tx.changed(households.update().where(mine).values(values)):
        return False
    staff.note(tx, staff_id, "household_hand_over", str(id), reason=reason, to=worker_id)
    tx.wake("desk")
    return True


def hand_over_all(tx: Tx, *, of: int, to: int, reason: str, staff_id: int) -> int:
    """Everything one colleague looks after goes to another; how many. Wrong where there is none, or no reason."""
    member_for(tx, staff_id, "household", "keep")
    if of == to:
        raise Wrong("same_hands")
    theirs = (households.c.worker_id == of) & (households.c.state == "active") & households_of(staff_id)
    rows = tx.all(select(households).where(theirs))
    if not rows:
        raise Wrong("no_households")
    for row in rows:
        kept = row["stand_in_id"] if row["stand_in_id"] not in (of, to) else None
        given: dict[str, Any] = {"worker_id": to, "stand_in_id": kept, "reason": reason, "revision": row["revision"]}
        hand_over(tx, int(row["id"]), staff_id=staff_id, **given)
    return len(rows)


def _hands(tx: Tx, worker_id: int, stand_in_id: int | None) -> dict[str, Any]:
    """Two different people who work here and may act."""
    for one in filter(None, (worker_id, stand_in_id)):
        member = staff.get(tx, one)
        if member is None or not member.may_act or not staff.may(member, "household", "act"):
            raise Wrong("no_colleague")
    if worker_id == stand_in_id:
        raise Wrong("same_person")
    return {"worker_id": worker_id, "stand_in_id": stand_in_id}


# --- the gate ---------------------------------------------------------------------------------------------------------
def held(tx: Tx, id: int, *, staff_id: int, act: str) -> RowMapping:
    """One that is running, for a unit that changes it; MayNot, NotThere."""
    member_for(tx, staff_id, "household", act)
    mine = (households.c.id == id, households.c.state == "active", households_of(staff_id))
    row = tx.first(select(households).where(*mine).with_for_update(of=households))
    if row is None:
        raise NotThere
    return row


def look(tx: Tx, id: int, *, staff_id: int, reason: str) -> None:
    """Say why one looks; from now on the page is open for a while, for this colleague only."""
    member_for(tx, staff_id, "household", "see")
    if tx.scalar(select(households.c.id).where(households.c.id == id, households_of(staff_id))) is None:
        raise NotThere
    if not reason.strip():
        raise Wrong("no_reason")
    _looked(tx, id, staff_id, reason.strip()[:LONGEST_REASON])


def _looked(tx: Tx, id: int, staff_id: int, reason: str) -> None:
    tx.insert(household_looks, household_id=id, staff_id=staff_id, at=tx.now, reason=reason)


def opened(tx: Tx, id: int, *, staff_id: int) -> RowMapping | None:
    """The household as it is read; None while no reason was given lately. NotThere for whoever is not named on it."""
    row = tx.first(select(households).where(households.c.id == id, households_of(staff_id)))
    if row is None:
        raise NotThere
    lately = (household_looks.c.household_id == id) & (household_looks.c.staff_id == staff_id)
    since = household_looks.c.at > tx.now - rule.rules().look
    fresh = tx.scalar(select(household_looks.c.id).where(lately, since).limit(1))
    return row if fresh is not None else None


def looks(tx: Tx, id: int, *, limit: int = 20) -> list[Mapping[str, Any]]:
    query = select(household_looks).where(household_looks.c.household_id == id)
    return [dict(row) for row in tx.all(query.order_by(household_looks.c.id.desc()).limit(limit))]


# --- the list ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Line:
    """A household in the list; ``name`` only for the two named on it."""

    id: int
    building: str | None
    name: str | None
    worker_id: int | None
    stand_in_id: int | None
    state: str
    due_at: datetime | None
    words: int


def listed(tx: Tx, *, staff_id: int) -> list[Line]:
    """Those this member may open: nobody's first, then by the day somebody is to be there."""
    waiting = select(household_words.c.household_id).where(household_words.c.done_at.is_(None))
    unanswered = [int(one) for (one,) in tx.tuples(waiting)]
    due = plans.alias("due")
    joined = households.outerjoin(due, (due.c.household_id == households.c.id) & (due.c.state == "open"))
    query = select(households, due.c.due_at).select_from(joined).where(households_of(staff_id))
    order = (households.c.state, households.c.worker_id.is_not(None), due.c.due_at, households.c.id)
    return [_line(row, staff_id, unanswered.count(int(row["id"]))) for row in tx.all(query.order_by(*order))]


def _line(row: RowMapping, staff_id: int, words: int) -> Line:
    named = staff_id in (row["worker_id"], row["stand_in_id"])
    shown = {name: row[name] for name in ("id", "building", "worker_id", "stand_in_id", "state", "due_at")}
    return Line(**shown, name=row["name"] if named else None, words=words)


def pressing(tx: Tx, staff_id: int) -> int:
    """What waits for this member: visits of theirs whose day it is, words nobody answered, households nobody has."""
    mine = (households.c.worker_id == staff_id) & (households.c.state == "active")
    today = select(plans.c.id).join(households, households.c.id == plans.c.household_id)
    visits = len(tx.tuples(today.where(mine, plans.c.state == "open", plans.c.due_at <= tx.now + household_plans.DAY)))
    said = select(household_words.c.id).join(households, households.c.id == household_words.c.household_id)
    words = len(tx.tuples(said.where(mine, household_words.c.done_at.is_(None))))
    nobody = (households.c.worker_id.is_(None), households.c.state == "active", households_of(staff_id))
    return visits + words + len(tx.tuples(select(households.c.id).where(*nobody)))
