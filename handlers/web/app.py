"""The web app, put together from its parts: chat page, API, status, and whatever routers are mounted beside them."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from handlers.web import (
    certificate_page,
    chat_api,
    chat_events,
    chat_files,
    chat_page,
    chat_sessions,
    privacy_page,
    published_page,
    reference,
    start_page,
    status,
)
from handlers.web.boundary import Boundary
from handlers.web.errors import answer_errors
from handlers.web.pages import STATIC
from handlers.web.parts import WebParts

ROUTERS = (
    start_page.router,
    chat_page.router,
    privacy_page.router,
    certificate_page.router,
    published_page.router,
    chat_sessions.router,
    chat_api.router,
    chat_files.router,
    chat_events.router,
    status.router,
    reference.router,
)
FOR_A_YEAR = "public, max-age=31536000, immutable"
FOR_A_WHILE = "public, max-age=300"


def create_app(parts: WebParts, *, routers: Sequence[APIRouter] = ()) -> FastAPI:
    """The app; ``routers`` are mounted as they are (the console, the Telegram webhook)."""
    app = FastAPI(title="连心 Lianxin", version=parts.version, docs_url=None, redoc_url=None)
    app.state.parts = parts
    answer_errors(app)
    app.add_middleware(Boundary)
    for router in (*ROUTERS, *routers):
        app.router.routes.extend(router.routes)  # as they are: including them would make each a second time
    app.mount("/static", LocalFiles(directory=STATIC), name="static")
    return app


class LocalFiles(StaticFiles):
    """Our own css, scripts and icons. With the content's version in the address, a browser may keep them for ever."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = FOR_A_YEAR if b"v=" in scope["query_string"] else FOR_A_WHILE
        return response
