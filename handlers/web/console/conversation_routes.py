"""Conversations residents want a person for: who waits, taking one, speaking in it, handing it back."""

from __future__ import annotations

import re
import secrets
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.outcome import plain
from handlers.residents import returning
from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import Console, console_of
from handlers.web.console.gates import Act, Colleague, Form, Stop, desk_router, needs
from handlers.web.parts import Parts
from storage import appointments, dead_letters, desk_talks, line, staff, stepping_aside, tickets
from storage.chats import Draft
from storage.desk_acts import Notice
from storage.desk_talks import Farewell
from storage.staff import Member, Signed
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
router = desk_router()


@router.get("/conversations", dependencies=[needs("conversation", "see")])
async def everybody(request: Request, colleague: Colleague, parts: Parts) -> Response:
    found = await parts.storage.read(desk_talks.talks, member=colleague.member)
    return await console_of(request).page(request, colleague, "console/conversations.html", talks=found)


@router.get("/conversations/{id}", dependencies=[needs("conversation", "see")])
async def show(request: Request, id: Id, colleague: Colleague) -> Response:
    return await talk_response(request, colleague, id)


async def talk_response(
    request: Request, signed: Signed, id: int, *, status: int = 200, trouble: str = "", text: str = "", key: str = ""
) -> Response:
    storage = console_of(request).parts.storage
    found = await storage.read(_look, id, signed.member)
    if found is None:
        raise Stop(404, "no_talk")
    talk, thread, theirs, names, draft, quiet = found
    return await console_of(request).page(
        request,
        signed,
        "console/conversation.html",
        status=status,
        talk=talk,
        thread=thread,
        tickets=theirs,
        names=names,
        away=await storage.read(dead_letters.not_arrived, [said.id for said in thread]),
        draft=draft,
        quiet=quiet,
        trouble=trouble,
        text=text,
        key=key or secrets.token_urlsafe(12),
    )


def _look(tx: Tx, id: int, member: Member) -> tuple[Any, ...] | None:
    """The conversation with all that whoever takes it over needs - tickets, the open form, whether a call is dangerous -
    less what complaints about this very member said in it (WO-24)."""
    found = desk_talks.talk(tx, id, member=member)
    if found is None:
        return None
    talk, thread = found[0], stepping_aside.without_barred(tx, found[1], staff_id=member.id)
    seen = [one for one in tickets.of_chat(tx, talk.chat_id) if stepping_aside.may_see(tx, one.id, staff_id=member.id)]
    about_them = stepping_aside.begun_about(tx, talk.chat_id, member) is not None
    draft, quiet = None if about_them else line.open_draft(tx, talk.chat_id), appointments.quiet(tx, talk.chat_id)
    return talk, thread, seen, staff.names(tx), draft, quiet


@router.post("/conversations/{id}/take", dependencies=[needs("conversation", "act")])
async def take(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    over = form.fields.get("over") == "yes"
    words = console_of(request).telling("talk_taken")
    taken = await parts.storage.run(desk_talks.take_talk, id, staff_id=form.staff_id, over=over, words=words)
    if taken != "taken":
        return await talk_response(request, form.signed, id, status=409, trouble=taken)
    return RedirectResponse(f"/console/conversations/{id}", 303)


@router.post("/conversations/{id}/reply", dependencies=[needs("conversation", "act")])
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


@router.post("/conversations/{id}/hand-back", dependencies=[needs("conversation", "act")])
async def hand_back(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    farewell = _farewell(console_of(request))
    done = await parts.storage.run(desk_talks.hand_back, id, staff_id=form.staff_id, farewell=farewell)
    if done != "done":
        return await talk_response(request, form.signed, id, status=409, trouble=done)
    return RedirectResponse("/console/conversations", 303)


def _farewell(console: Console) -> Farewell:
    """What a resident reads when a person leaves: the bot is back, the form that was open waits (PI-02 where it is due)."""

    def said(language: str, draft: Draft | None, unnoticed: bool) -> Notice:
        words, own = console.words(language), console.residents[language]
        rows = returning.rows_of(own, draft)
        lines = [words("resident.talk_handed_back")]
        lines += [words("resident.after_emergency")] if unnoticed else []
        lines += [own("form.still_open")] if rows else []
        return Notice("\n".join(lines), plain(rows))

    return said
