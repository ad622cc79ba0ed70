"""The sheet of the desk's keys, as a page."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Colleague, desk_router, needs

router = desk_router()


@router.get("/keys", dependencies=[needs("own", "see")])
async def sheet(request: Request, colleague: Colleague) -> Response:
    """The sheet as a page, for a browser without scripts."""
    return await console_of(request).page(request, colleague, "console/keys.html")
