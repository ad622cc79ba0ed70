"""A visit as its worker writes it down: what was seen, what is needed, and the matter that is registered for it at once."""

from __future__ import annotations

from typing import Any

from sqlalchemy import RowMapping

from knowledge import catalogue
from storage import callers, household_plans, messages, office_time, staff, tickets
from storage.household_plans import Visited
from storage.households import Wrong, held
from storage.offices import Offices
from storage.tables import household_visits
from storage.tables import tickets as ticket_table
from storage.tickets import Filed, Request
from storage.transaction import Tx

LONGEST_TITLE = 40


def visit(tx: Tx, id: int, visited: Visited, *, category: str | None, staff_id: int) -> Filed | None:
    """Write it down; with a ``category`` what they need becomes a ticket in the same breath. Wrong for what cannot be."""
    row = held(tx, id, staff_id=staff_id, act="act")
    if category is not None and not visited.needs:
        raise Wrong("no_needs")
    try:
        visit_id = household_plans.made(tx, row, visited, staff_id=staff_id, office=Offices(tx).of(row["community_id"]))
    except ValueError as wrong:
        raise Wrong(f"visit_{wrong}") from wrong
    staff.note(tx, staff_id, "household_visit", str(id), met=visited.met)
    if category is None:
        return None
    filed = _file(tx, row, visited.needs, category, staff_id)
    tx.execute(household_visits.update().where(household_visits.c.id == visit_id).values(ticket_id=filed.id))
    return filed


def _file(tx: Tx, row: RowMapping, needs: str, category: str, staff_id: int) -> Filed:
    """In the household's name, as if they had come to the counter; that they are looked after is not said."""
    if category not in catalogue.shipped("service_request"):
        raise Wrong("no_category")
    home = {name: row[name] for name in ("building", "unit", "room", "phone")}
    told: dict[str, Any] = {
        "route": "service_request",
        "category": category,
        "title": needs[:LONGEST_TITLE],
        "description": needs,
    }
    request = Request(**told, **home, needs_call_back=bool(row["phone"]))
    chat_id = callers.chat_for(tx, number=row["phone"], name=row["name"])
    said = messages.record(tx, chat_id=chat_id, sender="resident", text=needs, staff_id=staff_id)
    promises = office_time.promised(tx, request.route, category, request.urgency, tx.now, request.building)
    filed = tickets.file(tx, chat_id=chat_id, request=request, opened_at=tx.now, promises=promises, message_id=said)
    assert filed is not None, "there is no draft that could have been filed before"
    tickets.belongs(tx, said, filed.id)
    tx.execute(ticket_table.update().where(ticket_table.c.id == filed.id).values(source="walk_in"))
    return filed
