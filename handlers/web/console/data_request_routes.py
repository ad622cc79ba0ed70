"""The register of requests about one's own data, for admins: taken down, identity seen, decided, carried out, proved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.residents.own_file import MIME, package
from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, Form, Stop, desk_router, needs
from handlers.web.console.proving import prove
from handlers.web.parts import Parts, WebParts
from knowledge import data_requests as rules
from storage import data_requests, sessions
from storage.access import NotThere
from storage.data_requests import Asked, Refused
from storage.own_data import OWN_COLUMNS
from storage.staff import Signed
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
HERE = "/console/data-requests"
LONGEST = {"name": 60, "contact": 100, "number": 24, "words": 2000}
LONGEST_NOTE = 1000
LONGEST_OWN = 40
router = desk_router("/data-requests")


@router.get("", dependencies=[needs("data_request", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts) -> Response:
    return await _list(request, colleague, parts)


async def _list(
    request: Request,
    colleague: Signed,
    parts: WebParts,
    *,
    status: int = 200,
    trouble: str = "",
    typed: dict[str, str] | None = None,
) -> Response:
    found = await parts.storage.read(data_requests.listed)
    values = {"rows": found, "rules": rules.shipped(), "pressing": rules.pressing, "open": data_requests.OPEN}
    return await console_of(request).page(
        request, colleague, "console/data_requests.html", status=status, trouble=trouble, typed=typed or {}, **values
    )


@router.post("", dependencies=[needs("data_request", "act")])
async def take_down(request: Request, form: Act, parts: Parts) -> Response:
    texts = {name: form.text(name, longest=longest) for name, longest in LONGEST.items()}
    asked = Asked(kind=form.fields.get("kind", ""), came_by=form.fields.get("came_by", ""), **texts)
    typed = {**texts, "kind": asked.kind, "came_by": asked.came_by}
    try:
        made = await parts.storage.run(data_requests.open_, asked, staff_id=form.staff_id)
    except Refused as why:
        return await _list(request, form.signed, parts, status=422, trouble=str(why), typed=typed)
    except NotThere:
        return await _list(request, form.signed, parts, status=404, trouble="no_number", typed=typed)
    return RedirectResponse(f"{HERE}/{made}", 303)


@router.get("/{id}", dependencies=[needs("data_request", "see")])
async def one(request: Request, id: Id, colleague: Colleague, parts: Parts) -> Response:
    return await _one(request, colleague, parts, id)


async def _one(
    request: Request, colleague: Signed, parts: WebParts, id: int, *, status: int = 200, trouble: str = ""
) -> Response:
    found = await parts.storage.read(data_requests.whole, id)
    values: dict[str, Any] = {"one": found.row, "events": found.events, "known": found.known, "rules": rules.shipped()}
    values |= {"decisions": rules.DECISIONS, "columns": OWN_COLUMNS, "pressing": rules.pressing}
    values["fresh"] = await parts.storage.read(sessions.fresh, colleague.session)
    return await console_of(request).page(
        request, colleague, "console/data_request.html", status=status, trouble=trouble, **values
    )


async def _step(request: Request, parts: WebParts, form: Form, id: int, step: Callable[[Tx], object]) -> Response:
    try:
        await parts.storage.run(step)
    except Refused as why:
        return await _one(request, form.signed, parts, id, status=409, trouble=str(why))
    return RedirectResponse(f"{HERE}/{id}", 303)


@router.post("/{id}/identity", dependencies=[needs("data_request", "act")])
async def identify(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    how, note = form.fields.get("how", ""), form.text("note", longest=LONGEST_NOTE)
    number, by = form.text("number", longest=LONGEST["number"]), form.staff_id

    def step(tx: Tx) -> None:
        data_requests.identify(tx, id, how=how, note=note, number=number, staff_id=by)

    try:
        return await _step(request, parts, form, id, step)
    except NotThere:
        return await _one(request, form.signed, parts, id, status=404, trouble="no_number")


@router.post("/{id}/decide", dependencies=[needs("data_request", "act")])
async def decide(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    decision, reason = form.fields.get("decision", ""), form.text("reason", longest=LONGEST_NOTE)

    def step(tx: Tx) -> None:
        data_requests.decide(tx, id, decision=decision, reason=reason, staff_id=form.staff_id)

    return await _step(request, parts, form, id, step)


@router.post("/{id}/copy", dependencies=[needs("data_request", "act")])
async def copy(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """The same file residents can take themselves in the chat, to be printed or handed over."""
    await prove(request, form)
    try:
        data, files = await parts.storage.run(data_requests.copy, id, staff_id=form.staff_id)
    except Refused as why:
        return await _one(request, form.signed, parts, id, status=409, trouble=str(why))
    console = console_of(request)
    words = console.residents[console.common(request)["language"]]
    packed = package(data, files, words, made_at=parts.storage.clock())
    headers = {"Content-Disposition": f'attachment; filename="data-{id}.zip"', "Cache-Control": "no-store"}
    return Response(packed, media_type=MIME, headers=headers)


@router.post("/{id}/correct", dependencies=[needs("data_request", "act")])
async def correct(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    values = {name: form.text(name, longest=LONGEST_OWN) or None for name in OWN_COLUMNS}

    def step(tx: Tx) -> None:
        data_requests.correct(tx, id, values=values, staff_id=form.staff_id)

    return await _step(request, parts, form, id, step)


@router.post("/{id}/delete", dependencies=[needs("data_request", "act")])
async def delete(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Nobody brings it back: it is asked who does this, and whether they mean it."""
    if form.fields.get("sure") != "1":
        raise Stop(422, "bad_form")
    await prove(request, form)
    return await _step(request, parts, form, id, lambda tx: data_requests.delete(tx, id, staff_id=form.staff_id))


@router.post("/{id}/done", dependencies=[needs("data_request", "act")])
async def done(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    proof = form.text("proof", longest=LONGEST_NOTE)
    return await _step(
        request, parts, form, id, lambda tx: data_requests.done(tx, id, proof=proof, staff_id=form.staff_id)
    )


@router.post("/{id}/withdraw", dependencies=[needs("data_request", "act")])
async def withdraw(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    note = form.text("note", longest=LONGEST_NOTE)
    return await _step(
        request, parts, form, id, lambda tx: data_requests.withdraw(tx, id, note=note, staff_id=form.staff_id)
    )
