"""What went wrong, in one shape and in plain words: ``{"error": {"code", "message"}}``, and nothing else ever.

``code`` is for programs and stays; ``message`` is for people, in their language.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import sqlalchemy.exc
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from handlers.web.parts import parts_of
from handlers.web.words import language_of
from storage.engine import StorageError

log = structlog.get_logger()
RETRY_AFTER = 5
"""Seconds a client should wait while the database does not answer."""
UNAVAILABLE = (
    StorageError,
    sqlalchemy.exc.OperationalError,
    sqlalchemy.exc.InterfaceError,
    sqlalchemy.exc.TimeoutError,
    sqlite3.OperationalError,
)
BY_STATUS = {
    400: "bad_request",
    401: "no_session",
    403: "not_allowed",
    404: "not_found",
    405: "wrong_method",
    413: "too_big",
    415: "unknown_type",
    416: "bad_range",
    503: "unavailable",
}


class ApiError(Exception):
    """A refusal we meant: the status, and a code whose words are in the catalogue."""

    def __init__(self, status: int, code: str, *, headers: Mapping[str, str] | None = None, **values: object) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.headers = headers
        self.values = values


def answer_errors(app: FastAPI) -> None:
    """Make every error of the app leave in the one shape."""
    app.add_exception_handler(ApiError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http)
    for unavailable in UNAVAILABLE:
        app.add_exception_handler(unavailable, _unavailable)


def error_response(
    request: Request, status: int, code: str, *, headers: Mapping[str, str] | None = None, **values: object
) -> Response:
    parts, language = parts_of(request), language_of(request)
    message = parts.words.error(language, code, **values)
    if _wants_page(request):
        return parts.pages.error(language=language, status=status, message=message, words=parts.words)
    return JSONResponse({"error": {"code": code, "message": message}}, status, dict(headers or {}))


def _wants_page(request: Request) -> bool:
    """Whoever looks at a page, or has sent a form of one."""
    return "text/html" in request.headers.get("accept", "") and not request.url.path.startswith("/api/")


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return error_response(request, error.status, error.code, headers=error.headers, **error.values)


async def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return error_response(request, 400, "bad_json")
    names = [str(part) for part in first["loc"] if part not in ("body", "query", "path", "header")]
    return error_response(request, 422, "invalid", field=".".join(names) or "body")


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    code = BY_STATUS.get(error.status_code, "other")
    return error_response(request, error.status_code, code, headers=error.headers)


async def _unavailable(request: Request, error: Exception) -> Response:
    log.error("database does not answer", error=type(error).__name__)
    return error_response(request, 503, "unavailable", headers={"Retry-After": str(RETRY_AFTER)})
