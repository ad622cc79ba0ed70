"""What was asked here and belongs elsewhere: how often, why, and whether the resident went there alone (WO-06)."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Colleague, ConsoleRoute, needs
from handlers.web.parts import Parts
from storage import redirects

router = APIRouter(route_class=ConsoleRoute)


@router.get("/redirects", dependencies=[needs("redirect", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts) -> Response:
    rows = await parts.storage.read(redirects.latest)
    often = await parts.storage.read(redirects.often)
    return await console_of(request).page(request, colleague, "console/redirects.html", rows=rows, often=often)
