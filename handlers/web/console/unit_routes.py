"""Units (承办单位): who tickets can be given to, how each is reached, who of it works here. Admins change them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, Form, Stop, desk_router, needs
from handlers.web.parts import Parts, WebParts
from storage import staff, units
from storage.access import member_for
from storage.staff import Signed
from storage.transaction import Tx
from storage.units import StillBusy, Unit

Id = Annotated[int, Path(ge=1, le=LARGEST)]
HERE = "/console/units"
LONGEST = {"zh": 40, "en": 60, "phone": 40, "contact": 200}
router = desk_router("/units")


@router.get("", dependencies=[needs("unit", "see")])
async def show(request: Request, colleague: Colleague) -> Response:
    return await units_response(request, colleague)


async def units_response(request: Request, signed: Signed, *, status: int = 200, trouble: str = "") -> Response:
    found, members = await console_of(request).parts.storage.read(_look)
    values: dict[str, Any] = {"lines": found, "members": members, "trouble": trouble}
    return await console_of(request).page(request, signed, "console/units.html", status=status, **values)


def _look(tx: Tx) -> tuple[list[Unit], dict[int, list[str]]]:
    found: dict[int, list[str]] = {}
    for member in staff.everyone(tx):
        if member.unit_id is not None and member.disabled_at is None:
            found.setdefault(member.unit_id, []).append(member.name)
    return units.listed(tx, ended=True), found


@router.post("/add", dependencies=[needs("unit", "act")])
async def add(request: Request, form: Act, parts: Parts) -> Response:
    return await _changed(request, parts, form, lambda tx: units.add(tx, by=form.staff_id, **_given(form)))


@router.post("/{id}/change", dependencies=[needs("unit", "act")])
async def change(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    return await _changed(request, parts, form, lambda tx: units.change(tx, id, by=form.staff_id, **_given(form)))


@router.post("/{id}/end", dependencies=[needs("unit", "act")])
async def end(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    ended = form.fields.get("again") != "1"
    return await _changed(request, parts, form, lambda tx: units.end(tx, id, by=form.staff_id, ended=ended))


def _given(form: Form) -> dict[str, Any]:
    found: dict[str, Any] = {name: form.text(name, longest=longest) for name, longest in LONGEST.items()}
    return found | {"house": form.fields.get("house") == "1"}


async def _changed(request: Request, parts: WebParts, form: Form, change: Callable[[Tx], object]) -> Response:
    def guarded(tx: Tx) -> None:
        member_for(tx, form.staff_id, "unit", "act")
        change(tx)

    try:
        await parts.storage.run(guarded)
    except LookupError as error:
        raise Stop(404, "not_found") from error
    except StillBusy:
        return await units_response(request, form.signed, status=409, trouble="busy")
    except ValueError:
        return await units_response(request, form.signed, status=422, trouble="bad_name")
    return RedirectResponse(HERE, 303)
