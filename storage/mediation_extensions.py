"""More time than the month: only with both sides' yes (ME-07). A no leaves the month as it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import RowMapping, select

from knowledge.mediation import Refusal, State, Who
from storage import mediation, mediation_asks
from storage.mediation import Case, Stale
from storage.mediation_course import done, in_hand, not_now, refused
from storage.tables import mediation_extensions as extensions
from storage.tables import tickets
from storage.transaction import Tx

OPEN_STATES = (State.ACCEPTED, State.INVITING, State.MEDIATING)
FURTHEST = timedelta(days=92)
"""Longer than the month that is given at first makes nobody settle."""


def ask(
    tx: Tx, case_id: int, *, staff_id: int, revision: int | None, until: datetime, reason: str
) -> list[RowMapping] | Refusal | Stale:
    """Ask both sides; one asking at a time. The sides to be asked."""
    case = in_hand(tx, case_id, staff_id=staff_id, revision=revision)
    if isinstance(case, Stale):
        return case
    trouble = not_now(case, OPEN_STATES) or _impossible(tx, case, until)
    if trouble is not None:
        return trouble
    values = {"until": until, "reason": reason, "state": "asked", "asked_by": staff_id, "asked_at": tx.now}
    made = tx.insert(extensions, mediation_id=case.id, **values)
    done(tx, case, "ask_extension", actor="staff", staff_id=staff_id)
    return mediation_asks.put(tx, case.id, "extension", made)


def _impossible(tx: Tx, case: Case, until: datetime) -> Refusal | None:
    if open_one(tx, case.id) is not None:
        return refused("已经在问双方了，等他们回答。", "Both are being asked already.")
    if case.settle_by is None or until <= case.settle_by:
        return refused("要晚于现在的期限。", "It has to be later than the time there is.")
    if until > case.settle_by + FURTHEST:
        return refused("一次最多延三个月。", "Three months more at most.")
    return None


def settle(tx: Tx, case: Case, extension_id: int, asked: Mapping[str, RowMapping]) -> str:
    """``granted`` with both yes, ``refused`` with one no, else ``waiting``; ``over`` when it was decided before."""
    row = tx.first(select(extensions).where(extensions.c.id == extension_id).with_for_update())
    if row is None or row["state"] != "asked":
        return "over"
    if any(one["answer"] == "no" for one in asked.values()):
        return _decide(tx, case, row, "refused")
    if not mediation_asks.both(asked, "yes"):
        return "waiting"
    taken = mediation.step(tx, case, "extend", {Who.MEDIATOR}, actor="system", extended_until=row["until"])
    if isinstance(taken, Refusal | Stale):
        return _decide(tx, case, row, "void")
    tx.execute(tickets.update().where(tickets.c.id == case.ticket_id).values(due_at=row["until"], due_rule="ME-07"))
    return _decide(tx, case, row, "granted")


def _decide(tx: Tx, case: Case, row: RowMapping, state: str) -> str:
    decided = {"state": state, "decided_at": tx.now}
    tx.execute(extensions.update().where(extensions.c.id == row["id"]).values(decided))
    mediation_asks.close(tx, "extension", int(row["id"]))
    if state != "granted":
        done(tx, case, "extension_refused", actor="system")
    return state


def open_one(tx: Tx, case_id: int) -> RowMapping | None:
    return tx.first(select(extensions).where(extensions.c.mediation_id == case_id, extensions.c.state == "asked"))


def get(tx: Tx, extension_id: int) -> RowMapping | None:
    return tx.first(select(extensions).where(extensions.c.id == extension_id))


def of_case(tx: Tx, case_id: int) -> list[RowMapping]:
    return list(tx.all(select(extensions).where(extensions.c.mediation_id == case_id).order_by(extensions.c.id)))
