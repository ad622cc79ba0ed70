"""From a call to what is known already: look, read out how it stands, add to it, confirm solved or not."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from handlers import ticket_notices
from handlers.outcome import speak
from handlers.texts.catalogue import Catalogue
from handlers.web.console.call_back_routes import LONGEST_REASON
from handlers.web.console.call_keeping import kept_of
from handlers.web.console.call_pages import call_response, wanted_of
from handlers.web.console.call_routes import ACT, Id
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Stop, desk_router
from handlers.web.parts import Parts
from knowledge.closing import Verdict
from knowledge.life import Refusal
from storage import call_filing, call_list, call_lookup
from storage.access import NotThere
from storage.call_list import Called
from storage.transaction import Tx

router = desk_router("/calls/{id}")


@router.post("/look", dependencies=[ACT])
async def look(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Who has called before, and about what: each look is kept."""
    call, note = await kept_of(request, id, form)
    number, at = wanted_of(note, call)
    given: dict[str, Any] = {"key": call_lookup.key_of(number, at, note.find), "how": call_lookup.by(note.find)}
    await parts.storage.run(call_lookup.look, id, staff_id=form.staff_id, **given)
    return RedirectResponse(f"/console/calls/{id}", 303)


@router.post("/add", dependencies=[ACT])
async def add(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """What they said belongs to a ticket that is open."""
    call, note = await kept_of(request, id, form)
    number = form.text("to", longest=24)
    if not note.words:
        return await call_response(request, form.signed, id, status=422, trouble="words", typed=note)
    given: dict[str, Any] = {"revision": call.revision, "words": note.words}
    try:
        done = await parts.storage.run(call_filing.add_to, id, number, staff_id=form.staff_id, **given)
    except NotThere as error:
        raise Stop(404, "no_ticket") from error
    if not done:
        return await call_response(request, form.signed, id, status=409, trouble="over", typed=note)
    return RedirectResponse(f"/console/tickets/{number}?done=added_call", 303)


@router.post("/told", dependencies=[ACT])
async def told(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """They asked how it stands, and it was read out."""
    call, _ = await kept_of(request, id, form)
    number = form.text("to", longest=24)
    try:
        done = await parts.storage.run(call_lookup.told, id, number, staff_id=form.staff_id, revision=call.revision)
    except NotThere as error:
        raise Stop(404, "no_ticket") from error
    if not done:
        raise Stop(409, "call_gone")
    return RedirectResponse("/console/calls?done=answered", 303)


@router.post("/solved", dependencies=[ACT])
@router.post("/not-solved", dependencies=[ACT])
async def judge(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Their word on what was done; what they said of it is the reason it is done again (WO-14)."""
    call, note = await kept_of(request, id, form)
    number = form.text("to", longest=24)
    solved = Verdict.SOLVED if request.url.path.endswith("/solved") else Verdict.NOT_SOLVED
    said = call_list.Call(contacted=True, solved=solved, reason=note.words[:LONGEST_REASON] or None)
    given: dict[str, Any] = {"revision": call.revision, "call": said, "texts": console_of(request).residents}
    try:
        result = await parts.storage.run(_judge, id, number, staff_id=form.staff_id, **given)
    except LookupError as error:
        raise Stop(404, "no_ticket") from error
    if not isinstance(result, Called):
        trouble = "not_yours_to_judge" if isinstance(result, Refusal) else "over"
        return await call_response(request, form.signed, id, status=409, trouble=trouble, typed=note)
    return RedirectResponse("/console/calls?done=judged", 303)


def _judge(tx: Tx, /, id: int, number: str, *, texts: Catalogue, **given: Any) -> Called | Refusal | None:
    result = call_lookup.judged(tx, id, number, **given)
    if isinstance(result, Called) and result.judged is not None:
        speak(tx, ticket_notices.by_phone(tx, texts, result.judged))
    return result
