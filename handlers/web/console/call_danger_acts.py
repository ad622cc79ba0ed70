"""Danger on the line: the alarm in one key, taken back in one key with a reason, and who took a call that was passed on."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from handlers.residents.emergencies import in_the_group
from handlers.texts.catalogue import Catalogue
from handlers.web.console.call_keeping import kept_of
from handlers.web.console.call_pages import call_response, think
from handlers.web.console.call_routes import ACT, Id
from handlers.web.console.desk_pages import chosen_language, console_of
from handlers.web.console.gates import Act, Stop, desk_router
from handlers.web.parts import Parts
from knowledge import hotline_spoken
from knowledge.emergencies import emergency, lines
from knowledge.forms import where
from knowledge.hotline import Hearing
from knowledge.hotline_notes import Noted
from storage import alarms, call_danger, group_home, messages
from storage.call_danger import Danger
from storage.messages import ALARM
from storage.transaction import Tx

LONGEST_WHO = 60
router = desk_router("/calls/{id}")


@router.post("/alarm", dependencies=[ACT])
async def alarm(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """P0, in one key, with nothing typed as well: whoever is on duty hears of it now; the operator stays with the caller
    and goes on noting, and what is noted reaches whoever has the alarm."""
    call, note = await kept_of(request, id, form, join=True)
    heard = think(console_of(request), note, call, chosen_language(request))
    building = heard.answers.get("building")
    number = None if note.consent == "refused" else note.number or None
    given: dict[str, Any] = {"danger": danger_of(note, heard), "number": number, "building": building}
    await parts.storage.run(raise_alarm, id, staff_id=form.staff_id, texts=console_of(request).residents, **given)
    return RedirectResponse(f"/console/calls/{id}", 303)


def danger_of(note: Noted, heard: Hearing) -> Danger:
    """What is known of the danger; how to be in touch where somebody may listen stands with the words (EM-07)."""
    kind = heard.danger.kind if heard.danger else alarms.UNNAMED
    words = "\n".join(line for line in (note.words, note.safe_way) if line)
    return Danger(kind, heard.rule or "operator", where(heard.answers) or None, heard.child, words)


def raise_alarm(
    tx: Tx, id: int, *, staff_id: int, danger: Danger, number: str | None, building: str | None, texts: Catalogue
) -> None:
    raised = call_danger.alarm(tx, id, staff_id=staff_id, danger=danger, number=number, building=building)
    if raised is not None and raised.new:
        zh = texts["zh"]
        words = danger.words or zh("hotline.no_words_yet")
        _tell_staff(tx, raised.id, in_the_group(zh, emergency(danger.kind), danger.place, words))


def _tell_staff(tx: Tx, alarm_id: int, text: str) -> None:
    for chat_id in group_home.rung_for(tx, alarm_id):
        messages.say(tx, chat_id=chat_id, text=text, priority=ALARM)


@router.post("/take-back", dependencies=[ACT])
async def take_back(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Misheard, or pressed by mistake: over, with that reason, for everybody who was called."""
    _, note = await kept_of(request, id, form, join=True)
    reason = hotline_spoken.shipped().taken_back.get(form.fields.get("reason", ""))
    if reason is None:
        raise Stop(422, "bad_form")
    texts = console_of(request).residents
    if not await parts.storage.run(_take_back, id, staff_id=form.staff_id, reason=reason.zh, texts=texts):
        return await call_response(request, form.signed, id, status=409, trouble="not_taken_back", typed=note)
    return RedirectResponse(f"/console/calls/{id}", 303)


def _take_back(tx: Tx, id: int, *, staff_id: int, reason: str, texts: Catalogue) -> bool:
    row = call_danger.take_back(tx, id, staff_id=staff_id, reason=reason)
    if row is not None:
        _tell_staff(tx, int(row["id"]), texts["zh"]("hotline.taken_back", reason=reason))
    return row is not None


@router.post("/transferred", dependencies=[ACT])
async def transferred(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """To whom the call was passed on with three on the line, and whether they took it: who, in their own words (WO-26)."""
    _, note = await kept_of(request, id, form, join=True)
    to, outcome = form.fields.get("transfer_to", ""), form.fields.get("transfer_outcome", "")
    if to not in lines() or outcome not in hotline_spoken.shipped().transfers:
        return await call_response(request, form.signed, id, status=422, trouble="transfer", typed=note)
    who = form.text("transfer_who", longest=LONGEST_WHO)
    given = {"to": to, "outcome": outcome, "who": who}
    if not await parts.storage.run(call_danger.transferred, id, staff_id=form.staff_id, **given):
        raise Stop(409, "call_gone")
    return RedirectResponse(f"/console/calls/{id}", 303)
