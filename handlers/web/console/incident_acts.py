"""What staff do with an incident: tickets join and leave it, all are answered at once, it is closed."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from sqlalchemy import RowMapping, select
from starlette.responses import RedirectResponse, Response

from handlers import incident_words
from handlers.web.console.bulk_routes import picked_in
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Form, Posted, Stop, desk_router, needs
from handlers.web.console.incident_forms import LONGEST_TEXT, Unfit, fit
from handlers.web.console.incident_routes import HERE, Id, incident_response, join_and_tell
from handlers.web.console.ticket_routes import ticket_response
from handlers.web.parts import Parts, WebParts
from knowledge.life import Refusal
from storage import incident_telling, incidents
from storage.desk_acts import Conflict, Done
from storage.incident_telling import ANSWERS
from storage.stepping_aside import open_to
from storage.tables import tickets
from storage.transaction import Tx

ACT = needs("incident", "act")
router = desk_router("/incidents")


@router.post("/{id}/answer", dependencies=[ACT])
async def answer(request: Request, id: Id, form: Posted, parts: Parts) -> Response:
    """One answer to all; ``finish`` asks each for their verdict."""
    action, text = form.fields.get("action", ""), form.text(longest=LONGEST_TEXT)
    text_en = form.text("text_en", longest=LONGEST_TEXT)
    if action not in ANSWERS:
        raise Stop(422, "bad_form")
    typed = {"text": text, "text_en": text_en, "action": action}
    if not text:
        return await incident_response(request, form.signed, id, status=422, trouble="no_text", **typed)
    await parts.storage.read(incidents.access_incident, id, staff_id=form.staff_id, act="act")
    try:
        fit(form, await parts.storage.read(incident_telling.reporters, id), text, text_en)
    except Unfit as unfit:
        told = {"trouble": unfit.code, "found": unfit.found}
        return await incident_response(request, form.signed, id, status=422, **typed, **told)
    said: dict[str, Any] = {"action": action, "text": text, "text_en": text_en or None}
    said |= {"revision": form.number("revision"), "staff_id": form.staff_id}
    make = incident_words.answered(console_of(request).residents)
    return await _shown(
        request, form, id, await parts.storage.run(incident_telling.answer, id, make=make, **said), **typed
    )


@router.post("/{id}/known", dependencies=[ACT])
async def known(request: Request, id: Id, form: Posted, parts: Parts) -> Response:
    """What whoever reports it next is told at once."""
    await parts.storage.read(incidents.access_incident, id, staff_id=form.staff_id, act="act")
    said = {"known": form.text("known", longest=LONGEST_TEXT), "known_en": form.text("known_en", longest=LONGEST_TEXT)}
    try:
        fit(form, await parts.storage.read(incident_telling.reporters, id), *said.values())
    except Unfit as unfit:
        return await incident_response(request, form.signed, id, status=422, trouble=unfit.code, found=unfit.found)
    kept: dict[str, Any] = {name: text or None for name, text in said.items()}
    who: dict[str, Any] = {"staff_id": form.staff_id, "revision": form.number("revision")}
    return await _shown(request, form, id, await parts.storage.run(incidents.say_known, id, **kept, **who))


@router.post("/{id}/close", dependencies=[ACT])
async def close(request: Request, id: Id, form: Posted, parts: Parts) -> Response:
    who: dict[str, Any] = {"staff_id": form.staff_id, "revision": form.number("revision")}
    return await _shown(request, form, id, await parts.storage.run(incidents.close, id, **who))


@router.post("/{id}/reopen", dependencies=[ACT])
async def reopen(request: Request, id: Id, form: Posted, parts: Parts) -> Response:
    who: dict[str, Any] = {"staff_id": form.staff_id, "revision": form.number("revision")}
    return await _shown(request, form, id, await parts.storage.run(incidents.reopen, id, **who))


async def _shown(request: Request, form: Form, id: int, result: Done | Conflict | Refusal, **typed: str) -> Response:
    if isinstance(result, Done):
        return RedirectResponse(f"{HERE}/{id}?done={request.url.path.rsplit('/', 1)[-1]}", 303)
    trouble, why = ("conflict", "") if isinstance(result, Conflict) else ("refused", f"{result.zh}\n{result.en}")
    return await incident_response(request, form.signed, id, status=409, trouble=trouble, why=why, **typed)


# --- tickets come and go ----------------------------------------------------------------------------------------------
@router.post("/{id}/join", dependencies=[ACT])
async def join(request: Request, id: Id, form: Posted, parts: Parts) -> Response:
    """Every ticket that was picked, each by itself: one that cannot is told of and holds up no other."""
    make = incident_words.answered(console_of(request).residents)
    refused: list[Refusal] = []
    for number in sorted(picked_in(form)):
        ticket = await _ticket(parts, form, number)
        try:
            result = await parts.storage.run(join_and_tell, id, int(ticket["id"]), staff_id=form.staff_id, make=make)
        except LookupError as gone:
            raise Stop(404, "no_ticket") from gone
        refused += [result] if isinstance(result, Refusal) else []
    if not picked_in(form):
        return await incident_response(request, form.signed, id, status=422, trouble="none_picked")
    return await _back(request, form, parts, id, "join", refused)


@router.post("/{id}/leave", dependencies=[ACT])
async def leave(request: Request, id: Id, form: Posted, parts: Parts) -> Response:
    ticket = await _ticket(parts, form, form.fields.get("number", ""))
    await parts.storage.run(incidents.leave, id, int(ticket["id"]), staff_id=form.staff_id)
    return await _back(request, form, parts, id, "leave", [])


@router.post("/{id}/not", dependencies=[ACT])
async def decline(request: Request, id: Id, form: Posted, parts: Parts) -> Response:
    """It is another matter: it is not suggested to this incident again."""
    ticket = await _ticket(parts, form, form.fields.get("number", ""))
    await parts.storage.run(incidents.decline, id, int(ticket["id"]), staff_id=form.staff_id)
    return await _back(request, form, parts, id, "not", [])


async def _ticket(parts: WebParts, form: Form, number: str) -> RowMapping:
    row = await parts.storage.read(_reached, number, staff_id=form.staff_id)
    if row is None:
        raise Stop(404, "no_ticket")
    return row


def _reached(tx: Tx, number: str, *, staff_id: int) -> RowMapping | None:
    return tx.first(select(tickets).where(tickets.c.number == number, open_to(staff_id)))


async def _back(request: Request, form: Form, parts: WebParts, id: int, done: str, refused: list[Refusal]) -> Response:
    """To the page it was pressed on: the ticket's, or the incident's."""
    number = form.fields.get("back", "")
    if refused:
        told: dict[str, Any] = {"status": 409, "trouble": "refused", "why": f"{refused[0].zh}\n{refused[0].en}"}
        if number:
            return await ticket_response(request, form.signed, number, **told)
        return await incident_response(request, form.signed, id, **told)
    if number:
        await _ticket(parts, form, number)
        return RedirectResponse(f"/console/tickets/{number}?done=incident_{done}", 303)
    return RedirectResponse(f"{HERE}/{id}?done={done}", 303)
