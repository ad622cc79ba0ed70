"""Alarms: the banner every page carries, taking one, ending one."""

from __future__ import annotations

from typing import Annotated, Literal, cast
from urllib.parse import urlsplit

from fastapi import APIRouter, Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, ConsoleRoute, Stop
from handlers.web.parts import Parts
from storage import desk_talks

Id = Annotated[int, Path(ge=1, le=LARGEST)]
router = APIRouter(route_class=ConsoleRoute)


@router.get("/banner")
async def banner(request: Request, colleague: Colleague) -> Response:
    """The frame alone, for pages that look again without a reload."""
    return await console_of(request).page(request, colleague, "console/banner.html")


@router.post("/alarms/{id}/take")
async def take(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    if not await parts.storage.run(desk_talks.take_alarm, id, staff_id=form.staff_id):
        raise Stop(409, "alarm_taken")
    return RedirectResponse(_back(request), 303)


@router.post("/alarms/{id}/end")
async def end(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    outcome = form.fields.get("outcome", "")
    if outcome not in ("handled", "false_alarm"):
        raise Stop(422, "bad_form")
    known = cast(Literal["handled", "false_alarm"], outcome)
    if not await parts.storage.run(desk_talks.end_alarm, id, staff_id=form.staff_id, outcome=known):
        raise Stop(409, "alarm_over")
    return RedirectResponse(_back(request), 303)


def _back(request: Request) -> str:
    """The console page the banner was pressed on; never anywhere else."""
    came_from = urlsplit(request.headers.get("referer", "")).path
    return came_from if came_from.startswith("/console/") and not came_from.endswith(("/act", "/reply")) else "/console"
