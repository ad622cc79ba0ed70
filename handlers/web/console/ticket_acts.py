"""The steps staff take on a ticket."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.console.answering import aids_in
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import ConsoleRoute, Form, Posted, Stop, needs
from handlers.web.console.step_forms import SILENT, given
from handlers.web.console.step_notices import Step, telling
from handlers.web.console.ticket_routes import Number, ticket_response, to_act_on
from handlers.web.parts import Parts, WebParts
from knowledge import canned
from knowledge.life import Refusal
from storage import answer_aids, desk_acts, units, writing
from storage.answer_aids import Aid
from storage.desk import TicketPage
from storage.desk_acts import Conflict, Done
from storage.transaction import Tx

OWN = ("note", "take")
"""Steps outside the table: they move nothing."""
router = APIRouter(route_class=ConsoleRoute)


@router.post("/tickets/{number}/act", dependencies=[needs("ticket", "act")])
async def take_step(request: Request, number: Number, form: Posted, parts: Parts) -> Response:
    """One step; when somebody was faster, the ticket as it is now, with what was typed still there."""
    action = form.fields.get("action", "")
    page = await to_act_on(parts, number, form, watching=action in desk_acts.WATCHED)
    if not action:
        return await _again(request, form, number, "", 422, "no_step")
    if action not in (*desk_acts.STEPS, *OWN):
        raise Stop(422, "bad_form")
    text = _text(form, page, action)
    if text == "" and action not in SILENT:
        return await _again(request, form, number, action, 422, "no_text")
    if action != "note" and (blanks := canned.gaps(text)):
        return await _again(request, form, number, action, 422, "gap", why="、".join(blanks))
    result = await _carry_out(request, parts, form, page, action, text or None)
    if isinstance(result, Done):
        return RedirectResponse(f"/console/tickets/{number}?done={action}", 303)
    return await _not_done(request, form, number, result, action)


def _text(form: Form, page: TicketPage, action: str) -> str:
    """What was written; a check that says nothing of its own passes on what was fed back."""
    text = "" if action in ("accept", "take") else form.text()
    if action == "check" and not text:
        text = next((event.note for event in reversed(page.events) if event.action == "feed_back"), None) or ""
    return text


async def _carry_out(
    request: Request, parts: WebParts, form: Form, page: TicketPage, action: str, text: str | None
) -> Done | Conflict | Refusal:
    ticket_id, run = int(page.ticket["id"]), parts.storage.run
    if action == "note":
        done: Done = await run(desk_acts.add_note, ticket_id, staff_id=form.staff_id, text=text or "")
        return done
    if action == "take":
        revision = form.number("revision")
        return await run(desk_acts.take, ticket_id, staff_id=form.staff_id, revision=revision)
    chosen = given(form)
    unit = await parts.storage.read(units.get, chosen.unit_id or page.ticket["lead_unit_id"])
    step = Step(page.ticket, action, text or "", chosen, unit)
    result: Done | Conflict | Refusal = await run(
        _sent,
        desk_acts.act,
        ticket_id,
        staff_id=form.staff_id,
        action=action,
        revision=form.number("revision"),
        text=text,
        tell=telling(console_of(request), step, parts.storage.clock()),
        given=chosen,
        aids=aids_in(form.fields.get("aids", ""), text or ""),
    )
    return result


def _sent(
    tx: Tx, /, unit: Callable[..., Any], ticket_id: int, *, staff_id: int, aids: Sequence[tuple[Aid, str]], **given: Any
) -> Any:
    """The unit of work; with the words it sent goes their draft, and what helped to write them is kept."""
    result = unit(tx, ticket_id, staff_id=staff_id, **given)
    if isinstance(result, Done) and given["text"] is not None:
        writing.drop(tx, ticket_id, staff_id=staff_id)
        if not result.again:
            answer_aids.of_the_last(tx, ticket_id, aids, staff_id=staff_id)
    return result


async def _not_done(request: Request, form: Form, number: str, result: Conflict | Refusal, action: str) -> Response:
    if isinstance(result, Conflict):
        return await _again(request, form, number, action, 409, "conflict")
    status = {"role": 403, "order": 409, "over": 409, "same": 409, "party": 409}.get(result.kind, 422)
    trouble = "owed" if status == 422 else "refused"
    return await _again(request, form, number, action, status, trouble, why=f"{result.zh}\n{result.en}")


async def _again(
    request: Request, form: Form, number: str, action: str, status: int, trouble: str, why: str = ""
) -> Response:
    """The page once more, with all that was typed and chosen."""
    typed: dict[str, Any] = {name: form.fields.get(name, "") for name in ("until", "said_by", "unit", "reason", "aids")}
    typed |= {"text": form.fields.get("text", ""), "action": action, "why": why}
    return await ticket_response(request, form.signed, number, status=status, trouble=trouble, **typed)
