"""The chain of a dispute that is in no mediation: a word with them, mediation offered, the authority, the police (ME-17).

Where a ticket stands is its history: each link is a line with who and when, written together with what its resident
reads, and never taken back. A dispute in mediation has its own desk and no chain here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, select

from knowledge.life import Refusal, is_open
from knowledge.mediation import chain, links_to_take
from storage import alarms, chats, mediation, messages
from storage.desk_acts import Conflict, Done, held_by
from storage.messages import Buttons
from storage.tables import messages as message_table
from storage.tables import staff, ticket_events, tickets
from storage.tickets import listeners, record
from storage.transaction import Tx

STEP = "chain_"
"""Before the name of a link in the history."""
DECLINED = "chain_declined"
Tell = Callable[[str], tuple[str, Buttons]]
"""From a chat's language to what is read there, and its buttons."""


@dataclass(frozen=True, slots=True)
class Standing:
    """``link``: the last one taken, by whom and when; ``ahead``: what may be done now, the next one first;
    ``declined``: mediation was offered and they would rather not."""

    links: tuple[str, ...]
    link: str | None
    by: str | None
    at: datetime | None
    ahead: tuple[str, ...]
    declined: bool


def standing(tx: Tx, ticket_id: int) -> Standing | None:
    """Where an open dispute's chain stands; None for other tickets, and for one that is in mediation."""
    row = tx.first(select(tickets).where(tickets.c.id == ticket_id))
    if row is None or not _has_chain(tx, row):
        return None
    links = chain(str(row["category"]))
    taken = [line for line in _lines(tx, ticket_id) if line["action"] != DECLINED]
    last = taken[-1] if taken else None
    link = str(last["action"]).removeprefix(STEP) if last else None
    return Standing(
        links=links,
        link=link,
        by=last["name"] if last else None,
        at=last["at"] if last else None,
        ahead=links_to_take(str(row["category"]), link),
        declined=len(taken) != len(_lines(tx, ticket_id)),
    )


def _has_chain(tx: Tx, row: RowMapping) -> bool:
    return row["route"] == "dispute" and is_open(row["state"]) and mediation.of_ticket(tx, int(row["id"])) is None


def _lines(tx: Tx, ticket_id: int) -> list[RowMapping]:
    events = ticket_events
    query = select(events.c.action, events.c.at, staff.c.name).outerjoin(staff, staff.c.id == events.c.staff_id)
    mine = (events.c.ticket_id == ticket_id) & events.c.action.startswith(STEP, autoescape=True)
    return list(tx.all(query.where(mine).order_by(events.c.id)))


def go_on(tx: Tx, ticket_id: int, link: str, *, staff_id: int, revision: int, tell: Tell) -> Done | Conflict | Refusal:
    """Take the link: its line of history, and what the resident reads. The same form sent twice counts once.

    Raises MayNot for a role that only looks, LookupError where there is no such ticket.
    """
    member, row = held_by(tx, ticket_id, staff_id=staff_id)
    found = standing(tx, ticket_id)
    if found is not None and found.link == link and found.by == member.name:
        return Done(row["state"], again=True)
    if row["revision"] != revision:
        return Conflict(row["revision"])
    trouble = _trouble(tx, row, found, link)
    if trouble is not None:
        return trouble
    values = {"revision": revision + 1, "first_contact_at": row["first_contact_at"] or tx.now}
    values |= {"assigned_to": row["assigned_to"] or staff_id}
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(values))
    state = row["state"]
    message_id = _said(tx, row, link, staff_id, tell)
    line = {"from_state": state, "to_state": state, "staff_id": staff_id, "message_id": message_id}
    record(tx, ticket_id, actor="staff", action=f"{STEP}{link}", **line)
    tx.wake("desk")
    return Done(state)


def _trouble(tx: Tx, row: RowMapping, found: Standing | None, link: str) -> Refusal | None:
    if found is None or link not in found.ahead:
        return Refusal("order", "现在走不到这一步。", "This is not the next step.")
    if link == "mediate" and alarms.open_in(tx, int(row["chat_id"])):
        zh, en = "有没处理完的紧急求助，先救人，不提调解。", "An alarm is not over: people first, no mediation now."
        return Refusal("danger", zh, en)
    return None


def _said(tx: Tx, row: RowMapping, link: str, staff_id: int, tell: Tell) -> int | None:
    """Mediation is offered where the dispute was filed: nobody applies for somebody else. All who follow hear the rest."""
    filed = int(row["chat_id"])
    heard = [filed] if link == "mediate" else listeners(tx, int(row["id"]))
    said = {}
    for chat_id, language in chats.languages(tx, heard).items():
        text, buttons = tell(language)
        said[chat_id] = messages.say(
            tx, chat_id=chat_id, text=text, buttons=buttons, sender="bot", staff_id=staff_id, ticket_id=int(row["id"])
        )
    return said.get(filed)


def decline(tx: Tx, ticket_id: int) -> bool:
    """The resident would rather not: the desk sees it; False where no offer waits for an answer."""
    row = tx.first(select(tickets).where(tickets.c.id == ticket_id).with_for_update())
    lines = _lines(tx, ticket_id)
    if row is None or not is_open(row["state"]) or not lines or lines[-1]["action"] != f"{STEP}mediate":
        return False
    values = {"revision": row["revision"] + 1, "unread": row["unread"] + 1}
    tx.execute(tickets.update().where(tickets.c.id == ticket_id).values(values))
    record(tx, ticket_id, actor="resident", action=DECLINED, from_state=row["state"], to_state=row["state"])
    tx.wake("desk")
    return True


def offered_by(tx: Tx, chat_id: int) -> int | None:
    """The ticket whose offer was the last thing this chat was told: a bare yes or no answers it; else None."""
    ours = (message_table.c.chat_id == chat_id) & (message_table.c.sender != "resident")
    last = tx.scalar(select(message_table.c.id).where(ours).order_by(message_table.c.id.desc()).limit(1))
    events = ticket_events
    offer = (events.c.message_id == last) & (events.c.action == f"{STEP}mediate")
    found: int | None = tx.scalar(select(events.c.ticket_id).where(offer)) if last else None
    return found
