"""How long each kind is kept here: as shipped, or as an admin shortened it; and what each run found to delete."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select

from knowledge.retention import Rule, rules
from storage import staff
from storage.access import member_for
from storage.tables import retention_runs, retention_terms
from storage.tables import staff as staff_table
from storage.transaction import Tx

RUNS_SHOWN = 20
A_DAY = timedelta(days=1)
RUNS_KEPT = timedelta(days=400)


class TermRefused(Exception):
    """``str()``: ``longer`` than residents were told, or ``shorter`` than the rules allow."""


@dataclass(frozen=True, slots=True)
class Change:
    """An admin's own term; ``days`` None: back to what was shipped."""

    kind: str
    days: int | None
    reason: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    at: datetime
    counts: Mapping[str, int]


def changes(tx: Tx) -> dict[str, Change]:
    """The newest of each kind."""
    newest = select(func.max(retention_terms.c.id)).group_by(retention_terms.c.kind)
    query = select(
        *(retention_terms.c[name] for name in ("kind", "days", "reason")), staff_table.c.name, retention_terms.c.at
    )
    query = query.join(staff_table, staff_table.c.id == retention_terms.c.staff_id)
    return {row[0]: Change(*row) for row in tx.tuples(query.where(retention_terms.c.id.in_(newest)))}


def in_force(tx: Tx) -> dict[str, Rule]:
    """The rules with this community's own terms; one that would not be allowed any more counts as none."""
    own = {kind: change.days for kind, change in changes(tx).items() if change.days is not None}
    allowed = {kind: days for kind, days in own.items() if kind in rules() and rules()[kind].refuses(days) is None}
    return {
        kind: replace(rule, keep=timedelta(days=allowed[kind])) if kind in allowed else rule
        for kind, rule in rules().items()
    }


def kept(tx: Tx, kind: str) -> timedelta:
    """How long this kind is kept, as ``in_force`` has it, by a look at its own newest term only. KeyError for no kind."""
    newest = select(retention_terms.c.days).where(retention_terms.c.kind == kind)
    days = tx.scalar(newest.order_by(retention_terms.c.id.desc()).limit(1))
    rule = rules()[kind]
    return rule.keep if days is None or rule.refuses(days) else timedelta(days=days)


def change(tx: Tx, kind: str, days: int | None, *, reason: str, staff_id: int) -> None:
    """Another term from now on, None the shipped one. KeyError for no kind; TermRefused."""
    member_for(tx, staff_id, "retention", "terms")
    rule, before = rules()[kind], in_force(tx)[kind].keep.days
    if days is not None and (why := rule.refuses(days)):
        raise TermRefused(why)
    tx.insert(retention_terms, kind=kind, days=days, reason=reason, staff_id=staff_id, at=tx.now)
    staff.note(tx, staff_id, "change_term", kind, was=before, days=days or rule.keep.days, reason=reason)


def ran(tx: Tx, counts: Mapping[str, int]) -> None:
    """One run is over: written down where it found something, and once a day in any case."""
    found = {kind: count for kind, count in counts.items() if count}
    last = tx.scalar(select(func.max(retention_runs.c.at)))
    if found or last is None or tx.now - last >= A_DAY:
        tx.insert(retention_runs, at=tx.now, counts=found)
        tx.execute(retention_runs.delete().where(retention_runs.c.at < tx.now - RUNS_KEPT))


def runs(tx: Tx) -> list[Run]:
    """The newest first."""
    query = select(retention_runs.c.at, retention_runs.c.counts).order_by(retention_runs.c.id.desc())
    return [Run(*row) for row in tx.tuples(query.limit(RUNS_SHOWN))]
