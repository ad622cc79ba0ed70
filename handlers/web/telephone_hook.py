"""The telephone system's webhook: who is calling, as it happens; text messages that come in, and what became of ours.

200 only when it is stored; a refusal changes nothing.

Signed (knowledge.signatures): what is unsigned, signed wrong, too old, or told before is refused with a clear word, so that
whoever sets the telephone system up sees what is the matter. 503 asks it to try again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from starlette.responses import JSONResponse, Response

from handlers.web.chat_api import storable
from handlers.web.errors import ApiError
from handlers.web.parts import Parts
from knowledge import recordings, signatures
from knowledge.hotline_notes import number_of
from storage import telephone, text_reports, text_talk
from storage.telephone import Told
from storage.text_reports import Report
from storage.text_talk import Text as IncomingText
from storage.transaction import Tx

PATH = "/telephone/webhook"
LARGEST = 16 * 1024
AHEAD = timedelta(minutes=5)


def _recording(address: str | None) -> str | None:
    """Where a browser may be sent (knowledge.recordings)."""
    if address and not recordings.is_safe(address):
        raise ValueError("not a public https address")
    return address or None


Text = Annotated[str, BeforeValidator(storable)]
Key = Annotated[str, Field(pattern=r"^[\x21-\x7e]{1,80}$")]


class Telling(BaseModel):
    """One event. ``id`` is its own, the same when it is sent again; ``call`` names the call in all its events."""

    model_config = ConfigDict(extra="ignore", strict=True)

    id: Key
    call: Key | None = None
    event: Literal["ringing", "answered", "ended", "missed", "recording", "text", "text_status"]
    at: Annotated[str | None, Field(max_length=40)] = None
    number: Annotated[Text | None, Field(max_length=40, alias="from")] = None
    line: Annotated[Text | None, Field(max_length=20)] = None
    recording: Annotated[str | None, Field(max_length=500), AfterValidator(_recording)] = None
    to: Annotated[Text | None, Field(max_length=40)] = None
    text: Text | None = None
    status: Literal["delivered", "failed"] | None = None


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
        telling = _telling(body)
        unit, told = _unit(telling), _meant(telling, now)
        if not await parts.storage.run(unit, told):
            raise ApiError(409, "told_before")
        return JSONResponse({"ok": True})

    return router


def _signed(request: Request) -> dict[str, bytes]:
    """The two headers as bytes: one that is not ASCII is wrong, and no error."""
    wanted = {"timestamp": signatures.TIMESTAMP, "signature": signatures.SIGNATURE}
    given = dict(reversed(request.scope["headers"]))
    return {name: given.get(header.lower().encode(), b"") for name, header in wanted.items()}


def _telling(body: bytes) -> Telling:
    try:
        return Telling.model_validate(_json(body))
    except ValidationError as error:
        place = error.errors()[0]["loc"]
        raise ApiError(422, "invalid", field=".".join(map(str, place)) or "body") from None


def _unit(telling: Telling) -> Callable[[Tx, Any], bool]:
    return UNITS.get(telling.event, telephone.take_in)


UNITS: dict[str, Callable[[Tx, Any], bool]] = {"text": text_talk.take_in, "text_status": text_reports.take_in}


def _meant(telling: Telling, now: datetime) -> Told | IncomingText | Report:
    """What the units take; a field that this event cannot do without is named."""
    at = _moment(telling.at, now)
    if telling.event == "text_status":
        return Report(telling.id, _needed(telling, "text"), _needed(telling, "status"), at)
    number = number_of(telling.number or "")
    if telling.event == "text":
        return IncomingText(telling.id, number, _needed(telling, "text"), number_of(telling.to or ""))
    known = {"number": number, "line": telling.line, "recording": telling.recording}
    return Told(key=telling.id, call=_needed(telling, "call"), event=telling.event, at=at, **known)


def _needed(telling: Telling, field: str) -> Any:
    given = getattr(telling, field)
    if given is None:
        raise ApiError(422, "invalid", field=field)
    return given


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
