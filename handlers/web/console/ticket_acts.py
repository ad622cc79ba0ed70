"""The steps staff take on a ticket."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from handlers import taking_steps
from handlers.taking_steps import Result, Taking
from handlers.web.console.answering import aids_in
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Form, Posted, Stop, desk_router, needs
from handlers.web.console.step_forms import given
from handlers.web.console.ticket_routes import Number, ticket_response, to_act_on
from handlers.web.parts import Parts, WebParts
from knowledge.life import Refusal
from storage import desk_acts
from storage.desk import TicketPage
from storage.desk_acts import Conflict, Done

router = desk_router()


@router.post("/tickets/{number}/act", dependencies=[needs("ticket", "act")])
async def take_step(request: Request, number: Number, form: Posted, parts: Parts) -> Response:
    """One step; when somebody was faster, the ticket as it is now, with what was typed still there."""
    action = form.fields.get("action", "")
    page = await to_act_on(parts, number, form, watching=action in desk_acts.WATCHED)
    if not action:
        return await _again(request, form, number, "", 422, "no_step")
    text = _text(form, page, action)
    if (missing := taking_steps.owed(action, text)) is not None:
        if missing.code == "no_step":
            raise Stop(422, "bad_form")
        return await _again(request, form, number, action, 422, missing.code, why=missing.blanks)
    result = await _carry_out(request, parts, form, page, action, text)
    if isinstance(result, Done):
        return RedirectResponse(f"/console/tickets/{number}?done={action}", 303)
    return await _not_done(request, form, number, result, action)


def _text(form: Form, page: TicketPage, action: str) -> str:
    """What was written; a check that says nothing of its own passes on what was fed back."""
    text = "" if action in ("accept", "take") else form.text()
    if action == "check" and not text:
        text = next((event.note for event in reversed(page.events) if event.action == "feed_back"), None) or ""
    return text


async def _carry_out(request: Request, parts: WebParts, form: Form, page: TicketPage, action: str, text: str) -> Result:
    taking = Taking(
        ticket=page.ticket,
        action=action,
        revision=form.number("revision") if action != "note" else 0,
        text=text,
        given=given(form),
        aids=aids_in(form.fields.get("aids", ""), text),
    )
    return await parts.storage.run(taking_steps.take_step, taking, console_of(request), staff_id=form.staff_id)


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
