"""The telephone system's webhook: who is calling, as it happens. 200 only when it is stored; a refusal changes nothing.

Signed (knowledge.signatures): what is unsigned, signed wrong, too old, or told before is refused with a clear word, so that
whoever sets the telephone system up sees what is the matter. 503 asks it to try again.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from starlette.responses import JSONResponse, Response

from handlers.web.chat_api import storable
from handlers.web.errors import ApiError
from handlers.web.parts import Parts
from knowledge import signatures
from knowledge.hotline import number_of
from storage import telephone
from storage.telephone import Told

PATH = "/telephone/webhook"
LARGEST = 16 * 1024
AHEAD = timedelta(minutes=5)


def _recording(address: str | None) -> str | None:
    """Where a browser may be sent: nothing but an https address."""
    parts = urlsplit(address or "")
    if address and (parts.scheme != "https" or not parts.hostname or parts.username):
        raise ValueError("not an https address")
    return address or None


Text = Annotated[str, BeforeValidator(storable)]
Key = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,80}$")]


class Telling(BaseModel):
    """One event. ``id`` is its own, the same when it is sent again; ``call`` names the call in all its events."""

    model_config = ConfigDict(extra="ignore", strict=True)

    id: Key
    call: Key
    event: Literal["ringing", "answered", "ended", "missed", "recording"]
    at: Annotated[str | None, Field(max_length=40)] = None
    number: Annotated[Text | None, Field(max_length=40, alias="from")] = None
    line: Annotated[Text | None, Field(max_length=20)] = None
    recording: Annotated[str | None, Field(max_length=500), AfterValidator(_recording)] = None


def telephone_router(secret: str) -> APIRouter:
    """The one route; mounted only where a secret is set."""
    router = APIRouter()

    @router.post(PATH, include_in_schema=False)
    async def receive(request: Request, parts: Parts) -> Response:
        body = await request.body()
        if len(body) > LARGEST:
            raise ApiError(413, "too_big")
        now = parts.storage.clock()
        problem = signatures.problem(secret, body, **_signed(request), now=now)
        if problem is not None:
            raise ApiError(401, f"signature_{problem}")
        told = _told(body, now)
        if not await parts.storage.run(telephone.take_in, told):
            raise ApiError(409, "told_before")
        return JSONResponse({"ok": True})

    return router


def _signed(request: Request) -> dict[str, bytes]:
    """The two headers as bytes: one that is not ASCII is wrong, and no error."""
    wanted = {"timestamp": signatures.TIMESTAMP, "signature": signatures.SIGNATURE}
    given = dict(reversed(request.scope["headers"]))
    return {name: given.get(header.lower().encode(), b"") for name, header in wanted.items()}


def _told(body: bytes, now: datetime) -> Told:
    try:
        told = Telling.model_validate(_json(body))
    except ValidationError as error:
        place = error.errors()[0]["loc"]
        raise ApiError(422, "invalid", field=".".join(map(str, place)) or "body") from None
    return Told(
        key=told.id,
        call=told.call,
        event=told.event,
        at=_moment(told.at, now),
        number=number_of(told.number or ""),
        line=told.line,
        recording=told.recording,
    )


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise ApiError(400, "bad_json") from None


def _moment(text: str | None, now: datetime) -> datetime:
    """When it happened, with its zone; now where it is not said. A clock far off is not believed."""
    if text is None:
        return now
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or at > now + AHEAD or at < now - timedelta(days=1):
        raise ApiError(422, "invalid", field="at")
    return min(at.astimezone(UTC), now)
