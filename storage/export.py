"""What can be taken out as plain rows. Secrets (claim codes, tokens) stay inside; every export is in the audit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Label, Select, case, func, select

from storage.tables import audit, chats, mediations, residents, staff, tickets, volunteer_hours, volunteers
from storage.transaction import Tx


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
    )
    .select_from(tickets.outerjoin(staff, staff.c.id == tickets.c.assigned_to))
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


def rows(tx: Tx, what: str) -> Sequence[Mapping[str, Any]]:
    return [dict(row) for row in tx.all(QUERIES[what])]
