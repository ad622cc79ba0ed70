"""What the units of a mediation's course share: whose hand it is in, and telling the history (ME-15, ME-14)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from knowledge.mediation import Refusal, Side, State
from storage import mediation, staff
from storage.mediation import Case, Stale
from storage.mediation_desk import footing
from storage.staff import MayNot
from storage.transaction import Tx

SYSTEM = "system"


def in_hand(tx: Tx, case_id: int, *, staff_id: int, revision: int | None = None) -> Case | Stale:
    """The case, held for its mediator to act on; MayNot for everybody else, LookupError where there is none, Stale when
    somebody was faster."""
    case = mediation.held(tx, case_id)
    member = staff.get(tx, staff_id)
    if member is None or not footing(tx, case, member).reads:
        raise MayNot
    return Stale(case.revision) if revision not in (None, case.revision) else case


def not_now(case: Case, states: Collection[State]) -> Refusal | None:
    """Why this cannot be done where the case stands; None where it can."""
    if case.state in states:
        return None
    return Refusal("order", "这件调解现在走不到这一步。", "Not at this point of the mediation.")


def refused(zh: str, en: str) -> Refusal:
    return Refusal("order", zh, en)


def done(tx: Tx, case: Case, action: str, *, actor: str, staff_id: int | None = None, note: str | None = None) -> None:
    """A line of the history for what changes no state; whoever looks at the case sees it is newer."""
    mediation.record(tx, case, action, actor=actor, staff_id=staff_id, note=note)
    mediation.change(tx, case.id)


def names(case: Case) -> tuple[str | None, str | None]:
    """Both parties as an agreement names them."""
    return case.parties[Side.APPLICANT].name, case.parties[Side.RESPONDENT].name


PARTICULARS = ("name", "phone", "building", "unit", "room")
"""What of a party a mediator may put right: an agreement names both as their papers do (ME-10)."""


def put_right(
    tx: Tx, case_id: int, side: Side, *, staff_id: int, revision: int, particulars: Mapping[str, str | None]
) -> Case | Stale:
    """A party's name, telephone number and flat as the mediator has them from the party."""
    case = in_hand(tx, case_id, staff_id=staff_id, revision=revision)
    if isinstance(case, Stale):
        return case
    known = {name: particulars.get(name) for name in PARTICULARS}
    mediation.change_party(tx, case.parties[side], **known)
    done(tx, case, "party", actor="staff", staff_id=staff_id)
    return mediation.held(tx, case.id)
