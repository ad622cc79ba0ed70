"""The first steps in an empty house: each on its own, each can be skipped, and what is done stays done."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.console.desk_pages import console_of
from handlers.web.console.estate_routes import LONGEST, attempted
from handlers.web.console.gates import Act, Colleague, Form, Stop, desk_router, needs
from handlers.web.parts import Parts
from storage import first_steps
from storage.first_steps import STEPS
from storage.staff import Signed

HERE = "/console/first-steps"
HOW = ("skipped", "done", "open")
LEADS = {
    "hours": "/console/communities/{community}#hours",
    "calendar": "/console/calendar",
    "duty": "/console/duty/plan",
    "colleagues": "/console/staff",
    "posters": "/console/posters",
}
"""Where a step is taken that has a page of its own."""
StepName = Annotated[str, Path(pattern="^[a-z]{1,16}$")]
router = desk_router("/first-steps")


@router.get("", dependencies=[needs("setup", "see")])
async def show(request: Request, colleague: Colleague) -> Response:
    return await steps_response(request, colleague)


async def steps_response(request: Request, signed: Signed, *, status: int = 200, **more: Any) -> Response:
    console = console_of(request)
    found = await console.parts.storage.read(first_steps.progress)
    leads = {step: address.format(community=found.community or 0) for step, address in LEADS.items()}
    values: dict[str, Any] = {"found": found, "leads": leads, "typed": {}, "trouble": "", "what": "", **more}
    return await console.page(request, signed, "console/first_steps.html", status=status, **values)


@router.post("/community", dependencies=[needs("setup", "act")])
async def begin(request: Request, form: Act, parts: Parts) -> Response:
    def named(what: str) -> dict[str, str]:
        return {"name": form.text(what, longest=LONGEST), "name_en": form.text(f"{what}_en", longest=80)}

    given = {what: named(what) for what in ("estate", "community")}
    _, trouble = await attempted(parts, lambda tx: first_steps.begin(tx, by=form.staff_id, **given))
    if trouble:
        return await steps_response(request, form.signed, typed=form.fields, **trouble)
    return RedirectResponse(HERE, 303)


@router.post("/{step}/aside", dependencies=[needs("setup", "act")])
async def aside(step: StepName, form: Act, parts: Parts) -> Response:
    chosen = next((one for one in STEPS if one == step), None)
    if chosen is None or _how(form) not in HOW:
        raise Stop(422, "bad_form")
    how = _how(form)
    await parts.storage.run(lambda tx: first_steps.set_aside(tx, chosen, by=form.staff_id, how=how))
    return RedirectResponse(HERE, 303)


def _how(form: Form) -> str:
    return form.fields.get("how", "")
