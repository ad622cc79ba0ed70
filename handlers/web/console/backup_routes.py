"""Backups, for admins: which there are and whether they could be restored; one now, a rehearsal, the hour, a download."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Path, Request
from starlette.responses import FileResponse, RedirectResponse, Response

from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, Stop, desk_router, needs
from handlers.web.console.health_routes import LONGEST_REASON
from handlers.web.console.proving import prove
from handlers.web.console.running_words import size
from handlers.web.parts import Parts, WebParts
from knowledge import backups
from storage import backup_runs, sessions
from storage.backup_runs import Run
from storage.staff import Signed

Id = Annotated[int, Path(ge=1, le=LARGEST)]
HERE = "/console/backups"
router = desk_router("/backups")


@router.get("", dependencies=[needs("backup", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts) -> Response:
    return await _page(request, colleague, parts)


async def _page(
    request: Request, colleague: Signed, parts: WebParts, *, status: int = 200, trouble: str = ""
) -> Response:
    found = await parts.storage.read(backup_runs.standing)
    here = {run.id for run in found.runs if run.to_be_had and _is_here(parts, run)}
    fresh = await parts.storage.read(sessions.fresh, colleague.session)
    values: dict[str, Any] = {
        "standing": found,
        "here": here,
        "rules": backups.shipped(),
        "fresh": fresh,
        "trouble": trouble,
    }
    values["size"] = size
    return await console_of(request).page(request, colleague, "console/backups.html", status=status, **values)


def _is_here(parts: WebParts, run: Run) -> bool:
    return bool(parts.backups and run.file and (parts.backups / run.file).is_file())


@router.post("/hour", dependencies=[needs("backup", "act")])
async def set_hour(form: Act, parts: Parts) -> Response:
    try:
        await parts.storage.run(backup_runs.set_hour, form.number("hour"), staff_id=form.staff_id)
    except ValueError as error:
        raise Stop(422, "bad_form") from error
    return RedirectResponse(HERE, 303)


@router.post("/now", dependencies=[needs("backup", "act")])
async def now(request: Request, form: Act, parts: Parts) -> Response:
    if not await parts.storage.run(backup_runs.want, "hand", staff_id=form.staff_id):
        return await _page(request, form.signed, parts, status=409, trouble="busy")
    return RedirectResponse(HERE, 303)


@router.post("/{id}/rehearse", dependencies=[needs("backup", "act")])
async def rehearse(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Restored once more, in a scratch place beside the real one."""
    try:
        begun = await parts.storage.run(backup_runs.want, "rehearsal", staff_id=form.staff_id, of_id=id)
    except LookupError as error:
        raise Stop(404, "not_found") from error
    if not begun:
        return await _page(request, form.signed, parts, status=409, trouble="busy")
    return RedirectResponse(HERE, 303)


@router.post("/{id}/download", dependencies=[needs("backup", "act")])
async def download(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """The file itself: everything residents ever said. Only for whoever proves who they are and says why."""
    reason = form.text("reason", longest=LONGEST_REASON)
    if not reason:
        return await _page(request, form.signed, parts, status=422, trouble="needs_reason")
    await prove(request, form)
    run = await parts.storage.read(backup_runs.get, id)
    if run is None or not run.to_be_had or not parts.backups or not run.file or not _is_here(parts, run):
        raise Stop(404, "not_found")
    await parts.storage.run(backup_runs.downloaded, id, staff_id=form.staff_id, reason=reason)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(run.file)}", "Cache-Control": "no-store"}
    return FileResponse(parts.backups / run.file, media_type="application/vnd.sqlite3", headers=headers)
