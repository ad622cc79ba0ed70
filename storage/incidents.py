"""Incidents: one happening, many tickets. Opened from what was reported, joined and left by staff's word, closed when over.

Every word of an incident is public. Whose ticket is of it, and what is in that ticket, stays behind the ticket's own gate:
a colleague meets the tickets they may meet, and of the others only how many there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, and_, case, func, or_, select

from knowledge.incidents import ROUTES, Happening, fits, shipped
from knowledge.life import Refusal, State
from storage.access import NotThere, member_for
from storage.belonging import incidents_of
from storage.desk_acts import Conflict, Done, held_by
from storage.stepping_aside import open_to
from storage.tables import incident_events, incident_tickets, incidents, staff, tickets
from storage.tickets import OPEN, record
from storage.transaction import Tx

LISTED = 100
NO_INCIDENT = Refusal("route", "纠纷和调解不加入事件。", "Disputes and mediations do not join incidents.")
GONE_ON = Refusal("over", "这张已经并入别的工单，请加入那一张。", "This one was merged into another; add that one.")
SHUT = Refusal("shut", "这个事件已经结束。", "This incident is over.")
ELSEWHERE = Refusal(
    "elsewhere", "它已经在另一个没结束的事件里，请先退出。", "It is in another open incident; take it out first."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an incident is opened with."""

    kind: str
    title: str
    title_en: str | None
    category: str
    topic: str | None
    building: str | None
    unit: str | None
    known: str | None
    known_en: str | None


def open_(tx: Tx, plan: Plan, *, staff_id: int) -> int:
    """Open it; the tickets it was opened from join one by one. The same plan sent twice is one incident.

    NotThere for a place that is not theirs.
    """
    member_for(tx, staff_id, "incident", "act")
    values = {name: getattr(plan, name) for name in Plan.__dataclass_fields__}
    same = (incidents.c.opened_by == staff_id) & (incidents.c.state == "open") & (incidents.c.title == plan.title)
    twin = tx.scalar(select(incidents.c.id).where(same, incidents.c.building.is_not_distinct_from(plan.building)))
    if twin is not None:
        return int(twin)
    incident_id = tx.insert(incidents, opened_at=tx.now, opened_by=staff_id, **values)
    access_incident(tx, incident_id, staff_id=staff_id)
    note(tx, incident_id, staff_id, "open", text=plan.known, text_en=plan.known_en)
    return incident_id


def note(
    tx: Tx,
    incident_id: int,
    staff_id: int,
    action: str,
    *,
    text: str | None = None,
    text_en: str | None = None,
    ticket_id: int | None = None,
) -> int:
    """One line of its history; lines are never changed."""
    tx.wake("desk")
    line = {"incident_id": incident_id, "staff_id": staff_id, "action": action, "ticket_id": ticket_id}
    return tx.insert(incident_events, at=tx.now, text=text, text_en=text_en, **line)


def access_incident(tx: Tx, incident_id: int, *, staff_id: int, act: str = "see") -> RowMapping:
    """MayNot for a role without the right, NotThere for an incident of somebody else's places."""
    member_for(tx, staff_id, "incident", act)
    theirs = (incidents.c.id == incident_id, incidents_of(staff_id))
    row = tx.first(select(incidents).where(*theirs))
    if row is None:
        raise NotThere
    return row


def may_meet(tx: Tx, incident_id: int, *, staff_id: int) -> bool:
    theirs = (incidents.c.id == incident_id, incidents_of(staff_id))
    return tx.scalar(select(incidents.c.id).where(*theirs)) is not None


def held(tx: Tx, incident_id: int, *, staff_id: int) -> RowMapping:
    """The same, for somebody who changes it, held until the commit."""
    access_incident(tx, incident_id, staff_id=staff_id, act="act")
    row = tx.first(select(incidents).where(incidents.c.id == incident_id).with_for_update())
    assert row is not None
    return row


# --- which tickets are of it ------------------------------------------------------------------------------------------
def join(tx: Tx, incident_id: int, ticket_id: int, *, staff_id: int) -> Done | Refusal:
    """The ticket is one of its reports: it hears the answers from now on, and keeps its own life. Twice is once."""
    incident = held(tx, incident_id, staff_id=staff_id)
    _, row = held_by(tx, ticket_id, staff_id=staff_id)
    standing = _standing(tx, incident_id, ticket_id)
    if standing == "in":
        return Done(row["state"], again=True)
    if incident["state"] != "open":
        return SHUT
    if row["route"] not in ROUTES or row["state"] == State.MERGED:
        return NO_INCIDENT if row["route"] not in ROUTES else GONE_ON
    if of_ticket(tx, ticket_id) is not None:
        return ELSEWHERE
    _put(tx, incident_id, ticket_id, staff_id, "in", standing)
    note(tx, incident_id, staff_id, "join", ticket_id=ticket_id)
    _record(tx, row, staff_id, "join_incident", str(incident["title"]))
    return Done(row["state"])


