"""How the service runs in plain words; what went wrong on the way in or out, and trying it once more."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, Stop, desk_router, needs
from handlers.web.console.running_words import channel, said, size
from handlers.web.parts import Parts
from knowledge import running as judging
from knowledge import whats_new
from storage import desk_health, running

Id = Annotated[int, Path(ge=1, le=LARGEST)]
HERE = "/console/health"
LONGEST_REASON = 300
router = desk_router("/health")


@router.get("", dependencies=[needs("health", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts) -> Response:
    who = colleague.member.id
    found = await parts.storage.read(desk_health.health, staff_id=who)
    facts = await parts.storage.read(running.look, staff_id=who)
    w = console_of(request).common(request)["w"]
    return await console_of(request).page(
        request,
        colleague,
        "console/health.html",
        health=found,
        findings=[said(one, w) for one in judging.judge(facts, parts.storage.clock())],
        facts=facts,
        version=parts.version,
        new=whats_new.shipped()[0],
        silent=judging.SILENT,
        size=size,
        channel=channel,
    )


@router.post("/updates/{id}/retry", dependencies=[needs("health", "act", id="update")])
async def retry(id: Id, form: Act, parts: Parts) -> Response:
    if not await parts.storage.run(desk_health.retry, id, staff_id=form.staff_id):
        raise Stop(409, "done_before")
    return RedirectResponse(HERE, 303)


@router.post("/updates/{id}/aside", dependencies=[needs("health", "act", id="update")])
async def set_aside(id: Id, form: Act, parts: Parts) -> Response:
    """Nothing more is tried; somebody has seen to it, and says how."""
    reason = form.text("reason", longest=LONGEST_REASON)
    if not reason:
        raise Stop(422, "needs_reason")
    if not await parts.storage.run(desk_health.set_aside, id, staff_id=form.staff_id, reason=reason):
        raise Stop(409, "done_before")
    return RedirectResponse(HERE, 303)


@router.post("/letters/{id}/resend", dependencies=[needs("health", "act", id="letter")])
async def resend(id: Id, form: Act, parts: Parts) -> Response:
    if not await parts.storage.run(desk_health.resend, id, staff_id=form.staff_id):
        raise Stop(409, "done_before")
    return RedirectResponse(HERE, 303)


@router.post("/letters/resend", dependencies=[needs("health", "act")])
async def resend_all(form: Act, parts: Parts) -> Response:
    """After an outage: everything that surely did not arrive."""
    if not await parts.storage.run(desk_health.resend_all, staff_id=form.staff_id):
        raise Stop(409, "done_before")
    return RedirectResponse(HERE, 303)
