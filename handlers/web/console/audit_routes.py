"""The audit, for admins responsible for everything: searched and taken out. Searching it is itself in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from handlers.exporting import WRITERS, Rows
from handlers.web.chat_api import LARGEST, storable
from handlers.web.console.desk_pages import console_of
from handlers.web.console.export_routes import FORMATS, LONGEST_REASON, stream
from handlers.web.console.gates import Act, Colleague, Stop, desk_router, needs
from handlers.web.console.proving import prove
from handlers.web.parts import Parts, WebParts
from storage import audit_search, exports, sessions, staff
from storage.audit_search import Wanted
from storage.staff import Signed
from storage.transaction import Tx

HERE = "/console/audit"
LONGEST = 60
COLUMNS = ("at", "staff", "action", "object", "detail")
ROWS_AT_ONCE = 1000
router = desk_router("/audit")


@router.get("", dependencies=[needs("audit", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts) -> Response:
    return await _page(request, colleague, parts, request.query_params)


async def _page(
    request: Request,
    colleague: Signed,
    parts: WebParts,
    given: Mapping[str, str],
    *,
    status: int = 200,
    trouble: str = "",
) -> Response:
    wanted, below = _wanted(given), _number(given.get("below", ""))
    await parts.storage.run(audit_search.looks, colleague.member.id, wanted, first=below is None and wanted.anything)
    found = await parts.storage.read(audit_search.page, wanted, below=below)
    asked = {name: str(value) for name, value in _asked(wanted).items() if value}
    return await console_of(request).page(
        request,
        colleague,
        "console/audit.html",
        status=status,
        trouble=trouble,
        wanted=wanted,
        found=found,
        older=f"{HERE}?{urlencode(asked | {'below': str(found.more)})}" if found.more else "",
        formats=FORMATS,
        fresh=await parts.storage.read(sessions.fresh, colleague.session),
        **await parts.storage.read(_choices),
    )


def _choices(tx: Tx) -> dict[str, Any]:
    return {"members": staff.everyone(tx), "actions": audit_search.actions(tx)}


def _wanted(given: Mapping[str, str]) -> Wanted:
    """What cannot be understood is not asked for."""

    def text(name: str) -> str:
        return str(storable(given.get(name, ""))).strip()[:LONGEST]

    return Wanted(
        since=_day(given.get("since", "")),
        until=_day(given.get("until", "")),
        who=_number(given.get("who", "")),
        action=text("action"),
        object=text("object"),
        words=text("words"),
    )


def _asked(wanted: Wanted) -> dict[str, Any]:
    return {name: getattr(wanted, name) for name in Wanted.__slots__}


def _number(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 and 0 < int(value) <= LARGEST else None


def _day(value: str) -> date | None:
    try:
        found = date.fromisoformat(value)
    except ValueError:
        return None
    return found if 2000 < found.year < 2200 else None


@router.post("/export", dependencies=[needs("audit", "act")])
async def take(request: Request, form: Act, parts: Parts) -> Response:
    """The lines that were asked for, all of them, as a table; with a reason, and after a proof of who it is."""
    reason, format, wanted = (
        form.text("reason", longest=LONGEST_REASON),
        form.fields.get("format", ""),
        _wanted(form.fields),
    )
    if format not in FORMATS:
        raise Stop(422, "bad_form")
    if not reason:
        return await _page(request, form.signed, parts, form.fields, status=422, trouble="needs_reason")
    await prove(request, form)
    await parts.storage.run(audit_search.looks, form.staff_id, wanted, first=True)
    texts = console_of(request).words(console_of(request).common(request)["language"])
    writer = WRITERS[format](COLUMNS, [texts(f"audit.{name}") for name in COLUMNS])
    begun: dict[str, Any] = {"staff_id": form.staff_id, "what": "audit", "format": format, "reason": reason, "rows": 0}
    export_id = await parts.storage.run(exports.begin, **begun)
    headers = {"Content-Disposition": f'attachment; filename="lianxin-audit.{format}"', "Cache-Control": "no-store"}
    body = stream(parts.storage, export_id, _pages(parts, wanted), writer)
    return StreamingResponse(body, media_type=writer.media, headers=headers)


async def _pages(parts: WebParts, wanted: Wanted) -> AsyncIterator[Rows]:
    below: int | None = None
    while True:
        found = await parts.storage.read(audit_search.page, wanted, below=below, limit=ROWS_AT_ONCE)
        yield audit_search.rows(found)
        below = found.more
        if below is None:
            return
