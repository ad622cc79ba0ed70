"""Who is asking: a cookie or a bearer token opens one chat, and other sites' pages may not write with the cookie."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel

from handlers.web.errors import ApiError
from handlers.web.parts import Parts, WebParts
from handlers.web.words import language_of
from storage import web_sessions
from storage.web_sessions import Visitor

COOKIE = "lianxin_chat"
COOKIE_PATH = "/api/chat"
COOKIE_SECONDS = 400 * 24 * 3600
"""The longest a browser keeps one."""


class NewSession(BaseModel):
    """The token that opens the new chat; also set as a cookie."""

    session: str


class SessionWish(BaseModel):
    language: Literal["zh", "en"] | None = None


async def same_site(request: Request, parts: Parts) -> None:
    """Refuse a write that another site's page makes in the resident's name (their browser adds the cookie to it)."""
    if request.method in ("GET", "HEAD") or "authorization" in request.headers:
        return
    site = request.headers.get("sec-fetch-site")
    if site is not None and site not in ("same-origin", "none"):
        raise ApiError(403, "other_site")
    origin = request.headers.get("origin")
    if site is None and origin is not None and urlsplit(origin).netloc not in _own_hosts(request, parts):
        raise ApiError(403, "other_site")


def _own_hosts(request: Request, parts: WebParts) -> set[str]:
    named = (request.headers.get("host"), request.headers.get("x-forwarded-host"), urlsplit(parts.public_url).netloc)
    return {host for host in named if host}


async def visitor(request: Request, parts: Parts) -> Visitor:
    """Whose chat this is; 401 in plain words where nobody's."""
    token = _token(request)
    found = await parts.storage.read(web_sessions.find, web_sessions.hash_of(token)) if token else None
    if found is None:
        raise ApiError(401, "no_session", headers={"WWW-Authenticate": "Bearer"})
    return found


def _token(request: Request) -> str | None:
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return bearer.strip()
    return request.cookies.get(COOKIE)


Guest = Annotated[Visitor, Depends(visitor)]
router = APIRouter(prefix="/api/chat", tags=["chat"], dependencies=[Depends(same_site)])


@router.post("/sessions", status_code=201)
async def begin_session(
    request: Request, response: Response, parts: Parts, wish: SessionWish | None = None
) -> NewSession:
    """Open a new chat for this browser. Nothing about the person is asked."""
    token = web_sessions.new_token()
    language = (wish.language if wish else None) or language_of(request)
    await parts.storage.run(web_sessions.begin, token_hash=web_sessions.hash_of(token), language=language)
    response.set_cookie(
        COOKIE,
        token,
        max_age=COOKIE_SECONDS,
        path=COOKIE_PATH,
        httponly=True,
        samesite="lax",
        secure=parts.secure,
    )
    return NewSession(session=token)
