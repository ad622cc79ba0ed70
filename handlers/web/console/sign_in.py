"""Signing in with a one-time link, and out again. Looking at a link does not use it, so previews do not burn it."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import (
    COOKIE,
    COOKIE_PATH,
    SIGN_IN,
    ConsoleRoute,
    Posted,
    fields_of,
    for_anybody,
    needs,
    own_page,
)
from handlers.web.parts import Parts
from storage import staff
from storage.staff import SESSION_LIFE

outside = APIRouter(route_class=ConsoleRoute)
inside = APIRouter(route_class=ConsoleRoute)
LONGEST_TOKEN = 200


@outside.get("/sign-in", dependencies=[for_anybody()])
async def explain(request: Request) -> Response:
    """How to get in, for whoever is not."""
    return console_of(request).plain(request, "console/sign_in.html", state="none")


@outside.get("/enter", dependencies=[for_anybody()])
async def door(request: Request, parts: Parts, token: str = "") -> Response:
    """A button, and nothing else happens yet."""
    state = await parts.storage.read(staff.look_at_link, token[:LONGEST_TOKEN])
    status = 200 if state == "good" else 410 if state in ("used", "expired") else 404
    return console_of(request).plain(request, "console/enter.html", status=status, state=state, token=token)


@outside.post("/enter", dependencies=[for_anybody(), Depends(own_page)])
async def enter(request: Request, parts: Parts) -> Response:
    """Use the link, and begin a session."""
    token = (await fields_of(request)).get("token", "")[:LONGEST_TOKEN]
    session = await parts.storage.run(staff.enter, token)
    if session is None:
        return RedirectResponse(SIGN_IN, 303) if not token else await door(request, parts, token)
    response = RedirectResponse("/console", 303)
    response.set_cookie(
        COOKIE,
        session,
        max_age=int(SESSION_LIFE.total_seconds()),
        path=COOKIE_PATH,
        httponly=True,
        samesite="lax",
        secure=parts.secure,
    )
    return response


@inside.post("/sign-out", dependencies=[needs("own", "act")])
async def sign_out(form: Posted, parts: Parts) -> Response:
    await parts.storage.run(staff.leave, form.signed.session)
    response = RedirectResponse(SIGN_IN, 303)
    response.delete_cookie(COOKIE, path=COOKIE_PATH)
    return response
