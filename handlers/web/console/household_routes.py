"""Household duty (包户): the list, one household behind a stated reason, visits, handing over, the end (S-07)."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

from fastapi import Path, Request
from sqlalchemy import select
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, Stop, desk_router, needs
from handlers.web.console.household_forms import agreed, category, colleagues, common, entered, hands, visited
from handlers.web.parts import Parts
from knowledge.households import rules
from storage import heart_cards, household_ends, household_plans, household_visits, households, staff
from storage.access import NotThere
from storage.households import LONGEST_REASON, Wrong
from storage.staff import Signed
from storage.tables import audit, tickets
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
HERE = "/console/households"
SEE, ACT, KEEP = (needs("household", act) for act in ("see", "act", "keep"))
router = desk_router("/households")
DONE = ("registered", "changed", "handed", "visited", "filed", "made", "given", "dead", "answered", "settled")


@router.get("", dependencies=[SEE])
async def show(request: Request, colleague: Colleague, done: str = "") -> Response:
    return await _list_response(request, colleague, done=done if done in ("ended", "all_handed") else "")


async def _list_response(
    request: Request, signed: Signed, *, done: str = "", trouble: str = "", typed: dict[str, str] | None = None
) -> Response:
    console = console_of(request)
    found = await console.parts.storage.read(_list, signed.member.id)
    values: dict[str, Any] = {"done": done, "trouble": trouble, "typed": typed or {}, "today": household_plans.DAY}
    status = 422 if trouble else 200
    return await console.page(request, signed, "console/households.html", status=status, **values, **found)


@router.post("/hand-over-all", dependencies=[KEEP])
async def hand_over_all(request: Request, form: Act, parts: Parts) -> Response:
    """All that one colleague looks after goes to another, who goes on where they were."""
    given = {"of": form.number("of"), "to": form.number("to"), "reason": form.text("reason", longest=LONGEST_REASON)}
    try:
        await parts.storage.run(households.hand_over_all, **given, staff_id=form.staff_id)  # type: ignore[arg-type]
    except Wrong as wrong:
        return await _list_response(request, form.signed, trouble=wrong.code, typed=form.fields)
    return RedirectResponse(f"{HERE}?done=all_handed", 303)


def _list(tx: Tx, staff_id: int) -> dict[str, Any]:
    lines = households.listed(tx, staff_id=staff_id)
    having = Counter(line.worker_id for line in lines if line.state == "active" and line.worker_id)
    return {"lines": lines, "names": staff.names(tx), "having": having, "hands": colleagues(tx)}


# --- registering ------------------------------------------------------------------------------------------------------
@router.get("/new", dependencies=[KEEP])
async def new(request: Request, colleague: Colleague) -> Response:
    return await _new_response(request, colleague, {})


async def _new_response(request: Request, signed: Signed, typed: dict[str, str], trouble: str = "") -> Response:
    console = console_of(request)
    values = await common(console.parts, signed.member.id) | {"typed": typed, "trouble": trouble}
    status = 422 if trouble else 200
    return await console.page(request, signed, "console/household_new.html", status=status, **values)


@router.post("/new", dependencies=[KEEP])
async def register(request: Request, form: Act, parts: Parts) -> Response:
    try:
        id = await parts.storage.run(
            households.register, entered(form), agreed(form), staff_id=form.staff_id, **hands(form)
        )
    except Wrong as wrong:
        return await _new_response(request, form.signed, form.fields, wrong.code)
    except NotThere:
        return await _new_response(request, form.signed, form.fields, "elsewhere")
    return RedirectResponse(f"{HERE}/{id}?done=registered", 303)


# --- one --------------------------------------------------------------------------------------------------------------
@router.get("/{id}", dependencies=[SEE])
async def one(request: Request, id: Id, colleague: Colleague, done: str = "") -> Response:
    return await page_response(request, colleague, id, done=done if done in DONE else "")


async def page_response(
    request: Request, signed: Signed, id: int, *, status: int = 200, trouble: str = "", done: str = ""
) -> Response:
    """The household, or, while no reason was given, the question for one."""
    console = console_of(request)
    found = await console.parts.storage.read(_page, id, signed.member.id)
    if found is None:
        values: dict[str, Any] = {"id": id, "rules": rules(), "trouble": trouble}
        return await console.page(request, signed, "console/household_look.html", status=status, **values)
    values = await common(console.parts, signed.member.id) | {"trouble": trouble, "done": done} | found
    return await console.page(request, signed, "console/household.html", status=status, **values)


def _page(tx: Tx, id: int, staff_id: int) -> dict[str, Any] | None:
    row = households.opened(tx, id, staff_id=staff_id)
    if row is None:
        return None
    visits = household_plans.visits(tx, id)
    filed = select(tickets.c.id, tickets.c.number).where(tickets.c.id.in_([one["ticket_id"] for one in visits]))
    acts = select(audit).where(audit.c.object == str(id), audit.c.action.like("household_%"))
    return {
        "one": row,
        "plan": household_plans.current(tx, id),
        "visits": visits,
        "numbers": dict(tx.tuples(filed)),
        "cards": heart_cards.of(tx, id),
        "words": heart_cards.words_of(tx, id),
        "looks": households.looks(tx, id),
        "history": tx.all(acts.order_by(audit.c.id.desc()).limit(30)),
        "names": staff.names(tx),
    }


@router.post("/{id}/look", dependencies=[ACT])
async def look(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Why one looks, kept with who and when."""
    known, chosen = rules().reasons, form.fields.get("reason", "")
    reason = known[chosen].zh if chosen in known else form.text("other", longest=LONGEST_REASON)
    try:
        await parts.storage.run(households.look, id, staff_id=form.staff_id, reason=reason)
    except Wrong as wrong:
        return await page_response(request, form.signed, id, status=422, trouble=wrong.code)
    return RedirectResponse(f"{HERE}/{id}", 303)


