"""What a call leaves behind: where its recording lies, and the slip somebody without a telephone takes home."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST
from handlers.web.console.call_pages import filed_just_now
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Colleague, Stop, desk_router, needs
from handlers.web.console.poster_routes import qr
from handlers.web.console.ticket_routes import Number
from handlers.web.parts import Parts
from storage import call_filing, calls

Id = Annotated[int, Path(ge=1, le=LARGEST)]
CHAT = "/chat"
router = desk_router()


@router.get("/tickets/{number}/recordings/{id}", dependencies=[needs("ticket", "see")])
async def recording(number: Number, id: Id, colleague: Colleague, parts: Parts) -> Response:
    """On to the telephone system, where the recording lies; that somebody looked is kept."""
    address = await parts.storage.run(call_filing.recording, number, id, staff_id=colleague.member.id)
    if address is None:
        raise Stop(404, "no_recording")
    return RedirectResponse(address, 303, headers={"Referrer-Policy": "no-referrer", "Cache-Control": "no-store"})


@router.get("/calls/{id}/slip", dependencies=[needs("call", "see")])
async def slip(request: Request, id: Id, colleague: Colleague, parts: Parts) -> Response:
    """Number and claim code on paper (A6), nothing of the matter or the person; as long as they stand on the screen."""
    call = await parts.storage.read(calls.get, id)
    if call is None or not filed_just_now(call, colleague.member.id, parts.storage.clock()):
        raise Stop(404, "not_found")
    ticket = await parts.storage.read(call_filing.filed, call.ticket_id or 0)
    base = parts.public_url.rstrip("/")
    town = parts.towns.at(ticket["building"])
    values: dict[str, Any] = {
        "ticket": ticket,
        "town": town.profile,
        "code": qr(base + CHAT) if base else "",
        "call": call,
    }
    return await console_of(request).page(request, colleague, "console/call_slip.html", **values)
