"""Filters a member keeps: saved from the queue as it is, opened with one press, dropped with another."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST
from handlers.web.console.gates import Posted, Stop, desk_router, needs
from handlers.web.console.queue_address import address, parameters, wanted
from handlers.web.parts import Parts
from storage import saved_filters

LONGEST_NAME = 40
router = desk_router()


@router.post("/filters", dependencies=[needs("own", "act")])
async def save(form: Posted, parts: Parts) -> Response:
    """Keep what the queue shows now under a name; without one, under what was asked for."""
    asked = parameters(wanted(form.fields))
    name = form.text("name", longest=LONGEST_NAME) or " ".join(asked.values())[:LONGEST_NAME]
    if not asked:
        return RedirectResponse(address({}, said="nothing_to_save"), 303)
    kept = await parts.storage.run(saved_filters.keep, staff_id=form.staff_id, name=name, wanted=asked)
    return RedirectResponse(address(asked, said="saved" if kept else "too_many"), 303)


@router.post("/filters/{filter_id}/drop", dependencies=[needs("own", "act")])
async def drop(filter_id: Annotated[int, Path(ge=1, le=LARGEST)], form: Posted, parts: Parts) -> Response:
    if not await parts.storage.run(saved_filters.drop, filter_id, staff_id=form.staff_id):
        raise Stop(404, "not_found")
    return RedirectResponse(address({}), 303)
