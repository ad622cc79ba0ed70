"""A ticket offered to another community of the estate: it accepts, or returns it with a reason (一(一)).

The promise runs on, whoever has it; the resident hears of each step. While it is offered both meet the ticket; accepted, it
is of the other community, with all rights to it, and whoever looked after it before does so no more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import RowMapping, select

from knowledge.life import Refusal, is_open
from storage import desk_acts, office_time, staff, within
from storage.access import NotThere
from storage.desk_acts import Conflict, Done, Tell
from storage.tables import communities, ticket_passes, tickets
from storage.tickets import record
from storage.transaction import Tx
from storage.work_steps import party_of

Answer = Literal["accepted", "returned", "withdrawn"]
ACTIONS = {"accepted": "pass_accepted", "returned": "pass_returned", "withdrawn": "pass_withdrawn"}
THE_DESKS = Refusal("party", "移交由接线员或跟进这张工单的人来做。", "Only the desk, or who follows it, passes it on.")
OVER = Refusal("over", "工单已经结束，不用再移交。", "This ticket is over: there is nothing to pass on.")
TO_WHOM = Refusal("to", "请选同一个小区里的另一个社区。", "Choose another community of the same estate.")
WAITS = Refusal("waits", "已经移交出去，在等对方答复。", "It has been offered already; the answer is awaited.")
SETTLED = Refusal("over", "这次移交已经了结。", "This has been settled.")
NOT_YOURS = Refusal("party", "要由收到移交的社区来答复。", "The community it was offered to answers.")


@dataclass(frozen=True, slots=True)
class Passed:
    """One offer, with both communities' names; ``mine``: this member may answer for the other side."""

    row: RowMapping
    from_name: str
    to_name: str
    mine: bool

    @property
    def open(self) -> bool:
        return bool(self.row["state"] == "offered")


def community_of(tx: Tx, row: RowMapping) -> int | None:
    """Whose a ticket is now; None before there is any community."""
    taken = row["community_id"]
    return int(taken) if taken is not None else office_time.community_at(tx, row["building"])


def others(tx: Tx, row: RowMapping) -> list[tuple[int, str]]:
    """The communities it could be passed to: of the same estate."""
    own = community_of(tx, row)
    estate = select(communities.c.estate_id).where(communities.c.id == own).scalar_subquery()
    query = select(communities.c.id, communities.c.name).where(communities.c.retired_at.is_(None))
    found = tx.tuples(
        query.where(communities.c.estate_id == estate, communities.c.id != own).order_by(communities.c.id)
    )
    return [(int(key), str(name)) for key, name in found]


def offer(
    tx: Tx, ticket_id: int, to_id: int, *, staff_id: int, reason: str, revision: int, tell: Tell
) -> Done | Conflict | Refusal:
    """Offer it to another community and tell its resident. MayNot, LookupError."""
    member, row = desk_acts.held_by(tx, ticket_id, staff_id=staff_id)
    if row["revision"] != revision:
        return Conflict(row["revision"])
    if not party_of(tx, row, member).desk:
        return THE_DESKS
    refused = _why_not(tx, row, to_id)
    if refused is not None or not reason.strip():
        return refused or desk_acts.NO_REASON
    own = community_of(tx, row)
    told: dict[str, Any] = {"from_id": own, "to_id": to_id, "reason": reason, "offered_by": member.id}
    tx.insert(ticket_passes, ticket_id=ticket_id, offered_at=tx.now, **told)
    return _step(tx, row, staff_id, "pass_offered", reason, tell, {})


def _why_not(tx: Tx, row: RowMapping, to_id: int) -> Refusal | None:
    if not is_open(row["state"]):
        return OVER
    if to_id not in dict(others(tx, row)):
        return TO_WHOM
    waits = (ticket_passes.c.ticket_id == row["id"]) & (ticket_passes.c.state == "offered")
    return WAITS if tx.scalar(select(ticket_passes.c.id).where(waits)) is not None else None


def answer(tx: Tx, pass_id: int, said: Answer, *, staff_id: int, reason: str, tell: Tell) -> Done | Refusal:
    """The other community takes it, or returns it with a reason; or whoever offered it takes it back."""
    found = one(tx, pass_id, staff_id=staff_id)
    member, row = desk_acts.held_by(tx, int(found.row["ticket_id"]), staff_id=staff_id, unread=True)
    if not found.open:
        return SETTLED
    if said != "withdrawn" and not found.mine:
        return NOT_YOURS
    if said == "withdrawn" and not party_of(tx, row, member).desk:
        return THE_DESKS
    if said == "returned" and not reason.strip():
        return desk_acts.NO_REASON
    values = {"state": said, "answered_by": member.id, "answered_at": tx.now, "answer": reason or None}
    tx.execute(ticket_passes.update().where(ticket_passes.c.id == pass_id).values(values))
    taken = {"community_id": found.row["to_id"], "assigned_to": member.id} if said == "accepted" else {}
    return _step(tx, row, staff_id, ACTIONS[said], reason or None, tell, taken)


def _step(
    tx: Tx, row: RowMapping, staff_id: int, action: str, note: str | None, tell: Tell, values: dict[str, Any]
) -> Done:
    member, ticket_id, state = staff.actor(tx, staff_id), row["id"], row["state"]
    changed = {"revision": row["revision"] + 1} | values
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(changed))
    message_id = desk_acts.tell_all(tx, int(ticket_id), member, action, row["due_at"], tell)
    who = {"actor": "staff", "staff_id": staff_id, "from_state": state, "to_state": state}
    record(tx, int(ticket_id), action=action, note=note, message_id=message_id, **who)
    tx.wake("desk")
    return Done(state)


def one(tx: Tx, pass_id: int, *, staff_id: int) -> Passed:
    """One offer of a ticket this member may meet; NotThere."""
    row = tx.first(select(ticket_passes).where(ticket_passes.c.id == pass_id))
    if row is None:
        raise NotThere
    return _passed(tx, row, staff_id)


def of_ticket(tx: Tx, ticket_id: int, *, staff_id: int) -> Sequence[Passed]:
    """The newest first."""
    query = select(ticket_passes).where(ticket_passes.c.ticket_id == ticket_id)
    return [_passed(tx, row, staff_id) for row in tx.all(query.order_by(ticket_passes.c.id.desc()))]


def _passed(tx: Tx, row: RowMapping, staff_id: int) -> Passed:
    names = dict(tx.tuples(select(communities.c.id, communities.c.name)))
    theirs = within.whole_within(communities.c.id, staff_id) & (communities.c.id == row["to_id"])
    mine = tx.scalar(select(communities.c.id).where(theirs)) is not None
    return Passed(row, names[row["from_id"]], names[row["to_id"]], mine)
