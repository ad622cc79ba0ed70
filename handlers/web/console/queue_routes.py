"""The queue: what should be done now, most urgent first, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import Request
from sqlalchemy import select
from starlette.responses import Response

from handlers.web.console.desk_pages import Console, chosen_language, console_of
from handlers.web.console.gates import Colleague, desk_router, needs
from handlers.web.console.queue_address import address, parameters, place, wanted, written
from handlers.web.console.queue_lines import line
from handlers.web.parts import Parts
from knowledge import catalogue
from storage import giving, incidents, queue_kinds, queues, saved_filters, staff, units
from storage.queue_kinds import ENOUGH
from storage.queues import Place, QueueRow, Wanted
from storage.sight import sees_masked
from storage.staff import Member
from storage.tables import buildings
from storage.transaction import Tx

ROUTES = ("service_request", "dispute", "suggestion", "volunteer")
SAID = ("saved", "nothing_to_save", "too_many")
QUIET = frozenset({"to_sign", "returns", "extensions", "to_check", "supervised", "follow_up", "climbed", "unseen"})
"""Queues that are shown when there is something in them."""
URGENCIES = ("P0", "P1", "P2", "P3")
router = desk_router()


@router.get("", dependencies=[needs("ticket", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts) -> Response:
    given = dict(request.query_params)
    asked, after = wanted(given), place(given.get("after", ""))
    found = await parts.storage.read(_look, member=colleague.member, asked=asked, after=after)
    console, now = console_of(request), parts.storage.clock()
    return await console.page(
        request,
        colleague,
        "console/queue.html",
        asked=asked,
        given=parameters(asked),
        beginning=after is None,
        more=written(found["page"].more),
        address=address,
        queues=queue_kinds.queues_of(colleague.member),
        quiet=QUIET,
        enough=ENOUGH,
        line=lambda row: line(row, now, unit_id=colleague.member.unit_id),
        choices=_choices(console, chosen_language(request), found.pop("buildings")),
        hidden=_hides,
        said=given.get("said") if given.get("said") in SAID else "",
        **found,
    )


def _look(tx: Tx, *, member: Member, asked: Wanted, after: Place | None) -> dict[str, Any]:
    names = tx.tuples(select(buildings.c.name).order_by(buildings.c.id))
    return {
        "page": queues.page(tx, asked, staff_id=member.id, role=member.role, after=after),
        "counts": queue_kinds.counts(tx, staff_id=member.id),
        "saved": saved_filters.of_member(tx, member.id),
        "hands": giving.hands(tx, member) if member.may_act else [],
        "units": units.listed(tx, ended=True),
        "buildings": [name for (name,) in names],
        "masked": sees_masked(tx, member.id),
        "happenings": incidents.on_the_desk(tx, staff_id=member.id) if staff.may(member, "incident", "see") else [],
    }


def _hides(row: QueueRow) -> bool:
    """Of a dispute others see its number, kind, state and clock, and not even the building (ME-15)."""
    return row.confidential and row.route == "dispute"


def _choices(console: Console, language: str, known: list[str]) -> Mapping[str, list[tuple[str, str]]]:
    """What each filter may be set to, with its words; a building that was asked for in another way is typed."""
    words = console.words(language)
    kinds = [one for route in ("service_request", "dispute") for one in catalogue.shipped(route).values()]
    return {
        "building": [(name, words("place.building", value=name)) for name in known],
        "route": [(name, words(f"route.{name}")) for name in ROUTES],
        "category": [(one.id, one.name.get(language)) for one in kinds],
        "urgency": [(name, words(f"urgency.{name}")) for name in URGENCIES],
    }
