"""Colleagues, for admins: who works here, adding somebody, a fresh sign-in link, taking somebody's way in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, ConsoleRoute, Stop, needs
from handlers.web.parts import Parts
from storage import staff
from storage.staff import MayNot, Signed
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]


def admin_only(colleague: Colleague) -> None:
    if colleague.member.role != "admin":
        raise MayNot


router = APIRouter(prefix="/staff", route_class=ConsoleRoute, dependencies=[Depends(admin_only)])


@router.get("", dependencies=[needs("staff", "see")])
async def show(request: Request, colleague: Colleague) -> Response:
    return await staff_response(request, colleague)


async def staff_response(
    request: Request, signed: Signed, *, status: int = 200, trouble: str = "", link: str = "", whose: str = ""
) -> Response:
    members = await console_of(request).parts.storage.read(staff.everyone)
    values = {"members": members, "roles": staff.ROLES, "trouble": trouble, "link": link, "whose": whose}
    return await console_of(request).page(request, signed, "console/staff.html", status=status, **values)


@router.post("/add", dependencies=[needs("staff", "act")])
async def add(request: Request, form: Act, parts: Parts) -> Response:
    name, role = form.text("name", longest=40), form.fields.get("role", "")
    try:
        await parts.storage.run(_add, staff_id=form.staff_id, name=name, role=role)
    except ValueError:
        return await staff_response(request, form.signed, status=422, trouble="bad_name")
    return RedirectResponse("/console/staff", 303)


def _add(tx: Tx, *, staff_id: int, name: str, role: str) -> int:
    _admin(tx, staff_id)
    added = staff.add(tx, name=name, role=role)
    staff.note(tx, staff_id, "add_staff", str(added), role=role)
    return added


@router.post("/{id}/link", dependencies=[needs("staff", "act")])
async def link(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """A fresh link, shown once; earlier ones are void."""
    member = await parts.storage.read(staff.get, id)
    if member is None or member.disabled_at is not None:
        raise Stop(404, "not_found")
    token = await parts.storage.run(_link, staff_id=form.staff_id, member_id=id)
    base = parts.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    address = f"{base}/console/enter?token={token}"
    return await staff_response(request, form.signed, link=address, whose=member.name)


def _link(tx: Tx, *, staff_id: int, member_id: int) -> str:
    _admin(tx, staff_id)
    staff.note(tx, staff_id, "make_link", str(member_id))
    return staff.make_link(tx, member_id)


@router.post("/{id}/disable", dependencies=[needs("staff", "act")])
async def disable(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    if id == form.staff_id:
        return await staff_response(request, form.signed, status=409, trouble="not_yourself")
    await parts.storage.run(_disable, staff_id=form.staff_id, member_id=id)
    return RedirectResponse("/console/staff", 303)


def _disable(tx: Tx, *, staff_id: int, member_id: int) -> None:
    _admin(tx, staff_id)
    if staff.disable(tx, member_id):
        staff.note(tx, staff_id, "disable_staff", str(member_id))


def _admin(tx: Tx, staff_id: int) -> None:
    if staff.actor(tx, staff_id).role != "admin":
        raise MayNot
