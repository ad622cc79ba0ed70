"""Occasions at the desk: the calendar, one occasion, and its writing: new, edited, copied to the coming weeks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers import occasion_notices as notices
from handlers.outcome import speak
from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import Console, console_of
from handlers.web.console.gates import Act, Colleague, Form, Stop, desk_router, needs
from handlers.web.console.occasion_forms import fresh, of_occasion, plan_of, typed
from handlers.web.console.whose import choices, chosen
from handlers.web.console.wording import CHINA
from handlers.web.parts import Parts
from knowledge import reach
from knowledge.occasion_kinds import shipped
from knowledge.occasions import Occasion, Plan, faults
from storage import desk_occasions, occasion_places, occasions, staff
from storage.access import NotThere
from storage.belonging import occasions_of
from storage.staff import Signed
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
HERE = "/console/occasions"
WEEKS = 5
MOST_COPIES = 12
router = desk_router("/occasions")


# --- the calendar -----------------------------------------------------------------------------------------------------
@router.get("", dependencies=[needs("occasion", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts, since: str = "") -> Response:
    first = _monday(since, parts.storage.clock())
    found = await parts.storage.read(_calendar, first, colleague.member.id)
    values = found | {"first": first, "weeks": _weeks(first, found["rows"]), "today": _day(parts.storage.clock())}
    return await console_of(request).page(request, colleague, "console/occasions.html", **values)


def _day(moment: datetime) -> date:
    return moment.astimezone(CHINA).date()


def _monday(since: str, now: datetime) -> date:
    try:
        day = date.fromisoformat(since)
    except ValueError:
        day = _day(now)
    return day - timedelta(days=day.weekday())


def _calendar(tx: Tx, first: date, staff_id: int) -> dict[str, Any]:
    mine = occasions_of(staff_id)
    start = datetime.combine(first, time(), CHINA).astimezone(UTC)
    rows = occasions.between(tx, start, start + timedelta(weeks=WEEKS), mine)
    coming = occasions.coming(tx, mine, until=tx.now + shipped().limits.listed)
    todo = [one for key in desk_occasions.to_record(tx, mine) if (one := occasions.get(tx, key)) is not None]
    lacking = [one for one in coming if one.lacking and one.starts_at > tx.now]
    return {"rows": rows, "todo": todo, "lacking": lacking, "unseen": desk_occasions.unseen(tx, None, mine)}


def _weeks(first: date, rows: list[Occasion]) -> list[list[tuple[date, list[Occasion]]]]:
    days = [first + timedelta(days=at) for at in range(7 * WEEKS)]
    by_day = [(day, [one for one in rows if _day(one.starts_at) == day]) for day in days]
    return [by_day[at : at + 7] for at in range(0, len(by_day), 7)]


# --- new --------------------------------------------------------------------------------------------------------------
@router.get("/new", dependencies=[needs("occasion", "act")])
async def new(request: Request, colleague: Colleague, parts: Parts, what: str = "shift:order") -> Response:
    kind = what if what in shipped().categories else "shift:order"
    around = await choices(parts, colleague.member.id)
    return await _form(request, colleague, HERE, fresh(kind, parts.storage.clock()), **around)


@router.post("", dependencies=[needs("occasion", "act")])
async def create(request: Request, form: Act, parts: Parts) -> Response:
    plan = plan_of(form)
    if wrong := faults(plan, parts.storage.clock()):
        return await _form(request, form.signed, HERE, typed(form), wrong, **await choices(parts, form.staff_id))
    whose = chosen(form)
    try:
        made = await parts.storage.run(occasions.create, plan, staff_id=form.staff_id, community_id=whose)
    except NotThere:
        around = await choices(parts, form.staff_id)
        return await _form(request, form.signed, HERE, typed(form), ["elsewhere"], **around)
    return RedirectResponse(f"{HERE}/{made}", 303)


async def _form(
    request: Request, signed: Signed, action: str, values: dict[str, str], wrong: list[str] | None = None, **more: Any
) -> Response:
    around: dict[str, Any] = {
        "action": action,
        "values": values,
        "wrong": wrong or [],
        "kinds": shipped().categories,
        "revision": 0,
    }
    status = 422 if wrong else 200
    page = "console/occasion_form.html"
    return await console_of(request).page(request, signed, page, status=status, **(around | more))


# --- one --------------------------------------------------------------------------------------------------------------
@router.get("/{id}", dependencies=[needs("occasion", "see")])
async def one(request: Request, id: Id, colleague: Colleague, parts: Parts, done: str = "", count: int = 0) -> Response:
    found = await parts.storage.read(_page, id)
    if found is None:
        raise Stop(404, "no_occasion")
    covered = reach.shipped().limit(colleague.member.role).personal != "free"
    known: dict[str, Any] = {"done": done if done in DONE else "", "count": count, "covered": covered}
    return await console_of(request).page(request, colleague, "console/occasion.html", **found, **known)


DONE = (
    "opened",
    "changed",
    "copied",
    "said",
    "cancelled",
    "removed",
    "called",
    "recorded",
    "stale",
    "insurance",
    "begun",
)


def _page(tx: Tx, id: int) -> dict[str, Any] | None:
    occasion = occasions.get(tx, id)
    if occasion is None:
        return None
    guests = desk_occasions.guests(tx, occasion)
    return {
        "occasion": occasion,
        "joined": [guest for guest in guests if guest.state == "joined"],
        "waiting": [guest for guest in guests if guest.state == "waiting"],
        "unseen": desk_occasions.unseen(tx, id) if occasion.state == "cancelled" else [],
        "history": occasions.history(tx, id),
        "names": staff.names(tx),
        "begun": tx.now >= occasion.starts_at,
    }


# --- edited -----------------------------------------------------------------------------------------------------------
@router.get("/{id}/edit", dependencies=[needs("occasion", "act")])
async def edit(request: Request, id: Id, colleague: Colleague, parts: Parts) -> Response:
    found = await parts.storage.read(occasions.get, id)
    if found is None or found.state not in ("draft", "open"):
        raise Stop(404, "no_occasion")
    return await _edit(request, colleague, found, of_occasion(found))


async def _edit(
    request: Request, signed: Signed, found: Occasion, values: dict[str, str], wrong: list[str] | None = None
) -> Response:
    more = {"occasion": found, "revision": found.revision}
    return await _form(request, signed, f"{HERE}/{found.id}/edit", values, wrong, **more)


@router.post("/{id}/edit", dependencies=[needs("occasion", "act")])
async def change(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Another time or place is told to everybody who has a place or waits; more places go to the line at once."""
    found = await parts.storage.read(occasions.get, id)
    if found is None:
        raise Stop(404, "no_occasion")
    plan = plan_of(form)
    wrong = faults(plan, parts.storage.clock())
    if plan.places_max < found.taken:
        wrong.append("taken")
    if plan.kind != found.kind:
        wrong.append("kind")
    if wrong:
        return await _edit(request, form.signed, found, typed(form), wrong)
    changed = await parts.storage.run(_change, id, plan, form=form, console=console_of(request))
    return RedirectResponse(f"{HERE}/{id}?done={'changed' if changed else 'stale'}", 303)


