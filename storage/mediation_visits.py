"""Whether an agreement is kept: both sides are asked after each of its dates, and the mediator writes down how it stands
(ME-12). What a side says is its own; a duty is done when the mediator has recorded that it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, select

from knowledge import course
from knowledge.mediation import Refusal, State
from storage import mediation_asks
from storage.mediation import Case, Stale
from storage.mediation_course import done, in_hand, not_now, refused
from storage.offices import Offices
from storage.tables import mediation_visits as visits
from storage.tables import mediations
from storage.transaction import Tx

OUTCOMES = ("performed", "not_yet", "trouble")


def of_case(tx: Tx, case_id: int) -> list[RowMapping]:
    """Every one, the soonest due first."""
    return list(tx.all(select(visits).where(visits.c.mediation_id == case_id).order_by(visits.c.due_at, visits.c.id)))


def get(tx: Tx, case_id: int, visit_id: int) -> RowMapping | None:
    query = select(visits).where(visits.c.id == visit_id, visits.c.mediation_id == case_id)
    return tx.first(query.with_for_update())


def due(tx: Tx) -> list[RowMapping]:
    """Those to be asked about now, held so that each is asked about once."""
    now = (visits.c.due_at <= tx.now) & visits.c.asked_at.is_(None) & visits.c.outcome.is_(None)
    query = select(visits).join(mediations, mediations.c.id == visits.c.mediation_id).order_by(visits.c.id)
    kept = query.where(now, mediations.c.state == State.PERFORMING.value)
    return list(tx.all(kept.with_for_update(of=visits, skip_locked=True)))


def ask(tx: Tx, row: RowMapping) -> list[RowMapping]:
    """Both sides are asked; the sides."""
    tx.execute(visits.update().where(visits.c.id == row["id"]).values(asked_at=tx.now))
    return mediation_asks.put(tx, int(row["mediation_id"]), "visit", int(row["id"]))


def settle(tx: Tx, case: Case, visit_id: int, asked: Mapping[str, RowMapping]) -> str:
    """What the sides say: ``trouble`` or ``not_yet`` when one says so, ``performed`` when both do, else ``waiting``."""
    row = get(tx, case.id, visit_id)
    if row is None or row["outcome"] is not None:
        return "over"
    answers = {one["answer"] for one in asked.values()}
    for worse in ("trouble", "not_yet"):
        if worse in answers:
            return worse
    return "performed" if answers == {"performed"} else "waiting"


def write_down(
    tx: Tx,
    case_id: int,
    visit_id: int,
    *,
    staff_id: int,
    revision: int | None,
    outcome: str,
    how: str,
    satisfied: str | None = None,
    trouble: str = "",
    steps: str = "",
    again_at: datetime | None = None,
) -> RowMapping | Refusal | Stale:
    """The record of a visit (ME-12). "Not yet" and trouble are looked after again: on ``again_at``, or in a week."""
    if outcome not in OUTCOMES:
        raise ValueError(outcome)
    case = in_hand(tx, case_id, staff_id=staff_id, revision=revision)
    if isinstance(case, Stale):
        return case
    row = get(tx, case.id, visit_id)
    trouble_found = not_now(case, (State.PERFORMING,)) or _written(row)
    if row is None or trouble_found is not None:
        return trouble_found or refused("没有这次回访。", "There is no such visit.")
    values = {
        "outcome": outcome,
        "how": how,
        "satisfied": satisfied,
        "trouble": trouble or None,
        "steps": steps or None,
    }
    _set(tx, visit_id, **values, visited_by=staff_id, visited_at=tx.now)
    mediation_asks.close(tx, "visit", visit_id)
    if outcome != "performed":
        _again(tx, row, again_at or course.ask_again(tx.now, office=Offices(tx).of_ticket_id(case.ticket_id)))
    done(tx, case, f"visit_{outcome}", actor="staff", staff_id=staff_id)
    return row


def _written(row: RowMapping | None) -> Refusal | None:
    if row is None or row["outcome"] is None:
        return None
    return refused("这次回访已经记过了。", "This visit was recorded before.")


def _again(tx: Tx, row: RowMapping, at: datetime) -> None:
    same = {name: row[name] for name in ("mediation_id", "agreement_id", "term")}
    tx.insert(visits, **same, due_at=at)


def outstanding(tx: Tx, case_id: int) -> list[RowMapping]:
    """What is still to be looked after of the agreement in force."""
    return [row for row in of_case(tx, case_id) if row["outcome"] is None]


def kept(tx: Tx, case_id: int) -> bool:
    """True when every duty looked after was last recorded as done."""
    last = {row["term"]: row["outcome"] for row in of_case(tx, case_id) if row["outcome"] not in (None, "void")}
    return bool(last) and set(last.values()) == {"performed"}


def give_up(tx: Tx, case_id: int) -> None:
    """They talk again, or it is over: nothing of the old agreement is asked after any more."""
    for row in outstanding(tx, case_id):
        mediation_asks.close(tx, "visit", int(row["id"]))
        _set(tx, int(row["id"]), outcome="void")


def _set(tx: Tx, visit_id: int, **values: Any) -> None:
    tx.execute(visits.update().where(visits.c.id == visit_id).values(values))
