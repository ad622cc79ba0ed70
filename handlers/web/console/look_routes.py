"""Who looked at one resident's data: what an admin answers a request about it with (PI-12)."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import Response

from handlers.web.chat_api import storable
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Colleague, desk_router, needs
from handlers.web.parts import Parts
from storage import looks, staff
from storage.transaction import Tx

router = desk_router("/looks")
LONGEST = 24


@router.get("", dependencies=[needs("look", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts, number: str = "", who: str = "") -> Response:
    """The whole list is itself written down: it tells much about whoever it is about."""
    wanted = str(storable(number)).strip().upper()[:LONGEST]
    one = int(who) if who.isascii() and who.isdigit() and len(who) < 16 else None
    found: dict[str, Any] = {"number": wanted, "who": one, "rows": None, "members": []}
    if wanted:
        found |= await parts.storage.run(_look, wanted, one, colleague.member.id)
    return await console_of(request).page(request, colleague, "console/looks.html", **found)


def _look(tx: Tx, number: str, who: int | None, staff_id: int) -> dict[str, Any]:
    resident_id = looks.resident_of(tx, number, staff_id=staff_id)
    if resident_id is None:
        return {"rows": None, "members": []}
    staff.note(tx, staff_id, "list_looks", number)
    return {"rows": looks.of_resident(tx, resident_id, who=who), "members": staff.everyone(tx)}
