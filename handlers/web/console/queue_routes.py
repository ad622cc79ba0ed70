"""The queue: what should be done now, most urgent first."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from handlers.web.chat_api import storable
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Colleague, ConsoleRoute, needs
from handlers.web.parts import Parts
from storage import desk
from storage.transaction import Tx

LONGEST_SEARCH = 80
router = APIRouter(route_class=ConsoleRoute)


@router.get("", dependencies=[needs("ticket", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts, filter: str = "all", q: str = "") -> Response:
    chosen = filter if filter in desk.FILTERS else "all"
    words = str(storable(q))[:LONGEST_SEARCH].strip()
    found = await parts.storage.read(_look, staff_id=colleague.member.id, chosen=chosen, words=words)
    return await console_of(request).page(
        request, colleague, "console/queue.html", chosen=chosen, q=words, filters=desk.FILTERS, **found
    )


def _look(tx: Tx, *, staff_id: int, chosen: str, words: str) -> dict[str, Any]:
    rows = desk.queue(tx, staff_id=staff_id, chosen=chosen, words=words)
    return {"rows": rows, "counts": desk.counts(tx, staff_id=staff_id), "cut": len(rows) >= desk.PAGE}
