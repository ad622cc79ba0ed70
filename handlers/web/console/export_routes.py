"""Taking tickets and figures out of the console, as CSV or XLSX: written as it is read, counted, and kept with its reason.

However many rows there are, a page of them is held at a time. A connection that is cut leaves a download that is not
whole, and here a line that says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import anyio
from fastapi import Request
from starlette.responses import Response, StreamingResponse

from handlers.exporting import WRITERS, Rows, Writer
from handlers.web.console.desk_pages import console_of
from handlers.web.console.export_rows import COLUMNS, figure_rows, ticket_words
from handlers.web.console.figure_routes import Asked, asked, catch_up, is_careful, look, view_of
from handlers.web.console.gates import Colleague, Posted, Stop, desk_router, needs
from handlers.web.parts import Parts, WebParts
from knowledge import periods, reach
from storage import exports, figures, ticket_export
from storage.engine import Storage
from storage.staff import Member, Signed
from storage.ticket_export import Wanted

router = desk_router("/exports")
FORMATS, STATES = ("csv", "xlsx"), ("all", "open", "over")
LONGEST_REASON = 300
TELL_EVERY = 5000
"""Rows between two looks at how far it is."""


@dataclass(frozen=True, slots=True)
class Source:
    """What one export is made of: ``pages`` are read as they are written."""

    what: str
    columns: Sequence[str]
    total: int
    pages: AsyncIterator[Rows]


@router.get("", dependencies=[needs("export", "see")])
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
    member = colleague.member
    wanted = _asked(given, member, parts)
    mine = None if member.role == "admin" else member.id
    tickets = Wanted(wanted.period, wanted.narrow, _which(given))
    return await console_of(request).page(
        request,
        colleague,
        "console/exports.html",
        status=status,
        trouble=trouble or ("bad_span" if wanted.wrong else ""),
        asked=wanted,
        which=_which(given),
        states=STATES,
        reason=given.get("reason", "")[:LONGEST_REASON],
        about=await parts.storage.read(ticket_export.count, tickets, member),
        personal=reach.shipped().limit(member.role).personal,
        places=await parts.storage.read(figures.places, member.id),
        careful=is_careful(member),
        latest=await parts.storage.read(exports.latest, staff_id=mine),
    )


def _asked(given: Mapping[str, str], member: Member, parts: WebParts) -> Asked:
    """Dates alone mean their own period."""
    kind = given.get("period") or ("own" if given.get("since") else "this_month")
    today = periods.day_of(parts.storage.clock())
    return asked({**given, "period": kind}, today, careful=is_careful(member))


def _which(given: Mapping[str, str]) -> str:
    return given.get("which", "") if given.get("which") in STATES else "all"


@router.post("", dependencies=[needs("export", "act")])
async def take(request: Request, form: Posted, parts: Parts) -> Response:
    """The file itself; without a reason there is none."""
    given, reason = form.fields, form.text("reason", longest=LONGEST_REASON)
    format, what = given.get("format", ""), given.get("what", "")
    if format not in FORMATS or what not in ("tickets", "figures"):
        raise Stop(422, "bad_form")
    wanted = _asked(given, form.signed.member, parts)
    if not reason or wanted.wrong:
        trouble = "bad_span" if reason else "needs_reason"
        return await _page(request, form.signed, parts, given, status=422, trouble=trouble)
    mine = (request, form.signed.member, parts, wanted)
    source = await (_of_tickets(*mine, _which(given)) if what == "tickets" else _of_figures(*mine))
    texts = console_of(request).words(console_of(request).common(request)["language"])
    writer = WRITERS[format](source.columns, [texts(f"column.{name}") for name in source.columns])
    begun: dict[str, Any] = {
        "staff_id": form.staff_id,
        "what": what,
        "format": format,
        "reason": reason,
        "rows": source.total,
    }
    export_id = await parts.storage.run(exports.begin, **begun)
    name = f"lianxin-{what}-{wanted.period.first}-{wanted.period.last}.{format}"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"}
    body = stream(parts.storage, export_id, source.pages, writer)
    return StreamingResponse(body, media_type=writer.media, headers=headers)


async def _of_tickets(request: Request, member: Member, parts: WebParts, wanted: Asked, state: str) -> Source:
    which = Wanted(wanted.period, wanted.narrow, state)
    console = console_of(request)
    say = ticket_words(console.words(console.common(request)["language"]), parts.storage.clock())

    async def pages() -> AsyncIterator[Rows]:
        after: tuple[Any, ...] | None = None
        while True:
            page = await parts.storage.read(ticket_export.page, which, member, after)
            yield [say(row) for row in page.rows]
            if (after := page.more) is None:
                return

    total = await parts.storage.read(ticket_export.count, which, member)
    return Source("tickets", ticket_export.columns(member), total, pages())


async def _of_figures(request: Request, member: Member, parts: WebParts, wanted: Asked) -> Source:
    await catch_up(parts)
    found = await parts.storage.read(look, wanted.period, member=member, narrow=wanted.narrow)
    rows = figure_rows(view_of(request, found, careful=is_careful(member)), found["now"])

    async def pages() -> AsyncIterator[Rows]:
        yield rows

    return Source("figures", COLUMNS, len(rows), pages())


@dataclass(slots=True)
class Told:
    """How many rows were written, and how many of them it was told of."""

    rows: int = 0
    said: int = field(default=0)

    @property
    def is_time(self) -> bool:
        return self.rows - self.said >= TELL_EVERY


async def stream(
    storage: Storage, export_id: int, pages: AsyncIterator[Rows], writer: Writer
) -> AsyncGenerator[bytes, None]:
    """The file, piece by piece, as its rows are read; how it ended is kept even where nobody is there any more."""
    told, state = Told(), "cut"
    try:
        yield writer.begin()
        async for rows in pages:
            written = await asyncio.to_thread(writer.rows, rows)
            told.rows += len(rows)
            if told.is_time:
                told.said = told.rows
                await storage.run(exports.moved, export_id, told.rows)
            if written:
                yield written
        for piece in await asyncio.to_thread(writer.end):
            yield piece
        state = "done"
    finally:
        with anyio.CancelScope(shield=True):
            await asyncio.to_thread(writer.close)
            await storage.run(exports.end, export_id, state=state, rows=told.rows)
