"""The steps staff take on a ticket, and what its resident reads of each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from fastapi import APIRouter, Request
from sqlalchemy import RowMapping
from starlette.responses import RedirectResponse, Response

from handlers import ticket_words
from handlers.outcome import plain
from handlers.texts.catalogue import Texts
from handlers.texts.moments import spoken
from handlers.ticket_notices import VERDICT, ticket_buttons
from handlers.web.console.desk_pages import Console, console_of
from handlers.web.console.gates import ConsoleRoute, Form, Posted, Stop, needs
from handlers.web.console.ticket_routes import Number, ticket_response, to_act_on
from handlers.web.parts import Parts, WebParts
from knowledge.calendar import Promise
from knowledge.deadlines import extension
from knowledge.life import Refusal
from storage import desk_acts, writing
from storage.desk import TicketPage
from storage.desk_acts import Conflict, Done, Notice, Tell
from storage.transaction import Tx

BUTTONS = {
    "accept": ("show", "add"),
    "answer": ("add",),
    "ask_back": ("show",),
    "finish": VERDICT,
    "extend": ("show", "add"),
    "redo": ("show", "add"),
    "reopen": ("show", "add"),
}
"""Under each notice: the ticket's own buttons, which the residents' handlers know."""
WITHOUT_WORDS = frozenset({"accept", "take"})
router = APIRouter(route_class=ConsoleRoute)


@router.post("/tickets/{number}/act", dependencies=[needs("ticket", "act")])
async def take_step(request: Request, number: Number, form: Posted, parts: Parts) -> Response:
    """One step; when somebody was faster, the ticket as it is now, with what was typed still there."""
    page = await to_act_on(parts, number, form)
    action = form.fields.get("action", "")
    if action not in (*desk_acts.STEPS, "note", "take"):
        raise Stop(422, "bad_form")
    text = None if action in WITHOUT_WORDS else form.text()
    if text == "":
        return await ticket_response(request, form.signed, number, status=422, trouble="no_text", action=action)
    try:
        result = await _carry_out(request, parts, form, page, action, text)
    except NoSuchDay as wrong:
        typed = {"action": action, "text": text or "", "until": form.fields.get("until", "")}
        return await ticket_response(request, form.signed, number, status=422, trouble=wrong.code, **typed)
    if isinstance(result, Done):
        return RedirectResponse(f"/console/tickets/{number}?done={action}", 303)
    return await _not_done(request, form, number, result, action, text or "")


class NoSuchDay(Exception):
    """An extension that cannot be: ``code`` names the words that say why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


async def _carry_out(
    request: Request, parts: WebParts, form: Form, page: TicketPage, action: str, text: str | None
) -> Done | Conflict | Refusal:
    ticket_id, run = int(page.ticket["id"]), parts.storage.run
    if action == "note":
        done: Done = await run(_sent, desk_acts.add_note, ticket_id, staff_id=form.staff_id, text=text or "")
        return done
    if action == "take":
        revision = form.number("revision")
        return await run(desk_acts.take, ticket_id, staff_id=form.staff_id, revision=revision)
    now = parts.storage.clock()
    result: Done | Conflict | Refusal = await run(
        _sent,
        desk_acts.act,
        ticket_id,
        staff_id=form.staff_id,
        action=action,
        revision=form.number("revision"),
        text=text,
        tell=telling(console_of(request), page.ticket, action, text or "", now),
        promise=_later(form, page.ticket, now) if action == "extend" else None,
    )
    return result


def _sent(tx: Tx, /, unit: Callable[..., Any], ticket_id: int, *, staff_id: int, **given: Any) -> Any:
    """The unit, and with the words it sent goes their draft."""
    result = unit(tx, ticket_id, staff_id=staff_id, **given)
    if isinstance(result, Done) and given["text"] is not None:
        writing.drop(tx, ticket_id, staff_id=staff_id)
    return result


def _later(form: Form, ticket: RowMapping, now: datetime) -> Promise:
    """The promise an extension makes (WO-13)."""
    try:
        until = date.fromisoformat(form.fields.get("until", ""))
    except ValueError as error:
        raise NoSuchDay("ext_day") from error
    found = extension(ticket["due_at"], until, now=now, taken=ticket["extensions"])
    if isinstance(found, str):
        raise NoSuchDay(f"ext_{found}")
    return found


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
        words, theirs = console.words(language), console.residents[language]
        due = spoken(theirs, due_at, now=now)
        said = words(f"resident.{action}", number=ticket["number"], title=ticket["title"], text=text, due=due)
        return Notice(
            said, plain(ticket_buttons(theirs, ticket, *BUTTONS[action])), _public(words, ticket, action, due)
        )

    return tell


def _public(words: Texts, ticket: RowMapping, action: str, due: str) -> str:
    """The same for neighbours who said "me too"; "" where the step is nothing to them."""
    key = f"resident.public_{action}"
    if not words.has(key) or ticket["topic"] is None:
        return ""
    return words(key, matter=ticket_words.public_matter(words, ticket), number=ticket["number"], due=due)
