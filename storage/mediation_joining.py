"""Two applications about each other joined by hand: by the mediator who has both, and whom nothing speaks against (ME-02).

Neither side reads a word of the other's by it: what the second application said stands in its own writer's thread.
"""

from __future__ import annotations

from knowledge.mediation import Refusal, State
from storage import mediation
from storage.mediation import Case, Stale
from storage.mediation_course import in_hand, refused
from storage.mediation_desk import Footing, footing
from storage.mediation_opening import join
from storage.tables import mediations
from storage.transaction import Tx

BEFORE_TALKS = (State.APPLIED, State.ACCEPTED, State.INVITING)


def joinable(tx: Tx, case: Case, on: Footing) -> list[Case]:
    """The cases of this mediator that this application may be joined with."""
    if not on.reads or case.state is not State.APPLIED:
        return []
    mine = (mediations.c.mediator_id == on.member.id) & (mediations.c.id != case.id)
    found = mediation.cases(tx, mine, mediations.c.counterpart_id.is_(None))
    return [one for one in found if _fits(case, one) and footing(tx, one, on.member).reads]


def _fits(case: Case, first: Case) -> bool:
    """Two different applicants, neither of whom is known to be about somebody else."""
    mine, theirs = case.applicant.resident_id, first.applicant.resident_id
    about_me, about_them = first.respondent.resident_id in (None, mine), case.respondent.resident_id in (None, theirs)
    return first.state in BEFORE_TALKS and mine != theirs and about_me and about_them


def by_hand(tx: Tx, case_id: int, first_id: int, *, staff_id: int, revision: int) -> Case | Refusal | Stale:
    """The application goes on in the other one; MayNot unless both are this mediator's. The case it goes on in."""
    case = in_hand(tx, case_id, staff_id=staff_id, revision=revision)
    if isinstance(case, Stale):
        return case
    first = in_hand(tx, first_id, staff_id=staff_id)
    assert isinstance(first, Case)
    if case.state is not State.APPLIED or first.counterpart_id is not None or not _fits(case, first):
        return refused("这两件不能合成一件。", "These two cannot be joined.")
    if _joined_with(tx, case):
        return refused("已经有一件并进来了，请从那一件并。", "Another was joined with this one before.")
    return join(tx, case, first, actor="staff", staff_id=staff_id)


def _joined_with(tx: Tx, case: Case) -> bool:
    return bool(mediation.cases(tx, mediations.c.counterpart_id == case.id))
