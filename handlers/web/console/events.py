"""What changed, as it changes: an event says that something did, never what; the page then looks again.

A telephone that rings does not wait for that look: its strip travels in the event, one read after the commit.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable
from functools import partial

from fastapi import Request
from starlette.responses import StreamingResponse

from handlers.web.chat_events import EVENT_HEADERS, HEARTBEAT, RECONNECT_MS
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import COOKIE, desk_router, needs
from handlers.web.errors import UNAVAILABLE
from handlers.web.parts import Parts, WebParts
from handlers.web.streams import CLOSING
from storage import alarm_calls, alarms, calls, staff
from storage.calls import Call
from storage.staff import Signed
from storage.transaction import Tx

Strip = Callable[[Signed, list[Call]], str]


def _saw(tx: Tx, staff_id: int) -> None:
    """They have the console before them, and with it whatever alarm calls them."""
    staff.saw(tx, staff_id)
    alarm_calls.seen(tx, staff_id)


DESK_STREAM = 0
"""The desk's place among the open streams; no chat has this id."""
router = desk_router()


@router.get("/events", response_class=StreamingResponse, dependencies=[needs("frame", "see")])
async def listen(request: Request, parts: Parts) -> StreamingResponse:
    token = request.cookies.get(COOKIE, "")
    events = follow(parts, token, _strip_of(request))
    return StreamingResponse(events, media_type="text/event-stream", headers=EVENT_HEADERS)


def _strip_of(request: Request) -> Strip:
    """How the strip of what rings looks in this reader's language."""
    console = console_of(request)
    template = console.templates.get_template("console/ringing.html")

    def draw(signed: Signed, ringing: list[Call]) -> str:
        may = partial(staff.may, signed.member)
        return template.render(**console.common(request), signed=signed, ringing=ringing, can=may)

    return draw


def _now(tx: Tx, token: str) -> tuple[Signed | None, list[Call]]:
    """Who listens, and what rings where they may hear of it."""
    signed = staff.signed_in(tx, token)
    hears = signed is not None and staff.may(signed.member, "call", "see")
    return signed, calls.ringing(tx) if hears else []


async def follow(parts: WebParts, token: str, strip: Strip | None = None) -> AsyncGenerator[str, None]:
    """An event at once and after each change, while the session lasts; a comment when nothing happens. What rings comes
    before everything that takes longer, and only when it is another than before."""
    waiter = parts.storage.signals.waiter("desk", alarms.TOPIC, CLOSING)
    try:
        with parts.streams.open(DESK_STREAM):
            yield f"retry: {RECONNECT_MS}\n: {' ' * 2048}\n\n"
            changed, rang = True, ""
            while not parts.streams.closing:
                signed, ringing = await parts.storage.read(_now, token)
                if signed is None:
                    yield "event: over\ndata: {}\n\n"
                    return
                if strip is not None and rang != (
                    rang := repr([(call.id, call.revision, _how(call)) for call in ringing])
                ):
                    yield f"event: rings\ndata: {json.dumps({'strip': strip(signed, ringing)})}\n\n"
                yield "event: desk\ndata: {}\n\n" if changed else ": still here\n\n"
                await parts.storage.run(_saw, signed.member.id)
                changed = await waiter.wait(HEARTBEAT)
    except UNAVAILABLE:
        return
    finally:
        waiter.close()


def _how(call: Call) -> tuple[bool, bool]:
    return call.answered_at is not None, call.hung_up_at is not None