def leave(tx: Tx, incident_id: int, ticket_id: int, *, staff_id: int) -> Done:
    """It was another matter after all: it hears no more of it; what it heard stays in its thread."""
    incident = held(tx, incident_id, staff_id=staff_id)
    _, row = held_by(tx, ticket_id, staff_id=staff_id)
    if _standing(tx, incident_id, ticket_id) != "in":
        return Done(row["state"], again=True)
    _put(tx, incident_id, ticket_id, staff_id, "left", "in")
    note(tx, incident_id, staff_id, "leave", ticket_id=ticket_id)
    _record(tx, row, staff_id, "leave_incident", str(incident["title"]))
    return Done(row["state"])


def decline(tx: Tx, incident_id: int, ticket_id: int, *, staff_id: int) -> Done:
    """Somebody looked, and it is not of this incident: it is not suggested again."""
    held(tx, incident_id, staff_id=staff_id)
    _, row = held_by(tx, ticket_id, staff_id=staff_id)
    standing = _standing(tx, incident_id, ticket_id)
    if standing == "in":
        return Done(row["state"], again=True)
    _put(tx, incident_id, ticket_id, staff_id, "not", standing)
    tx.wake("desk")
    return Done(row["state"])


def _standing(tx: Tx, incident_id: int, ticket_id: int) -> str | None:
    both = (incident_tickets.c.incident_id == incident_id) & (incident_tickets.c.ticket_id == ticket_id)
    found: str | None = tx.scalar(select(incident_tickets.c.state).where(both))
    return found


def _put(tx: Tx, incident_id: int, ticket_id: int, staff_id: int, state: str, was: str | None) -> None:
    values: dict[str, Any] = {"state": state, "at": tx.now, "staff_id": staff_id}
    if was is None:
        tx.insert(incident_tickets, incident_id=incident_id, ticket_id=ticket_id, **values)
        return
    both = (incident_tickets.c.incident_id == incident_id) & (incident_tickets.c.ticket_id == ticket_id)
    tx.execute(incident_tickets.update().where(both).values(values))


def _record(tx: Tx, row: RowMapping, staff_id: int, action: str, title: str) -> None:
    who: dict[str, Any] = {"actor": "staff", "staff_id": staff_id, "action": action, "note": title}
    record(tx, int(row["id"]), from_state=row["state"], to_state=row["state"], **who)
    tx.execute(tickets.update().where(tickets.c.id == row["id"]).values(revision=row["revision"] + 1))


def of_ticket(tx: Tx, ticket_id: int) -> RowMapping | None:
    """The open incident it is of."""
    mine = (incident_tickets.c.ticket_id == ticket_id) & (incident_tickets.c.state == "in")
    query = select(incidents).join(incident_tickets, incident_tickets.c.incident_id == incidents.c.id).where(mine)
    return tx.first(query.where(incidents.c.state == "open").order_by(incidents.c.id.desc()).limit(1))


# --- its course -------------------------------------------------------------------------------------------------------
def say_known(
    tx: Tx, incident_id: int, *, staff_id: int, revision: int, known: str, known_en: str | None
) -> Done | Conflict | Refusal:
    """What whoever reports it next is told at once."""
    return _change(tx, incident_id, staff_id, revision, "known", {"known": known, "known_en": known_en})


def close(tx: Tx, incident_id: int, *, staff_id: int, revision: int) -> Done | Conflict | Refusal:
    """It is over: nothing is suggested to it any more. Its tickets go on by their own residents' words."""
    return _change(tx, incident_id, staff_id, revision, "close", {"state": "closed", "closed_at": tx.now})


def reopen(tx: Tx, incident_id: int, *, staff_id: int, revision: int) -> Done | Conflict | Refusal:
    """It was closed too early, or came again."""
    return _change(tx, incident_id, staff_id, revision, "reopen", {"state": "open", "closed_at": None})


def _change(
    tx: Tx, incident_id: int, staff_id: int, revision: int, action: str, values: dict[str, Any]
) -> Done | Conflict | Refusal:
    row = held(tx, incident_id, staff_id=staff_id)
    if all(row[name] == value for name, value in values.items() if name != "closed_at"):
        return Done(row["state"], again=True)
    if row["revision"] != revision:
        return Conflict(row["revision"])
    if row["state"] != "open" and action != "reopen":
        return SHUT
    tx.execute(incidents.update().where(incidents.c.id == incident_id).values(values | {"revision": revision + 1}))
    note(tx, incident_id, staff_id, action, text=values.get("known"), text_en=values.get("known_en"))
    return Done(values.get("state", row["state"]))


# --- what is suggested ------------------------------------------------------------------------------------------------
def happening(row: RowMapping) -> Happening:
    place = {"building": row["building"], "unit": row["unit"]}
    return Happening(category=row["category"], topic=row["topic"], since=row["opened_at"], **place)


def _fits(incident: RowMapping, row: RowMapping) -> bool:
    told = {name: row[name] for name in ("route", "category", "topic", "building", "unit", "opened_at")}
    return fits(happening(incident), **told)


