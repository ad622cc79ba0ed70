"""Conversations residents want a person for: who waits, taking one, speaking in it, handing it back."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, ConsoleRoute, Form, Stop
from handlers.web.parts import Parts
from storage import desk_talks, outbox, staff, stepping_aside, tickets
from storage.desk_talks import Talk
from storage.messages import Message
from storage.staff import Signed
from storage.tickets import Glance
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
router = APIRouter(route_class=ConsoleRoute)


@router.get("/conversations")
async def everybody(request: Request, colleague: Colleague, parts: Parts) -> Response:
    found = await parts.storage.read(desk_talks.talks)
    return await console_of(request).page(request, colleague, "console/conversations.html", talks=found)


@router.get("/conversations/{id}")
async def show(request: Request, id: Id, colleague: Colleague) -> Response:
    return await talk_response(request, colleague, id)


async def talk_response(
    request: Request, signed: Signed, id: int, *, status: int = 200, trouble: str = "", text: str = "", key: str = ""
) -> Response:
    storage = console_of(request).parts.storage
    found = await storage.read(_look, id, staff_id=signed.member.id)
    if found is None:
        raise Stop(404, "no_talk")
    talk, thread, theirs, names = found
    return await console_of(request).page(
        request,
        signed,
        "console/conversation.html",
        status=status,
        talk=talk,
        thread=thread,
        tickets=theirs,
        names=names,
        away=await storage.read(outbox.not_arrived, [said.id for said in thread]),
        trouble=trouble,
        text=text,
        key=key or secrets.token_urlsafe(12),
    )


def _look(tx: Tx, id: int, *, staff_id: int) -> tuple[Talk, list[Message], list[Glance], dict[int, str]] | None:
    """The conversation, less what complaints about this very member said in it (WO-24)."""
    found = desk_talks.talk(tx, id)
    if found is None:
        return None
    talk, thread = found[0], stepping_aside.without_barred(tx, found[1], staff_id=staff_id)
    theirs = [one for one in tickets.of_chat(tx, talk.chat_id) if stepping_aside.may_see(tx, one.id, staff_id=staff_id)]
    return talk, thread, theirs, staff.names(tx)


@router.post("/conversations/{id}/take")
async def take(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    over = form.fields.get("over") == "yes"
    words = _words(request, "talk_taken")
    taken = await parts.storage.run(desk_talks.take_talk, id, staff_id=form.staff_id, over=over, words=words)
    if taken != "taken":
        return await talk_response(request, form.signed, id, status=409, trouble=taken)
    return RedirectResponse(f"/console/conversations/{id}", 303)


@router.post("/conversations/{id}/reply")
async def reply(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    text, key = form.text(), _key(form)
    if not text:
        return await talk_response(request, form.signed, id, status=422, trouble="no_text")
    said = await parts.storage.run(desk_talks.reply, id, staff_id=form.staff_id, text=text, key=key)
    if not said:
        return await talk_response(request, form.signed, id, status=409, trouble="not_yours", text=text, key=key)
    return RedirectResponse(f"/console/conversations/{id}", 303)


def _key(form: Form) -> str:
    """The form's own id, made with its page, so that it says its words once."""
    key = form.fields.get("key", "")
    if not re.fullmatch(r"[A-Za-z0-9_-]{8,40}", key):
        raise Stop(422, "bad_form")
    return key


@router.post("/conversations/{id}/hand-back")
async def hand_back(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    words = _words(request, "talk_handed_back")
    done = await parts.storage.run(desk_talks.hand_back, id, staff_id=form.staff_id, words=words)
    if not done:
        return await talk_response(request, form.signed, id, status=409, trouble="not_yours")
    return RedirectResponse("/console/conversations", 303)


def _words(request: Request, key: str) -> Callable[[str], str]:
    console = console_of(request)
    return lambda language: console.words(language)(f"resident.{key}")
