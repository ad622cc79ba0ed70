"""What went wrong on the way in or out, and trying it once more."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, ConsoleRoute, Stop, needs
from handlers.web.parts import Parts
from storage import desk_health

Id = Annotated[int, Path(ge=1, le=LARGEST)]
router = APIRouter(route_class=ConsoleRoute)


@router.get("/health", dependencies=[needs("health", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts) -> Response:
    found = await parts.storage.read(desk_health.health, staff_id=colleague.member.id)
    return await console_of(request).page(request, colleague, "console/health.html", health=found)


@router.post("/health/updates/{id}/retry", dependencies=[needs("health", "act", id="update")])
async def retry(id: Id, form: Act, parts: Parts) -> Response:
    if not await parts.storage.run(desk_health.retry, id, staff_id=form.staff_id):
        raise Stop(409, "done_before")
    return RedirectResponse("/console/health", 303)


@router.post("/health/letters/{id}/resend", dependencies=[needs("health", "act", id="letter")])
async def resend(id: Id, form: Act, parts: Parts) -> Response:
    if not await parts.storage.run(desk_health.resend, id, staff_id=form.staff_id):
        raise Stop(409, "done_before")
    return RedirectResponse("/console/health", 303)