def suggested_for(tx: Tx, row: RowMapping) -> list[RowMapping]:
    """Open incidents this ticket may be a report of, and nobody has said that it is, or is not."""
    said = select(incident_tickets.c.incident_id).where(incident_tickets.c.ticket_id == row["id"])
    there = or_(incidents.c.building.is_(None), incidents.c.building == row["building"])
    query = select(incidents).where(incidents.c.state == "open", there, incidents.c.id.not_in(said))
    return [one for one in tx.all(query.order_by(incidents.c.id.desc())) if _fits(one, row)]


def not_yet_in(tx: Tx, incident: RowMapping, *, staff_id: int) -> list[RowMapping]:
    """Open tickets this member may meet that may be its reports, and nobody has said; confidential ones are asked for on
    their own page only."""
    said = select(incident_tickets.c.ticket_id).where(incident_tickets.c.incident_id == incident["id"])
    taken = select(incident_tickets.c.ticket_id).join(incidents, incidents.c.id == incident_tickets.c.incident_id)
    taken = taken.where(incident_tickets.c.state == "in", incidents.c.state == "open")
    since = incident["opened_at"] - shipped().reported_before
    may_be = and_(tickets.c.state.in_(OPEN), tickets.c.opened_at >= since, tickets.c.confidential.is_(False))
    query = select(tickets).where(may_be, tickets.c.id.not_in(said), tickets.c.id.not_in(taken), open_to(staff_id))
    if incident["building"]:
        query = query.where(tickets.c.building == incident["building"])
    about = tickets.c.topic == incident["topic"] if incident["topic"] else tickets.c.category == incident["category"]
    return [row for row in tx.all(query.where(about).order_by(tickets.c.id).limit(LISTED)) if _fits(incident, row)]


def on_the_desk(tx: Tx, *, staff_id: int) -> list[tuple[RowMapping, int]]:
    """Open incidents of this member's places, each with how many tickets may be reports of it."""
    return [(row, len(not_yet_in(tx, row, staff_id=staff_id))) for row in listed(tx, staff_id=staff_id, state="open")]


# --- reading ----------------------------------------------------------------------------------------------------------
def listed(tx: Tx, *, staff_id: int, state: str) -> Sequence[RowMapping]:
    """Newest first, each with how many tickets are in it, and how many of these are still open."""
    among = (incident_tickets.c.incident_id == incidents.c.id) & (incident_tickets.c.state == "in")
    inside = (
        select(func.count()).select_from(incident_tickets).join(tickets, tickets.c.id == incident_tickets.c.ticket_id)
    )
    count = inside.where(among).correlate(incidents).scalar_subquery()
    going = inside.where(among, tickets.c.state.in_(OPEN)).correlate(incidents).scalar_subquery()
    query = select(incidents, count.label("reports"), going.label("going"), staff.c.name.label("by"))
    query = query.join(staff, staff.c.id == incidents.c.opened_by)
    where: tuple[ColumnElement[bool], ...] = (
        incidents.c.state == state,
        incidents_of(staff_id),
    )
    return tx.all(query.where(*where).order_by(incidents.c.id.desc()).limit(LISTED))


def count_open(tx: Tx, *, staff_id: int) -> int:
    theirs = (incidents.c.state == "open", incidents_of(staff_id))
    return int(tx.scalar(select(func.count()).select_from(incidents).where(*theirs)))


def members(tx: Tx, incident_id: int, *, staff_id: int) -> tuple[list[RowMapping], int]:
    """Its tickets this member may meet, and how many there are beside them."""
    mine = (incident_tickets.c.incident_id == incident_id) & (incident_tickets.c.state == "in")
    query = select(tickets, case((open_to(staff_id), 1), else_=0).label("met"))
    query = query.join(incident_tickets, incident_tickets.c.ticket_id == tickets.c.id).where(mine)
    rows = tx.all(query.order_by(tickets.c.id))
    met = [row for row in rows if row["met"]]
    return met, len(rows) - len(met)


def timeline(tx: Tx, incident_id: int, *, staff_id: int) -> Sequence[RowMapping]:
    """What was done and said; a ticket's number only where this member may meet it."""
    met = and_(tickets.c.id == incident_events.c.ticket_id, open_to(staff_id))
    query = select(incident_events, staff.c.name.label("by"), tickets.c.number)
    query = query.join(staff, staff.c.id == incident_events.c.staff_id).outerjoin(tickets, met)
    return tx.all(query.where(incident_events.c.incident_id == incident_id).order_by(incident_events.c.id))


def known_about(tx: Tx, ticket_id: int) -> RowMapping | None:
    """The same for a ticket that may be in it already: what a neighbour hears who has the same."""
    of = of_ticket(tx, ticket_id)
    return of if of is not None and of["known"] else known_of(tx, ticket_id)


def known_of(tx: Tx, ticket_id: int) -> RowMapping | None:
    """The open incident a ticket just filed seems to be a report of, where there is something to tell; the newest."""
    row = tx.first(select(tickets).where(tickets.c.id == ticket_id))
    found = suggested_for(tx, row) if row is not None else []
    return next((one for one in found if one["known"]), None)
