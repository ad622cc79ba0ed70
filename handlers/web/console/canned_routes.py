"""Prepared answers looked after: one's own, the desk's, what ships; made, changed, offered, shared, retired."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Colleague, Form, Posted, Stop, desk_router, needs
from handlers.web.parts import Parts
from knowledge import canned as rules
from knowledge.canned import LONGEST, STEPS, Wording
from knowledge.catalogue import CATEGORIES, service
from knowledge.notice import Words, clauses
from storage import answer_aids, canned
from storage.canned import Changed, Kept
from storage.staff import Signed
from storage.transaction import Tx

Name = Annotated[str, Path(max_length=40, pattern=r"^[0-9a-z_]+$")]
"""A shipped one's key, or the number of one that staff made."""
router = desk_router("/canned")
NOTHING = Wording(Words("", ""), Words("", ""), ("answer",))


def ref_of(name: str) -> str:
    return f"#{name}" if name.isdigit() else name


@router.get("", dependencies=[needs("canned", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts, done: str = "") -> Response:
    found, uses = await parts.storage.read(_look, colleague.member.id)
    return await console_of(request).page(
        request, colleague, "console/canned.html", listed=found, uses=uses, mine=colleague.member.id, done=done
    )


def _look(tx: Tx, staff_id: int) -> tuple[list[Kept], dict[str, Any]]:
    return canned.everything(tx, staff_id=staff_id), answer_aids.uses(tx)


@router.get("/new", dependencies=[needs("canned", "act")])
async def new(request: Request, colleague: Colleague) -> Response:
    return await _form(request, colleague, None, NOTHING)


@router.post("/new", dependencies=[needs("canned", "act")])
async def make(request: Request, form: Posted, parts: Parts) -> Response:
    wording = _wording(form)
    if trouble := rules.wrong(wording):
        return await _form(request, form.signed, None, wording, trouble=trouble)
    ref = await parts.storage.run(canned.make, wording, staff_id=form.staff_id)
    return RedirectResponse(f"/console/canned?done=made#c{ref.removeprefix('#')}", 303)


@router.get("/{name}", dependencies=[needs("canned", "see")])
async def one(request: Request, name: Name, colleague: Colleague, parts: Parts) -> Response:
    found = await _found(parts, name, colleague)
    return await _form(request, colleague, found, found.wording)


@router.post("/{name}", dependencies=[needs("canned", "act")])
async def change(request: Request, name: Name, form: Posted, parts: Parts) -> Response:
    found, wording = await _found(parts, name, form.signed), _wording(form)
    if trouble := rules.wrong(wording):
        return await _form(request, form.signed, found, wording, trouble=trouble)
    version = form.number("version")
    result = await parts.storage.run(canned.change, found.ref, wording, version=version, staff_id=form.staff_id)
    if isinstance(result, Changed):
        now = await _found(parts, name, form.signed)
        return await _form(request, form.signed, now, wording, trouble="changed", status=409)
    return RedirectResponse(f"/console/canned?done=changed#c{name}", 303)


@router.post("/{name}/retire", dependencies=[needs("canned", "act")])
async def retire(name: Name, form: Posted, parts: Parts) -> Response:
    """Offered no more; with ``back`` again."""
    found, back = await _found(parts, name, form.signed), "back" in form.fields
    await parts.storage.run(canned.retire, found.ref, staff_id=form.staff_id, back=back)
    return RedirectResponse(f"/console/canned?done={'back' if back else 'retired'}", 303)


@router.post("/{name}/offer", dependencies=[needs("canned", "act")])
async def offer(name: Name, form: Posted, parts: Parts) -> Response:
    found = await _found(parts, name, form.signed)
    await parts.storage.run(canned.offer, found.ref, staff_id=form.staff_id)
    return RedirectResponse("/console/canned?done=offered", 303)


@router.post("/{name}/share", dependencies=[needs("canned", "share")])
async def share(name: Name, form: Posted, parts: Parts) -> Response:
    found = await _found(parts, name, form.signed)
    if found.id is None:
        raise Stop(404, "not_found")
    await parts.storage.run(canned.share, found.ref, staff_id=form.staff_id)
    return RedirectResponse("/console/canned?done=shared", 303)


async def _found(parts: Parts, name: str, signed: Signed) -> Kept:
    found = await parts.storage.read(canned.get, ref_of(name), staff_id=signed.member.id)
    if found is None:
        raise Stop(404, "not_found")
    return found


def _wording(form: Form) -> Wording:
    """What the form says; several ticks of one list come as ``step_answer`` and the like."""
    told = form.fields
    return Wording(
        title=Words(form.text("title_zh", longest=200), form.text("title_en", longest=200)),
        text=Words(form.text("zh", longest=2 * LONGEST), form.text("en", longest=2 * LONGEST)),
        steps=tuple(step for step in STEPS if f"step_{step}" in told) or ("answer",),
        categories=tuple(sorted(kind for kind in CATEGORIES["service_request"] if f"kind_{kind}" in told)),
        clause=told.get("clause", "").strip()[:20] or None,
    )


async def _form(
    request: Request, signed: Signed, found: Kept | None, wording: Wording, *, trouble: str = "", status: int = 0
) -> Response:
    storage = console_of(request).parts.storage
    versions = await storage.read(canned.history, found) if found else []
    kinds = {kind: service(kind).name for kind in sorted(CATEGORIES["service_request"])}
    given: dict[str, Any] = {
        "found": found,
        "wording": wording,
        "trouble": trouble,
        "versions": versions,
        "kinds": kinds,
    }
    given |= {"variables": rules.shipped().variables, "steps": STEPS, "clauses": clauses(), "mine": signed.member.id}
    return await console_of(request).page(
        request, signed, "console/canned_one.html", status=status or (422 if trouble else 200), **given
    )
