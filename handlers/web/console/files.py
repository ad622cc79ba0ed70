"""A file as staff open it: never kept by their browser, and a page in plain words where there is none.

A photo is the picture and nothing else: one that was kept before photos were drawn anew on arrival is drawn anew here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated

from fastapi import Header
from starlette.responses import Response

from handlers.web.chat_files import file_response
from handlers.web.console.gates import Stop
from handlers.web.errors import ApiError
from handlers.web.images import BadPhoto, Photo, PhotoDesk, is_bare
from storage.blobs import Blob

Span = Annotated[str, Header(alias="range")]
"""The part of the file the browser asks for; "" for all of it."""


def opened(blob: Blob | None, *, wanted: str = "") -> Response:
    """The file, or the part of it that is wanted; `Stop` where there is no such file or part."""
    if blob is None:
        raise Stop(404, "no_file")
    try:
        response = file_response(blob, wanted=wanted)
    except ApiError as error:
        raise Stop(error.status, "no_file") from error
    response.headers["Cache-Control"] = "no-store"
    return response


async def looked_at(blob: Blob | None, photos: PhotoDesk, *, wanted: str = "", small: bool = False) -> Response:
    """The file; of a photo the picture alone, ``small`` for a thread. `Stop` where there is none to be seen."""
    if blob is not None and blob.kind == "photo" and (small or not is_bare(blob.content)):
        blob = await _drawn(blob, photos.small if small else photos.clean)
    elif small:
        raise Stop(404, "no_file")
    return opened(blob, wanted=wanted)


async def _drawn(blob: Blob, draw: Callable[[bytes], Awaitable[Photo]]) -> Blob:
    try:
        return replace(blob, content=(await draw(blob.content)).content, mime="image/jpeg")
    except BadPhoto as error:
        raise Stop(404, "no_file") from error
