"""The quarter's steps to the board: who, until when, ticked off in their order, the supervision committee's own (DI-03)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, RowMapping, and_, exists, or_, select

from knowledge import disclosure_calendar as rule
from knowledge.escalation import Level
from knowledge.quarters import Quarter, reported, written
from storage import staff
from storage.access import member_for
from storage.office_time import office
from storage.offices import Offices
from storage.tables import communities, disclosure_steps
from storage.transaction import Tx

LONGEST_NOTE = 500


class Refused(Exception):
    """The step cannot be ticked off so: ``code`` names the words that say why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


# --- the quarter's steps ----------------------------------------------------------------------------------------------
def _without(tx: Tx) -> ColumnElement[bool]:
    """True of communities that were there in the quarter that is over, and have no steps for it."""
    quarter = reported(tx.now.astimezone(rule.CHINA).date())
    now, there = str(quarter), communities.c.created_at < rule.over_at(quarter)
    has = disclosure_steps.c.community_id == communities.c.id
    mine = exists().where(has, disclosure_steps.c.quarter == now)
    return and_(there, ~mine.correlate(communities))


def begins(tx: Tx) -> ColumnElement[bool]:
    """True of a community that has no steps for the quarter that is over."""
    return communities.c.id.in_(select(communities.c.id).where(_without(tx)).correlate(None))


def begin(tx: Tx) -> int:
    """Lay the quarter's steps out for every community that has none; whoever had a step before has it again."""
    quarter = reported(tx.now.astimezone(rule.CHINA).date())
    rows = tx.tuples(select(communities.c.id).where(_without(tx)).with_for_update())
    for (community_id,) in rows:
        here = office(tx, community_id)
        for step in rule.rules().steps:
            owner = _owner_before(tx, community_id, step, quarter)
            due_at = rule.due_at(quarter, step, here)
            told = None if due_at > tx.now else int(Level.SUBDISTRICT)  # a calendar that begins late scolds nobody
            values = {"due_at": due_at, "owner_id": owner, "level": told}
            tx.insert(disclosure_steps, community_id=community_id, quarter=str(quarter), step=step, **values)
    tx.wake("desk")
    return len(rows)


def _owner_before(tx: Tx, community_id: int, step: str, quarter: Quarter) -> int | None:
    mine = (disclosure_steps.c.community_id == community_id) & (disclosure_steps.c.step == step)
    found = tx.scalar(
        select(disclosure_steps.c.owner_id).where(mine, disclosure_steps.c.quarter == str(quarter.preceding))
    )
    member = staff.get(tx, int(found)) if found is not None else None
    return member.id if member is not None and member.disabled_at is None else None


def listed(tx: Tx, quarter: Quarter, *where: ColumnElement[bool]) -> Sequence[RowMapping]:
    """The steps of a quarter, by their day."""
    query = select(disclosure_steps).where(disclosure_steps.c.quarter == str(quarter), *where)
    return tx.all(query.order_by(disclosure_steps.c.community_id, disclosure_steps.c.due_at))


def unwatched(tx: Tx, community_id: int | None, quarter: Quarter) -> bool:
    """True while the supervision committee has the quarter's sheets still before it."""
    mine = (disclosure_steps.c.quarter == str(quarter)) & (disclosure_steps.c.step == "watch")
    if community_id is not None:
        mine &= disclosure_steps.c.community_id == community_id
    return tx.scalar(select(disclosure_steps.c.id).where(mine, disclosure_steps.c.done_at.is_(None))) is not None


# --- ticking off ------------------------------------------------------------------------------------------------------
def _step(tx: Tx, step_id: int, staff_id: int, *, only: str | None = None) -> RowMapping:
    """The step, held; MayNot for whoever may not tick it off. ``only``: the one who may, whatever step it is."""
    row = tx.first(select(disclosure_steps).where(disclosure_steps.c.id == step_id).with_for_update())
    if row is None:
        raise LookupError(f"no step {step_id}")
    who = only or rule.rules().steps[row["step"]].who
    member_for(tx, staff_id, "disclosure", "check" if who == "watch" else "act")
    return row


