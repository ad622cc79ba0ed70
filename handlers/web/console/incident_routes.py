"""Incidents at the desk: which there are, opening one from what was reported, and how far each has come."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Request
from sqlalchemy import RowMapping, select
from starlette.responses import RedirectResponse, Response

from handlers import incident_words
from handlers.web.chat_api import LARGEST
from handlers.web.console.bulk_routes import PICKED, picked_in
from handlers.web.console.desk_pages import chosen_language, console_of
from handlers.web.console.gates import Colleague, Posted, desk_router, needs
from handlers.web.console.incident_forms import LONGEST_TEXT, LONGEST_TITLE, Unfit, choices, fit, plan_of, suggested
from handlers.web.parts import Parts, WebParts
from knowledge.incidents import Person
from knowledge.incidents import shipped as rules
from storage import incident_telling, incidents
from storage.desk_acts import Done
from storage.incident_telling import ANSWERS, Make
from storage.incidents import Plan
from storage.sight import sight_of
from storage.staff import MayNot, Signed
from storage.stepping_aside import open_to
from storage.tables import tickets
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
HERE = "/console/incidents"
SEE, ACT = needs("incident", "see"), needs("incident", "act")
router = desk_router("/incidents")


@router.get("", dependencies=[SEE])
async def show(request: Request, colleague: Colleague, parts: Parts) -> Response:
    read, who = parts.storage.read, colleague.member.id
    found: dict[str, Any] = {
        state: await read(incidents.listed, staff_id=who, state=state) for state in ("open", "closed")
    }
    values: dict[str, Any] = {"listed": found, "kinds": rules().kinds}
    return await console_of(request).page(request, colleague, "console/incidents.html", **values)


@router.get("/new", dependencies=[ACT])
async def empty(request: Request, colleague: Colleague, parts: Parts) -> Response:
    return await _form_response(request, colleague, parts, [], {})


@router.post("/new", dependencies=[ACT])
async def from_picked(request: Request, form: Posted, parts: Parts) -> Response:
    """The form, begun from the tickets that were picked."""
    rows = await parts.storage.read(_picked, sorted(picked_in(form)), staff_id=form.staff_id)
    return await _form_response(request, form.signed, parts, rows, suggested(rows))


def _picked(tx: Tx, numbers: list[str], *, staff_id: int) -> list[RowMapping]:
    query = select(tickets).where(tickets.c.number.in_(numbers), open_to(staff_id)).order_by(tickets.c.id)
    return [row for row in tx.all(query) if sight_of(tx, row, staff_id=staff_id) != "outline"]


async def _form_response(
    request: Request,
    signed: Signed,
    parts: WebParts,
    rows: list[RowMapping],
    typed: dict[str, str],
    *,
    trouble: str = "",
    found: str = "",
) -> Response:
    values: dict[str, Any] = {"rows": rows, "typed": typed, "trouble": trouble, "found": found, "kinds": rules().kinds}
    values |= {"choices": choices(chosen_language(request)), "buildings": parts.towns.buildings}
    values |= {"longest_title": LONGEST_TITLE, "longest_text": LONGEST_TEXT, "pick": PICKED}
    status = 422 if trouble else 200
    return await console_of(request).page(request, signed, "console/incident_form.html", status=status, **values)


@router.post("", dependencies=[ACT])
async def create(request: Request, form: Posted, parts: Parts) -> Response:
    """Open it, and let the tickets join that it was opened from."""
    rows = await parts.storage.read(_picked, sorted(picked_in(form)), staff_id=form.staff_id)
    try:
        plan = plan_of(form)
        people = [Person(None, row["phone"], row["room"]) for row in rows]
        fit(form, people, plan.title, plan.title_en, plan.known, plan.known_en)
    except Unfit as unfit:
        told = {"trouble": unfit.code, "found": unfit.found}
        return await _form_response(request, form.signed, parts, rows, form.fields, **told)
    ids = [int(row["id"]) for row in rows]
    made, joined = await parts.storage.run(_open, plan, ids, staff_id=form.staff_id)
    return RedirectResponse(f"{HERE}/{made}?done={'opened' if joined == len(ids) else 'opened_partly'}", 303)


def _open(tx: Tx, plan: Plan, ticket_ids: list[int], *, staff_id: int) -> tuple[int, int]:
    """The incident, and how many of the tickets are of it now."""
    incident_id = incidents.open_(tx, plan, staff_id=staff_id)
    joined = [_joined(tx, incident_id, ticket_id, staff_id) for ticket_id in ticket_ids]
    return incident_id, sum(joined)


def _joined(tx: Tx, incident_id: int, ticket_id: int, staff_id: int) -> bool:
    try:
        return isinstance(incidents.join(tx, incident_id, ticket_id, staff_id=staff_id), Done)
    except (LookupError, MayNot):
        return False


@router.get("/{id}", dependencies=[SEE])
async def one(request: Request, id: Id, colleague: Colleague, done: str = "") -> Response:
    return await incident_response(request, colleague, id, done=done)


async def incident_response(request: Request, signed: Signed, id: int, *, status: int = 200, **said: str) -> Response:
    """The page of an incident; ``trouble`` is said on top, and what was typed stands there again."""
    console = console_of(request)
    found = await console.parts.storage.read(_look, id, staff_id=signed.member.id)
    values: dict[str, Any] = {
        "done": "",
        "trouble": "",
        "found": "",
        "why": "",
        "text": "",
        "text_en": "",
        "action": "",
    }
    values |= said | found | {"kinds": rules().kinds, "longest_text": LONGEST_TEXT}
    previews = {name: incident_words.known(console.residents[name], found["incident"]) for name in ("zh", "en")}
    values["previews"] = previews if found["incident"]["known"] else {}
    return await console.page(request, signed, "console/incident.html", status=status, **values)


def _look(tx: Tx, id: int, *, staff_id: int) -> dict[str, Any]:
    incident = incidents.access_incident(tx, id, staff_id=staff_id)
    rows, hidden = incidents.members(tx, id, staff_id=staff_id)
    timeline = incidents.timeline(tx, id, staff_id=staff_id)
    heard = {int(line["id"]): incident_telling.heard(tx, int(line["id"])) for line in timeline if _answers(line)}
    newest = next(reversed(heard.values()), None)
    may_join = incidents.not_yet_in(tx, incident, staff_id=staff_id) if incident["state"] == "open" else []
    return {
        "incident": incident,
        "members": [(row, sight_of(tx, row, staff_id=staff_id)) for row in rows],
        "hidden": hidden,
        "timeline": timeline,
        "heard": heard,
        "unseen": newest.unseen if newest else frozenset(),
        "may_join": may_join,
    }


def _answers(line: RowMapping) -> bool:
    return line["action"] in ANSWERS


def join_and_tell(tx: Tx, incident_id: int, ticket_id: int, *, staff_id: int, make: Make) -> Any:
    """The ticket joins, and its people hear what all others were answered last."""
    result = incidents.join(tx, incident_id, ticket_id, staff_id=staff_id)
    if isinstance(result, Done) and not result.again:
        incident_telling.tell_joined(tx, incident_id, ticket_id, make=make)
    return result
