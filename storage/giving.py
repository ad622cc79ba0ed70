"""A ticket given to a colleague: from now on they look after it; its state and its promises stay as they are."""

from __future__ import annotations

from knowledge.life import Refusal, is_open
from storage import desk_acts, sight, staff
from storage.desk_acts import Conflict, Done
from storage.staff import Member
from storage.stepping_aside import may_see
from storage.tables import tickets
from storage.tickets import record
from storage.transaction import Tx

NOT_THEIRS = Refusal("role", "这位同事不能办这张工单。", "This colleague cannot handle this ticket.")
OVER = Refusal("over", "工单已经结束，不用再交给谁。", "This ticket is over: there is nothing to hand on.")


def give(tx: Tx, ticket_id: int, *, staff_id: int, to: int, revision: int) -> Done | Conflict | Refusal:
    """Raises MayNot for a role that only looks, LookupError where there is no such ticket for this member.

    Refused where the colleague may not see or handle it: nobody is handed what they must step aside from (WO-24).
    """
    member, row = desk_acts.held_by(tx, ticket_id, staff_id=staff_id)
    if row["assigned_to"] == to:
        return Done(row["state"], again=True)
    if row["revision"] != revision:
        return Conflict(row["revision"])
    if not is_open(row["state"]):
        return OVER
    colleague = staff.get(tx, to)
    if member.guest and (colleague is None or colleague.unit_id != member.unit_id):
        return NOT_THEIRS  # what a unit was given stays in it (WO-08)
    if sight.handler(colleague, row) is None or not may_see(tx, ticket_id, staff_id=to):
        return NOT_THEIRS
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(assigned_to=to, revision=row["revision"] + 1))
    state, name = row["state"], colleague.name if colleague else None
    record(tx, ticket_id, actor="staff", staff_id=member.id, action="give", from_state=state, to_state=state, note=name)
    tx.wake("desk")
    return Done(state)


def hands(tx: Tx, giver: Member) -> list[Member]:
    """Whom this member can give something to."""
    known = [member for member in staff.everyone(tx) if member.may_act]
    return [one for one in known if one.unit_id == giver.unit_id] if giver.guest else known
