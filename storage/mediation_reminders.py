"""What was told about a mediation because time went by: each thing once, also with several processes looking."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from knowledge.mediation import State
from storage import mediation
from storage.mediation import Case
from storage.tables import mediation_reminders as reminders
from storage.tables import mediations
from storage.transaction import Tx

TALKING = (State.ACCEPTED, State.INVITING, State.MEDIATING)
"""Where the month still runs; an agreement ends it (ME-07)."""


def once(tx: Tx, case_id: int, kind: str, about_id: int) -> bool:
    """True the first time; the case is held meanwhile, so that nobody else tells of it too."""
    tx.first(select(mediations.c.id).where(mediations.c.id == case_id).with_for_update())
    mine = (reminders.c.mediation_id == case_id) & (reminders.c.kind == kind) & (reminders.c.about_id == about_id)
    if tx.scalar(select(reminders.c.id).where(mine)) is not None:
        return False
    tx.insert(reminders, mediation_id=case_id, kind=kind, about_id=about_id, at=tx.now)
    return True


def ending(tx: Tx, moment: datetime) -> list[Case]:
    """Cases still talked about whose time is over by then."""
    due = func.coalesce(mediations.c.extended_until, mediations.c.due_at)
    return mediation.cases(tx, mediations.c.state.in_([state.value for state in TALKING]), due <= moment)
