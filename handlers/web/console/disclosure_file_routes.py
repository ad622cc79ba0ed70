"""Files of a disclosure at the desk: added past the privacy gate, looked at, taken off a draft (DI-08)."""

from __future__ import annotations

from hmac import compare_digest
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST, storable
from handlers.web.console.disclosure_routes import HERE, Shown, item_response
from handlers.web.console.files import opened
from handlers.web.console.gates import Act, Colleague, Stop, desk_router, needs
from handlers.web.file_kinds import DOCUMENT, PHOTO, WrongKind, kind_of
from handlers.web.images import BadPhoto
from handlers.web.parts import Parts
from knowledge.disclosure_gate import Finding
from storage import blobs, disclosure_papers
from storage.disclosure import Barred, Wrong
from storage.disclosure_papers import Paper

Id = Annotated[int, Path(ge=1, le=LARGEST)]
router = desk_router("/disclosure")
DONE = {"text": "read", "some": "some_read", "name": "name_only"}
SHOWN_PAGES = 12


@router.post("/{id}/files", dependencies=[needs("disclosure", "act")])
async def add(request: Request, id: Id, colleague: Colleague, parts: Parts) -> Response:
    """One file; what the gate finds in its name or its words refuses it."""
    async with request.form(max_files=1, max_fields=8) as form:
        if not compare_digest(str(form.get("csrf", "")).encode(), colleague.csrf.encode()):
            raise Stop(403, "forged")
        file, seen = form.get("file"), form.get("seen") == "yes"
        content = await file.read() if isinstance(file, UploadFile) else b""
        name = str(storable(file.filename or "")) if isinstance(file, UploadFile) else ""
        claimed = (file.content_type or "").lower() if isinstance(file, UploadFile) else ""
    trouble, found = "", list[Finding]()
    blank: tuple[int, ...] = ()
    try:
        paper = await _paper(parts, content, name, claimed)
        blank = paper.looked.blank
        await parts.storage.run(disclosure_papers.add, id, paper, seen=seen, staff_id=colleague.member.id)
    except Wrong as wrong:
        trouble = wrong.code
    except Barred as barred:
        trouble, found = "file_gate", barred.found
    if trouble:
        pages = "、".join(map(str, blank[:SHOWN_PAGES])) + ("…" if len(blank) > SHOWN_PAGES else "")
        return await item_response(request, colleague, id, Shown(422, trouble, found=found, about=pages))
    return RedirectResponse(f"{HERE}/{id}?done={DONE[paper.looked.how]}", 303)


async def _paper(parts: Parts, content: bytes, name: str, claimed: str) -> Paper:
    """As it would be kept, and looked into. Wrong for what is not taken."""
    kept = await _kind(parts, content, name, claimed)
    return Paper(name=name, looked=await parts.papers.look(name, kept["content"]), **kept)


async def _kind(parts: Parts, content: bytes, name: str, claimed: str) -> dict[str, Any]:
    """A picture without what its camera noted, or a document."""
    if not content:
        raise Wrong("no_file")
    if len(content) > blobs.SIZE_LIMIT:
        raise Wrong("file_too_big")
    plain = {"txt": "text/plain", "csv": "text/csv"}  # some systems call a csv a spreadsheet
    claimed = plain.get(name.rpartition(".")[2].lower(), claimed)
    try:
        found = kind_of(content, claimed=claimed, name=name)
        if found.kind not in (PHOTO, DOCUMENT):
            raise Wrong("file_kind")
        kept = (await parts.photos.clean(content)).content if found.kind == PHOTO else content
    except (WrongKind, BadPhoto) as error:
        raise Wrong("file_kind") from error
    return {"kind": found.kind, "mime": found.mime, "content": kept}


@router.post("/files/{id}/remove", dependencies=[needs("disclosure", "act", id="paper")])
async def remove(id: Id, form: Act, parts: Parts) -> Response:
    try:
        item_id = await parts.storage.run(disclosure_papers.remove, id, staff_id=form.staff_id)
    except Wrong as wrong:
        raise Stop(409, "done_before") from wrong
    return RedirectResponse(f"{HERE}/{item_id}", 303)


@router.get("/files/{id}", dependencies=[needs("disclosure", "see", id="paper")])
async def show(id: Id, parts: Parts) -> Response:
    return opened(await parts.storage.read(disclosure_papers.opened, id, public=False))
