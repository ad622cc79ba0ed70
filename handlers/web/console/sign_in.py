"""Signing in - with a one-time link, or with name, password and a code - and out again.

Looking at a link does not use it, so that previews do not burn it. A failed sign-in never says which part was wrong.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.console.desk_pages import console_of, place_of
from handlers.web.console.gates import (
    COOKIE,
    COOKIE_PATH,
    PREFIX,
    SIGN_IN,
    ConsoleRoute,
    Posted,
    desk_router,
    fields_of,
    for_anybody,
    needs,
    own_page,
)
from handlers.web.parts import Parts, WebParts
from storage import sign_in, staff
from storage.sign_in import Asking, Entered
from storage.staff import SESSION_LIFE, Place
from storage.transaction import Tx

outside = APIRouter(prefix=PREFIX, route_class=ConsoleRoute, include_in_schema=False)
inside = desk_router()
LONGEST_TOKEN = 200
OF_THE_DESK = re.compile(r"/console(/[\w./-]*)?(\?[\w.=&%-]*)?")
"""Where somebody may be sent on to: a page of our own and nothing else."""
DEVICE_COOKIE = "lianxin_desk_device"
DEVICE_LIFE = 400 * 24 * 3600
"""The longest a browser keeps a cookie."""


@outside.get("/sign-in", dependencies=[for_anybody()])
async def explain(request: Request) -> Response:
    """How to get in, for whoever is not."""
    return _door(request)


def _door(
    request: Request, *, status: int = 200, trouble: str = "", minutes: int = 0, name: str = "", to: str = ""
) -> Response:
    values = {"trouble": trouble, "minutes": minutes, "name": name, "to": to}
    return console_of(request).plain(request, "console/sign_in.html", status=status, **values)


@outside.post("/sign-in", dependencies=[for_anybody(), Depends(own_page)])
async def with_password(request: Request, parts: Parts) -> Response:
    """Name, password and a code; after too many failures nothing is even compared for a while."""
    fields = await fields_of(request)
    name, password, code = (fields.get(key, "")[:LONGEST_TOKEN] for key in ("name", "password", "code"))
    to = onward(fields)
    asking = Asking(name, place_of(request), request.cookies.get(DEVICE_COOKIE, "")[:LONGEST_TOKEN])
    found = await parts.storage.read(sign_in.look, asking)
    if found.wait is not None:
        left = found.wait - parts.storage.clock()
        response = _door(request, status=429, trouble="wait", minutes=-(-left.seconds // 60), name=name, to=to)
        response.headers["Retry-After"] = str(left.seconds + 1)
        return response
    right = await console_of(request).passwords.right(found.password_hash, password)
    entered = await parts.storage.run(sign_in.enter, asking, right=right, code=code, seal=parts.seal)
    if entered is None:
        return _door(request, status=403, trouble="wrong", name=name, to=to)
    return welcome(parts, entered, to)


@outside.get("/enter", dependencies=[for_anybody()])
async def door(request: Request, parts: Parts, token: str = "") -> Response:
    """A button, and nothing else happens yet."""
    state = await parts.storage.read(staff.look_at_link, token[:LONGEST_TOKEN])
    status = 200 if state == "good" else 410 if state in ("used", "expired") else 404
    return console_of(request).plain(request, "console/enter.html", status=status, state=state, token=token)


@outside.post("/enter", dependencies=[for_anybody(), Depends(own_page)])
async def enter(request: Request, parts: Parts) -> Response:
    """Use the link, and begin a session."""
    fields = await fields_of(request)
    token = fields.get("token", "")[:LONGEST_TOKEN]
    device = request.cookies.get(DEVICE_COOKIE, "")[:LONGEST_TOKEN]
    entered = await parts.storage.run(_enter, token, place=place_of(request), device=device)
    if entered is None:
        return RedirectResponse(SIGN_IN, 303) if not token else await door(request, parts, token)
    return welcome(parts, entered, onward(fields))


def onward(fields: Mapping[str, str]) -> str:
    """The page somebody was on when their session ran out, or the desk."""
    to = fields.get("to", "")
    return to if len(to) < 300 and OF_THE_DESK.fullmatch(to) else "/console"


def _enter(tx: Tx, token: str, *, place: Place, device: str) -> Entered | None:
    session = staff.enter(tx, token, place)
    signed = staff.signed_in(tx, session) if session else None
    if session is None or signed is None:
        return None
    return Entered(session, sign_in.remember(tx, signed.member.id, device))


def welcome(parts: WebParts, entered: Entered, to: str = "/console") -> Response:
    """On to the desk, with the session's cookie and the one this browser is known by."""
    response = RedirectResponse(to, 303)
    lives = ((COOKIE, entered.session, int(SESSION_LIFE.total_seconds())), (DEVICE_COOKIE, entered.device, DEVICE_LIFE))
    for name, value, life in lives:
        response.set_cookie(
            name, value, max_age=life, path=COOKIE_PATH, httponly=True, samesite="lax", secure=parts.secure
        )
    return response


@inside.post("/sign-out", dependencies=[needs("own", "act")])
async def sign_out(form: Posted, parts: Parts) -> Response:
    await parts.storage.run(staff.leave, form.signed.session)
    response = RedirectResponse(SIGN_IN, 303)
    response.delete_cookie(COOKIE, path=COOKIE_PATH)
    return response
