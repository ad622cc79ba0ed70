"""How long data stays: each kind's term and its source, what the next run would take, what is held back, what runs took."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, Stop, desk_router, needs
from handlers.web.console.health_routes import LONGEST_REASON
from handlers.web.parts import Parts, WebParts
from knowledge.retention import rules, span
from storage import legal_holds, retention_due, retention_terms
from storage.access import NotThere
from storage.retention_terms import TermRefused
from storage.staff import Signed
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
HERE = "/console/retention"
LONGEST_NUMBER = 24
router = desk_router("/retention")


@router.get("", dependencies=[needs("retention", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts) -> Response:
    return await _page(request, colleague, parts)


async def _page(
    request: Request, colleague: Signed, parts: WebParts, *, status: int = 200, trouble: str = "", **wrong: Any
) -> Response:
    found = await parts.storage.read(_look)
    return await console_of(request).page(
        request,
        colleague,
        "console/retention.html",
        status=status,
        trouble=trouble,
        shipped=rules(),
        span=span,
        wrong=wrong,
        done=request.query_params.get("done") == "1",
        **found,
    )


def _look(tx: Tx) -> dict[str, Any]:
    return {
        "kinds": retention_terms.in_force(tx),
        "changes": retention_terms.changes(tx),
        "forecast": retention_due.forecast(tx),
        "holds": legal_holds.listed(tx),
        "runs": retention_terms.runs(tx),
    }


@router.post("/terms/{kind}", dependencies=[needs("retention", "terms")])
async def change(request: Request, kind: str, form: Act, parts: Parts) -> Response:
    """Days from now on; left empty, as shipped."""
    reason, days = form.text("reason", longest=LONGEST_REASON), form.fields.get("days", "").strip()
    if kind not in rules():
        raise Stop(404, "not_found")
    if not reason:
        raise Stop(422, "needs_reason")
    wanted = form.number("days") if days else None
    try:
        await parts.storage.run(retention_terms.change, kind, wanted, reason=reason, staff_id=form.staff_id)
    except TermRefused as why:
        return await _page(request, form.signed, parts, status=422, trouble=str(why), kind=kind, days=days)
    return RedirectResponse(f"{HERE}?done=1#{kind}", 303)


@router.post("/holds", dependencies=[needs("retention", "act")])
async def place(request: Request, form: Act, parts: Parts) -> Response:
    number = form.text("number", longest=LONGEST_NUMBER).upper()
    reason = form.text("reason", longest=LONGEST_REASON)
    if not reason:
        raise Stop(422, "needs_reason")
    try:
        placed = await parts.storage.run(legal_holds.place, number, reason=reason, staff_id=form.staff_id)
    except NotThere:
        return await _page(request, form.signed, parts, status=404, trouble="no_ticket")
    if not placed:
        return await _page(request, form.signed, parts, status=409, trouble="held_already")
    return RedirectResponse(f"{HERE}?done=1#holds", 303)


@router.post("/holds/{id}/lift", dependencies=[needs("retention", "act")])
async def lift(id: Id, form: Act, parts: Parts) -> Response:
    reason = form.text("reason", longest=LONGEST_REASON)
    if not reason:
        raise Stop(422, "needs_reason")
    if not await parts.storage.run(legal_holds.lift, id, reason=reason, staff_id=form.staff_id):
        raise Stop(409, "done_before")
    return RedirectResponse(f"{HERE}?done=1#holds", 303)
