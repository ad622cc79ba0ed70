"""Appointments: who is to be called when; speaking with them here, getting through, or not."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request
from sqlalchemy import RowMapping
from starlette.responses import RedirectResponse, Response

from handlers.residents import appointment_words
from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import Console, console_of
from handlers.web.console.gates import Act, Colleague, Stop, desk_router, needs
from handlers.web.parts import Parts
from knowledge.appointments import offered
from knowledge.calendar import OfficeCalendar
from knowledge.waiting import shipped_clocks
from storage import appointments, desk_talks, messages
from storage.offices import Offices
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
router = desk_router("/appointments")
HERE = "/console/appointments"


@router.get("", dependencies=[needs("appointment", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts) -> Response:
    found = await parts.storage.read(appointments.listed, staff_id=colleague.member.id)
    return await console_of(request).page(request, colleague, "console/appointments.html", rows=found)


@router.post("/{id}/here", dependencies=[needs("appointment", "act")])
async def here(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Speak with them in the chat: that keeps the appointment."""
    words = console_of(request).telling("talk_taken")
    talk = await parts.storage.run(_here, id, staff_id=form.staff_id, words=words)
    if talk is None:
        raise Stop(409, "done_before")
    return RedirectResponse(f"/console/conversations/{talk}", 303)


def _here(tx: Tx, id: int, *, staff_id: int, words: desk_talks.Words) -> int | None:
    row = appointments.get(tx, id)
    if row is None or not appointments.done(tx, id, staff_id=staff_id):
        return None
    return desk_talks.begin_talk(tx, row["chat_id"], staff_id=staff_id, reason=row["reason"], words=words)


@router.post("/{id}/done", dependencies=[needs("appointment", "act")])
async def done(id: Id, form: Act, parts: Parts) -> Response:
    note = form.text("note", longest=500) or None
    if not await parts.storage.run(appointments.done, id, staff_id=form.staff_id, note=note):
        raise Stop(409, "done_before")
    return RedirectResponse(HERE, 303)


@router.post("/{id}/missed", dependencies=[needs("appointment", "act")])
async def missed(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Nobody answered: tried again a while later; after the last try the resident chooses anew."""
    if not await parts.storage.run(_missed, id, staff_id=form.staff_id, console=console_of(request)):
        raise Stop(409, "done_before")
    return RedirectResponse(HERE, 303)


def _missed(tx: Tx, id: int, *, staff_id: int, console: Console) -> bool:
    row = appointments.get(tx, id)
    if row is None or row["state"] != "open" or row["at"] > tx.now:
        return False
    rules = shipped_clocks().call_backs
    office = Offices(tx).of_chat(row["chat_id"])
    slot = offered(tx.now + rules.again - rules.notice, office=office, count=1)[0]
    last = row["tries"] + 1 >= rules.tries
    appointments.tried(tx, row, staff_id=staff_id, at=slot.start, until=slot.end, last=last)
    _tell(tx, row, console, office, last=last)
    return True


def _tell(tx: Tx, row: RowMapping, console: Console, office: OfficeCalendar, *, last: bool) -> None:
    kept, words = appointments.of_chat(tx, row["chat_id"]), console.residents[row["language"]]
    if kept is None:
        return
    key = "appointment.no_answer_last" if last else "appointment.no_answer"
    facts = {"phone": row["phone"] or "", "tries": row["tries"] + 1}
    said = appointment_words.told(words, kept, key, now=tx.now, office=office, **facts)
    message_id = messages.say(tx, chat_id=row["chat_id"], text=said.text, buttons=appointment_words.plain_rows(said))
    appointments.spoken_of(tx, kept.id, message_id)
