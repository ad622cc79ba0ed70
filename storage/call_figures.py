"""A shift in figures: how many called, what became of it, how long somebody waited. Of the desk, never of a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select

from storage import call_list, ring_backs
from storage.tables import calls
from storage.transaction import Tx


@dataclass(frozen=True, slots=True)
class Shift:
    """From one instant to another. ``answered`` were answered at once; ``longest`` somebody waited to be answered, None
    where nobody did. ``due`` are call-backs waiting now: after the work, and to ring.

    Only where the telephone system tells: ``rang`` calls that are over ringing, ``picked_up`` of them, ``at_once`` within
    15 seconds (WO-03). A call belongs to the shift it began in, whenever it was answered."""

    calls: int
    visits: int
    answered: int
    tickets: int
    added: int
    missed: int
    going: int
    due: int
    longest: timedelta | None
    longest_now: timedelta | None
    rang: int
    picked_up: int
    at_once: int


AT_ONCE = timedelta(seconds=15)


def shift(tx: Tx, *, since: datetime, until: datetime, staff_id: int) -> Shift:
    by = _counts(tx, since, until)
    return Shift(
        calls=sum(count for (source, _, _), count in by.items() if source == "phone"),
        visits=sum(count for (source, _, _), count in by.items() if source == "walk_in"),
        answered=_of(by, outcome="answered"),
        tickets=_of(by, outcome="ticket"),
        added=_of(by, outcome="added"),
        missed=_of(by, state="missed"),
        going=_of(by, state="open") + _of(by, state="ringing"),
        due=ring_backs.waiting(tx, staff_id=staff_id) + call_list.waiting(tx, staff_id=staff_id),
        longest=_longest(tx, since, until),
        longest_now=_longest_now(tx),
        **_reached(tx, since, until),
    )


Counts = Mapping[tuple[str, str, str | None], int]


def _counts(tx: Tx, since: datetime, until: datetime) -> Counts:
    columns = (calls.c.source, calls.c.state, calls.c.outcome)
    within = (calls.c.began_at >= since) & (calls.c.began_at < until)
    query = select(*columns, func.count()).where(within).group_by(*columns)
    return {(source, state, outcome): int(count) for source, state, outcome, count in tx.tuples(query)}


def _of(by: Counts, *, state: str | None = None, outcome: str | None = None) -> int:
    return sum(count for (_, at, led), count in by.items() if at == (state or at) and led == (outcome or led))


def _reached(tx: Tx, since: datetime, until: datetime) -> dict[str, int]:
    """How many of those that rang were picked up, and how soon."""
    told = (calls.c.external.is_not(None), calls.c.began_at >= since, calls.c.began_at < until)
    rows = tx.tuples(select(calls.c.began_at, calls.c.answered_at).where(*told, _over_ringing()))
    waited = [answered - began for began, answered in rows if answered is not None]
    return {"rang": len(rows), "picked_up": len(waited), "at_once": sum(span <= AT_ONCE for span in waited)}


def _over_ringing() -> ColumnElement[bool]:
    return func.coalesce(calls.c.answered_at, calls.c.hung_up_at).is_not(None)


def _longest(tx: Tx, since: datetime, until: datetime) -> timedelta | None:
    """A call that was given up waited until then."""
    rang = (calls.c.external.is_not(None), calls.c.began_at >= since, calls.c.began_at < until)
    rows = tx.tuples(select(calls.c.began_at, calls.c.answered_at, calls.c.hung_up_at).where(*rang, _over_ringing()))
    return max(((answered or hung_up) - began for began, answered, hung_up in rows), default=None)


def _longest_now(tx: Tx) -> timedelta | None:
    waits = (calls.c.state == "ringing") & calls.c.answered_at.is_(None)
    began = [at for (at,) in tx.tuples(select(calls.c.began_at).where(waits))]
    return tx.now - min(began) if began else None
