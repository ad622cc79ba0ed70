"""Ringing back: each try written down, on the page of the call-backs; and going on as a call when they were reached."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST
from handlers.web.console.call_back_routes import another_time, list_response
from handlers.web.console.gates import Act, Posted, Stop, desk_router, needs
from handlers.web.parts import Parts
from storage import calls, ring_backs, ringing
from storage.ring_backs import TRIED
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
router = desk_router("/ring-backs")


@router.post("/{id}", dependencies=[needs("call_back", "act")])
async def tried(request: Request, id: Id, form: Posted, parts: Parts) -> Response:
    outcome = form.fields.get("outcome", "")
    if outcome not in TRIED:
        return await list_response(request, form.signed, status=422, trouble="ring_bad")
    at = another_time(form.fields.get("again_at", ""), parts.storage.clock())
    if outcome == "later" and at is None:
        return await list_response(request, form.signed, status=422, trouble="ring_when")
    given = {"revision": form.number("revision"), "outcome": outcome, "at": at}
    note = form.text("note", longest=500)
    done = await parts.storage.run(ring_backs.tried, id, staff_id=form.staff_id, note=note, **given)  # type: ignore[arg-type]
    if done is None:
        return await list_response(request, form.signed, status=409, trouble="changed")
    return RedirectResponse(f"/console/call-backs?done=ring_{done}", 303)


@router.post("/{id}/ringing", dependencies=[needs("call_back", "act")])
async def ring(request: Request, id: Id, form: Posted, parts: Parts) -> Response:
    """This one I am ringing now: colleagues see it, and ring somebody else."""
    over = form.fields.get("over") == "yes"
    if not await parts.storage.run(_ring, id, staff_id=form.staff_id, over=over):
        return await list_response(request, form.signed, status=409, trouble="ringing")
    return RedirectResponse(f"/console/call-backs?done=ringing#ring-{id}", 303)


def _ring(tx: Tx, id: int, *, staff_id: int, over: bool) -> bool:
    ring_backs.access_line(tx, id, staff_id=staff_id)
    return ringing.begin(tx, ringing.of_ring_back(id), staff_id=staff_id, over=over)


@router.post("/{id}/call", dependencies=[needs("call", "act")])
async def as_call(id: Id, form: Act, parts: Parts) -> Response:
    """Reached: what they say is noted as a call of its own."""
    call_id = await parts.storage.run(_as_call, id, staff_id=form.staff_id, revision=form.number("revision"))
    if call_id is None:
        raise Stop(409, "done_before")
    return RedirectResponse(f"/console/calls/{call_id}", 303)


def _as_call(tx: Tx, id: int, *, staff_id: int, revision: int) -> int | None:
    phone = ring_backs.phone_of(tx, id, staff_id=staff_id)
    if ring_backs.tried(tx, id, staff_id=staff_id, revision=revision, outcome="reached") is None:
        return None
    return calls.begin(tx, staff_id=staff_id, source="phone", number=phone)
