"""The steps of a notice - a colleague's second look, sending, pausing, going on, stopping - and its report as a file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import closing
from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from handlers.exporting import WRITERS
from handlers.texts.catalogue import Texts
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, Stop, desk_router
from handlers.web.console.notice_routes import ACT, HERE, Id, page
from handlers.web.parts import Parts, WebParts
from storage import notice_report, notices
from storage.notices import Unfit

router = desk_router("/notices")
FORMATS = ("csv", "xlsx")
LONGEST_WHY = 300
Unit = Callable[..., bool]
STEPS: dict[str, Unit] = {
    "send": notices.begin,
    "check": notices.check,
    "back": notices.send_back,
    "pause": notices.pause,
    "go-on": notices.go_on,
    "stop": notices.stop,
}
WITH_WHY = ("send", "back")


def _step(name: str) -> Callable[..., Coroutine[Any, Any, Response]]:
    async def take(request: Request, id: Id, form: Act, parts: Parts) -> Response:
        """Once; whoever was slower is told that it was done before."""
        why = form.text("why", longest=LONGEST_WHY)
        given: dict[str, Any] = {"why": why} if name in WITH_WHY else {}
        revision = form.number("revision")
        try:
            done = await parts.storage.run(STEPS[name], id, revision=revision, staff_id=form.staff_id, **given)
        except Unfit as unfit:
            return await page(request, id, form.signed, parts, trouble=unfit.code, why=why)
        if not done:
            raise Stop(409, "done_before")
        return RedirectResponse(f"{HERE}/{id}", 303)

    return take


for _name in STEPS:
    router.add_api_route(f"/{{id}}/{_name}", _step(_name), methods=["POST"], dependencies=[ACT])


@router.get("/{id}/report", dependencies=[ACT])
async def report(request: Request, id: Id, colleague: Colleague, parts: Parts, format: str = "xlsx") -> Response:
    """What became of it for each recipient, as a file; it names nobody."""
    notice = await parts.storage.read(notices.get, id)
    if format not in FORMATS or notice is None:
        raise Stop(404, "no_notice")
    await parts.storage.run(notice_report.taken, id, format, staff_id=colleague.member.id)
    texts = console_of(request).words(console_of(request).common(request)["language"])
    headers = {"Content-Disposition": f"attachment; filename=lianxin-notice-{id}.{format}", "Cache-Control": "no-store"}
    return StreamingResponse(_file(parts, id, format, texts), media_type=WRITERS[format].media, headers=headers)


async def _file(parts: WebParts, id: int, format: str, texts: Texts) -> AsyncIterator[bytes]:
    """A page of recipients at a time."""
    headings = [texts(f"broadcast_column.{name}") for name in notice_report.COLUMNS]
    with closing(WRITERS[format](notice_report.COLUMNS, headings)) as writer:
        yield writer.begin()
        after, number = 0, 0
        while found := await parts.storage.read(notice_report.rows, id, after):
            lines = [_line(texts, row, number + place) for place, row in enumerate(found, 1)]
            after, number = found[-1]["id"], number + len(found)
            yield await asyncio.to_thread(writer.rows, lines)
        for piece in await asyncio.to_thread(writer.end):
            yield piece


def _line(texts: Texts, row: dict[str, Any], number: int) -> dict[str, Any]:
    channel, result = f"broadcast_channel.{row['channel']}", f"broadcast_result.{row['result']}"
    where = texts(channel) if texts.has(channel) else row["channel"]
    why = f"broadcast_why.{row['reason']}"
    reason = texts(why) if texts.has(why) else row["reason"] or ""
    return row | {"number": number, "channel": where, "result": texts(result), "reason": reason}
