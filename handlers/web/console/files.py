"""A file as staff open it: never kept by their browser, and a page in plain words where there is none."""

from __future__ import annotations

from typing import Annotated

from fastapi import Header
from starlette.responses import Response

from handlers.web.chat_files import file_response
from handlers.web.console.gates import Stop
from handlers.web.errors import ApiError
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
