"""What an operator does with a call: think about what was typed, look who it is, file, answer, alarm, add, ring back.

Every step keeps what is typed first, in the same transaction's place; a page that is behind changes nothing and says so.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from fastapi import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from handlers.residents.filing import request_of
from handlers.texts.catalogue import Catalogue
from handlers.texts.moments import spoken
from handlers.web.console.call_danger_acts import danger_of, raise_alarm
from handlers.web.console.call_keeping import kept_of
from handlers.web.console.call_pages import LATER, call_response, think, thought
from handlers.web.console.call_routes import ACT, Id
from handlers.web.console.days import at_midnight
from handlers.web.console.desk_pages import chosen_language, console_of
from handlers.web.console.gates import Act, Form, Stop, desk_router
from handlers.web.parts import Parts, parts_of
from knowledge import hotline, languages
from storage import call_danger, call_filing, calls, messages, office_time, residents, ring_backs, texting
from storage.call_danger import Danger
from storage.call_filing import Answer, Taken
from storage.chats import language_of
from storage.tickets import Request as Wanted
from storage.transaction import Tx

router = desk_router("/calls/{id}")


@router.post("/think", dependencies=[ACT])
async def think_again(request: Request, id: Id, form: Act) -> Response:
    """Keep what is typed, and say what it says: the page's part for its script, the whole page for its button."""
    call, note = await kept_of(request, id, form)
    if "together" in form.fields:
        return RedirectResponse(f"/console/calls/{id}?joined=1", 303)
    if "quietly" not in form.fields:
        return await call_response(request, form.signed, id, typed=note)
    values = await thought(request, form.signed, call, note)
    if call.alarm_id is not None:
        await parts_of(request).storage.run(call_danger.more, id, danger=danger_of(note, values["heard"]))
    console = console_of(request)
    part = console.templates.get_template("console/call_hints.html").render(**console.common(request), **values)
    return HTMLResponse(part, headers={"Cache-Control": "no-store"})


@router.post("/file", dependencies=[ACT])
async def file(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """A ticket with its clocks; where danger was heard, the alarm first. Pressed twice it is the same ticket."""
    if await _filed_before(parts, id, form):
        return RedirectResponse(f"/console/calls/{id}", 303)
    call, note = await kept_of(request, id, form)
    heard = think(console_of(request), note, call, chosen_language(request))
    if (lacking := hotline.may_be_filed(note, heard)) is not None:
        return await call_response(request, form.signed, id, status=422, trouble=lacking, typed=note)
    answers = hotline.nameless(heard.answers) if note.consent == "refused" else heard.answers
    wanted = request_of(answers)
    given: dict[str, Any] = {
        "revision": call.revision,
        "request": wanted,
        "answers": answers | {"sensitive_agreed": note.sensitive_agreed},
        "consent": note.consent,
    }
    danger = danger_of(note, heard) if heard.danger and call.alarm_id is None else None
    texts = console_of(request).residents
    if not await parts.storage.run(_file, id, staff_id=form.staff_id, danger=danger, texts=texts, **given):
        raise Stop(409, "call_gone")
    return RedirectResponse(f"/console/calls/{id}", 303)


async def _filed_before(parts: Parts, id: int, form: Form) -> bool:
    call = await parts.storage.read(calls.get, id)
    return call is not None and call.outcome == "ticket" and call.staff_id == form.staff_id


def _file(
    tx: Tx,
    id: int,
    *,
    staff_id: int,
    revision: int,
    request: Wanted,
    answers: dict[str, Any],
    consent: str,
    danger: Danger | None,
    texts: Catalogue,
) -> Taken | None:
    call = calls.hold(tx, id, staff_id=staff_id, revision=revision)
    if call is None:
        return None
    if danger is not None:
        raise_alarm(
            tx, id, staff_id=staff_id, danger=danger, number=request.phone, building=request.building, texts=texts
        )
    kind = request.route, request.category, request.urgency
    promises = office_time.promised(tx, *kind, call["began_at"], request.building)
    given: dict[str, Any] = {"request": request, "answers": answers, "promises": promises, "consent": consent}
    taken = call_filing.file(tx, id, staff_id=staff_id, revision=revision, **given)
    if taken is not None and (said := languages.spoken(request.description)) is not None:
        residents.set_language(tx, chat_id=taken.chat_id, language=said, chosen=False)
    if taken is not None and texting.may_text(tx, taken.chat_id):
        filed, words = taken.filed, texts[language_of(tx, taken.chat_id)]
        at = spoken(words, filed.first_contact_due, now=tx.now)
        text = words("hotline.filed", number=filed.number, code=filed.claim_code, contact=at)
        messages.say(tx, chat_id=taken.chat_id, text=text, ticket_id=filed.id)
    return taken


@router.post("/answered", dependencies=[ACT])
async def answered(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Answered at once: a call without a ticket, that is counted (WO-22)."""
    call, note = await kept_of(request, id, form)
    if not note.words:
        return await call_response(request, form.signed, id, status=422, trouble="no_answer", typed=note)
    read_out = think(console_of(request), note, call, chosen_language(request)).answer
    answer = Answer(read_out.entry_id, read_out.clause, read_out.version) if read_out else Answer()
    done = await parts.storage.run(
        call_filing.answered, id, staff_id=form.staff_id, revision=call.revision, answer=answer
    )
    return _done(done, "answered")


@router.post("/nothing", dependencies=[ACT])
async def nothing(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """A wrong number, a silent line."""
    call, _ = await kept_of(request, id, form)
    done = await parts.storage.run(call_filing.nothing, id, staff_id=form.staff_id, revision=call.revision)
    return _done(done, "nothing")


@router.post("/give-up", dependencies=[ACT])
async def give_up(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Left as it stands, for whichever colleague takes it."""
    call, _ = await kept_of(request, id, form)
    done = await parts.storage.run(calls.give_up, id, staff_id=form.staff_id, revision=call.revision)
    return _done(done, "given_up")


def _done(done: bool, what: str) -> Response:
    if not done:
        raise Stop(409, "call_gone")
    return RedirectResponse(f"/console/calls?done={what}", 303)


@router.post("/later", dependencies=[ACT])
async def later(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """They want to be rung, or were cut off: it is on the list in time."""
    call, note = await kept_of(request, id, form)
    number, when = note.number or call.number, form.fields.get("back_when", "")
    if when not in LATER or not number:
        return await call_response(request, form.signed, id, status=422, trouble="number", typed=note)
    given: dict[str, Any] = {"phone": number, "name": note.name or None, "due_at": _due(when, parts.storage.clock())}
    given["wish"] = form.text("back_wish", longest=200) or None
    done = await parts.storage.run(_later, id, staff_id=form.staff_id, revision=call.revision, **given)
    return _done(done, "later")


def _later(tx: Tx, /, id: int, *, staff_id: int, revision: int, **given: Any) -> bool:
    if calls.hold(tx, id, staff_id=staff_id, revision=revision) is None:
        return False
    ring_backs.ask_for(tx, reason="asked", call_id=id, **given)
    calls.end(tx, id, "later")
    return True


def _due(when: str, now: datetime) -> datetime:
    tomorrow = at_midnight("", now) + timedelta(days=1, hours=9)
    return {"30m": now + timedelta(minutes=30), "2h": now + timedelta(hours=2), "tomorrow": tomorrow}[when]
