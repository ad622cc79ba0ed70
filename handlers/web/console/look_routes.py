"""Who looked at one resident's data: what an admin answers a request about it with (PI-12)."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from fastapi import Request
from starlette.responses import Response

from handlers.exporting import Xlsx
from handlers.texts.catalogue import Texts
from handlers.web.chat_api import storable
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Colleague, desk_router, needs
from handlers.web.parts import Parts
from storage import looks, staff
from storage.looks import Look
from storage.transaction import Tx

router = desk_router("/looks")
LONGEST = 24
EVERY_HOUSEHOLD = ("户", "HOUSEHOLDS")
"""Asked for in place of a number: the looks at every household of this reader's places."""
COLUMNS = ("when", "who", "how", "what", "why")


@router.get("", dependencies=[needs("look", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts, number: str = "", who: str = "") -> Response:
    """The whole list is itself written down: it tells much about whoever it is about."""
    asked, one = _asked(number, who)
    found: dict[str, Any] = {"number": asked, "who": one, "rows": None, "members": []}
    if asked:
        found |= await parts.storage.run(_look, asked, one, colleague.member.id)
    return await console_of(request).page(request, colleague, "console/looks.html", **found)


@router.get("/file", dependencies=[needs("look", "see")])
async def file(request: Request, colleague: Colleague, parts: Parts, number: str = "", who: str = "") -> Response:
    """The same as a table to take along."""
    asked, one = _asked(number, who)
    found = await parts.storage.run(_look, asked, one, colleague.member.id)
    texts = console_of(request).words(console_of(request).common(request)["language"])
    lines = [_line(row, texts) for row in found["rows"] or ()]
    headers = {"Content-Disposition": 'attachment; filename="lianxin-looks.xlsx"', "Cache-Control": "no-store"}
    with closing(Xlsx(COLUMNS, [texts(f"looks.{name}") for name in COLUMNS])) as writer:
        content = b"".join([writer.begin(), writer.rows(lines), *writer.end()])
    return Response(content, media_type=Xlsx.media, headers=headers)


def _line(look: Look, texts: Texts) -> dict[str, Any]:
    how = texts(f"look_how.{look.action}")
    return {"when": look.at, "who": look.who or "–", "how": how, "what": look.object, "why": look.reason or "–"}


def _asked(number: str, who: str) -> tuple[str, int | None]:
    wanted = str(storable(number)).strip().upper()[:LONGEST]
    return wanted, int(who) if who.isascii() and who.isdigit() and len(who) < 16 else None


def _look(tx: Tx, number: str, who: int | None, staff_id: int) -> dict[str, Any]:
    rows = _rows(tx, number, who, staff_id)
    if rows is None:
        return {"rows": None, "members": []}
    staff.note(tx, staff_id, "list_looks", number)
    return {"rows": rows, "members": staff.everyone(tx)}


def _rows(tx: Tx, number: str, who: int | None, staff_id: int) -> list[Look] | None:
    """Of a resident, of one household, or of all households."""
    household = looks.household_of(number)
    if household is not None or number in EVERY_HOUSEHOLD:
        return looks.of_households(tx, household, staff_id=staff_id, who=who)
    resident_id = looks.resident_of(tx, number, staff_id=staff_id)
    return None if resident_id is None else looks.of_resident(tx, resident_id, who=who)
