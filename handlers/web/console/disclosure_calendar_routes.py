"""The quarter's steps ticked off at the desk, the catalogue of what must be published, and the archive (DI-01 to DI-07)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST, storable
from handlers.web.console.desk_pages import console_of
from handlers.web.console.disclosure_routes import HERE
from handlers.web.console.gates import Colleague, Form, Posted, desk_router, needs
from handlers.web.parts import Parts
from knowledge.disclosure import KINDS, rules
from knowledge.disclosure_calendar import rules as calendar_rules
from storage import boards, disclosure_calendar
from storage.belonging import items_of
from storage.disclosure_calendar import LONGEST_NOTE, Refused
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
SEE, ACT = needs("disclosure", "see"), needs("disclosure", "act", id="step")
CHECK = needs("disclosure", "check", id="step")
router = desk_router("/disclosure")
LONGEST_SEARCH = 60


@router.get("/catalogue", dependencies=[SEE])
async def catalogue(request: Request, colleague: Colleague) -> Response:
    """What must be published, on what it rests, when, and who brings it."""
    values: dict[str, Any] = {"kinds": KINDS, "rules": rules(), "calendar": calendar_rules()}
    return await console_of(request).page(request, colleague, "console/disclosure_catalogue.html", **values)


@router.get("/archive", dependencies=[SEE])
async def archive(request: Request, colleague: Colleague, parts: Parts, q: str = "") -> Response:
    """Everything that was ever published, by its words."""
    words = str(storable(q)).strip()[:LONGEST_SEARCH]
    mine = items_of(colleague.member.id)
    found = await parts.storage.read(boards.search, words, mine, shown=False)
    values: dict[str, Any] = {"q": words, "items": found, "rules": rules(), "most": boards.MOST}
    return await console_of(request).page(request, colleague, "console/disclosure_archive.html", **values)


async def _stepped(parts: Parts, form: Form, change: Callable[[Tx], object]) -> Response:
    """Back to the quarter's page, with what was refused."""
    quarter, trouble = form.text("quarter", longest=6), ""
    try:
        await parts.storage.run(change)
    except Refused as refused:
        trouble = f"&trouble={refused.code}"
    return RedirectResponse(f"{HERE}?quarter={quarter}{trouble}#calendar", 303)


@router.post("/steps/{id}/done", dependencies=[ACT])
async def done(id: Id, form: Posted, parts: Parts) -> Response:
    note = form.text("note", longest=LONGEST_NOTE)
    return await _stepped(parts, form, lambda tx: disclosure_calendar.done(tx, id, note=note, staff_id=form.staff_id))


@router.post("/steps/{id}/watched", dependencies=[CHECK])
async def watched(id: Id, form: Posted, parts: Parts) -> Response:
    """The supervision committee has read it, or objects."""
    note, by = form.text("note", longest=LONGEST_NOTE), form.staff_id
    if form.fields.get("then") == "object":
        return await _stepped(parts, form, lambda tx: disclosure_calendar.object_(tx, id, words=note, staff_id=by))
    return await _stepped(parts, form, lambda tx: disclosure_calendar.done(tx, id, note=note, staff_id=by))


@router.post("/steps/{id}/undo", dependencies=[ACT])
async def undo(id: Id, form: Posted, parts: Parts) -> Response:
    return await _stepped(parts, form, lambda tx: disclosure_calendar.undo(tx, id, staff_id=form.staff_id))


@router.post("/steps/{id}/give", dependencies=[ACT])
async def give(id: Id, form: Posted, parts: Parts) -> Response:
    owner = form.number("owner") if form.fields.get("owner") else None
    return await _stepped(
        parts, form, lambda tx: disclosure_calendar.give(tx, id, owner_id=owner, staff_id=form.staff_id)
    )
