"""Import and export: whole lists as sheets, checked and shown before anything changes, with a record of every import."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from hmac import compare_digest
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Path, Request
from starlette.datastructures import UploadFile
from starlette.responses import RedirectResponse, Response, StreamingResponse

from handlers.exporting import Rows
from handlers.sheet_files import SheetFile, YamlFile, marked
from handlers.web.chat_api import LARGEST, storable
from handlers.web.console.carry_words import Saying
from handlers.web.console.desk_pages import console_of
from handlers.web.console.export_routes import stream
from handlers.web.console.gates import Act, Colleague, Form, Posted, Stop, desk_router, needs
from handlers.web.console.poster_routes import qr
from handlers.web.parts import Parts, WebParts
from knowledge import workbooks
from knowledge.sheet_yaml import ENDINGS
from knowledge.sheets import Wrong, shipped
from storage import carried_staff, exports, imports, staff
from storage.access import NotThere
from storage.belonging import imports_of
from storage.carriers import CARRIERS
from storage.imports import BASES, Import, TooLate
from storage.staff import Member, Signed
from storage.transaction import Tx

router = desk_router("/imports")
HERE = "/console/imports"
SEE, ACT = needs("import", "see"), needs("import", "act")
Id = Annotated[int, Path(ge=1, le=LARGEST)]
LONGEST_REASON = 300
SHOWN_WRONG, SHOWN_CHANGES = 200, 50
XLSX = SheetFile.media


@router.get("", dependencies=[SEE])
async def show(request: Request, colleague: Colleague, parts: Parts) -> Response:
    return await _page(request, colleague, parts)


async def _page(request: Request, signed: Signed, parts: WebParts, *, trouble: str = "", kind: str = "") -> Response:
    values = await parts.storage.read(_look, signed.member)
    status = 422 if trouble else 200
    values |= {"trouble": trouble, "wrong_kind": kind, "longest": LONGEST_REASON}
    return await console_of(request).page(request, signed, "console/carry.html", status=status, **values)


def _look(tx: Tx, member: Member) -> dict[str, Any]:
    towns = imports.communities_of(tx, member.id)
    kinds = [kind for kind in CARRIERS if _offered(tx, member.id, kind, towns)]
    log = imports.listed(tx, imports_of(member.id))
    return {"kinds": kinds, "carriers": CARRIERS, "sheets": shipped(), "towns": towns, "log": log}


def _offered(tx: Tx, staff_id: int, kind: str, towns: list[tuple[int, str]]) -> bool:
    if CARRIERS[kind].of_community:
        return bool(towns)
    try:
        imports.allowed(tx, staff_id, kind, None)
    except NotThere:
        return False
    return True


def _asked(fields: Any) -> tuple[str, int | None]:
    """Which sheet, and of which community; 422 for what is neither."""
    kind, town = str(fields.get("kind") or next(iter(CARRIERS))), str(fields.get("community") or "")
    if kind not in CARRIERS or not (not town or (town.isascii() and town.isdigit() and len(town) < 16)):
        raise Stop(422, "bad_form")
    return kind, int(town) if town and CARRIERS[kind].of_community else None


# --- going out --------------------------------------------------------------------------------------------------------
@router.get("/template", dependencies=[ACT])
async def template(request: Request, colleague: Colleague, parts: Parts) -> Response:
    """The sheet with nothing in it but its headings, lists and explanation."""
    kind, town = _asked(request.query_params)
    towns = await parts.storage.read(imports.communities_of, colleague.member.id)
    town = town if town in dict(towns) else next((key for key, _ in towns), None)
    lists = await parts.storage.read(CARRIERS[kind].lists, town)
    writer = SheetFile(shipped()[kind], lists, console_of(request).common(request)["t"])
    try:
        content = b"".join(await asyncio.to_thread(writer.end))
    finally:
        writer.close()
    return _file(content, f"{shipped()[kind].name.zh}-空表.xlsx")


def _file(content: bytes, name: str) -> Response:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}", "Cache-Control": "no-store"}
    return Response(content, media_type=XLSX, headers=headers)


@router.post("/export", dependencies=[ACT])
async def take_out(request: Request, form: Posted, parts: Parts) -> Response:
    """Everything there is, with a reason."""
    (kind, town), reason = _asked(form.fields), form.text("reason", longest=LONGEST_REASON)
    await parts.storage.read(imports.allowed, form.staff_id, kind, town)
    if not reason:
        return await _page(request, form.signed, parts, trouble="needs_reason", kind=kind)
    counts = await parts.storage.read(CARRIERS[kind].parts, town)
    lists = await parts.storage.read(CARRIERS[kind].lists, town)
    plain = shipped()[kind].yaml and form.fields.get("format") == "yaml"
    ending = "yaml" if plain else "xlsx"
    begun: dict[str, Any] = {"what": kind, "format": ending, "reason": reason, "rows": sum(counts.values())}
    export_id = await parts.storage.run(exports.begin, staff_id=form.staff_id, **begun)

    async def pages() -> AsyncIterator[Rows]:
        for part in counts:
            yield list((await parts.storage.read(CARRIERS[kind].current, town, part)).values())

    maker = YamlFile if plain else SheetFile
    writer = maker(shipped()[kind], lists, console_of(request).common(request)["t"])
    day = f"{parts.storage.clock():%Y-%m-%d}"
    name = f"{shipped()[kind].name.zh}-{day}.{ending}"
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    body = stream(parts.storage, export_id, pages(), writer)
    return StreamingResponse(body, media_type=writer.media, headers=headers | {"Cache-Control": "no-store"})


# --- a file arrives ---------------------------------------------------------------------------------------------------
@router.post("", dependencies=[ACT])
async def upload(request: Request, colleague: Colleague, parts: Parts) -> Response:
    async with request.form(max_files=1, max_fields=20) as sent:
        fields = {name: str(storable(value)) for name, value in sent.items() if isinstance(value, str)}
        if not compare_digest(fields.get("csrf", "").encode(), colleague.csrf.encode()):
            raise Stop(403, "forged")
        file = sent.get("file")
        content = await file.read() if isinstance(file, UploadFile) else b""
        name = (file.filename or "") if isinstance(file, UploadFile) else ""
    kind, town = _asked(fields)
    if not content:
        return await _page(request, colleague, parts, trouble="no_file", kind=kind)
    given: dict[str, Any] = {"kind": kind, "community_id": town, "whole": fields.get("whole") == "yes"}
    given |= {"file_name": str(storable(name)) or "xlsx", "content": content}
    import_id = await parts.storage.run(imports.begin, staff_id=colleague.member.id, **given)
    return RedirectResponse(f"{HERE}/{import_id}", 303)


# --- one import -------------------------------------------------------------------------------------------------------
@router.get("/{id}", dependencies=[SEE])
async def one(request: Request, id: Id, colleague: Colleague, parts: Parts, after: int = 0) -> Response:
    return await _one(request, colleague, parts, id, after=after)


async def _one(
    request: Request, signed: Signed, parts: WebParts, id: int, *, after: int = 0, trouble: str = ""
) -> Response:
    found = await parts.storage.read(_look_at, id, after)
    if found is None:
        raise Stop(404, "not_found")
    job: Import = found["job"]
    say = Saying(shipped()[job.kind], console_of(request).common(request)["t"])
    values = found | {"say": say, "trouble": trouble, "bases": BASES, "longest": LONGEST_REASON, "after": after}
    values |= {"wrong": job.found[:SHOWN_WRONG], "here": f"{HERE}/{id}", "sheet": say.sheet}
    values["as_text"] = job.file_name.lower().endswith(ENDINGS)
    status = 422 if trouble else 200
    return await console_of(request).page(request, signed, "console/carry_one.html", status=status, **values)


def _look_at(tx: Tx, import_id: int, after: int) -> dict[str, Any] | None:
    job = imports.get(tx, import_id)
    if job is None:
        return None
    shown = imports.changes(tx, import_id, after=min(max(after, 0), LARGEST), limit=SHOWN_CHANGES + 1)
    values: dict[str, Any] = {"job": job, "names": staff.names(tx), "changes": shown[:SHOWN_CHANGES]}
    values["next"] = shown[SHOWN_CHANGES - 1][0] if len(shown) > SHOWN_CHANGES else 0
    values["obstacles"] = imports.obstacles(tx, import_id) if job.state == "done" else []
    values["community"] = dict(imports.communities_of(tx, job.staff_id)).get(job.community_id or 0, "")
    return values | {"to_invite": _to_invite(tx, job)}


def _to_invite(tx: Tx, job: Import) -> list[Member]:
    if job.kind != "staff" or job.state != "done":
        return []
    new = [one.key for _, one in imports.changes(tx, job.id) if one.before is None]
    return carried_staff.not_yet_in(tx, new)


@router.get("/{id}/files/marked", dependencies=[ACT])
async def take_marked(request: Request, id: Id, parts: Parts) -> Response:
    """The file as it was brought, with what is wrong beside each row."""
    job = await parts.storage.read(imports.get, id)
    content = await parts.storage.read(imports.file_of, id)
    if job is None or not content or job.state != "refused":
        raise Stop(404, "no_file")
    sheet, texts = shipped()[job.kind], console_of(request).common(request)["t"]
    try:
        name = workbooks.sheet_in(workbooks.opened(content), sheet)
        made = await asyncio.to_thread(
            marked, content, name, job.found, Saying(sheet, texts), texts("carry.wrong_errors")
        )
    except (Wrong, *workbooks.BROKEN) as error:
        raise Stop(404, "no_file") from error
    return _file(made, f"{sheet.name.zh}-有错.xlsx")


@router.post("/{id}/confirm", dependencies=[ACT])
async def confirm(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """It may happen; of personal data with the ground on which they may be had."""
    reason, note = form.text("reason", longest=LONGEST_REASON), form.text("basis_note", longest=imports.LONGEST_NOTE)
    basis = form.fields.get("basis") if form.fields.get("basis") in BASES else None
    job = await parts.storage.read(imports.get, id)
    personal = job is not None and shipped()[job.kind].basis
    if not reason or (personal and not (basis and note)):
        trouble = "needs_basis" if reason else "needs_reason"
        return await _one(request, form.signed, parts, id, trouble=trouble)
    ground, note = (basis, note) if personal else (None, "")
    said = partial(imports.confirm, import_id=id, by=form.staff_id, reason=reason, basis=ground, note=note)
    return await _stepped(request, form, parts, id, said)


@router.post("/{id}/drop", dependencies=[ACT])
async def drop(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    return await _stepped(request, form, parts, id, lambda tx: imports.drop(tx, id, by=form.staff_id))


@router.post("/{id}/take-back", dependencies=[ACT])
async def take_back(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    return await _stepped(request, form, parts, id, lambda tx: imports.take_back(tx, id, by=form.staff_id))


async def _stepped(request: Request, form: Form, parts: WebParts, id: int, step: Any) -> Response:
    try:
        await parts.storage.run(step)
    except TooLate:
        return await _one(request, form.signed, parts, id, trouble="too_late")
    return RedirectResponse(f"{HERE}/{id}", 303)


@router.post("/{id}/invitations", dependencies=[ACT])
async def invitations(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """A fresh link for each new colleague who has not been here, shown this once as sheets to print."""
    made = await parts.storage.run(_invite, id, by=form.staff_id)
    if not made:
        raise Stop(404, "not_found")
    base = parts.public_url.rstrip("/") or str(request.base_url).rstrip("/")
    links = [(member, address, qr(address)) for member, token in made if (address := _enter(base, token))]
    return console_of(request).plain(request, "console/carry_invitations.html", links=links, back=f"{HERE}/{id}")


def _enter(base: str, token: str) -> str:
    return f"{base}/console/enter?token={token}"


def _invite(tx: Tx, import_id: int, *, by: int) -> list[tuple[Member, str]]:
    job = imports.get(tx, import_id)
    imports.allowed(tx, by, "staff", None)
    made = []
    for member in _to_invite(tx, job) if job else ():
        staff.note(tx, by, "make_link", str(member.id))
        made.append((member, staff.make_link(tx, member.id)))
    return made