@router.post("/{id}/change", dependencies=[ACT])
async def change(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    given = {"revision": form.number("revision"), "staff_id": form.staff_id}
    try:
        done = await parts.storage.run(households.change, id, entered(form), **given)
    except Wrong as wrong:
        return await page_response(request, form.signed, id, status=422, trouble=wrong.code)
    except NotThere:
        return await page_response(request, form.signed, id, status=422, trouble="elsewhere")
    return await _after(request, form.signed, id, done, "changed")


async def _after(request: Request, signed: Signed, id: int, done: bool, word: str) -> Response:
    if not done:
        return await page_response(request, signed, id, status=409, trouble="changed")
    return RedirectResponse(f"{HERE}/{id}?done={word}", 303)


@router.post("/{id}/visit", dependencies=[ACT])
async def visit(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """What came of a visit; with the other button what they need is a ticket at once."""
    given: dict[str, Any] = {"category": category(form), "staff_id": form.staff_id}
    try:
        filed = await parts.storage.run(household_visits.visit, id, visited(form), **given)
    except Wrong as wrong:
        return await page_response(request, form.signed, id, status=422, trouble=wrong.code)
    return RedirectResponse(f"{HERE}/{id}?done={'filed' if filed else 'visited'}", 303)


@router.post("/{id}/hand-over", dependencies=[KEEP])
async def hand_over(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    given = hands(form) | {"revision": form.number("revision"), "staff_id": form.staff_id}
    reason = form.text("reason", longest=LONGEST_REASON)
    try:
        done = await parts.storage.run(households.hand_over, id, reason=reason, **given)
    except Wrong as wrong:
        return await page_response(request, form.signed, id, status=422, trouble=wrong.code)
    return await _after(request, form.signed, id, done, "handed")


@router.post("/{id}/end", dependencies=[ACT])
async def end(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Not looked after any more; the box says that one knows what it means."""
    if form.fields.get("sure") != "yes":
        raise Stop(422, "bad_form")
    try:
        await parts.storage.run(household_ends.end, id, why=form.fields.get("why", ""), staff_id=form.staff_id)
    except Wrong as wrong:
        return await page_response(request, form.signed, id, status=422, trouble=wrong.code)
    return RedirectResponse(f"{HERE}?done=ended", 303)
