"""What the organiser does: hours, corrections with a reason, claims decided, a guardian's yes, thanks, invitations."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from handlers import volunteer_notices
from handlers.outcome import speak
from handlers.residents.guardians import Answered, young_told
from handlers.texts.catalogue import Catalogue
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Form, Stop, desk_router, fields_of, needs
from handlers.web.console.volunteer_routes import Id, Number, claims_response, page_response
from handlers.web.console.wording import CHINA
from handlers.web.parts import Parts
from knowledge.served import BadEntry
from storage import invitations, staff, volunteer_claims, volunteer_desk, volunteer_hours, volunteers
from storage.chats import languages
from storage.proxies import chats_of
from storage.transaction import Tx
from storage.volunteer_hours import Changed, Overlaps

router = desk_router("/volunteers")
LONGEST_WHAT, LONGEST_REASON, LONGEST_THANKS = 80, 300, 500
MOST_BREAKS = 600
EVENING, A_DAY = time(18), timedelta(days=1)
"""A patrol that begins in the evening may end after midnight."""


def span_of(fields: Mapping[str, str]) -> tuple[datetime, datetime, int] | None:
    """Day, from, until and breaks as the form sends them; None for what is no such thing. Until may be after midnight."""
    try:
        day = date.fromisoformat(fields.get("day", ""))
        start, end = (time.fromisoformat(fields.get(name, "")) for name in ("start", "end"))
        breaks = int(fields.get("breaks", "") or 0)
    except ValueError:
        return None
    if not 0 <= breaks <= MOST_BREAKS or start.tzinfo or end.tzinfo:
        return None
    begins, ends = datetime.combine(day, start, CHINA), datetime.combine(day, end, CHINA)
    overnight = ends <= begins and start >= EVENING
    return begins, ends + A_DAY if overnight else ends, breaks


async def _id_of(parts: Any, number: str) -> int:
    found = await parts.storage.read(volunteer_desk.page, number)
    if found is None:
        raise Stop(404, "not_found")
    return int(found.volunteer.id)


def _back(number: str, done: str) -> Response:
    return RedirectResponse(f"/console/volunteers/{number}?done={done}", 303)


# --- hours ------------------------------------------------------------------------------------------------------------
@router.post("/{number}/hours", dependencies=[needs("hours", "act")])
async def enter(request: Request, number: Number, form: Act, parts: Parts) -> Response:
    """Hours of something that was no shift of ours here."""
    volunteer_id, span = await _id_of(parts, number), span_of(form.fields)
    what = form.text("what", longest=LONGEST_WHAT)
    if span is None or not what:
        return await page_response(
            request, form.signed, number, status=422, trouble="hours_incomplete", typed=form.fields
        )
    texts, despite = console_of(request).residents, form.fields.get("despite") == "yes"
    try:
        await parts.storage.run(_enter, texts, volunteer_id, what, span, form, despite)
    except BadEntry as bad:
        return await page_response(
            request, form.signed, number, status=422, trouble=f"bad_{bad.code}", typed=form.fields
        )
    except Overlaps:
        return await page_response(request, form.signed, number, status=409, trouble="overlaps", typed=form.fields)
    return _back(number, "entered")


def _enter(
    tx: Tx,
    texts: Catalogue,
    volunteer_id: int,
    what: str,
    span: tuple[datetime, datetime, int],
    form: Form,
    despite: bool,
) -> None:
    start, end, breaks = span
    done = volunteer_hours.enter_by_hand(
        tx, volunteer_id, what=what, start=start, end=end, by=form.staff_id, breaks_minutes=breaks, despite=despite,
        place=form.text("place", longest=LONGEST_WHAT) or None, category=form.fields.get("category") or None,
    )  # fmt: skip
    speak(tx, volunteer_notices.entered(tx, texts, done))


@router.post("/{number}/hours/{id}", dependencies=[needs("hours", "act")])
async def correct(request: Request, number: Number, id: Id, form: Act, parts: Parts) -> Response:
    """So long it really was, and why; the volunteer hears of it."""
    hours, rest = form.fields.get("hours", ""), form.fields.get("minutes", "")
    reason = form.text("reason", longest=LONGEST_REASON)
    if not re.fullmatch(r"[0-9]{1,2}", hours) or not re.fullmatch(r"[0-9]{0,2}", rest):
        return await page_response(request, form.signed, number, status=422, trouble="hours_incomplete")
    minutes, texts = int(hours) * 60 + int(rest or 0), console_of(request).residents
    try:
        await parts.storage.run(_correct, texts, id, minutes, form.number("known"), reason, form.staff_id)
    except BadEntry as bad:
        return await page_response(request, form.signed, number, status=422, trouble=f"bad_{bad.code}")
    except Changed:
        return await page_response(request, form.signed, number, status=409, trouble="changed")
    except LookupError as error:
        raise Stop(404, "not_found") from error
    return _back(number, "corrected")


def _correct(tx: Tx, texts: Catalogue, entry_id: int, minutes: int, known: int, reason: str, by: int) -> None:
    before = volunteer_hours.get(tx, entry_id)
    after = volunteer_hours.correct(tx, entry_id, minutes=minutes, known=known, reason=reason, by=by)
    if after.minutes != before.minutes:
        speak(tx, volunteer_notices.corrected(tx, texts, before, after, reason))


# --- claims -----------------------------------------------------------------------------------------------------------
@router.post("/claims/{id}/accept", dependencies=[needs("hours", "act", id="claim")])
async def accept(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    span, what = span_of(form.fields), form.text("what", longest=LONGEST_WHAT)
    if span is None or not what:
        return await claims_response(request, form.signed, status=422, trouble="hours_incomplete", about=id)
    texts, despite = console_of(request).residents, form.fields.get("despite") == "yes"
    try:
        await parts.storage.run(_accept, texts, id, form, what, span, despite)
    except BadEntry as bad:
        return await claims_response(request, form.signed, status=422, trouble=f"bad_{bad.code}", about=id)
    except (Changed, LookupError):
        return await claims_response(request, form.signed, status=409, trouble="changed", about=id)
    except Overlaps:
        return await claims_response(request, form.signed, status=409, trouble="overlaps", about=id)
    return RedirectResponse("/console/volunteers/claims?done=accepted", 303)


def _accept(
    tx: Tx, texts: Catalogue, claim_id: int, form: Form, what: str, span: tuple[datetime, datetime, int], despite: bool
) -> None:
    answer = form.text("answer", longest=LONGEST_REASON)
    claim, done = volunteer_claims.accept(
        tx, claim_id, revision=form.number("revision"), what=what, start=span[0], end=span[1], by=form.staff_id,
        category=form.fields.get("category") or None, despite=despite, answer=answer or None,
    )  # fmt: skip
    speak(tx, volunteer_notices.claim_accepted(tx, texts, claim, done, answer))


@router.post("/claims/{id}/refuse", dependencies=[needs("hours", "act", id="claim")])
async def refuse(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    answer = form.text("answer", longest=LONGEST_REASON)
    if not answer:
        return await claims_response(request, form.signed, status=422, trouble="needs_reason", about=id)
    try:
        await parts.storage.run(
            _refuse, console_of(request).residents, id, form.number("revision"), answer, form.staff_id
        )
    except (Changed, LookupError):
        return await claims_response(request, form.signed, status=409, trouble="changed", about=id)
    return RedirectResponse("/console/volunteers/claims?done=refused", 303)


def _refuse(tx: Tx, texts: Catalogue, claim_id: int, revision: int, answer: str, by: int) -> None:
    claim = volunteer_claims.refuse(tx, claim_id, revision=revision, by=by, answer=answer)
    speak(tx, volunteer_notices.claim_refused(tx, texts, claim, answer))


# --- people -----------------------------------------------------------------------------------------------------------
@router.post("/{number}/guardian", dependencies=[needs("volunteer", "act")])
async def guardian(request: Request, number: Number, form: Act, parts: Parts) -> Response:
    """A guardian said yes or no on the telephone or at the counter (VO-05); who heard it is kept."""
    name, phone = form.text("name", longest=40), form.text("phone", longest=20)
    via, yes = form.fields.get("via", ""), form.fields.get("answer") == "yes"
    if via not in ("call", "counter") or (yes and not (name and phone)):
        return await page_response(request, form.signed, number, status=422, trouble="guardian_incomplete")
    volunteer_id = await _id_of(parts, number)
    said = {"yes": yes, "via": via, "name": name, "phone": phone}
    done = await parts.storage.run(_guardian, console_of(request).residents, volunteer_id, form.staff_id, said)
    if not done:
        return await page_response(request, form.signed, number, status=409, trouble="changed")
    return _back(number, "guardian")


def _guardian(tx: Tx, texts: Catalogue, volunteer_id: int, by: int, said: dict[str, Any]) -> bool:
    done = volunteers.guardian_answers(tx, volunteer_id, staff_id=by, **said)
    if done is None:
        return False
    found = Answered(done, list(languages(tx, chats_of(tx, done.resident_id)).items()))
    speak(tx, young_told(texts, found, bool(said["yes"])))
    return True


@router.post("/{number}/thanks", dependencies=[needs("volunteer", "act")])
async def thanks(request: Request, number: Number, form: Act, parts: Parts) -> Response:
    text = form.text("text", longest=LONGEST_THANKS)
    if not text:
        return await page_response(request, form.signed, number, status=422, trouble="needs_words")
    volunteer_id = await _id_of(parts, number)
    await parts.storage.run(
        _thank, console_of(request).residents, volunteer_id, form.signed.member.name, form.staff_id, text
    )
    return _back(number, "thanked")


def _thank(tx: Tx, texts: Catalogue, volunteer_id: int, name: str, by: int, text: str) -> None:
    staff.actor(tx, by)
    volunteers.record(tx, volunteer_id, actor="staff", staff_id=by, action="thank", note=text)
    speak(tx, volunteer_notices.thanked(tx, texts, volunteer_id, name, text))


@router.post("/fits/{id}/invite", dependencies=[needs("volunteer", "act", id="occasion")])
async def invite(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Those that are ticked are asked, each once; by night they are asked in the morning."""
    chosen = [int(name[1:]) for name in await fields_of(request) if re.fullmatch(r"v[0-9]{1,15}", name)]
    number = await parts.storage.run(invitations.invite, id, volunteer_ids=chosen[:200], by=form.staff_id)
    return RedirectResponse(f"/console/volunteers/fits/{id}?done=invited&number={number}", 303)
