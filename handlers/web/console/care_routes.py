"""Care notes: read by those named on them and by admins, and every look is kept."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST
from handlers.web.console.alarm_routes import written_care
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, Stop, desk_router, needs
from handlers.web.parts import Parts
from storage import care, staff
from storage.care import Note
from storage.staff import Member, Signed
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
router = desk_router("/care")


@router.get("", dependencies=[needs("care", "see")])
async def mine(request: Request, colleague: Colleague, parts: Parts) -> Response:
    found = await parts.storage.read(care.listed, staff_id=colleague.member.id)
    return await console_of(request).page(request, colleague, "console/care.html", notes=found)


@router.get("/{id}", dependencies=[needs("care", "see")])
async def show(request: Request, id: Id, colleague: Colleague) -> Response:
    return await note_response(request, colleague, id)


async def note_response(request: Request, signed: Signed, id: int, *, status: int = 200, trouble: str = "") -> Response:
    """A note; MayNot, and a line in the audit, for whoever is not named on it."""
    found = await console_of(request).parts.storage.run(_look, id, signed.member.id)
    if found is None:
        raise Stop(404, "no_note")
    if isinstance(found, staff.MayNot):
        raise found
    note, colleagues = found
    return await console_of(request).page(
        request, signed, "console/care_note.html", status=status, note=note, colleagues=colleagues, trouble=trouble
    )


def _look(tx: Tx, id: int, staff_id: int) -> tuple[Note, list[Member]] | staff.MayNot | None:
    """The refusal comes back as a value, so that its line in the audit is kept."""
    try:
        note = care.look(tx, id, staff_id=staff_id)
    except LookupError:
        return None
    except staff.MayNot as refusal:
        return refusal
    return note, [member for member in staff.everyone(tx) if member.may_act]


@router.post("/{id}/add", dependencies=[needs("care", "act")])
async def add(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """A further line; ``close`` when nobody need look again."""
    written = written_care(form, parts.storage.clock())
    if isinstance(written, str):
        return await note_response(request, form.signed, id, status=422, trouble=written)
    close = form.fields.get("close") == "yes"
    try:
        await parts.storage.run(care.add, id, staff_id=form.staff_id, written=written, close=close)
    except LookupError as error:
        raise Stop(422, "bad_form") from error
    return RedirectResponse(f"/console/care/{id}", 303)
