"""Buildings, units (单元) and flats of a community: entered in bulk with a look at what that makes, renamed, retired."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from handlers.web.console.community_facts import Wrong, whole
from handlers.web.console.community_routes import community_response
from handlers.web.console.desk_pages import console_of
from handlers.web.console.estate_routes import HERE, Id, attempted
from handlers.web.console.gates import Act, Colleague, Form, desk_router, needs
from handlers.web.parts import Parts
from knowledge import building_plan
from knowledge.building_plan import Plan, Unreadable
from storage import estates, houses
from storage.staff import Signed
from storage.transaction import Tx

LONGEST = 2000
router = desk_router("/communities")


@router.post("/{id}/buildings", dependencies=[needs("community", "act")])
async def add(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """First what it would make, then, asked once more, that."""
    text = form.text("plan", longest=LONGEST)
    try:
        plans = building_plan.read(text)
    except Unreadable as error:
        said: dict[str, Any] = {"trouble": error.why, "what": error.what, "line": error.line, "status": 422}
        return await community_response(request, form.signed, id, typed=form.fields, **said)
    if not plans:
        said = {"trouble": "plan_names", "line": 1, "status": 422}
        return await community_response(request, form.signed, id, typed=form.fields, **said)
    if form.fields.get("sure") != "1":
        return await community_response(request, form.signed, id, typed=form.fields, plan=_made(plans))
    _, trouble = await attempted(parts, lambda tx: houses.add(tx, id, plans, by=form.staff_id))
    if trouble:
        trouble["trouble"] = f"building_{trouble['trouble']}"
        return await community_response(request, form.signed, id, typed=form.fields, **trouble)
    return RedirectResponse(_next(form, id), 303)


def _made(plans: list[Plan]) -> dict[str, Any]:
    return {"lines": plans, "flats": sum(one.flats for one in plans), "buildings": sum(len(one.names) for one in plans)}


def _next(form: Form, id: int) -> str:
    """Whoever came from the first steps goes back there."""
    return "/console/first-steps" if form.fields.get("steps") == "1" else f"{HERE}/{id}?done=1#buildings"


@router.get("/{id}/buildings/{building}", dependencies=[needs("community", "see")])
async def show(request: Request, id: Id, building: Id, colleague: Colleague) -> Response:
    return await building_response(request, colleague, id, building)


async def building_response(
    request: Request, signed: Signed, id: int, building: int, *, status: int = 200, **more: Any
) -> Response:
    console = console_of(request)
    found = await console.parts.storage.read(_look, id, building, request.query_params.get("unit", ""))
    values = {**found, "trouble": "", "what": "", "done": request.query_params.get("done") == "1", **more}
    return await console.page(request, signed, "console/building.html", status=status, **values)


def _look(tx: Tx, id: int, building: int, unit: str) -> dict[str, Any]:
    row, units = houses.one(tx, building, id), estates.flats_of(tx, building)
    chosen = next((one[0] for one in units if one[0] == unit), units[0][0] if units else "")
    return {
        "row": row,
        "community": estates.row_of(tx, id)[0],
        "units": units,
        "unit": chosen,
        "flats": houses.flats_in(tx, building, chosen),
        "hanging": estates.hanging_on_building(tx, str(row["name"])),
    }


async def _did(
    request: Request, form: Form, parts: Parts, place: tuple[int, int], change: Any, where: str = ""
) -> Response:
    _, trouble = await attempted(parts, change)
    if trouble:
        return await building_response(request, form.signed, *place, **trouble)
    return RedirectResponse(where or f"{HERE}/{place[0]}/buildings/{place[1]}?done=1", 303)


@router.post("/{id}/buildings/{building}/rename", dependencies=[needs("community", "act")])
async def rename(request: Request, id: Id, building: Id, form: Act, parts: Parts) -> Response:
    name = building_plan.name_of(form.text("name", longest=20)) or ""

    def change(tx: Tx) -> None:
        if not name:
            raise ValueError("no name")
        houses.rename(tx, building, id, by=form.staff_id, name=name)

    return await _did(request, form, parts, (id, building), change)


@router.post("/{id}/buildings/{building}/retire", dependencies=[needs("community", "act")])
async def retire(request: Request, id: Id, building: Id, form: Act, parts: Parts) -> Response:
    if form.fields.get("back") == "1":
        return await _did(
            request, form, parts, (id, building), lambda tx: houses.back(tx, building, id, by=form.staff_id)
        )
    there = f"{HERE}/{id}?done=1#buildings"
    return await _did(
        request, form, parts, (id, building), lambda tx: houses.retire(tx, building, id, by=form.staff_id), there
    )


@router.post("/{id}/buildings/{building}/units", dependencies=[needs("community", "act")])
async def rename_unit(request: Request, id: Id, building: Id, form: Act, parts: Parts) -> Response:
    given = {"old": form.text("unit", longest=8), "new": form.text("name", longest=8)}
    change = lambda tx: houses.rename_unit(tx, building, id, by=form.staff_id, **given)  # noqa: E731
    return await _did(request, form, parts, (id, building), change)


@router.post("/{id}/buildings/{building}/flats", dependencies=[needs("community", "act")])
async def flats(request: Request, id: Id, building: Id, form: Act, parts: Parts) -> Response:
    """One more flat, one out of use, or a whole unit out of use."""
    who: dict[str, Any] = {"by": form.staff_id, "unit": form.text("unit", longest=8)}
    room = form.text("room", longest=8)
    if form.fields.get("out"):
        change: Any = lambda tx: houses.retire_flats(tx, building, id, room=room or None, **who)  # noqa: E731
        return await _did(request, form, parts, (id, building), change)
    try:
        floor = whole(form, "floor")
    except Wrong as error:
        return await building_response(request, form.signed, id, building, status=422, trouble="field", what=str(error))
    change = lambda tx: houses.add_flat(tx, building, id, room=room, floor=floor or 0, **who)  # noqa: E731
    return await _did(request, form, parts, (id, building), change)
