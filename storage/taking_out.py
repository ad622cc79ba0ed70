"""Who takes rows out at the command line, and why: held to the console's rule where they say who they are, and written in
the audit as whoever runs the machine where they do not."""

from __future__ import annotations

from sqlalchemy import select

from storage import staff
from storage.staff import Member
from storage.tables import audit
from storage.transaction import Tx
from storage.within import unlimited

OPERATOR = "operator of the machine"


class NotTheirs(Exception):
    """They may not take this out; ``str()`` says why in one line."""


def allowed(tx: Tx, name: str) -> Member:
    """The colleague of this name, who may export everything there is; NotTheirs for everybody else."""
    member = staff.named(tx, name)
    if member is None or member.disabled_at is not None:
        raise NotTheirs(f"nobody called {name} works here; see `lianxin staff list`")
    if not staff.may(member, "export", "act"):
        raise NotTheirs(f"{name} ({member.role}) may not export")
    if not tx.scalar(select(unlimited(member.id))):
        raise NotTheirs(f"{name} is responsible for some places or subjects only: the console exports theirs")
    return member


def note(tx: Tx, what: str, number: int, *, by: Member | None, account: str, reason: str) -> None:
    """That ``number`` rows were taken out: by whom, from which account of the machine, and why."""
    who = by.name if by else OPERATOR
    detail = {"rows": number, "by": who, "account": account, "reason": reason, "where": "command line"}
    tx.insert(audit, at=tx.now, staff_id=by.id if by else None, action="export", object=what, detail=detail)
