"""Calls and visits: what rings, taking it, the screen while talking, and what the shift comes to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST
from handlers.web.console.call_pages import call_response
from handlers.web.console.days import at_midnight
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, Stop, desk_router, needs
from handlers.web.parts import Parts
from knowledge.calendar import CHINA
from knowledge.hotline_rules import SOURCES
from storage import call_figures, calls
from storage.calls import Call
from storage.staff import Signed

Id = Annotated[int, Path(ge=1, le=LARGEST)]
SEE, ACT = needs("call", "see"), needs("call", "act")
DONE = ("answered", "nothing", "later", "given_up", "judged")
router = desk_router()


@router.get("/calls", dependencies=[SEE])
async def everything(
    request: Request, colleague: Colleague, done: str = "", since: str = "", until: str = ""
) -> Response:
    return await calls_response(request, colleague, done=done if done in DONE else "", since=since, until=until)


async def calls_response(
    request: Request,
    signed: Signed,
    *,
    status: int = 200,
    done: str = "",
    trouble: str = "",
    since: str = "",
    until: str = "",
) -> Response:
    storage = console_of(request).parts.storage
    begins, ends = span_of(since, until, storage.clock())
    now, lately = await storage.read(calls.now), await storage.read(calls.lately, since=begins)
    me = signed.member.id
    values = {
        "ringing": sorted((call for call in now if call.state == "ringing"), key=_waits),
        "mine": [call for call in now if call.state == "open" and call.staff_id == me],
        "others": [call for call in now if call.state == "open" and call.staff_id != me],
        "lately": lately,
        "shift": await storage.read(call_figures.shift, since=begins, until=ends, staff_id=me),
        "since": begins.astimezone(CHINA),
        "until": ends.astimezone(CHINA),
    }
    return await console_of(request).page(
        request, signed, "console/calls.html", status=status, done=done, trouble=trouble, **values
    )


def _waits(call: Call) -> tuple[bool, bool, datetime]:
    """Who waits at the telephone now stands first, and under the key that takes a call."""
    return call.hung_up_at is not None, call.answered_at is not None, call.began_at


def span_of(since: str, until: str, now: datetime) -> tuple[datetime, datetime]:
    """From a day or a time to another, over midnight as well: a day is a whole one. Today, where nothing was given."""
    begins = _time_of(since) or at_midnight(since, now)
    ends = _time_of(until) or at_midnight(until, now) + timedelta(days=1)
    return begins, ends if ends > begins else at_midnight("", begins) + timedelta(days=1)


def _time_of(written: str) -> datetime | None:
    """A time of day in China; None for a day, or for what is neither."""
    try:
        at = datetime.fromisoformat(written) if "T" in written else None
    except ValueError:
        return None
    return at.replace(tzinfo=CHINA) if at else None


@router.post("/calls", dependencies=[ACT])
async def begin(form: Act, parts: Parts) -> Response:
    """A call nobody announced, or somebody at the counter."""
    source = form.fields.get("source", "")
    if source not in SOURCES:
        raise Stop(422, "bad_form")
    call_id = await parts.storage.run(calls.begin, staff_id=form.staff_id, source=source)
    return RedirectResponse(f"/console/calls/{call_id}", 303)


@router.post("/calls/{id}/take", dependencies=[ACT])
async def take(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Take a ringing call, or over from a colleague; one person has it."""
    over = form.fields.get("over") == "yes"
    if not await parts.storage.run(calls.take, id, staff_id=form.staff_id, over=over):
        return await calls_response(request, form.signed, status=409, trouble="held")
    return RedirectResponse(f"/console/calls/{id}", 303)


@router.get("/calls/{id}", dependencies=[SEE])
async def one(request: Request, id: Id, colleague: Colleague) -> Response:
    return await call_response(request, colleague, id)


def held(call: Call | None, staff_id: int) -> Call:
    """The call, for whoever fills it in."""
    if call is None:
        raise Stop(404, "not_found")
    if call.staff_id != staff_id or call.state != "open":
        raise Stop(409, "call_gone")
    return call
