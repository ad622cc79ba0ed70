"""One community: its facts beside what the notice asks, its buildings, what else it consists of, its own hours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from fastapi import Request
from sqlalchemy import RowMapping
from starlette.responses import RedirectResponse, Response

from handlers.web.console import office_moves
from handlers.web.console.community_facts import Wrong, body_of, facts_of
from handlers.web.console.desk_pages import console_of
from handlers.web.console.estate_routes import HERE, Id, attempted, tree_response
from handlers.web.console.gates import Act, Colleague, Form, desk_router, needs
from handlers.web.console.time_forms import Change, days_of, hours_of
from handlers.web.console.wording import CHINA
from handlers.web.parts import Parts, WebParts
from knowledge.bodies import CLAUSES, HAS, KINDS
from knowledge.norms import Norm, norms
from knowledge.notice import notice
from knowledge.profile import Profile
from storage import bodies, estates, group_connecting, houses, office_time, towns
from storage.group_connecting import Line
from storage.staff import Signed
from storage.transaction import Tx

A_YEAR = timedelta(days=366)
router = desk_router("/communities")


@dataclass(frozen=True, slots=True)
class Whole:
    """All of one community's page."""

    row: RowMapping
    profile: Profile
    norms: list[Norm]
    buildings: list[RowMapping]
    flats: dict[str, int]
    bodies: list[RowMapping]
    hours: list[RowMapping]
    days: list[RowMapping]
    hanging: dict[str, int]
    first: bool
    whole_house: bool
    mark: str
    group: Line


@router.get("/{id}", dependencies=[needs("community", "see")])
async def show(request: Request, id: Id, colleague: Colleague) -> Response:
    return await community_response(request, colleague, id)


async def community_response(
    request: Request, signed: Signed, id: int, *, status: int = 200, typed: dict[str, str] | None = None, **more: Any
) -> Response:
    """``typed``: what was in a form that was refused, so that nobody types it twice."""
    console = console_of(request)
    one = await console.parts.storage.read(_whole, id, signed.member.id)
    values: dict[str, Any] = {"one": one, "typed": typed or {}, "kinds": KINDS, "has": HAS, "clauses": CLAUSES}
    values |= {
        "trouble": "",
        "what": "",
        "done": request.query_params.get("done") == "1",
        "plan": None,
        "moves": None,
        **more,
    }
    return await console.page(request, signed, "console/community.html", status=status, **values)


def _whole(tx: Tx, id: int, staff_id: int) -> Whole:
    profile, rows = towns.profile(tx, id), bodies.of(tx, id)
    names = [building.number for building in profile.buildings]
    row, first = estates.row_of(tx, id)
    today = tx.now.astimezone(CHINA).date()
    return Whole(
        row=row,
        profile=profile,
        norms=list(norms(profile, bodies.present(rows, names), notice())),
        buildings=houses.of(tx, id),
        flats={building.number: building.flats for building in profile.buildings},
        bodies=rows,
        hours=list(office_time.hours(tx, id)),
        days=list(office_time.days(tx, today, today + A_YEAR, id)),
        hanging=estates.hanging(tx, id),
        first=first,
        whole_house=estates.everywhere(tx, staff_id),
        mark=estates.mark(row),
        group=group_connecting.line(tx, id, staff_id=staff_id),
    )


async def done(
    request: Request, form: Form, parts: WebParts, id: int, change: Callable[[Tx], Any], part: str = ""
) -> Response:
    """The page again: changed, or with what is in the way."""
    _, trouble = await attempted(parts, change)
    if trouble:
        return await community_response(request, form.signed, id, typed=form.fields, **trouble)
    return RedirectResponse(f"{HERE}/{id}?done=1{part}", 303)


async def wrong(request: Request, form: Form, id: int, error: Wrong) -> Response:
    said = {"trouble": "field", "what": str(error)}
    return await community_response(request, form.signed, id, status=422, typed=form.fields, **said)


