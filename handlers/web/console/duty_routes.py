"""Who is on call: now, in the coming two weeks, and where nobody is; the roster and everybody on it."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import Response

from handlers.web.console.desk_pages import console_of
from handlers.web.console.duty_forms import town_of
from handlers.web.console.gates import Colleague, desk_router, needs
from handlers.web.parts import Parts
from knowledge.duty import Post
from storage import duty, duty_board, duty_plan
from storage.staff import Signed
from storage.transaction import Tx

router = desk_router("/duty")


@router.get("", dependencies=[needs("duty", "see")])
async def show(request: Request, colleague: Colleague) -> Response:
    return await duty_response(request, colleague)


@router.get("/plan", dependencies=[needs("duty", "plan")])
async def plan(request: Request, colleague: Colleague) -> Response:
    return await duty_response(request, colleague, page="plan")


async def duty_response(
    request: Request, signed: Signed, *, page: str = "", trouble: str = "", typed: dict[str, str] | None = None
) -> Response:
    """The page, after a form that could not be right with what was typed."""
    chosen = (typed or {}).get("town") or request.query_params.get("town")
    parts: Parts = console_of(request).parts
    found = await parts.storage.read(_look, signed, chosen, plan=page == "plan")
    said = request.query_params.get("done", "") if not trouble else ""
    common = {"posts": tuple(Post), "trouble": trouble, "typed": typed or {}, "done": said == "1"}
    template = "console/duty_plan.html" if page == "plan" else "console/duty.html"
    status = 422 if trouble else 200
    return await console_of(request).page(request, signed, template, status=status, **found, **common)


def _look(tx: Tx, signed: Signed, chosen: str | None, *, plan: bool) -> dict[str, Any]:
    towns = duty.towns(tx, signed.member.id)
    town = town_of(chosen) if chosen else towns[0][0]
    board = duty_board.board(tx, signed.member, town)
    found: dict[str, Any] = {"board": board, "towns": towns, "me": board.plan.of_staff(signed.member.id)}
    if plan:
        found |= {
            "shifts": duty_plan.shifts(tx, town),
            "candidates": duty_plan.candidates(tx, board.plan),
        }
    return found
