"""Figures of mediation: cases by kind, by how they ended, by how long they took. Nobody is ranked; what there is none of is
"none", not nought per cent (ME-14)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import ColumnElement, RowMapping, select

from knowledge.mediation import State
from storage.tables import mediation_agreements, mediations
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Figures:
    """Of the cases applied for in a span. ``settled`` counts agreements in force; spans are from acceptance to the day it
    took effect; ``in_time``: within the month or what both agreed to, of those that took effect."""

    applied: int
    open: int
    kinds: Mapping[str, int]
    states: Mapping[str, int]
    endings: Mapping[str, int]
    settled: int
    written: int
    oral: int
    performed: int
    confirmed_by_court: int
    middle_span: timedelta | None
    longest_span: timedelta | None
    in_time: int


def figures(tx: Tx, *where: ColumnElement[bool], since: datetime, until: datetime) -> Figures:
    opened = (mediations.c.opened_at >= since) & (mediations.c.opened_at < until)
    cases = tx.all(select(mediations).where(opened, *where))
    by_id = {int(row["id"]): row for row in cases}
    force = mediation_agreements.c.in_force_at.is_not(None)
    kept = force & (mediation_agreements.c.state == "in_force") & mediation_agreements.c.mediation_id.in_(by_id)
    agreed = tx.all(select(mediation_agreements).where(kept))
    spans = [
        row["in_force_at"] - by_id[int(row["mediation_id"])]["accepted_at"]
        for row in agreed
        if by_id[int(row["mediation_id"])]["accepted_at"] is not None
    ]
    return Figures(
        applied=len(cases),
        open=sum(row["ended_at"] is None for row in cases),
        kinds=_counted(row["kind"] for row in cases),
        states=_counted(row["state"] for row in cases if row["ended_at"] is None),
        endings=_counted(row["ending"] for row in cases if row["ending"]),
        settled=len(agreed),
        written=sum(row["form"] == "written" for row in agreed),
        oral=sum(row["form"] == "oral" for row in agreed),
        performed=sum(row["state"] == State.FILED for row in cases),
        confirmed_by_court=sum(row["court_confirmed_on"] is not None for row in agreed),
        middle_span=median(spans) if spans else None,
        longest_span=max(spans, default=None),
        in_time=sum(_in_time(row, by_id[int(row["mediation_id"])]) for row in agreed),
    )


def _counted(values: Iterable[str]) -> Mapping[str, int]:
    return dict(Counter(values).most_common())


def _in_time(agreement: RowMapping, case: RowMapping) -> bool:
    due = case["extended_until"] or case["due_at"]
    return bool(due and agreement["confirmed_at"] and agreement["confirmed_at"] <= due)
