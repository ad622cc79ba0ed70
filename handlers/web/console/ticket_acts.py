"""The steps staff take on a ticket, and what its resident reads of each."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from sqlalchemy import RowMapping
from starlette.responses import RedirectResponse, Response

from handlers.outcome import Button, plain
from handlers.texts.catalogue import Texts
from handlers.web.console.desk_pages import Console, console_of
from handlers.web.console.gates import Act, ConsoleRoute, Form, Stop
from handlers.web.console.ticket_routes import Number, ticket_response
from handlers.web.console.wording import Wording
from handlers.web.parts import Parts, WebParts
from knowledge import catalogue, forms
from knowledge.life import Refusal
from storage import desk, desk_acts
from storage.desk_acts import Conflict, Done, Notice, Tell

BUTTONS = {
    "accept": ("show", "add"),
    "answer": ("add",),
    "ask_back": ("add",),
    "close": ("ok", "no"),
    "reopen": ("show", "add"),
}
"""Under each notice: the ticket's own buttons, which the residents' handlers know."""
WITHOUT_WORDS = frozenset({"accept", "take"})
router = APIRouter(route_class=ConsoleRoute)


@router.post("/tickets/{number}/act")
async def take_step(request: Request, number: Number, form: Act, parts: Parts) -> Response:
    """One step; when somebody was faster, the ticket as it is now, with what was typed still there."""
    action = form.fields.get("action", "")
    if action not in (*desk_acts.STEPS, "note", "take"):
        raise Stop(422, "bad_form")
    text = None if action in WITHOUT_WORDS else form.text()
    if text == "":
        return await ticket_response(request, form.signed, number, status=422, trouble="no_text", action=action)
    result = await _carry_out(request, parts, form, number, action, text)
    if isinstance(result, Done):
        return RedirectResponse(f"/console/tickets/{number}?done={action}", 303)
    return await _not_done(request, form, number, result, action, text or "")


async def _carry_out(
    request: Request, parts: WebParts, form: Form, number: str, action: str, text: str | None
) -> Done | Conflict | Refusal:
    page = await parts.storage.read(desk.ticket_page, number, staff_id=form.staff_id)
    if page is None:
        raise Stop(404, "no_ticket")
    ticket_id, run = int(page.ticket["id"]), parts.storage.run
    if action == "note":
        return await run(desk_acts.add_note, ticket_id, staff_id=form.staff_id, text=text or "")
    if action == "take":
        revision = form.number("revision")
        return await run(desk_acts.take, ticket_id, staff_id=form.staff_id, revision=revision)
    return await run(
        desk_acts.act,
        ticket_id,
        staff_id=form.staff_id,
        action=action,
        revision=form.number("revision"),
        text=text,
        tell=telling(console_of(request), page.ticket, action, text or "", parts.storage.clock()),
    )


async def _not_done(
    request: Request, form: Form, number: str, result: Conflict | Refusal, action: str, text: str
) -> Response:
    trouble = "conflict" if isinstance(result, Conflict) else "refused"
    status = 403 if isinstance(result, Refusal) and result.kind == "role" else 409
    why = "" if isinstance(result, Conflict) else f"{result.zh}\n{result.en}"
    return await ticket_response(
        request, form.signed, number, status=status, trouble=trouble, action=action, text=text, why=why
    )


def telling(console: Console, ticket: RowMapping, action: str, text: str, now: datetime) -> Tell:
    """What residents read of a step, each in their language."""

    def tell(language: str, due_at: datetime) -> Notice:
        words = console.words(language)
        due = Wording(words, now).at(due_at)
        said = words(f"resident.{action}", number=ticket["number"], title=ticket["title"], text=text, due=due)
        buttons = [Button(words(f"resident.button_{name}"), f"t:{ticket['id']}:{name}") for name in BUTTONS[action]]
        return Notice(said, plain([buttons]), _public(words, ticket, action, due))

    return tell


def _public(words: Texts, ticket: RowMapping, action: str, due: str) -> str:
    """The same for neighbours who said "me too"; "" where the step is nothing to them."""
    key, kind = f"resident.public_{action}", catalogue.category(ticket["route"], ticket["category"])
    topic = kind.topics.get(ticket["topic"]) if kind else None
    if not words.has(key) or kind is None or topic is None:
        return ""
    matter = forms.public_matter(str(ticket["building"]), topic.name.get(words.language), words.language)
    return words(key, matter=matter, number=ticket["number"], due=due)
