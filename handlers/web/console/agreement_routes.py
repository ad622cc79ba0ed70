"""The agreement at the mediator's desk: written, put before both, signed and sealed or registered as oral, the court."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from handlers import mediation_telling
from handlers.texts.catalogue import Catalogue
from handlers.web.console.course_forms import Scan, Sent, agreement_of
from handlers.web.console.course_pages import PREFIX, Id, answered, course_response, draft_response
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Colleague, Stop, desk_router, needs
from handlers.web.parts import Parts
from knowledge import course
from knowledge.agreements import Agreement
from knowledge.mediation import Refusal, Who
from storage import mediation, mediation_agreements, mediation_life, mediation_papers, mediation_visits
from storage.mediation import Stale
from storage.mediation_course import in_hand
from storage.transaction import Tx

router = desk_router("/mediations/{case_id}/agreement")


@router.get("", dependencies=[needs("mediation", "see")])
async def show(request: Request, case_id: Id, colleague: Colleague) -> Response:
    """The form to write it in, with what is missing or unclear of what is there."""
    return await draft_response(request, colleague, case_id)


@router.post("", dependencies=[needs("mediation", "act")])
async def write(request: Request, case_id: Id, sent: Sent, parts: Parts) -> Response:
    """Keep the draft; the page shows again what is still missing."""
    text = agreement_of(sent)
    texts, who = console_of(request).residents, {"staff_id": sent.staff_id, "revision": sent.revision}
    result = await parts.storage.run(_write, case_id, text, texts, **who)
    if isinstance(result, Refusal | Stale):
        why = "stale" if isinstance(result, Stale) else f"{result.zh}\n{result.en}"
        return await draft_response(request, sent.form.signed, case_id, status=409, text=text, why=why)
    return RedirectResponse(f"{PREFIX}/{case_id}/agreement", 303)


def _write(tx: Tx, /, case_id: int, text: Agreement, texts: Catalogue, **who: Any) -> Any:
    """A wording both had seen is void from now on, and both hear so (ME-10)."""
    case = _held(tx, case_id)
    before = mediation_agreements.latest(tx, case.id)
    row = mediation_agreements.write(tx, case.id, agreement=text, **who)
    if isinstance(row, Refusal | Stale):
        return row
    if before is not None and before["state"] in ("put", "confirmed"):
        mediation_telling.tell(tx, texts, mediation.held(tx, case.id), lambda voice: voice("agreement_void"))
    return row


def _held(tx: Tx, case_id: int) -> mediation.Case:
    try:
        return mediation.held(tx, case_id)
    except LookupError as error:
        raise Stop(404, "no_course") from error


@router.post("/put", dependencies=[needs("mediation", "act")])
async def put(request: Request, case_id: Id, sent: Sent, parts: Parts) -> Response:
    """Put it before both sides: each is read it in their chat."""
    today = course.day_of(parts.storage.clock())
    who = {"staff_id": sent.staff_id, "revision": sent.revision, "today": today}
    result = await parts.storage.run(_put, case_id, console_of(request).residents, **who)
    return await answered(request, sent.form.signed, case_id, result, "put")


def _put(tx: Tx, /, case_id: int, texts: Catalogue, **who: Any) -> Any:
    asked = mediation_agreements.put(tx, _held(tx, case_id).id, **who)
    if isinstance(asked, list):
        mediation_telling.ask(tx, texts, asked)
    return asked


@router.post("/sign", dependencies=[needs("mediation", "act")])
async def sign(request: Request, case_id: Id, sent: Sent, parts: Parts) -> Response:
    """What is on the sheet by now; the signed sheet itself as a photo or PDF."""
    days = {name: sent.day(name) for name in mediation_agreements.SIGNED}
    who = {"staff_id": sent.staff_id, "revision": sent.revision}
    result = await parts.storage.run(_sign, case_id, sent.scan, console_of(request).residents, days=days, **who)
    return await answered(request, sent.form.signed, case_id, result, "in_force" if result == "in_force" else "signed")


def _sign(tx: Tx, /, case_id: int, scan: Scan | None, texts: Catalogue, **what: Any) -> Any:
    case = in_hand(tx, _held(tx, case_id).id, staff_id=what["staff_id"], revision=what["revision"])
    if isinstance(case, Stale):
        return case
    kept = _kept(tx, case, scan)
    result = mediation_agreements.sign(tx, case.id, scan=kept, **what)
    if isinstance(result, Refusal):
        _undo(tx, kept)
    if result == "in_force":
        mediation_telling.in_force(tx, texts, mediation.held(tx, case.id))
    return result


def _kept(tx: Tx, case: mediation.Case, scan: Scan | None) -> int | None:
    if scan is None:
        return None
    return mediation_papers.keep(tx, case, kind=scan.kind, mime=scan.mime, name=scan.name, content=scan.content)


def _undo(tx: Tx, blob_id: int | None) -> None:
    """A refused form leaves nothing behind."""
    if blob_id is not None:
        mediation_papers.drop(tx, blob_id)


@router.post("/oral", dependencies=[needs("mediation", "act")])
async def oral(request: Request, case_id: Id, sent: Sent, parts: Parts) -> Response:
    """Register an oral agreement with the day it was agreed (ME-11)."""
    on = sent.day("on")
    if on is None:
        return await course_response(request, sent.form.signed, case_id, status=422, why="oral_incomplete")
    who = {"staff_id": sent.staff_id, "revision": sent.revision, "on": on}
    result = await parts.storage.run(_oral, case_id, console_of(request).residents, **who)
    return await answered(request, sent.form.signed, case_id, result, "in_force")


def _oral(tx: Tx, /, case_id: int, texts: Catalogue, **what: Any) -> Any:
    case = _held(tx, case_id)
    result = mediation_agreements.agree_orally(tx, case.id, **what)
    if result == "in_force":
        mediation_telling.in_force(tx, texts, mediation.held(tx, case.id))
    return result


@router.post("/court", dependencies=[needs("mediation", "act")])
async def court(request: Request, case_id: Id, sent: Sent, parts: Parts) -> Response:
    """When both went to court together, and when it confirmed (ME-13)."""
    what: dict[str, Any] = {"applied_on": sent.day("applied_on"), "confirmed_on": sent.day("confirmed_on")}
    what |= {"staff_id": sent.staff_id, "revision": sent.revision}
    result = await parts.storage.run(mediation_agreements.court, case_id, **what)
    return await answered(request, sent.form.signed, case_id, result, "court")


@router.post("/again", dependencies=[needs("mediation", "act")])
async def again(request: Request, case_id: Id, sent: Sent, parts: Parts) -> Response:
    """It could not be carried out: both are asked to talk again, and may go other ways (ME-09)."""
    why = sent.text("why", 300)
    if len(why) < 2:
        return await course_response(request, sent.form.signed, case_id, status=422, why="no_reason")
    who = {"staff_id": sent.staff_id, "revision": sent.revision, "note": why}
    result = await parts.storage.run(_again, case_id, console_of(request).residents, **who)
    return await answered(request, sent.form.signed, case_id, result, "talking")


def _again(tx: Tx, /, case_id: int, texts: Catalogue, **who: Any) -> Any:
    case = in_hand(tx, _held(tx, case_id).id, staff_id=who["staff_id"])
    assert not isinstance(case, Stale)
    done = mediation.step(tx, case, "talk_again", {Who.MEDIATOR}, actor="staff", **who)
    if not isinstance(done, Refusal | Stale):
        mediation_telling.tell(tx, texts, mediation.held(tx, case.id), lambda voice: voice("talk_again"))
    return done


@router.post("/file", dependencies=[needs("mediation", "act")])
async def file(request: Request, case_id: Id, sent: Sent, parts: Parts) -> Response:
    """Everything agreed has been done: the case is filed and its tickets close (ME-14)."""
    who = {"staff_id": sent.staff_id, "revision": sent.revision}
    result = await parts.storage.run(_file, case_id, console_of(request).residents, **who)
    return await answered(request, sent.form.signed, case_id, result, "filed")


def _file(tx: Tx, /, case_id: int, texts: Catalogue, *, staff_id: int, revision: int) -> Any:
    case = in_hand(tx, _held(tx, case_id).id, staff_id=staff_id, revision=revision)
    if isinstance(case, Stale):
        return case
    if mediation_visits.outstanding(tx, case.id) or not mediation_visits.kept(tx, case.id):
        return Refusal("order", "还有没核实做到的，不能归档。", "Not everything agreed has been recorded as done.")
    done = mediation_life.end(tx, case, "file", Who.MEDIATOR, staff_id=staff_id)
    if isinstance(done, mediation.Case):
        mediation_telling.tell(tx, texts, done, lambda voice: voice("filed"))
    return done
