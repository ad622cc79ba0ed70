"""A ticket passed to another community of the estate, and what that one says to it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.step_notices import Step, telling
from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Form, Posted, Stop, desk_router, needs
from handlers.web.console.ticket_routes import Number, ticket_response, to_act_on
from handlers.web.parts import Parts, WebParts
from knowledge.life import Refusal
from storage import messages, ticket_passes, topics
from storage.desk import TicketPage
from storage.desk_acts import Conflict, Done, Notice, Tell
from storage.ticket_passes import ACTIONS, Passed
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
Said = Annotated[ticket_passes.Answer, Path()]
LONGEST = 500
router = desk_router()


@router.post("/tickets/{number}/pass", dependencies=[needs("ticket", "act")])
async def offer(request: Request, number: Number, form: Posted, parts: Parts) -> Response:
    page = await to_act_on(parts, number, form)
    to, reason = form.number("to"), form.text("reason", longest=LONGEST)
    names = dict(await parts.storage.read(ticket_passes.others, page.ticket))
    tell = _telling(request, parts, page, "pass_offered", to, names.get(to, ""), reason)
    who = {"staff_id": form.staff_id, "revision": form.number("revision")}
    ticket_id = int(page.ticket["id"])
    result = await parts.storage.run(ticket_passes.offer, ticket_id, to, reason=reason, tell=tell, **who)
    return await _shown(request, form, number, result, "pass_offered")


@router.post("/tickets/{number}/passes/{id}/{said}", dependencies=[needs("ticket", "act", id="pass")])
async def answer(request: Request, number: Number, id: Id, said: Said, form: Posted, parts: Parts) -> Response:
    page = await to_act_on(parts, number, form)
    passed: Passed = await parts.storage.read(ticket_passes.one, id, staff_id=form.staff_id)
    if passed.row["ticket_id"] != page.ticket["id"]:
        raise Stop(404, "not_found")
    reason, action = form.text("reason", longest=LONGEST), ACTIONS[said]
    whose = (passed.row["to_id"], passed.to_name) if said == "accepted" else (passed.row["from_id"], passed.from_name)
    tell = _telling(request, parts, page, action, *whose, reason)
    told = parts.residents["zh"]("group_setting.moved", number=number, place=passed.to_name)

    def unit(tx: Tx) -> Done | Refusal:
        done = ticket_passes.answer(tx, id, said, staff_id=form.staff_id, reason=reason, tell=tell)
        for chat_id in topics.leave_others(tx, int(page.ticket["id"])) if isinstance(done, Done) else ():
            messages.say(tx, chat_id=chat_id, text=told, priority=messages.NOTICE)
        return done

    result = await parts.storage.run(unit)
    return await _shown(request, form, number, result, action)


def _telling(
    request: Request, parts: WebParts, page: TicketPage, action: str, community: int, name: str, reason: str
) -> Tell:
    """What the resident hears, with the community's name in their language."""
    console, now = console_of(request), parts.storage.clock()
    known = parts.towns.of(community)

    def tell(language: str, due_at: datetime) -> Notice:
        said = known.profile.community.get(language) if known.id == community else name
        return telling(console, Step(page.ticket, action, reason), now, unit_name=said)(language, due_at)

    return tell


async def _shown(request: Request, form: Form, number: str, result: Done | Conflict | Refusal, done: str) -> Response:
    """The ticket again; whoever returned it does not meet it any more, and goes on in the queue."""
    if isinstance(result, Done):
        there = "/console" if done == ACTIONS["returned"] else f"/console/tickets/{number}?done={done}#passes"
        return RedirectResponse(there, 303)
    trouble, why = ("conflict", "") if isinstance(result, Conflict) else ("owed", f"{result.zh}\n{result.en}")
    status = 409 if isinstance(result, Conflict) else 422
    return await ticket_response(request, form.signed, number, status=status, trouble=trouble, why=why)
