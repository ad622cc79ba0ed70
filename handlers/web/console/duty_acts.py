"""Changing who is on call: people, the week, who is away or stands in, taking a duty over, handing it over."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST
from handlers.web.console.duty_forms import date_of, days_of, hour_of, moment_of, phone_of, post_of, town_of
from handlers.web.console.duty_routes import duty_response
from handlers.web.console.gates import Act, Form, Stop, desk_router, needs
from handlers.web.parts import Parts
from storage import alarm_calls, duty_handovers, duty_plan
from storage.access import access_alarm
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
router = desk_router("/duty")
HERE, PLAN = "/console/duty", "/console/duty/plan"


async def _answer(request: Request, form: Form, trouble: str | None, page: str = "") -> Response:
    """Back to the page it came from; with what is wrong, where something is."""
    if trouble:
        return await duty_response(request, form.signed, page=page, trouble=trouble, typed=form.fields)
    town = town_of(form.fields.get("town"))
    where = f"{PLAN if page else HERE}?town={'none' if town is None else town}&done=1"
    return RedirectResponse(where, 303)


@router.post("/people", dependencies=[needs("duty", "plan")])
async def add(request: Request, form: Act, parts: Parts) -> Response:
    phone = phone_of(form)
    if phone is None:
        return await _answer(request, form, "duty_phone", "plan")
    named: dict[str, Any] = {"name": form.text("name", longest=duty_plan.LONGEST_NAME), "phone": phone}
    if form.fields.get("colleague"):
        named = {"colleague": form.number("colleague"), "phone": phone}
    return await _plan(request, form, parts, duty_plan.add_person, **named)


@router.post("/people/{id}/phone", dependencies=[needs("duty", "act")])
async def phone(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    number = phone_of(form)
    if number is None:
        return await _answer(request, form, "duty_phone")
    return await _own(request, form, parts, duty_plan.set_phone, id, phone=number)


@router.post("/people/{id}/remove", dependencies=[needs("duty", "plan")])
async def remove(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    return await _plan(request, form, parts, duty_plan.remove_person, id)


@router.post("/shifts", dependencies=[needs("duty", "plan")])
async def shifts(request: Request, form: Act, parts: Parts) -> Response:
    begins, ends = hour_of(form.fields.get("begins", "")), hour_of(form.fields.get("ends", ""))
    since, days = date_of(form.fields.get("since", "")), days_of(form)
    if begins is None or ends is None or since is None or not days:
        return await _answer(request, form, "duty_bad_time", "plan")
    week = {"days": days, "begins": begins, "ends": ends, "since": since}
    person_id = form.number("person")
    return await _plan(request, form, parts, duty_plan.add_shifts, post=post_of(form), person_id=person_id, **week)


@router.post("/shifts/{id}/end", dependencies=[needs("duty", "plan")])
async def end(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    until = date_of(form.fields.get("until", ""))
    if until is None:
        return await _answer(request, form, "duty_bad_time", "plan")
    return await _plan(request, form, parts, duty_plan.end_shift, id, until=until)


@router.post("/away", dependencies=[needs("duty", "act")])
async def away(request: Request, form: Act, parts: Parts) -> Response:
    kind = form.fields.get("kind", "")
    if kind not in duty_plan.AWAY:
        raise Stop(422, "bad_form")
    return await _timed(request, form, parts, duty_plan.away, kind=kind, person_id=form.number("person"))


@router.post("/stand-in", dependencies=[needs("duty", "plan")])
async def stand_in(request: Request, form: Act, parts: Parts) -> Response:
    person_id = form.number("person")
    return await _timed(request, form, parts, duty_plan.stand_in, post=post_of(form), person_id=person_id)


@router.post("/changes/{id}/cancel", dependencies=[needs("duty", "act")])
async def cancel(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    return await _own(request, form, parts, duty_plan.cancel, id)


@router.post("/take", dependencies=[needs("duty", "act")])
async def take(request: Request, form: Act, parts: Parts) -> Response:
    """ "I take tonight's duty"."""
    until = moment_of(form.fields.get("until", ""))
    if until is None:
        return await _answer(request, form, "duty_bad_time")
    return await _own(request, form, parts, duty_plan.take_over, post=post_of(form), until=until)


@router.post("/handovers", dependencies=[needs("duty", "act")])
async def offer(request: Request, form: Act, parts: Parts) -> Response:
    until = moment_of(form.fields.get("until", ""))
    if until is None:
        return await _answer(request, form, "duty_bad_time")
    note = form.text("note", longest=duty_handovers.LONGEST_NOTE)
    given = {"post": post_of(form), "person_id": form.number("person"), "until": until, "note": note}
    return await _own(request, form, parts, duty_handovers.offer, **given)


@router.post("/handovers/{id}/answer", dependencies=[needs("duty", "act")])
async def answer(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    said = form.fields.get("said", "")
    if said not in ("accepted", "declined", "withdrawn"):
        raise Stop(422, "bad_form")
    known = cast(duty_handovers.Answer, said)
    trouble = await parts.storage.run(duty_handovers.answer, id, by=form.staff_id, said=known)
    return await _answer(request, form, f"duty_{trouble}" if trouble else None)


@router.post("/calls/{id}/rung", dependencies=[needs("duty", "act")])
async def rung(id: Id, form: Act, parts: Parts) -> Response:
    """Somebody telephoned who could not be reached."""
    alarm_id = await parts.storage.run(_rung, id, form.staff_id)
    return RedirectResponse(f"/console/alarms/{alarm_id}", 303)


def _rung(tx: Tx, call_id: int, staff_id: int) -> int:
    alarm_id = alarm_calls.alarm_of(tx, call_id)
    access_alarm(tx, alarm_id, staff_id=staff_id, act="act")
    alarm_calls.rung(tx, call_id, staff_id=staff_id)
    return alarm_id


async def _timed(request: Request, form: Form, parts: Parts, unit: Any, **given: Any) -> Response:
    starts, ends = moment_of(form.fields.get("starts", "")), moment_of(form.fields.get("ends", ""))
    if starts is None or ends is None:
        return await _answer(request, form, "duty_bad_time")
    note = form.text("note", longest=200)
    return await _own(request, form, parts, unit, starts=starts, ends=ends, note=note, **given)


async def _own(request: Request, form: Form, parts: Parts, unit: Any, *given: Any, **named: Any) -> Response:
    return await _step(request, form, parts, "", unit, *given, **named)


async def _plan(request: Request, form: Form, parts: Parts, unit: Any, *given: Any, **named: Any) -> Response:
    return await _step(request, form, parts, "plan", unit, *given, **named)


async def _step(
    request: Request, form: Form, parts: Parts, page: str, unit: Any, *given: Any, **named: Any
) -> Response:
    town = town_of(form.fields.get("town"))
    trouble = await parts.storage.run(unit, town, *given, by=form.staff_id, **named)
    return await _answer(request, form, f"duty_{trouble}" if trouble else None, page)
