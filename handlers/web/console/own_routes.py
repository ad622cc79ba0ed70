"""One's own way in: password, second factor, recovery codes, and where one is signed in.

Changing any of it asks who it is once more: by the present password, or by having come in lately by a one-time link.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.console.desk_pages import console_of, place_of
from handlers.web.console.gates import Colleague, Posted, Stop, desk_router, needs
from handlers.web.console.poster_routes import qr
from handlers.web.console.proving import prove
from handlers.web.console.sign_in import welcome
from handlers.web.parts import Parts
from knowledge import signing_in
from storage import own_sign_in, sessions, sign_in, staff_telegram
from storage.own_sign_in import OwnSignIn
from storage.sessions import KEY, Session
from storage.sign_in import Entered
from storage.staff import Place, Signed
from storage.transaction import Tx

HERE = "/console/own"
Key = Annotated[str, Path(pattern=rf"^[0-9a-f]{{{KEY}}}$")]
router = desk_router("/own")


@router.get("", dependencies=[needs("own", "see")])
async def show(request: Request, colleague: Colleague) -> Response:
    return await own_response(request, colleague)


async def own_response(
    request: Request,
    signed: Signed,
    *,
    status: int = 200,
    trouble: str = "",
    codes: list[str] | None = None,
    proved: bool = False,
    door: object = None,
) -> Response:
    """The page; ``codes`` and the ``door`` to Telegram are shown this once, and a secret only to whoever has just
    ``proved`` who they are."""
    own, open_sessions, fresh = await console_of(request).parts.storage.read(_look, signed)
    shown = console_of(request).parts.seal.open(own.secret) if fresh or proved else None
    address = signing_in.factor_address(shown, signed.member.name) if shown else ""
    values: dict[str, Any] = {
        "mine": own,
        "sessions": open_sessions,
        "fresh": fresh,
        "codes": codes,
        "trouble": trouble,
    }
    parts = console_of(request).parts
    values |= {"door": door, "telegram": await parts.storage.read(staff_telegram.of_staff, signed.member.id)}
    values["bot"] = await parts.telegram()
    values |= {"code": qr(address) if address else None, "secret": shown, "least": signing_in.shipped().least}
    return await console_of(request).page(request, signed, "console/own.html", status=status, **values)


def _look(tx: Tx, signed: Signed) -> tuple[OwnSignIn, list[Session], bool]:
    staff_id = signed.member.id
    return own_sign_in.state(tx, staff_id), sessions.listed(tx, staff_id), sessions.fresh(tx, signed.session)


@router.post("/password", dependencies=[needs("own", "act")])
async def set_password(request: Request, form: Posted, parts: Parts) -> Response:
    """A new password; every session ends, and this browser begins a new one."""
    await prove(request, form)
    password, rules = form.fields.get("password", ""), signing_in.shipped()
    weak: str | None = rules.weak(password, form.signed.member.name)
    if weak is None and password != form.fields.get("again", ""):
        weak = "again"
    if weak is not None:
        return await own_response(request, form.signed, status=422, trouble=f"weak_{weak}")
    hashed = await console_of(request).passwords.hashed(password)
    entered = await parts.storage.run(_set, form.signed, hashed, place=place_of(request))
    return welcome(parts, entered, HERE)


def _set(tx: Tx, signed: Signed, hashed: str, *, place: Place) -> Entered:
    how = "link" if sessions.fresh(tx, signed.session) else "password"
    session = own_sign_in.set_password(tx, signed.member.id, hashed, place=place, how=how)
    return Entered(session, sign_in.remember(tx, signed.member.id, ""))


@router.post("/factor", dependencies=[needs("own", "act")])
async def begin_factor(request: Request, form: Posted, parts: Parts) -> Response:
    await prove(request, form)
    await parts.storage.run(own_sign_in.begin_factor, form.staff_id, seal=parts.seal)
    return await own_response(request, form.signed, proved=True)


@router.post("/factor/confirm", dependencies=[needs("own", "act")])
async def confirm_factor(request: Request, form: Posted, parts: Parts) -> Response:
    """The first code shows that the app has it; then the recovery codes come, once."""
    code = form.fields.get("code", "")[:20]
    codes = await parts.storage.run(own_sign_in.confirm_factor, form.staff_id, code, seal=parts.seal)
    if codes is None:
        return await own_response(request, form.signed, status=422, trouble="wrong_code")
    return await own_response(request, form.signed, codes=codes)


@router.post("/codes", dependencies=[needs("own", "act")])
async def new_codes(request: Request, form: Posted, parts: Parts) -> Response:
    await prove(request, form)
    codes = await parts.storage.run(own_sign_in.new_codes, form.staff_id)
    return await own_response(request, form.signed, codes=codes)


@router.post("/sessions/{key}/end", dependencies=[needs("own", "act")])
async def end_session(key: Key, form: Posted, parts: Parts) -> Response:
    if not await parts.storage.run(sessions.end, form.staff_id, key, by=form.staff_id):
        raise Stop(409, "done_before")
    return RedirectResponse(HERE, 303)


@router.post("/sessions/end-others", dependencies=[needs("own", "act")])
async def end_others(form: Posted, parts: Parts) -> Response:
    await parts.storage.run(sessions.end_all, form.staff_id, by=form.staff_id, but=form.signed.session)
    return RedirectResponse(HERE, 303)
