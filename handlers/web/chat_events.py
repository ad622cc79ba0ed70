"""The chat as server-sent events: the same objects as in the list, each with its ``seq`` as the event's id.

A browser that comes back says the last id it has and misses nothing. The stream stays open until the browser leaves or
the service stops.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import Annotated

from fastapi import APIRouter, Header, Query
from starlette.responses import StreamingResponse

from handlers.web.chat_sessions import Guest
from handlers.web.errors import UNAVAILABLE
from handlers.web.parts import Parts, WebParts
from handlers.web.shown import shown
from handlers.web.streams import CLOSING, Stream
from storage import messages
from storage.messages import Message

HEARTBEAT = 15.0
"""Seconds; proxies cut a silent connection after 30 to 60."""
AT_ONCE = 100
RECONNECT_MS = 2000
EVENT_HEADERS = {"Cache-Control": "no-cache, no-transform", "X-Accel-Buffering": "no"}

router = APIRouter(prefix="/api/chat", tags=["chat"])


@router.get(
    "/events",
    response_class=StreamingResponse,
    responses={200: {"description": "One event a message", "content": {"text/event-stream": {}}}},
)
async def listen(
    guest: Guest,
    parts: Parts,
    since: Annotated[str, Query(description="Only what is newer than this seq.")] = "",
    last_event_id: Annotated[str, Header()] = "",
    notices: Annotated[
        bool, Query(description="Also the short notices a press may cause, as events named notice.")
    ] = False,
) -> StreamingResponse:
    """What appears in the chat, as it appears; ``Last-Event-ID`` wins over ``since``."""
    start = _number(last_event_id) or _number(since)
    events = follow(parts, guest.chat_id, start, notices=notices)
    return StreamingResponse(events, media_type="text/event-stream", headers=EVENT_HEADERS)


async def follow(parts: WebParts, chat_id: int, seq: int, *, notices: bool = False) -> AsyncGenerator[str, None]:
    """Events after ``seq``, then each new one; a comment whenever ``HEARTBEAT`` seconds were silent."""
    waiter = parts.storage.signals.waiter(messages.topic(chat_id), CLOSING)
    try:
        with parts.streams.open(chat_id) as stream:
            yield f"retry: {RECONNECT_MS}\n: {' ' * 2048}\n\n"  # some old browsers hold back the first two kilobytes
            while not parts.streams.closing:
                found = await _next(parts, chat_id, seq)
                for message in found:
                    yield event_of(message)
                    seq = message.seq
                for notice in _notices(stream) if notices else ():
                    yield notice
                if len(found) < AT_ONCE and not await waiter.wait(HEARTBEAT):
                    yield ": still here\n\n"
    except UNAVAILABLE:
        return  # the browser comes back and asks anew
    finally:
        waiter.close()


async def _next(parts: WebParts, chat_id: int, seq: int) -> list[Message]:
    return await parts.storage.read(messages.since, chat_id=chat_id, seq=seq, limit=AT_ONCE)


def event_of(message: Message) -> str:
    body = shown(message).model_dump_json(by_alias=True, exclude_none=True)
    return f"id: {message.seq}\ndata: {body}\n\n"


def _notices(stream: Stream) -> list[str]:
    found = [f"event: notice\ndata: {json.dumps({'text': text})}\n\n" for text in stream.notices]
    stream.notices.clear()
    return found


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else 0
