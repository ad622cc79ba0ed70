"""The papers of a mediation: filing one, opening a scan, and printing a sheet or the whole file on A4 (ME-02, ME-14)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import Response

from handlers.web.console.course_forms import Scan, Sent
from handlers.web.console.course_pages import CourseWording, Id, answered, course_response, documents
from handlers.web.console.desk_pages import console_of
from handlers.web.console.files import looked_at
from handlers.web.console.gates import Colleague, Stop, desk_router, needs
from handlers.web.parts import Parts
from knowledge.mediation import Side
from storage import mediation, mediation_desk, mediation_page, mediation_papers, staff
from storage.blobs import Blob
from storage.mediation import Stale
from storage.mediation_course import in_hand
from storage.staff import MayNot, Member
from storage.transaction import Tx

SHEETS = ("index", "application", "rights", "session", "agreement", "oral", "visit", "court")
Sheet = Annotated[str, Path(pattern=f"^(?:{'|'.join(SHEETS)}|all)$")]
router = desk_router("/mediations/{case_id}")


@router.post("/papers", dependencies=[needs("mediation", "act")])
async def add(request: Request, case_id: Id, sent: Sent, parts: Parts) -> Response:
    """File a paper: a scan, or a note that it lies in the folder."""
    document, note = sent.fields.get("document", ""), sent.text("note", 200) or None
    if document not in documents() or not (sent.scan or note):
        return await course_response(request, sent.form.signed, case_id, status=422, why="paper_incomplete")
    what = {"document": document, "note": note, "staff_id": sent.staff_id}
    result = await parts.storage.run(_add, case_id, sent.scan, **what)
    return await answered(request, sent.form.signed, case_id, result, "paper")


def _add(tx: Tx, /, case_id: int, scan: Scan | None, **what: Any) -> Any:
    try:
        case = in_hand(tx, case_id, staff_id=what["staff_id"])
    except LookupError as error:
        raise Stop(404, "no_course") from error
    if isinstance(case, Stale) or scan is None:
        return mediation_papers.add(tx, case_id, **what)
    kept = mediation_papers.keep(tx, case, kind=scan.kind, mime=scan.mime, name=scan.name, content=scan.content)
    return mediation_papers.add(tx, case_id, blob_id=kept, **what)


@router.get("/scans/{blob_id}", dependencies=[needs("mediation", "see")])
async def scan(case_id: Id, blob_id: Id, colleague: Colleague, parts: Parts) -> Response:
    """A file of the case, for its mediator; the look is kept."""
    blob = await parts.storage.run(_scan, case_id, blob_id, colleague.member)
    return await looked_at(blob, parts.photos)


def _scan(tx: Tx, /, case_id: int, blob_id: int, member: Member) -> Blob | None:
    case = mediation.get(tx, case_id)
    if case is None:
        return None
    if not mediation_desk.footing(tx, case, member).reads:
        raise MayNot
    staff.note(tx, member.id, "open_file", str(blob_id))
    return mediation_papers.scan(tx, case.id, blob_id)


@router.get("/print/{sheet}", dependencies=[needs("mediation", "see")])
async def sheets(request: Request, case_id: Id, sheet: Sheet, colleague: Colleague, parts: Parts) -> Response:
    """One sheet, or the whole file in the order of its index. Official papers are Chinese, whatever the desk speaks."""
    page = await parts.storage.run(mediation_page.look, case_id, colleague.member)
    if page is None:
        raise Stop(404, "no_course")
    values: dict[str, Any] = {
        "page": page,
        "case": page.case,
        "sheet": sheet,
        "c": CourseWording("zh"),
        "sides": tuple(Side),
    }
    values |= {"names": await parts.storage.read(staff.names), "community": parts.profile.community.zh}
    values |= {"office": parts.profile.office, "zh": console_of(request).residents["zh"]}
    return console_of(request).plain(request, "console/sheets/file.html", **values)
