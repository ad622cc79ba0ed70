"""Disclosure at the desk: items drafted, checked by the privacy gate, published, corrected, withdrawn (DI-01 to DI-08)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.texts.moments import CHINA
from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, Form, Stop, desk_router, needs
from handlers.web.console.whose import choices, chosen
from handlers.web.parts import Parts, WebParts
from knowledge.disclosure import KINDS, missing, rules
from knowledge.disclosure_calendar import late_at_once
from knowledge.disclosure_calendar import rules as calendar_rules
from knowledge.disclosure_gate import Finding, findings
from knowledge.quarters import Quarter, due_on, quarter_of, reported, written
from storage import boards, disclosure, disclosure_asks, disclosure_calendar, disclosure_papers, staff
from storage.access import NotThere
from storage.belonging import asks_of, communities_for, items_of, steps_of
from storage.disclosure import LONGEST_BODY, LONGEST_TITLE, Barred, Item, Written, Wrong
from storage.office_time import office
from storage.staff import Signed
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
HERE = "/console/disclosure"
SEE, ACT = needs("disclosure", "see"), needs("disclosure", "act")
router = desk_router("/disclosure")


# --- the list ---------------------------------------------------------------------------------------------------------
@router.get("", dependencies=[SEE])
async def show(request: Request, colleague: Colleague, parts: Parts, quarter: str = "", trouble: str = "") -> Response:
    """``trouble``: what a step of the calendar, sent back here, was refused for."""
    today = parts.storage.clock().astimezone(CHINA).date()
    chosen = _quarter(quarter) or (None if quarter == "urgent" else reported(today))
    found = await parts.storage.read(_look, chosen, colleague.member.id)
    known = sorted({*found.pop("quarters"), quarter_of(today), reported(today)}, reverse=True)
    values = found | {"chosen": chosen, "quarters": known, "today": today}
    values |= {"calendar": calendar_rules(), "trouble": trouble if trouble in REFUSED else ""}
    return await console_of(request).page(request, colleague, "console/disclosure.html", **_common(), **values)


REFUSED = ("done_before", "out_of_turn", "no_words", "no_colleague")


def _look(tx: Tx, chosen: Quarter | None, staff_id: int) -> dict[str, Any]:
    mine, asked = items_of(staff_id), asks_of(staff_id)
    items = disclosure.listed(tx, chosen, mine)
    shown = [item for item in items if item.state in ("published", "draft")]
    towns = dict(communities_for(tx, staff_id))
    return {
        "due": due_on(chosen, office(tx, next(iter(towns), None))) if chosen else None,
        "items": items,
        "missing": missing(shown) if chosen else [],
        "asks": disclosure_asks.listed(tx, asked),
        "quarters": disclosure.quarters(tx, mine),
        "steps": disclosure_calendar.listed(tx, chosen, steps_of(staff_id)) if chosen else [],
        "names": staff.names(tx),
        "colleagues": [one for one in staff.everyone(tx) if one.disabled_at is None],
        "towns": towns,
    }


def _common() -> dict[str, Any]:
    return {"kinds": KINDS, "rules": rules()}


def _quarter(text: str) -> Quarter | None:
    try:
        return written(text)
    except ValueError:
        return None


# --- one item ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Shown:
    """What the page of an item says besides the item: trouble, and what was typed."""

    status: int = 200
    trouble: str = ""
    reason: str = ""
    found: list[Finding] = field(default_factory=list)
    about: str = ""
    done: str = ""


@router.get("/new", dependencies=[ACT])
async def new(request: Request, colleague: Colleague, parts: Parts, quarter: str = "", matter: str = "") -> Response:
    known = rules().matters.get(matter)
    typed = {"quarter": quarter, "matter": matter, "kind": known.kind if known else "finance"}
    typed["title"] = known.name.zh if known else ""
    return await _new_response(request, colleague, parts, typed)


async def _new_response(
    request: Request, signed: Signed, parts: WebParts, typed: dict[str, str], *, trouble: str = ""
) -> Response:
    values = {"typed": typed, "trouble": trouble, "quarters": _choices(parts)} | await choices(parts, signed.member.id)
    status = 422 if trouble else 200
    return await console_of(request).page(
        request, signed, "console/disclosure_new.html", status=status, **_common(), **_longest(), **values
    )


def _longest() -> dict[str, int]:
    return {"longest_title": LONGEST_TITLE, "longest_body": LONGEST_BODY}


def _choices(parts: WebParts) -> list[Quarter]:
    """The quarters somebody may write about: the running one and the four before it."""
    found = [quarter_of(parts.storage.clock().astimezone(CHINA).date())]
    while len(found) < 5:
        found.append(found[-1].preceding)
    return found


@router.post("/new", dependencies=[ACT])
async def create(request: Request, form: Act, parts: Parts) -> Response:
    try:
        item_id = await parts.storage.run(
            disclosure.draft, _written(form), staff_id=form.staff_id, community_id=chosen(form)
        )
    except Wrong as wrong:
        return await _new_response(request, form.signed, parts, form.fields, trouble=wrong.code)
    except NotThere:
        return await _new_response(request, form.signed, parts, form.fields, trouble="elsewhere")
    return RedirectResponse(f"{HERE}/{item_id}", 303)


def _written(form: Form) -> Written:
    matter = form.fields.get("matter") or None
    known = rules().matters.get(matter or "")
    return Written(
        kind=known.kind if known else form.fields.get("kind", ""),
        matter=matter,
        quarter=_quarter(form.fields.get("quarter", "")),
        title=form.text("title", longest=LONGEST_TITLE * 2),
        body=form.text("body", longest=LONGEST_BODY * 2),
        building=form.fields.get("building") or None,
        happened_on=day(form.fields.get("happened_on", "")),
    )


def day(text: str) -> date | None:
    """A day; None for none, 422 for what is no day."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as wrong:
        raise Stop(422, "bad_form") from wrong