def done(tx: Tx, step_id: int, *, note: str, staff_id: int) -> None:
    """Refused out of turn, twice, or while an objection of the supervision committee stands."""
    row = _step(tx, step_id, staff_id)
    if row["done_at"] is not None:
        raise Refused("done_before")
    first = rule.before(row["step"])
    if first is not None and not _is_done(tx, row, first):
        raise Refused("out_of_turn")
    values = {"done_at": tx.now, "done_by": staff_id, "note": note or None, "objected_at": None}
    _change(tx, row, staff_id, "done", **values)


def _is_done(tx: Tx, row: RowMapping, step: str) -> bool:
    """Whether another step of the same quarter is."""
    mine = (disclosure_steps.c.community_id == row["community_id"]) & (disclosure_steps.c.quarter == row["quarter"])
    done = disclosure_steps.c.done_at.is_not(None)
    return tx.scalar(select(disclosure_steps.c.id).where(mine, disclosure_steps.c.step == step, done)) is not None


def undo(tx: Tx, step_id: int, *, staff_id: int) -> None:
    """It is not done after all; Refused once the next one is."""
    row = _step(tx, step_id, staff_id)
    later = [step for step in rule.ORDER if rule.before(step) == row["step"]]
    if row["done_at"] is None or any(_is_done(tx, row, step) for step in later):
        raise Refused("out_of_turn")
    _change(tx, row, staff_id, "undo", done_at=None, done_by=None)


def object_(tx: Tx, step_id: int, *, words: str, staff_id: int) -> None:
    """The supervision committee objects: its step stays open, and the objection has its days (DI-03)."""
    row = _step(tx, step_id, staff_id, only="watch")
    if row["step"] != "watch" or row["done_at"] is not None:
        raise Refused("done_before")
    if not words.strip():
        raise Refused("no_words")
    due_at = max(row["due_at"], tx.now + rule.rules().answer)
    _change(tx, row, staff_id, "object", objected_at=tx.now, objection=words, due_at=due_at, warned_at=None, level=None)


def give(tx: Tx, step_id: int, *, owner_id: int | None, staff_id: int) -> None:
    """Who sees to it."""
    row = _step(tx, step_id, staff_id, only="desk")
    member = staff.get(tx, owner_id) if owner_id is not None else None
    if owner_id is not None and (member is None or member.disabled_at is not None):
        raise Refused("no_colleague")
    _change(tx, row, staff_id, "give", owner_id=owner_id)


def _change(tx: Tx, row: RowMapping, staff_id: int, action: str, **values: object) -> None:
    tx.execute(disclosure_steps.update().where(disclosure_steps.c.id == row["id"]).values(values))
    staff.note(tx, staff_id, f"disclosure_step_{action}", f"{row['quarter']} {row['step']}")
    tx.wake("desk")


# --- the clock --------------------------------------------------------------------------------------------------------
def owing(tx: Tx) -> ColumnElement[bool]:
    """True of steps somebody must be told of now."""
    first, second = rule.rules().climb
    told, due = disclosure_steps.c.level, disclosure_steps.c.due_at
    return and_(
        disclosure_steps.c.done_at.is_(None),
        or_(
            disclosure_steps.c.warned_at.is_(None) & (due <= tx.now + rule.rules().remind) & (due > tx.now),
            told.is_(None) & (due <= tx.now),
            (told < Level.COMMITTEE) & (due <= tx.now - first),
            (told < Level.SUBDISTRICT) & (due <= tx.now - second),
        ),
    )


@dataclass(frozen=True, slots=True)
class Owed:
    """A step to be told of; ``level`` None: its day is near."""

    quarter: Quarter
    step: str
    due_at: datetime
    owner_id: int | None
    level: Level | None
    whose: int | None
    """its community"""


def told(tx: Tx) -> list[Owed]:
    """Everything to be told now; each counts as told."""
    rows = tx.all(select(disclosure_steps).where(owing(tx)).with_for_update(skip_locked=True))
    found = []
    for row in rows:
        level = rule.climbed(row["due_at"], tx.now)
        values = {"warned_at": row["warned_at"] or tx.now, "level": None if level is None else int(level)}
        tx.execute(disclosure_steps.update().where(disclosure_steps.c.id == row["id"]).values(values))
        whose = Offices(tx).community(row["community_id"], None)
        found.append(Owed(written(row["quarter"]), row["step"], row["due_at"], row["owner_id"], level, whose))
    return found
