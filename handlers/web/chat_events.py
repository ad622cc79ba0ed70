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
from storage import chat_page, messages
from storage.chat_page import Standing
from storage.messages import Message
from storage.transaction import Tx

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
        bool, Query(description="Also events named notice, language and deleted: what concerns the page itself.")
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
            stood: Standing | None = None
            while not parts.streams.closing:
                found, stands = await parts.storage.read(_look, chat_id, seq)
                for event in await _of_the_chat(parts, chat_id, stood, stands) if notices else ():
                    yield event
                stood = stands
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


def _look(tx: Tx, chat_id: int, seq: int) -> tuple[list[Message], Standing]:
    found = messages.since(tx, chat_id=chat_id, seq=seq, limit=AT_ONCE)
    return found, chat_page.standing(tx, chat_id=chat_id)


async def _of_the_chat(parts: WebParts, chat_id: int, stood: Standing | None, stands: Standing) -> list[str]:
    """The bot speaks another language now; messages were deleted: an open page shows both at once."""
    events = []
    if stood is None or stood.language != stands.language:
        events.append(_event("language", language=stands.language))
    if stood is not None and stands.number < stood.number:
        events.append(_event("deleted", left=await parts.storage.read(chat_page.still_there, chat_id=chat_id)))
    return events


def _event(name: str, **data: object) -> str:
    return f"event: {name}\ndata: {json.dumps(data)}\n\n"


def event_of(message: Message) -> str:
    body = shown(message).model_dump_json(by_alias=True, exclude_none=True)
    return f"id: {message.seq}\ndata: {body}\n\n"


def _notices(stream: Stream) -> list[str]:
    found = [_event("notice", text=text) for text in stream.notices]
    stream.notices.clear()
    return found


def _number(value: str) -> int:
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else 0
