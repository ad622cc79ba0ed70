"""Colleagues, for admins: who works here and since when they were seen, adding somebody, and one's way in and out.

What somebody has in hand is said before they are shut out; afterwards it is in the queue, and nobody's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from types import MappingProxyType
from typing import Annotated, Any, ParamSpec, cast

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, Form, Stop, desk_router, needs
from handlers.web.console.health_routes import LONGEST_REASON
from handlers.web.console.own_routes import Key
from handlers.web.console.proving import prove
from handlers.web.parts import Parts, WebParts
from storage import colleagues, group_members, handing_work, own_sign_in, scopes, sessions, staff, units
from storage.colleagues import LastAdmin, Whole
from storage.staff import Member, Signed
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
HERE = "/console/staff"
P = ParamSpec("P")
router = desk_router("/staff")


@router.get("", dependencies=[needs("staff", "see")])
async def show(request: Request, colleague: Colleague) -> Response:
    return await staff_response(request, colleague)


async def staff_response(request: Request, signed: Signed, *, status: int = 200, trouble: str = "") -> Response:
    lines = await console_of(request).parts.storage.read(colleagues.listed)
    strangers = await console_of(request).parts.storage.read(group_members.strangers, staff_id=signed.member.id)
    values = {"lines": lines, "roles": staff.ROLES, "trouble": trouble, "strangers": strangers}
    return await console_of(request).page(request, signed, "console/staff.html", status=status, **values)


@router.get("/{id}", dependencies=[needs("staff", "see")])
async def one(request: Request, id: Id, colleague: Colleague) -> Response:
    return await colleague_response(request, colleague, id)


async def colleague_response(
    request: Request,
    signed: Signed,
    id: int,
    *,
    status: int = 200,
    trouble: str = "",
    link: str = "",
    typed: Mapping[str, str] = MappingProxyType({}),
) -> Response:
    """One colleague; ``link`` is shown this once. ``typed``: what was in a form that was refused, but for the password."""
    storage = console_of(request).parts.storage
    found = await storage.read(colleagues.whole, id)
    if found is None:
        raise Stop(404, "not_found")
    values: dict[str, Any] = {"one": found, "roles": staff.ROLES, "subjects": scopes.subjects()}
    values |= {"places": await storage.read(colleagues.places), "trouble": trouble, "link": link, "typed": typed}
    values["units"] = await storage.read(units.listed)
    values["hands"] = [one for one in await storage.read(staff.everyone) if _may_take_over(one, found)]
    values["fresh"] = await storage.read(sessions.fresh, signed.session)
    values["ends"] = f"{HERE}/{id}/sessions/"
    return await console_of(request).page(request, signed, "console/colleague.html", status=status, **values)


def on_the_page(handle: Callable[P, Awaitable[Response]]) -> Callable[P, Awaitable[Response]]:
    """What cannot be is said on the colleague's page, above the form with what was typed; a page of nothing but the error
    would have it typed again."""

    @wraps(handle)
    async def answered(*args: P.args, **given: P.kwargs) -> Response:
        try:
            return await handle(*args, **given)
        except Stop as stop:
            request, id, form = (cast("Any", given[name]) for name in ("request", "id", "form"))
            typed = {"form": request.url.path.rpartition("/")[2], **form.fields}
            trouble = f"refusal.{stop.code}"
            return await colleague_response(request, form.signed, id, status=stop.status, trouble=trouble, typed=typed)

    return answered


def _may_take_over(one: Member, found: Whole) -> bool:
    return one.disabled_at is None and one.may_act and not one.guest and one.id != found.member.id


@router.post("/add", dependencies=[needs("staff", "act")])
async def add(request: Request, form: Act, parts: Parts) -> Response:
    name, role = form.text("name", longest=40), form.fields.get("role", "")
    try:
        added = await parts.storage.run(_add, staff_id=form.staff_id, name=name, role=role)
    except ValueError:
        return await staff_response(request, form.signed, status=422, trouble="bad_name")
    return RedirectResponse(f"{HERE}/{added}", 303)


def _add(tx: Tx, *, staff_id: int, name: str, role: str) -> int:
    colleagues.manages(tx, staff_id)
    added = staff.add(tx, name=name, role=role)
    staff.note(tx, staff_id, "add_staff", str(added), role=role)
    return added


@router.post("/{id}/link", dependencies=[needs("staff", "act")])
@on_the_page
async def link(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """A fresh link, shown once; earlier ones are void."""
    await prove(request, form)
    token = await parts.storage.run(_link, staff_id=form.staff_id, member_id=id)
    return await colleague_response(request, form.signed, id, link=_address(request, parts, token))


def _address(request: Request, parts: WebParts, token: str) -> str:
    base = parts.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    return f"{base}/console/enter?token={token}"


def _link(tx: Tx, *, staff_id: int, member_id: int) -> str:
    _still_here(tx, staff_id, member_id)
    staff.note(tx, staff_id, "make_link", str(member_id))
    return staff.make_link(tx, member_id)


def _still_here(tx: Tx, staff_id: int, member_id: int) -> None:
    colleagues.manages(tx, staff_id)
    member = staff.get(tx, member_id)
    if member is None or member.disabled_at is not None:
        raise Stop(404, "not_found")


@router.post("/{id}/link/cancel", dependencies=[needs("staff", "act")])
async def cancel_link(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    return await _changed(request, parts, form, id, lambda tx: colleagues.cancel_invitation(tx, id, by=form.staff_id))


@router.post("/{id}/reset", dependencies=[needs("staff", "act")])
@on_the_page
async def reset(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Password, authenticator, recovery codes and sessions are gone; the link that is shown once opens anew."""
    _not_oneself(form, id)
    await prove(request, form)
    token = await parts.storage.run(_reset, staff_id=form.staff_id, member_id=id)
    return await colleague_response(request, form.signed, id, link=_address(request, parts, token))