def _change(tx: Tx, id: int, plan: Plan, *, form: Form, console: Console) -> bool:
    before = occasions.get(tx, id)
    try:
        changed = occasions.change(tx, id, plan, revision=form.number("revision"), staff_id=form.staff_id)
    except ValueError:
        return False
    if changed is None or before is None:
        return False
    texts, moved_to = console.residents, ("starts_at", "ends_at", "place")
    told = occasion_places.of_occasion(tx, id)
    if changed.state == "open" and any(getattr(before, name) != getattr(changed, name) for name in moved_to):
        speak(tx, [notices.changed(texts, changed, entry, tx.now) for entry in told])
    speak(tx, notices.moved_up(texts, changed, occasion_places.settle(tx, id), tx.now))
    return True


@router.post("/{id}/copy", dependencies=[needs("occasion", "act")])
async def copy(id: Id, form: Act, parts: Parts) -> Response:
    times = form.number("times")
    if not 1 <= times <= MOST_COPIES:
        raise Stop(422, "bad_form")
    try:
        made = await parts.storage.run(occasions.copy_weekly, id, times=times, staff_id=form.staff_id)
    except LookupError:
        raise Stop(404, "no_occasion") from None
    return RedirectResponse(f"{HERE}/{id}?done=copied&count={len(made)}", 303)
