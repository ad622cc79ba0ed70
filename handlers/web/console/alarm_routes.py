"""Alarms: the banner every page carries, taking one, what to do, and how it ended."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, cast

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST
from handlers.web.console.days import day_of
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, Form, Stop, desk_router, needs
from handlers.web.parts import Parts
from storage import alarm_calls, alarms, call_danger, care, desk_alarms, staff, taking_alarms
from storage.desk_alarms import Ending, Report
from storage.staff import Signed
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
router = desk_router()


@router.get("/banner", dependencies=[needs("frame", "see")])
async def banner(request: Request, colleague: Colleague) -> Response:
    """The frame alone, for pages that look again without a reload."""
    return await console_of(request).page(request, colleague, "console/banner.html")


@router.get("/alarms", dependencies=[needs("alarm", "see")])
async def everything(request: Request, colleague: Colleague, parts: Parts) -> Response:
    ended = await parts.storage.read(desk_alarms.ended_alarms, member=colleague.member)
    return await console_of(request).page(request, colleague, "console/alarms.html", ended=ended)


@router.get("/alarms/{id}", dependencies=[needs("alarm", "see")])
async def show(request: Request, id: Id, colleague: Colleague) -> Response:
    return await alarm_response(request, colleague, id)


async def alarm_response(
    request: Request,
    signed: Signed,
    id: int,
    *,
    status: int = 200,
    trouble: str = "",
    typed: dict[str, str] | None = None,
) -> Response:
    found = await console_of(request).parts.storage.read(_look, id, signed)
    if found is None:
        raise Stop(404, "no_alarm")
    values: dict[str, Any] = found | {"trouble": trouble, "typed": typed or {}}
    return await console_of(request).page(request, signed, "console/alarm.html", status=status, **values)


def _look(tx: Tx, id: int, signed: Signed) -> dict[str, Any] | None:
    alarm = desk_alarms.alarm(tx, id, member=signed.member)
    if alarm is None:
        return None
    colleagues = [member for member in staff.everyone(tx) if member.may_act]
    silent = {call.id for call in alarm_calls.unreached(tx, [id])}
    passed = [] if alarm.covered else call_danger.transfers_of_alarm(tx, id)
    return {
        "alarm": alarm,
        "colleagues": colleagues,
        "calls": alarm_calls.of(tx, [id]),
        "silent": silent,
        "passed_on": passed,
    }


@router.post("/alarms/{id}/take", dependencies=[needs("alarm", "act")])
async def take(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Whoever takes an alarm has the conversation, too, and the resident is told that a person is there."""
    words = console_of(request).telling("alarm_taken")
    if not await parts.storage.run(taking_alarms.take, id, staff_id=form.staff_id, words=words):
        return await alarm_response(request, form.signed, id, status=409, trouble="alarm_taken")
    return RedirectResponse(f"/console/alarms/{id}", 303)


@router.post("/alarms/{id}/hand-on", dependencies=[needs("alarm", "act")])
async def hand_on(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Whoever was called and cannot take it calls the next now."""
    handed = await parts.storage.run(taking_alarms.hand_on, id, staff_id=form.staff_id)
    if isinstance(handed, str):
        return await alarm_response(request, form.signed, id, status=409, trouble=f"hand_{handed}")
    if not handed:
        return await alarm_response(request, form.signed, id, status=409, trouble="hand_nobody")
    return RedirectResponse(f"/console/alarms/{id}", 303)


@router.post("/alarms/{id}/end", dependencies=[needs("alarm", "act")])
async def end(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    outcome = form.fields.get("outcome", "")
    if outcome not in ("handled", "false_alarm"):
        raise Stop(422, "bad_form")
    known = cast(alarms.Outcome, outcome)
    ending = _ending(form, known, parts.storage.clock())
    if isinstance(ending, str):
        return await alarm_response(request, form.signed, id, status=422, trouble=ending, typed=form.fields)
    try:
        done = await parts.storage.run(desk_alarms.end_alarm, id, staff_id=form.staff_id, ending=ending)
    except LookupError as error:
        raise Stop(422, "bad_form") from error
    if done == "over":
        raise Stop(409, "alarm_over")
    if done != "done":
        return await alarm_response(request, form.signed, id, status=422, trouble=done, typed=form.fields)
    return RedirectResponse("/console/alarms", 303)


def _ending(form: Form, outcome: alarms.Outcome, now: datetime) -> Ending | str:
    """What the form says, or what is wrong with it."""
    written = written_care(form, now) if outcome == "handled" and form.text("done") else None
    if isinstance(written, str):
        return written
    report = form.fields.get("report", "")
    return Ending(
        outcome=outcome,
        note=form.text("note"),
        checks=tuple(name.removeprefix("check_") for name in form.fields if name.startswith("check_"))[:30],
        report=cast(Report, report) if report in ("reported", "not_due") else None,
        care=written,
    )


def written_care(form: Form, now: datetime) -> care.Written | str:
    """The care note's fields: who took part, what was done, who goes on, and when."""
    done, day = form.text("done"), form.fields.get("follow_up", "")
    if len(done) < 2:
        return "no_care"
    follow_up_at = day_of(day) if day else None
    if day and (follow_up_at is None or follow_up_at < now):
        return "bad_day"
    return care.Written(form.text("people", longest=300), done, form.number("named_to"), follow_up_at)
