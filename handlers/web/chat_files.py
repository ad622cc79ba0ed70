"""Files into the chat and out of it: photos, voice, video, documents."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.responses import Response

from handlers.web import updates
from handlers.web.chat_api import LARGEST, TEXT_LIMIT, Accepted, ClientId, Words
from handlers.web.chat_sessions import Guest, same_site
from handlers.web.errors import ApiError
from handlers.web.file_kinds import PHOTO, WrongKind, kind_of
from handlers.web.images import BadPhoto
from handlers.web.parts import Parts, WebParts
from storage import blobs
from storage.blobs import Blob

NAME_LIMIT = 120
LOOKS, LOOK = 20, 1.0
"""How often, and after how many seconds at most, a file that is still being fetched is looked for."""
SHOWN_IN_PAGE = ("photo", "voice", "video")
FORM = {
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file", "client_id"],
                "properties": {
                    "file": {"type": "string", "format": "binary", "description": "At most 20 MB."},
                    "text": {"type": "string", "description": "A caption."},
                    "client_id": {"type": "string", "description": "The page's own unique id of this."},
                },
            }
        }
    }
}
router = APIRouter(prefix="/api/chat", tags=["chat"], dependencies=[Depends(same_site)])


class Labels(BaseModel):
    client_id: ClientId
    text: Words = ""


@dataclass(frozen=True, slots=True)
class Ready:
    """A file as it will be kept."""

    kind: str
    mime: str
    content: bytes
    shape: dict[str, int]


@router.post("/attachments", status_code=202, openapi_extra={"requestBody": FORM})
async def attach(request: Request, guest: Guest, parts: Parts) -> Accepted:
    """Send a photo, a voice message, a video or a document."""
    async with request.form(max_files=1, max_fields=8) as form:
        labels, file = _labels(dict(form)), form.get("file")
        if not isinstance(file, UploadFile):
            raise ApiError(422, "invalid", field="file")
        content, name = await file.read(), _tidy_name(file.filename or "")
        ready = await _prepare(parts, content, claimed=(file.content_type or "").lower(), name=name)
    message_id = await parts.storage.run(
        updates.take_in_file,
        guest,
        kind=ready.kind,
        mime=ready.mime,
        name=name,
        content=ready.content,
        shape=ready.shape,
        caption=labels.text,
        client_id=labels.client_id,
        at=int(parts.storage.clock().timestamp()),
    )
    return Accepted(id=message_id)


def _labels(form: dict[str, Any]) -> Labels:
    try:
        labels = Labels(client_id=form.get("client_id", ""), text=form.get("text", ""))
    except ValidationError as error:
        raise ApiError(422, "invalid", field=str(error.errors()[0]["loc"][0])) from error
    if len(labels.text) > TEXT_LIMIT:
        raise ApiError(413, "too_long", limit=TEXT_LIMIT)
    return labels


async def _prepare(parts: WebParts, content: bytes, *, claimed: str, name: str) -> Ready:
    if not content:
        raise ApiError(422, "empty_file")
    if len(content) > blobs.SIZE_LIMIT:
        raise ApiError(413, "too_big")
    try:
        found = kind_of(content, claimed=claimed, name=name)
        if found.kind != PHOTO:
            return Ready(found.kind, found.mime, content, {})
        photo = await parts.photos.clean(content)
    except WrongKind as error:
        raise ApiError(415, error.code) from error
    except BadPhoto as error:
        raise ApiError(413 if error.code == "huge_photo" else 415, error.code) from error
    return Ready(PHOTO, found.mime, photo.content, {"width": photo.width, "height": photo.height})


def _tidy_name(name: str) -> str:
    """The last part of the name, without what could confuse a file system or a header."""
    last = re.split(r"[\\/]", name)[-1]
    return re.sub(r"[\x00-\x1f\x7f\"<>|:*?\ud800-\udfff\u202a-\u202e\u2066-\u2069]", "", last).strip(" .")[-NAME_LIMIT:]


@router.get("/blobs/{blob_id}", response_class=Response, responses={206: {"description": "The part asked for"}})
async def fetch(
    blob_id: int, guest: Guest, parts: Parts, wanted: Annotated[str, Header(alias="range")] = ""
) -> Response:
    """A file of this chat; nobody else's. A ``Range`` of bytes is honoured, for players that jump. What staff sent from
    Telegram a moment ago is waited for."""
    own = 0 < blob_id <= LARGEST
    blob = await _arrived(parts, blob_id, guest.chat_id) if own else None
    if blob is None:
        raise ApiError(404, "not_found")
    return file_response(blob, wanted=wanted)


async def _arrived(parts: WebParts, blob_id: int, chat_id: int) -> Blob | None:
    """The file, as soon as it has been fetched from where it comes."""
    waiter = parts.storage.signals.waiter("desk")
    try:
        for _ in range(LOOKS):
            blob = await parts.storage.read(blobs.get, blob_id, chat_id=chat_id)
            if blob is not None or not await parts.storage.read(blobs.coming, [blob_id], chat_id=chat_id):
                return blob
            await waiter.wait(LOOK)
    finally:
        waiter.close()
    return None


def file_response(blob: Blob, *, wanted: str = "") -> Response:
    """The file, or the part of it a ``Range`` header asks for; raises ApiError 416 when there is no such part."""
    span = byte_range(wanted, len(blob.content))
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, max-age=86400",
        "Content-Disposition": _disposition(blob),
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    if span is None:
        return Response(blob.content, media_type=blob.mime, headers=headers)
    headers["Content-Range"] = f"bytes {span.start}-{span.stop - 1}/{len(blob.content)}"
    return Response(blob.content[span.start : span.stop], 206, headers, blob.mime)


def byte_range(header: str, size: int) -> range | None:
    """The bytes of a ``Range`` header; None for the whole file (also for several ranges at once, as the RFC allows)."""
    match = re.fullmatch(r"bytes=(\d{0,15})-(\d{0,15})", header.replace(" ", ""))
    if match is None or match[1] == match[2] == "":
        return None
    if match[1] == "":
        span = range(max(0, size - int(match[2])), size)
    else:
        span = range(int(match[1]), min(size, int(match[2]) + 1) if match[2] else size)
    if not span:
        raise ApiError(416, "bad_range", headers={"Content-Range": f"bytes */{size}"})
    return span


def _disposition(blob: Blob) -> str:
    how = "inline" if blob.kind in SHOWN_IN_PAGE else "attachment"
    return f"{how}; filename*=UTF-8''{quote(blob.name or blob.kind)}"
