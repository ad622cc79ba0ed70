"""The mediation desk: which case wants what, and one case with its threads side by side, for whoever may see how much."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import console_of
from handlers.web.console.files import Span, looked_at
from handlers.web.console.gates import Act, Colleague, Stop, desk_router, needs
from handlers.web.parts import Parts
from knowledge.places import place
from storage import mediation_board, mediation_desk, staff
from storage.mediation_board import CasePage
from storage.staff import MayNot, Signed
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
HERE = "/console/mediations"
router = desk_router("/mediations")


@router.get("", dependencies=[needs("mediation", "see")])
async def show(request: Request, colleague: Colleague) -> Response:
    return await board_response(request, colleague)


async def board_response(request: Request, signed: Signed, *, status: int = 200, trouble: str = "") -> Response:
    storage = console_of(request).parts.storage
    lines = await storage.read(mediation_board.board, signed.member)
    members: list[staff.Member] = []
    homes: Mapping[int, str] = {}
    if signed.member.role == "admin":
        members = await storage.read(staff.everyone)
        homes = await storage.read(mediation_desk.homes)
    values = {"lines": lines, "members": members, "homes": homes, "trouble": trouble}
    return await console_of(request).page(request, signed, "console/mediations.html", status=status, **values)


@router.get("/{case_id}", dependencies=[needs("mediation", "see")])
async def case(request: Request, case_id: Id, colleague: Colleague, done: str = "") -> Response:
    return await case_response(request, colleague, case_id, done=done)


async def case_response(
    request: Request, signed: Signed, case_id: int, *, status: int = 200, trouble: str = "", **more: str
) -> Response:
    """The page of a case; ``trouble`` is said on top; ``code`` is an invitation's, shown this once."""
    storage = console_of(request).parts.storage
    page, mediators = await storage.run(_look, case_id, signed)
    values: dict[str, Any] = {"done": "", "code": "", "why": "", "text": ""} | more
    values |= {"key": secrets.token_hex(8), "mediators": mediators}
    return await console_of(request).page(
        request, signed, "console/mediation.html", status=status, page=page, case=page.case, trouble=trouble, **values
    )


def _look(tx: Tx, case_id: int, signed: Signed) -> tuple[CasePage, list[staff.Member]]:
    page = mediation_board.look(tx, case_id, signed.member)
    if page is None:
        raise Stop(404, "no_ticket")
    return page, mediation_board.mediators(tx, page.case) if signed.member.role == "admin" else []


@router.get("/{case_id}/files/{blob_id}", dependencies=[needs("mediation", "see")])
async def file(case_id: Id, blob_id: Id, colleague: Colleague, parts: Parts, wanted: Span = "") -> Response:
    blob = await parts.storage.run(mediation_board.file_of, case_id, blob_id, colleague.member)
    return await looked_at(blob, parts.photos, wanted=wanted)


@router.post("/homes", dependencies=[needs("mediation", "name")])
async def home(request: Request, form: Act, parts: Parts) -> Response:
    """Where a colleague lives: they step aside from disputes of their own household."""
    flat = place(form.text("flat", longest=40))
    if flat is None or not flat.building or not flat.room:
        return await board_response(request, form.signed, status=422, trouble="home_flat")
    member_id = form.number("member")
    await parts.storage.run(_home, form.staff_id, member_id, flat.building, flat.unit, flat.room)
    return RedirectResponse(HERE, 303)


def _home(tx: Tx, staff_id: int, member_id: int, building: str, unit: str | None, room: str) -> None:
    if staff.get(tx, member_id) is None:
        raise MayNot
    mediation_desk.set_home(tx, member_id, building=building, unit=unit, room=room)
    staff.note(tx, staff_id, "set_home", str(member_id))
