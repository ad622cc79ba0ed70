"""What can be taken out as plain rows, a page at a time. Secrets (claim codes, tokens) stay inside; every export is in the
audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Label, Select, case, func, literal, select, tuple_

from storage.tables import audit, chats, mediations, residents, staff, tickets, units, volunteer_hours, volunteers
from storage.transaction import Tx
from storage.types import Id


def _unless_mediated(name: str) -> Label[Any]:
    """A ticket's column, empty where the ticket is in mediation: that file is the mediator's (ME-15)."""
    mediated = tickets.c.id.in_(select(mediations.c.ticket_id))
    return case((mediated, None), else_=tickets.c[name]).label(name)


_MINUTES = (
    select(func.sum(volunteer_hours.c.minutes))
    .where(volunteer_hours.c.volunteer_id == volunteers.c.id)
    .correlate(volunteers)
    .scalar_subquery()
)
"""All the ledger holds of somebody."""
QUERIES: Mapping[str, Select[Any]] = {
    "tickets": select(
        tickets.c.number,
        tickets.c.source,
        tickets.c.route,
        tickets.c.category,
        _unless_mediated("title"),
        _unless_mediated("description"),
        _unless_mediated("building"),
        _unless_mediated("unit"),
        _unless_mediated("floor"),
        _unless_mediated("room"),
        _unless_mediated("place_note"),
        _unless_mediated("phone"),
        tickets.c.urgency,
        tickets.c.confidential,
        tickets.c.anonymous,
        _unless_mediated("on_behalf"),
        tickets.c.topic,
        tickets.c.visit_from,
        tickets.c.visit_until,
        tickets.c.state,
        tickets.c.outcome,
        tickets.c.level,
        tickets.c.redos,
        tickets.c.opened_at,
        tickets.c.first_contact_due,
        tickets.c.first_contact_at,
        tickets.c.due_at,
        tickets.c.closed_at,
        staff.c.name.label("assigned_to"),
        units.c.zh.label("lead_unit"),
        tickets.c.supervised_at,
        tickets.c.follow_up_at,
    )
    .select_from(
        tickets.outerjoin(staff, staff.c.id == tickets.c.assigned_to).outerjoin(
            units, units.c.id == tickets.c.lead_unit_id
        )
    )
    .order_by(tickets.c.id),
    "residents": select(
        residents.c.id,
        residents.c.name,
        residents.c.phone,
        residents.c.building,
        residents.c.unit,
        residents.c.room,
        residents.c.consented_at,
        residents.c.refused_at,
        residents.c.created_at,
        chats.c.channel,
        chats.c.language,
    )
    .select_from(residents.outerjoin(chats, chats.c.resident_id == residents.c.id))
    .order_by(residents.c.id, chats.c.id),
    "volunteers": select(
        volunteers.c.number,
        func.coalesce(volunteers.c.name, residents.c.name).label("name"),
        volunteers.c.phone,
        volunteers.c.building,
        volunteers.c.categories,
        volunteers.c.skills,
        volunteers.c.times,
        volunteers.c.reach,
        volunteers.c.age,
        volunteers.c.state,
        volunteers.c.guardian_yes_at,
        volunteers.c.joined_at,
        volunteers.c.left_at,
        func.coalesce(_MINUTES, 0).label("minutes"),
    )
    .select_from(volunteers.join(residents, residents.c.id == volunteers.c.resident_id))
    .order_by(volunteers.c.id),
    "audit": select(audit.c.at, staff.c.name.label("staff"), audit.c.action, audit.c.object, audit.c.detail)
    .select_from(audit.outerjoin(staff, staff.c.id == audit.c.staff_id))
    .order_by(audit.c.id),
}


def columns(what: str) -> list[str]:
    """The names of an export's columns, in order; KeyError for something that cannot be exported."""
    return list(QUERIES[what].selected_columns.keys())


PAGE = 1000
"""Rows read at a time: what is taken out is never held as a whole."""
KEYS: Mapping[str, tuple[Column[Any], ...]] = {
    "tickets": (tickets.c.id,),
    "residents": (residents.c.id, chats.c.id),
    "volunteers": (volunteers.c.id,),
    "audit": (audit.c.id,),
}
"""In the order of which each stands: a page begins behind the last row of the one before."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows; ``more``: where the next begin, None at the end."""

    rows: Sequence[Mapping[str, Any]]
    more: tuple[Any, ...] | None


def page(tx: Tx, what: str, after: tuple[Any, ...] | None = None) -> Page:
    return page_of(tx, QUERIES[what], KEYS[what], after)


def page_of(tx: Tx, query: Select[Any], keys: Sequence[Column[Any]], after: tuple[Any, ...] | None) -> Page:
    """A page of any query that stands in the order of ``keys``."""
    marks = [func.coalesce(key, 0) for key in keys]
    if after is not None:
        query = query.where(tuple_(*marks) > tuple_(*(literal(value, Id) for value in after)))
    marked = query.add_columns(*(mark.label(f"key_{place}") for place, mark in enumerate(marks)))
    found = tx.all(marked.order_by(None).order_by(*marks).limit(PAGE))
    names = list(query.selected_columns.keys())
    rows = [{name: row[name] for name in names} for row in found]
    ends = tuple(found[-1][f"key_{place}"] for place in range(len(keys))) if len(found) == PAGE else None
    return Page(rows, ends)