def _reset(tx: Tx, *, staff_id: int, member_id: int) -> str:
    _still_here(tx, staff_id, member_id)
    return own_sign_in.reset(tx, member_id, by=staff_id)


def _not_oneself(form: Form, id: int) -> None:
    if id == form.staff_id:
        raise Stop(409, "not_yourself")


@router.post("/{id}/role", dependencies=[needs("staff", "act")])
@on_the_page
async def change_role(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    role, reason = form.fields.get("role", ""), _reason(form)
    await prove(request, form)

    def changed(tx: Tx) -> None:
        colleagues.change_role(tx, id, role, by=form.staff_id, reason=reason)

    return await _changed(request, parts, form, id, changed)


def _reason(form: Form) -> str:
    reason = form.text("reason", longest=LONGEST_REASON)
    if not reason:
        raise Stop(422, "needs_reason")
    return reason


@router.post("/{id}/unit", dependencies=[needs("staff", "act")])
async def set_unit(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Whom they work for; nothing chosen is the office itself."""
    unit_id = form.number("unit") if form.fields.get("unit") else None
    return await _changed(request, parts, form, id, lambda tx: colleagues.work_for(tx, id, unit_id, by=form.staff_id))


@router.post("/{id}/disable", dependencies=[needs("staff", "act")])
@on_the_page
async def disable(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """They leave: each kind of what they had in hand goes to whom is chosen, else back to the line."""
    _not_oneself(form, id)
    reason = _reason(form)
    await prove(request, form)
    to = {kind: form.number(f"to_{kind}") for kind in handing_work.KINDS if form.fields.get(f"to_{kind}")}

    def changed(tx: Tx) -> None:
        colleagues.disable(tx, id, by=form.staff_id, reason=reason, to=to)

    return await _changed(request, parts, form, id, changed)


@router.post("/{id}/enable", dependencies=[needs("staff", "act")])
async def enable(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    return await _changed(request, parts, form, id, lambda tx: colleagues.enable(tx, id, by=form.staff_id))


@router.post("/{id}/scopes", dependencies=[needs("staff", "act")])
@on_the_page
async def give_scope(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """One more community, building or subject: ``what`` is "community:3", "building:7" or "subject:noise"."""
    kind, _, value = form.fields.get("what", "").partition(":")
    number = int(value) if value.isascii() and value.isdigit() and len(value) < 16 else 0
    given: dict[str, Any] = {"subject": value} if kind == "subject" else {f"{kind}_id": number}
    if kind not in ("community", "building", "subject"):
        raise Stop(422, "bad_form")
    given["reason"] = _reason(form)
    return await _changed(request, parts, form, id, lambda tx: colleagues.give_scope(tx, id, by=form.staff_id, **given))


@router.post("/{id}/scopes/{scope}/take", dependencies=[needs("staff", "act")])
async def take_scope(request: Request, id: Id, scope: Id, form: Act, parts: Parts) -> Response:
    return await _changed(request, parts, form, id, lambda tx: scopes.take(tx, id, scope, by=form.staff_id))


@router.post("/{id}/sessions/{key}/end", dependencies=[needs("staff", "act")])
async def end_session(request: Request, id: Id, key: Key, form: Act, parts: Parts) -> Response:
    return await _changed(request, parts, form, id, lambda tx: sessions.end(tx, id, key, by=form.staff_id))


@router.post("/{id}/sessions/end-all", dependencies=[needs("staff", "act")])
async def end_sessions(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """All of them; of an admin's own, all but this one."""
    but = form.signed.session if id == form.staff_id else None
    return await _changed(request, parts, form, id, lambda tx: sessions.end_all(tx, id, by=form.staff_id, but=but))


async def _changed(request: Request, parts: WebParts, form: Form, id: int, change: Callable[[Tx], object]) -> Response:
    def guarded(tx: Tx) -> None:
        colleagues.manages(tx, form.staff_id)
        change(tx)

    try:
        await parts.storage.run(guarded)
    except LastAdmin:
        return await colleague_response(request, form.signed, id, status=409, trouble="last_admin")
    except LookupError as error:
        raise Stop(404, "not_found") from error
    except ValueError as error:
        raise Stop(422, "bad_form") from error
    return RedirectResponse(f"{HERE}/{id}", 303)
