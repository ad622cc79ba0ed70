"""What was asked here and belongs elsewhere: how often, why, and whether the resident went there alone (WO-06)."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import Response

from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Colleague, desk_router, needs
from handlers.web.parts import Parts
from storage import redirects
from storage.tables import redirects as table
from storage.within import chat_within

router = desk_router()


@router.get("/redirects", dependencies=[needs("redirect", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts) -> Response:
    theirs = chat_within(table.c.chat_id, colleague.member.id)
    rows = await parts.storage.read(redirects.latest, theirs)
    often = await parts.storage.read(redirects.often, theirs)
    return await console_of(request).page(request, colleague, "console/redirects.html", rows=rows, often=often)
