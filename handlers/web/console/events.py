"""What changed, as it changes: an event says that something did, never what; the page then looks again."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from fastapi import Request
from starlette.responses import StreamingResponse

from handlers.web.chat_events import EVENT_HEADERS, HEARTBEAT, RECONNECT_MS
from handlers.web.console.gates import COOKIE, desk_router, needs
from handlers.web.errors import UNAVAILABLE
from handlers.web.parts import Parts, WebParts
from handlers.web.streams import CLOSING
from storage import alarm_calls, alarms, staff
from storage.transaction import Tx


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
    return StreamingResponse(follow(parts, token), media_type="text/event-stream", headers=EVENT_HEADERS)


async def follow(parts: WebParts, token: str) -> AsyncGenerator[str, None]:
    """An event at once and after each change, while the session lasts; a comment when nothing happens."""
    waiter = parts.storage.signals.waiter("desk", alarms.TOPIC, CLOSING)
    try:
        with parts.streams.open(DESK_STREAM):
            yield f"retry: {RECONNECT_MS}\n: {' ' * 2048}\n\n"
            changed = True
            while not parts.streams.closing:
                signed = await parts.storage.read(staff.signed_in, token)
                if signed is None:
                    yield "event: over\ndata: {}\n\n"
                    return
                await parts.storage.run(_saw, signed.member.id)
                yield "event: desk\ndata: {}\n\n" if changed else ": still here\n\n"
                changed = await waiter.wait(HEARTBEAT)
    except UNAVAILABLE:
        return
    finally:
        waiter.close()
