"""The register of households at the desk: who is entered behind a door, and recognising a resident in it."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST, storable
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, Form, Stop, desk_router, needs
from handlers.web.parts import Parts
from storage import register

router = desk_router("/register")
HERE = "/console/register"
SEE, ACT = needs("register", "see"), needs("register", "act")
Id = Annotated[int, Path(ge=1, le=LARGEST)]
LONGEST = 16


@router.get("", dependencies=[SEE])
async def show(request: Request, colleague: Colleague, parts: Parts, building: str = "", room: str = "") -> Response:
    building, room = (str(storable(value)).strip()[:LONGEST] for value in (building, room))
    found: list[register.Person] = []
    if building and room:
        found = await parts.storage.run(register.behind, building, room, staff_id=colleague.member.id)
    values: dict[str, Any] = {"building": building, "room": room, "found": found, "longest": register.LONGEST_HOW}
    return await console_of(request).page(request, colleague, "console/register.html", **values)


@router.post("/{id}/recognise", dependencies=[ACT])
async def recognise(id: Id, form: Act, parts: Parts) -> Response:
    how = form.text("how", longest=register.LONGEST_HOW)
    if not how:
        raise Stop(422, "bad_form")
    await parts.storage.run(register.recognise, id, form.number("resident"), by=form.staff_id, how=how)
    return _back(form)


@router.post("/{id}/part", dependencies=[ACT])
async def part(id: Id, form: Act, parts: Parts) -> Response:
    why = form.text("reason", longest=register.LONGEST_HOW)
    if not why:
        raise Stop(422, "bad_form")
    await parts.storage.run(register.part, id, by=form.staff_id, why=why)
    return _back(form)


def _back(form: Form) -> Response:
    door = {name: form.text(name, longest=LONGEST) for name in ("building", "room")}
    return RedirectResponse(f"{HERE}?{urlencode(door)}", 303)
