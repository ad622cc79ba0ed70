"""Tickets that concern each other, on a ticket's page: link, merge, undo, "not the same"."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from sqlalchemy import RowMapping, select
from starlette.responses import RedirectResponse, Response

from handlers import incident_words
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Form, Posted, Stop, desk_router, needs
from handlers.web.console.ticket_routes import Number, ticket_response, to_act_on
from handlers.web.parts import Parts, WebParts
from knowledge import ticket_numbers
from knowledge.life import Refusal
from knowledge.likeness import shipped
from storage import folded, linking, merging
from storage.desk_acts import Conflict, Done
from storage.linking import NOT_SAME
from storage.stepping_aside import open_to
from storage.tables import tickets
from storage.transaction import Tx

LONGEST_WHY = 200
router = desk_router()
Result = Done | Conflict | Refusal


@router.post("/tickets/{number}/matter", dependencies=[needs("ticket", "act")])
async def tie(request: Request, number: Number, form: Posted, parts: Parts) -> Response:
    """One press beside another ticket: ``do`` is link, merge or not_same."""
    page = await to_act_on(parts, number, form)
    do, typed = form.fields.get("do", ""), form.fields.get("other", "")
    if do not in ("link", "merge", NOT_SAME) or (do == "link" and form.fields.get("kind") not in shipped().links):
        raise Stop(422, "bad_form")
    other = await parts.storage.read(_reached, typed, staff_id=form.staff_id)
    if other is None:
        return await ticket_response(request, form.signed, number, status=422, trouble="no_such_ticket")
    result = await _carry_out(request, parts, form, do, int(page.ticket["id"]), int(other["id"]))
    if isinstance(result, Done):
        living = number if do != "merge" else await parts.storage.read(_living, int(page.ticket["id"]))
        return RedirectResponse(f"/console/tickets/{living}?done=matter_{do}", 303)
    return await _not_done(request, form, number, result)


async def _carry_out(request: Request, parts: WebParts, form: Form, do: str, ticket_id: int, other_id: int) -> Result:
    who: dict[str, Any] = {"staff_id": form.staff_id, "why": form.text("why", longest=LONGEST_WHY)}
    run = parts.storage.run
    if do == "merge":
        who |= {
            "revision": form.number("revision"),
            "tell": incident_words.merged(console_of(request).residents, "merge"),
        }
        result: Result = await run(merging.merge, ticket_id, other_id, **who)
        return result
    kind = NOT_SAME if do == NOT_SAME else form.fields["kind"]
    linked: Result = await run(linking.link, ticket_id, other_id, kind=kind, **who)
    return linked


@router.post("/tickets/{number}/part", dependencies=[needs("ticket", "act")])
async def part(request: Request, number: Number, form: Posted, parts: Parts) -> Response:
    """Take this folded ticket out again."""
    page = await to_act_on(parts, number, form)
    tell = incident_words.merged(console_of(request).residents, "part")
    who: dict[str, Any] = {"staff_id": form.staff_id, "why": form.text("why", longest=LONGEST_WHY)}
    result = await parts.storage.run(merging.undo, int(page.ticket["id"]), tell=tell, **who)
    if isinstance(result, Done):
        return RedirectResponse(f"/console/tickets/{number}?done=matter_part", 303)
    return await _not_done(request, form, number, result)


@router.post("/tickets/{number}/unlink", dependencies=[needs("ticket", "act")])
async def unlink(number: Number, form: Posted, parts: Parts) -> Response:
    page = await to_act_on(parts, number, form)
    try:
        await parts.storage.run(linking.unlink, int(page.ticket["id"]), form.number("link"), staff_id=form.staff_id)
    except LookupError as gone:
        raise Stop(404, "no_ticket") from gone
    return RedirectResponse(f"/console/tickets/{number}?done=matter_unlink", 303)


async def _not_done(request: Request, form: Form, number: str, result: Conflict | Refusal) -> Response:
    trouble, why = ("conflict", "") if isinstance(result, Conflict) else ("refused", f"{result.zh}\n{result.en}")
    return await ticket_response(request, form.signed, number, status=409, trouble=trouble, why=why)


def _reached(tx: Tx, typed: str, *, staff_id: int) -> RowMapping | None:
    """The ticket of a number, however it was typed, if this member may meet it."""
    found = ticket_numbers.find(typed)
    number = typed if found is None else str(found)
    return tx.first(select(tickets).where(tickets.c.number == number, open_to(staff_id)))


def _living(tx: Tx, ticket_id: int) -> str:
    """The number under which it goes on."""
    living = folded.into(tx, ticket_id) or ticket_id
    return str(tx.scalar(select(tickets.c.number).where(tickets.c.id == living)))
