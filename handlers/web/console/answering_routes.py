"""Beside the composer: prepared answers to pick, a suggestion turned down, calls noted, voice in words."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Query, Request
from starlette.responses import RedirectResponse, Response

from handlers.taken_back import gone_line, outcome
from handlers.texts.moments import CHINA
from handlers.web.chat_api import LARGEST
from handlers.web.console.answering import aid_of, offers
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Colleague, Posted, Stop, desk_router, needs
from handlers.web.console.putting_in import suggestion_of
from handlers.web.console.ticket_routes import Number, ticket_response, to_act_on
from handlers.web.parts import Parts
from knowledge.canned import STEPS
from knowledge.life import Refusal
from storage import answer_aids, canned, desk, taking_back, thread, ticket_calls, transcripts
from storage.ticket_calls import Spoken

router = desk_router()
Query60 = Annotated[str, Query(max_length=60)]


@router.get("/tickets/{number}/canned", dependencies=[needs("ticket", "act")])
async def pick(
    request: Request, number: Number, colleague: Colleague, parts: Parts, step: str = "answer", q: Query60 = ""
) -> Response:
    """What may be put into the answer, its blanks filled from the ticket, as its resident would read it."""
    page = await parts.storage.read(desk.ticket_page, number, staff_id=colleague.member.id)
    if page is None or page.sight == "outline":
        raise Stop(404, "no_ticket")
    found = await parts.storage.read(canned.for_writing, staff_id=colleague.member.id)
    reads = await parts.storage.read(thread.language, int(page.ticket["chat_id"]))
    chosen, console = step if step in STEPS else "answer", console_of(request)
    listed = offers(console, page, colleague.member, found, language=reads, step=chosen, query=q)
    given: dict[str, Any] = {"ticket": page.ticket, "offers": listed, "step": chosen, "query": q, "reads": reads}
    return await console.page(request, colleague, "console/canned_pick.html", **given)


@router.post("/tickets/{number}/suggestion", dependencies=[needs("ticket", "act")])
async def not_right(request: Request, number: Number, form: Posted, parts: Parts) -> Response:
    """What was suggested is not right: it is not suggested again for these words, and stands on the list of questions."""
    page = await to_act_on(parts, number, form)
    language = await parts.storage.read(thread.language, int(page.ticket["chat_id"]))
    found = await suggestion_of(console_of(request), page, language)
    if found is not None and found.answer.entry == form.fields.get("entry"):
        unit = answer_aids.not_right
        await parts.storage.run(unit, int(page.ticket["id"]), aid_of(found), staff_id=form.staff_id)
    return RedirectResponse(f"/console/tickets/{number}?done=not_right", 303)


@router.post("/tickets/{number}/calls", dependencies=[needs("ticket", "act")])
async def call(request: Request, number: Number, form: Posted, parts: Parts) -> Response:
    """Who spoke with whom when, and what came of it."""
    page = await to_act_on(parts, number, form)
    now = parts.storage.clock()
    try:
        at = _when(form.fields.get("at", ""), now)
        given = {name: form.fields.get(name, "") for name in ("way", "whom", "outcome")}
        spoken = Spoken(at=at, note=form.text(), answered="answered" in form.fields, **given)
        await parts.storage.run(ticket_calls.write_down, int(page.ticket["id"]), spoken, staff_id=form.staff_id)
    except ValueError:
        return await ticket_response(request, form.signed, number, status=422, trouble="call_when")
    return RedirectResponse(f"/console/tickets/{number}?done=spoke", 303)


@router.post("/tickets/{number}/messages/{message_id}/take-back", dependencies=[needs("ticket", "act")])
async def back(
    request: Request, number: Number, message_id: Annotated[int, Path(ge=1, le=LARGEST)], form: Posted, parts: Parts
) -> Response:
    """Words sent to the resident are taken back; what they had seen of them by then is told."""
    page = await to_act_on(parts, number, form)
    unit, line = taking_back.take_back, gone_line(console_of(request).residents)
    done = await parts.storage.run(unit, int(page.ticket["id"]), message_id, staff_id=form.staff_id, line=line)
    if isinstance(done, Refusal):
        why = f"{done.zh}\n{done.en}"
        return await ticket_response(request, form.signed, number, status=409, trouble="refused", why=why)
    return RedirectResponse(f"/console/tickets/{number}?done={outcome(done)}", 303)


def _when(said: str, now: datetime) -> datetime:
    """An hour of the clock on the wall, here; nothing said is now."""
    return datetime.fromisoformat(said).replace(tzinfo=CHINA) if said else now


@router.post("/tickets/{number}/files/{blob_id}/heard", dependencies=[needs("ticket", "act")])
async def heard(
    request: Request, number: Number, blob_id: Annotated[int, Path(ge=1, le=LARGEST)], form: Posted, parts: Parts
) -> Response:
    """What a voice message says, as whoever heard it wrote it down."""
    page = await to_act_on(parts, number, form)
    if page.covered:
        raise Stop(404, "no_file")
    if not (text := form.text()):
        return await ticket_response(request, form.signed, number, status=422, trouble="no_text")
    try:
        unit = transcripts.write
        await parts.storage.run(unit, int(page.ticket["id"]), blob_id, staff_id=form.staff_id, text=text)
    except LookupError as error:
        raise Stop(404, "no_file") from error
    return RedirectResponse(f"/console/tickets/{number}?done=heard#v{blob_id}", 303)
