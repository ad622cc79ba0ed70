"""The office's time: what is promised for what, and on which days and hours somebody works."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from handlers.web.console import office_moves
from handlers.web.console.desk_pages import console_of
from handlers.web.console.duty_forms import moment_of
from handlers.web.console.gates import Act, Colleague, Form, Stop, desk_router, needs
from handlers.web.console.time_forms import days_of, hours_of
from handlers.web.console.wording import CHINA
from handlers.web.parts import Parts
from knowledge import own_terms
from knowledge.deadlines import COMPLEX, EXTENSION_AT_MOST, REDO, SEND_BACK, TERMS, Span, Terms
from knowledge.office_days import Unreadable, announced
from knowledge.own_terms import Change
from storage import office_board, office_plan
from storage.office_moves import Moves
from storage.staff import Signed

router = desk_router()
DEADLINES, CALENDAR = "/console/deadlines", "/console/calendar"
UNITS = {"minutes": ("clock_minutes", 1), "hours": ("clock_minutes", 60), "office_minutes": ("office_minutes", 1)}
UNITS |= {"office_days": ("office_days", 1), "working_days": ("working_days", 1)}
"""What a term may be counted in: the field of a span, and how many of its own units one is."""
MOST = 10_000
FIRST_YEAR, LAST_YEAR = 2020, 2099
FIXED = {"redo": REDO, "complex": COMPLEX, "send_back": SEND_BACK, "extension": EXTENSION_AT_MOST}
LONGEST = 200


@router.get("/deadlines", dependencies=[needs("deadline", "see")])
async def deadlines(request: Request, colleague: Colleague) -> Response:
    return await deadlines_response(request, colleague)


async def deadlines_response(
    request: Request, signed: Signed, *, trouble: str = "", typed: dict[str, str] | None = None
) -> Response:
    console = console_of(request)
    found = await console.parts.storage.read(office_board.deadlines, signed.member.id)
    values: dict[str, Any] = {"found": found, "urgencies": tuple(TERMS), "units": tuple(UNITS), "fixed": FIXED}
    values |= {
        "kinds": list(own_terms.kinds()),
        "trouble": trouble,
        "typed": typed or {},
        "done": _done(request, trouble),
    }
    status = 422 if trouble else 200
    return await console.page(request, signed, "console/deadlines.html", status=status, **values)


@router.post("/deadlines", dependencies=[needs("deadline", "act")])
async def decide(request: Request, form: Act, parts: Parts) -> Response:
    change = _change(form, parts.storage.clock())
    reason = form.text("reason", longest=LONGEST)
    if change is None or not reason:
        return await deadlines_response(request, form.signed, trouble="deadline_form", typed=form.fields)
    if not await parts.storage.run(office_plan.decide, change, by=form.staff_id, reason=reason):
        return await deadlines_response(request, form.signed, trouble="deadline_past", typed=form.fields)
    return RedirectResponse(f"{DEADLINES}?done=1", 303)


def _change(form: Form, now: datetime) -> Change | None:
    """What the form says; None where something is missing. No time given: from now on."""
    route, _, category = form.fields.get("kind", "").partition(":")
    urgency, written = form.fields.get("urgency", ""), form.fields.get("since", "")
    since = moment_of(written) if written else now
    if (route or None, category or None) not in set(own_terms.kinds()) or urgency not in TERMS or since is None:
        return None
    if form.fields.get("shipped"):
        return Change(route or None, category or None, urgency, None, since)
    contact, close = _span(form, "contact"), _span(form, "close")
    if contact is None or close is None:
        return None
    return Change(route or None, category or None, urgency, Terms(contact, close), since)


def _span(form: Form, name: str) -> Span | None:
    written, unit = form.fields.get(name, ""), form.fields.get(f"{name}_unit", "")
    if unit not in UNITS or not (written.isascii() and written.isdigit() and 0 < len(written) < 6):
        return None
    field, times = UNITS[unit]
    return Span(**{field: int(written) * times}) if 0 < int(written) <= MOST else None


@router.get("/calendar", dependencies=[needs("calendar", "see")])
async def calendar(request: Request, colleague: Colleague) -> Response:
    return await calendar_response(request, colleague)


async def calendar_response(
    request: Request,
    signed: Signed,
    *,
    trouble: str = "",
    line: int = 0,
    typed: dict[str, str] | None = None,
    **more: Any,
) -> Response:
    console = console_of(request)
    this_year = console.parts.storage.clock().astimezone(CHINA).year
    asked = (typed or {}).get("year") or request.query_params.get("year") or ""
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) == 4 else this_year
    number = min(max(number, FIRST_YEAR), LAST_YEAR)
    found = await console.parts.storage.read(office_board.year, signed.member.id, number)
    values: dict[str, Any] = {"found": found, "this_year": this_year, "trouble": trouble, "line": line}
    values |= {"typed": typed or {}, "done": _done(request, trouble), "moves": None, **more}
    status = 422 if trouble else 200
    return await console.page(request, signed, "console/calendar.html", status=status, **values)


def _done(request: Request, trouble: str) -> bool:
    return not trouble and request.query_params.get("done") == "1"


@router.post("/calendar/days", dependencies=[needs("calendar", "house")])
async def day(request: Request, form: Act) -> Response:
    """A day or some days, open or shut; or what is announced again."""
    found = days_of(form)
    if found is None:
        return await calendar_response(request, form.signed, trouble="calendar_day", typed=form.fields)
    moves = await office_moves.made(request, form, found.change(), since=found.days[0], at_once=found.back)
    if moves is not None:
        return await _sure(request, form, moves, found.what)
    return _back(found.days[0].year)


async def _sure(request: Request, form: Form, moves: Moves, what: str) -> Response:
    shown: dict[str, Any] = {"moves": moves, "moves_what": f"moves_{what}"}
    return await calendar_response(request, form.signed, typed=form.fields, **shown)


@router.post("/calendar/years", dependencies=[needs("calendar", "house")])
async def year(request: Request, form: Act, parts: Parts) -> Response:
    """A whole year's announcement."""
    number, source = form.number("year"), form.text("source", longest=LONGEST)
    if not FIRST_YEAR <= number <= LAST_YEAR:
        raise Stop(422, "bad_form")
    try:
        days = announced(form.text("days"), number)
    except Unreadable as error:
        return await calendar_response(
            request, form.signed, trouble="calendar_line", line=error.line, typed=form.fields
        )
    if not days or not source:
        return await calendar_response(request, form.signed, trouble="calendar_year", typed=form.fields)
    await parts.storage.run(office_plan.enter_year, number, days, by=form.staff_id, source=source)
    return _back(number)


@router.post("/calendar/hours", dependencies=[needs("calendar", "house")])
async def hours(request: Request, form: Act, parts: Parts) -> Response:
    found = hours_of(form, parts.storage.clock())
    if found is None:
        return await calendar_response(request, form.signed, trouble="calendar_hours", typed=form.fields)
    moves = await office_moves.made(request, form, found.change(), since=found.since)
    if moves is not None:
        return await _sure(request, form, moves, "hours")
    return _back(found.since.year)


def _back(year: int) -> Response:
    number = min(max(year, FIRST_YEAR), LAST_YEAR)
    return RedirectResponse(f"{CALENDAR}?year={number}&done=1", 303)
