"""How much of a ticket a member of staff sees, and the reasons that uncover more, each kept in the audit."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import RowMapping, select

from knowledge import catalogue, reach
from knowledge.life import Role
from knowledge.reach import Sight
from knowledge.stepping_aside import acts_as
from storage import staff
from storage.staff import Member
from storage.tables import audit, ticket_units
from storage.transaction import Tx

UNCOVERED_FOR = timedelta(minutes=15)
HANDING_OUT = frozenset({Role.ADMIN.value, Role.OPERATOR.value})
"""Whose it is to hand out what nobody looks after yet."""


def handler(member: Member | None, ticket: RowMapping) -> Member | None:
    """The member in the role they handle this ticket in; None when they may only look at it."""
    if member is None or member.disabled_at is not None:
        return None
    kind = catalogue.category(str(ticket["route"]), ticket["category"])
    found = replace(member, role=acts_as(member.role, kind))
    return found if found.may_act else None


def watcher(member: Member | None) -> Member | None:
    """The member, where it is theirs to watch over the work of others (WO-17)."""
    watches = member is not None and member.role == Role.SUPERVISOR and member.disabled_at is None
    return member if watches else None


def is_named(member: Member | None, ticket: RowMapping) -> bool:
    """They look after it; or nobody does yet, and it is theirs to hand out."""
    acting = handler(member, ticket)
    if member is not None and ticket["assigned_to"] == member.id:
        return True
    return ticket["assigned_to"] is None and acting is not None and acting.role in HANDING_OUT


def sight_of(tx: Tx, ticket: RowMapping, *, staff_id: int) -> Sight:
    """How this ticket, which they reach, looks to this member now."""
    member = staff.get(tx, staff_id)
    return reach.sight(
        member.role if member else "",
        secret=bool(ticket["confidential"]),
        named=is_named(member, ticket) or _given_to(tx, ticket, member),
        uncovered=is_masked(tx, ticket, staff_id=staff_id) and uncovered(tx, str(ticket["number"]), staff_id=staff_id),
    )


def _given_to(tx: Tx, ticket: RowMapping, member: Member | None) -> bool:
    """Their unit leads it, or assists: they read what it is about, and not who asked for secrecy (WO-24)."""
    if member is None or member.unit_id is None or handler(member, ticket) is None:
        return False
    theirs = (ticket_units.c.ticket_id == ticket["id"]) & (ticket_units.c.unit_id == member.unit_id)
    return tx.first(select(ticket_units.c.id).where(theirs, ticket_units.c.ended_at.is_(None))) is not None


def is_masked(tx: Tx, ticket: RowMapping, *, staff_id: int) -> bool:
    """True where this member sees who called only after saying why, if at all."""
    return bool(ticket["confidential"]) or sees_masked(tx, staff_id)


def sees_masked(tx: Tx, staff_id: int) -> bool:
    """True for roles to whom personal data is masked everywhere."""
    member = staff.get(tx, staff_id)
    return member is None or reach.shipped().limit(member.role).personal != "free"


def uncovered(tx: Tx, number: str, *, staff_id: int) -> bool:
    """True when this member gave a reason to see a ticket's caller within the last quarter of an hour."""
    return reason_of(tx, number, staff_id=staff_id) is not None


def reason_of(tx: Tx, number: str, *, staff_id: int) -> str | None:
    """The reason that counts now."""
    mine = (audit.c.staff_id == staff_id) & (audit.c.action == "uncover") & (audit.c.object == number)
    newest = (
        select(audit.c.detail).where(mine, audit.c.at > tx.now - UNCOVERED_FOR).order_by(audit.c.id.desc()).limit(1)
    )
    detail = tx.scalar(newest)
    return None if detail is None else str(detail.get("reason", ""))


def looked(tx: Tx, number: str, *, staff_id: int) -> None:
    """Somebody opened what is masked; each look is a line of its own, with the reason given for it."""
    staff.note(tx, staff_id, "look_uncovered", number, reason=reason_of(tx, number, staff_id=staff_id))