@router.post("/{id}/facts", dependencies=[needs("community", "act")])
async def tell(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    try:
        facts = facts_of(form, parts.storage.clock().astimezone(CHINA).date())
    except Wrong as error:
        return await wrong(request, form, id, error)
    seen = form.text("seen", longest=16)
    return await done(request, form, parts, id, lambda tx: estates.tell(tx, id, facts, by=form.staff_id, seen=seen))


@router.post("/{id}/split", dependencies=[needs("community", "act")])
async def split(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Some of its buildings become a community of their own."""
    given: dict[str, Any] = {"name": form.text("name", longest=40), "name_en": form.text("name_en", longest=80)}
    said = (name.removeprefix("m_") for name in form.fields if name.startswith("m_"))
    given["moved"] = {int(key) for key in said if key.isascii() and key.isdigit() and len(key) < 16}
    made, trouble = await attempted(parts, lambda tx: estates.split(tx, id, by=form.staff_id, **given))
    if trouble.get("trouble") == "name":
        trouble["trouble"] = "split"
    if trouble:
        return await community_response(request, form.signed, id, typed=form.fields, **trouble)
    return RedirectResponse(f"{HERE}/{made}?done=1", 303)


@router.post("/{id}/retire", dependencies=[needs("community", "act")])
async def retire(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    _, trouble = await attempted(parts, lambda tx: estates.retire(tx, id, by=form.staff_id))
    if trouble:
        return await community_response(request, form.signed, id, **trouble)
    return await tree_response(request, form.signed)


# --- whoever and whatever it consists of ------------------------------------------------------------------------------
@router.post("/{id}/bodies", dependencies=[needs("community", "act")])
async def add_body(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    try:
        given = body_of(form)
    except Wrong as error:
        return await wrong(request, form, id, error)
    return await done(request, form, parts, id, lambda tx: bodies.add(tx, id, by=form.staff_id, **given), "#bodies")


@router.post("/{id}/bodies/{body}/change", dependencies=[needs("community", "act")])
async def change_body(request: Request, id: Id, body: Id, form: Act, parts: Parts) -> Response:
    try:
        given = body_of(form)
    except Wrong as error:
        return await wrong(request, form, id, error)
    change = lambda tx: bodies.change(tx, body, id, by=form.staff_id, **given)  # noqa: E731
    return await done(request, form, parts, id, change, "#bodies")


@router.post("/{id}/bodies/{body}/end", dependencies=[needs("community", "act")])
async def end_body(request: Request, id: Id, body: Id, form: Act, parts: Parts) -> Response:
    return await done(request, form, parts, id, lambda tx: bodies.end(tx, body, id, by=form.staff_id), "#bodies")


@router.post("/{id}/hours", dependencies=[needs("community", "act")])
async def hours(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Its own opening hours from a day on: clocks of its cases are counted by them."""
    found = hours_of(form, parts.storage.clock())
    if found is None:
        return await wrong(request, form, id, Wrong("hours_form"))
    return await _office_time(request, form, id, found.change(id), since=found.since, what="hours")


@router.post("/{id}/days", dependencies=[needs("community", "act")])
async def days(request: Request, id: Id, form: Act) -> Response:
    """Days on which only it is open or shut."""
    found = days_of(form)
    if found is None:
        return await wrong(request, form, id, Wrong("days_form"))
    return await _office_time(request, form, id, found.change(id), since=found.days[0], what=found.what)


async def _office_time(request: Request, form: Form, id: int, change: Change, *, since: date, what: str) -> Response:
    def unit(tx: Tx) -> None:
        estates.manages(tx, form.staff_id, id)
        change(tx)

    moves = await office_moves.made(request, form, unit, since=since, community_id=id, at_once=what == "back")
    if moves is None:
        return RedirectResponse(f"{HERE}/{id}?done=1#hours", 303)
    shown: dict[str, Any] = {"moves": moves, "moves_what": f"moves_{what}", "moves_of": what}
    return await community_response(request, form.signed, id, typed=form.fields, **shown)