@router.get("/{id}", dependencies=[SEE])
async def one(request: Request, id: Id, colleague: Colleague, done: str = "") -> Response:
    return await item_response(request, colleague, id, Shown(done=done if done in DONE else ""))


DONE = ("publish", "edit", "withdraw", "correct", "posted", "down", "read", "some_read", "name_only")


async def item_response(request: Request, signed: Signed, id: int, shown: Shown) -> Response:
    parts = console_of(request).parts
    found = await parts.storage.read(_item, id, signed.member.id)
    if found is None:
        raise Stop(404, "no_item")
    item: Item = found["item"]
    gate = shown.found or (findings(item.title, item.body) if item.state == "draft" else [])
    values = {"shown": shown, "gate": gate, "quarters": _choices(parts)}
    values |= await choices(parts, signed.member.id)
    return await console_of(request).page(
        request, signed, "console/disclosure_item.html", status=shown.status,
        **_common(), **_longest(), **values, **found,
    )  # fmt: skip


def _item(tx: Tx, id: int, staff_id: int) -> dict[str, Any] | None:
    item = disclosure.get(tx, id)
    if item is None:
        return None
    return {
        "item": item,
        "before": disclosure.corrected_from(tx, item),
        "asks": disclosure_asks.of_item(tx, id),
        "history": disclosure.history(tx, id),
        "names": staff.names(tx),
        "papers": disclosure_papers.of_item(tx, id),
        "postings": boards.of_items(tx, [id]),
        "boards": boards.listed(tx, staff_id=staff_id),
        "late": item.happened_on and item.published_at and late_at_once(item.happened_on, item.published_at),
    }


@router.post("/{id}/edit", dependencies=[ACT])
async def edit(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Keep what was typed; with the other button publish it too, past the privacy gate or not at all."""
    reason = form.text("reason", longest=300)
    revision = form.number("revision")
    try:
        kept = await parts.storage.run(disclosure.edit, id, _written(form), revision=revision, staff_id=form.staff_id)
    except Wrong as wrong:
        return await item_response(request, form.signed, id, Shown(422, wrong.code, reason))
    if not kept:
        return await item_response(request, form.signed, id, Shown(409, "changed", reason))
    if form.fields.get("then") != "publish":
        return RedirectResponse(f"{HERE}/{id}?done=edit", 303)
    return await _publish(request, id, form, revision + 1, reason)


async def _publish(request: Request, id: int, form: Form, revision: int, reason: str) -> Response:
    run = console_of(request).parts.storage.run
    try:
        early = form.text("early", longest=300)
        given: dict[str, Any] = {"revision": revision, "staff_id": form.staff_id, "reason": reason, "early": early}
        done = await run(disclosure.publish, id, **given)
    except Barred as barred:
        return await item_response(request, form.signed, id, Shown(422, "gate", reason, barred.found))
    except Wrong as wrong:
        return await item_response(request, form.signed, id, Shown(422, wrong.code, reason))
    if not done:
        return await item_response(request, form.signed, id, Shown(409, "changed", reason))
    return RedirectResponse(f"{HERE}/{id}?done=publish", 303)


@router.post("/{id}/discard", dependencies=[ACT])
async def discard(id: Id, form: Act, parts: Parts) -> Response:
    revision = form.number("revision")
    if not await parts.storage.run(disclosure.discard, id, revision=revision, staff_id=form.staff_id):
        raise Stop(409, "done_before")
    return RedirectResponse(HERE, 303)


@router.post("/{id}/correct", dependencies=[ACT])
async def correct(id: Id, form: Act, parts: Parts) -> Response:
    """A draft that is to take its place, with what it says now."""
    draft_id = await parts.storage.run(_correction, id, staff_id=form.staff_id)
    if draft_id is None:
        raise Stop(409, "done_before")
    return RedirectResponse(f"{HERE}/{draft_id}", 303)


def _correction(tx: Tx, id: int, *, staff_id: int) -> int | None:
    item = disclosure.get(tx, id)
    if item is None or item.state != "published":
        return None
    names = ("kind", "matter", "title", "body", "building", "happened_on")
    same = Written(**{name: getattr(item, name) for name in names}, quarter=item.about)
    draft_id = disclosure.draft(tx, same, staff_id=staff_id, corrects_id=id, community_id=disclosure.whose(tx, id))
    disclosure_papers.carry_on(tx, id, draft_id, staff_id=staff_id)
    return draft_id


@router.post("/{id}/withdraw", dependencies=[ACT])
async def withdraw(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    reason, revision = form.text("reason", longest=300), form.number("revision")
    try:
        done = await parts.storage.run(
            disclosure.withdraw, id, revision=revision, staff_id=form.staff_id, reason=reason
        )
    except Wrong as wrong:
        return await item_response(request, form.signed, id, Shown(422, wrong.code, reason))
    except Barred as barred:
        return await item_response(request, form.signed, id, Shown(422, "gate", reason, barred.found))
    if not done:
        return await item_response(request, form.signed, id, Shown(409, "changed", reason))
    return RedirectResponse(f"{HERE}/{id}?done=withdraw", 303)
