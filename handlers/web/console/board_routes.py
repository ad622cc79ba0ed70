"""Boards at the desk: where sheets hang, what was put up when and by whom, with its photo; sheets to print on A4 or A3."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Request
from sqlalchemy import select
from starlette.responses import RedirectResponse, Response

from handlers.texts.moments import CHINA
from handlers.web.chat_api import LARGEST
from handlers.web.console.course_forms import Scan, Sent
from handlers.web.console.desk_pages import console_of
from handlers.web.console.disclosure_routes import HERE, Shown, item_response
from handlers.web.console.files import looked_at
from handlers.web.console.gates import Act, Colleague, Form, Stop, desk_router, needs
from handlers.web.console.poster_routes import qr
from handlers.web.console.whose import choices
from handlers.web.parts import Parts
from knowledge.disclosure import KINDS, rules
from knowledge.quarters import Quarter, reported, written
from storage import belonging, blobs, boards, disclosure
from storage.belonging import communities_for, items_of
from storage.blobs import Blob
from storage.disclosure import Item, Wrong
from storage.tables import disclosure_items, disclosure_postings
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
SEE, ACT = needs("disclosure", "see"), needs("disclosure", "act")
router = desk_router("/disclosure")
PAPERS = ("a4", "a3")


# --- boards -----------------------------------------------------------------------------------------------------------
@router.get("/boards", dependencies=[SEE])
async def show(request: Request, colleague: Colleague, parts: Parts, trouble: str = "") -> Response:
    quarter = reported(parts.storage.clock().astimezone(CHINA).date())
    found = await parts.storage.read(_boards, colleague.member.id, str(quarter))
    values: dict[str, Any] = {"quarter": quarter, "kinds": boards.KINDS, "trouble": trouble if trouble else ""}
    values |= await choices(parts, colleague.member.id) | found
    return await console_of(request).page(request, colleague, "console/boards.html", **values)


def _boards(tx: Tx, staff_id: int, quarter: str) -> dict[str, Any]:
    found = boards.listed(tx, staff_id=staff_id, ended=True)
    items = disclosure.listed(tx, written(quarter), items_of(staff_id))
    return {"boards": found, "coverage": boards.coverage(tx, items, found)}


@router.post("/boards", dependencies=[ACT])
async def add(form: Act, parts: Parts) -> Response:
    return await _saved(parts, form, None)


@router.post("/boards/{id}", dependencies=[needs("disclosure", "act", id="board")])
async def change(id: Id, form: Act, parts: Parts) -> Response:
    if form.fields.get("then") == "end":
        await parts.storage.run(boards.end, id, staff_id=form.staff_id)
        return RedirectResponse(f"{HERE}/boards", 303)
    return await _saved(parts, form, id)


async def _saved(parts: Parts, form: Form, id: int | None) -> Response:
    named = [name.removeprefix("b_") for name, value in form.fields.items() if name.startswith("b_") and value]
    given: dict[str, Any] = {"name": form.text("name", longest=boards.LONGEST_NAME), "buildings": named}
    given |= {"kind": form.fields.get("kind", ""), "staff_id": form.staff_id}
    try:
        await parts.storage.run(boards.save, id, **given)
    except Wrong as wrong:
        return RedirectResponse(f"{HERE}/boards?trouble={wrong.code}", 303)
    return RedirectResponse(f"{HERE}/boards", 303)


# --- what hangs -------------------------------------------------------------------------------------------------------
@router.post("/{id}/post", dependencies=[ACT])
async def post(request: Request, id: Id, sent: Sent, parts: Parts) -> Response:
    """Put up on these boards, with a photo of it where there is one."""
    chosen = [int(name[6:]) for name in sent.fields if name.startswith("board_") and name[6:].isdigit()]
    try:
        await parts.storage.run(_post, [id], chosen, sent.scan, sent.staff_id)
    except Wrong as wrong:
        return await item_response(request, sent.form.signed, id, Shown(422, wrong.code))
    return RedirectResponse(f"{HERE}/{id}?done=posted", 303)


def _post(tx: Tx, items: list[int], chosen: list[int], photo: Scan | None, staff_id: int) -> int:
    disclosure.publisher(tx, staff_id)
    kept = None
    if photo is not None:
        of: dict[str, Any] = {"kind": photo.kind, "mime": photo.mime, "name": photo.name, "content": photo.content}
        kept = blobs.store(tx, chat_id=None, **of)
    return boards.post(tx, items, chosen, photo_id=kept, staff_id=staff_id)


@router.post("/boards/{id}/quarter", dependencies=[needs("disclosure", "act", id="board")])
async def post_quarter(id: Id, form: Act, parts: Parts) -> Response:
    """Everything of the quarter that belongs on this board hangs there now."""
    try:
        await parts.storage.run(_post_quarter, id, form.text("quarter", longest=6), form.staff_id)
    except (Wrong, ValueError) as wrong:
        code = wrong.code if isinstance(wrong, Wrong) else "not_published"
        return RedirectResponse(f"{HERE}/boards?trouble={code}", 303)
    return RedirectResponse(f"{HERE}/boards", 303)


def _post_quarter(tx: Tx, board_id: int, quarter: str, staff_id: int) -> int:
    items = disclosure.listed(tx, written(quarter), items_of(staff_id))
    shown = [item.id for item in items if item.state == "published"]
    if not shown:
        raise Wrong("not_published")
    return boards.post(tx, shown, [board_id], photo_id=None, staff_id=staff_id)


@router.post("/postings/{id}/down", dependencies=[needs("disclosure", "act", id="posting")])
async def down(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    item_id = form.number("item")
    try:
        done = await parts.storage.run(
            boards.take_down, id, note=form.text("note", longest=200), staff_id=form.staff_id
        )
    except Wrong as wrong:
        return await item_response(request, form.signed, item_id, Shown(422, wrong.code))
    if not done:
        raise Stop(409, "done_before")
    return RedirectResponse(f"{HERE}/{item_id}?done=down", 303)


@router.get("/postings/{id}/photo", dependencies=[needs("disclosure", "see", id="posting")])
async def photo(id: Id, parts: Parts) -> Response:
    return await looked_at(await parts.storage.read(_photo, id), parts.photos)


def _photo(tx: Tx, posting_id: int) -> Blob | None:
    blob_id = tx.scalar(select(disclosure_postings.c.photo_id).where(disclosure_postings.c.id == posting_id))
    return blobs.get(tx, int(blob_id)) if blob_id is not None else None


# --- sheets -----------------------------------------------------------------------------------------------------------
@router.get("/sheet", dependencies=[SEE])
async def sheet(
    request: Request,
    colleague: Colleague,
    parts: Parts,
    quarter: str = "",
    item: str = "",
    size: str = "a4",
    community: str = "",
) -> Response:
    """A community's quarter, or one item, to be printed and put up; the code leads to the same on a phone."""
    about = _quarter(quarter) or reported(parts.storage.clock().astimezone(CHINA).date())
    found, town = await parts.storage.read(_sheet, colleague.member.id, about, item, community)
    base = (parts.public_url or str(request.base_url)).rstrip("/")
    single = bool(item and found)
    address = f"{base}/published/{found[0].id}" if single else f"{base}/published?quarter={about}&community={town}"
    values: dict[str, Any] = {"items": found, "rules": rules(), "kinds": KINDS, "address": address, "code": qr(address)}
    values |= {"size": size if size in PAPERS else "a4", "community": parts.towns.of(town).profile.community}
    values |= {"title": found[0].title if single else about.words("zh"), "single": single}
    values["other"] = {"item": found[0].id} if single else {"quarter": about, "community": town}
    return console_of(request).plain(request, "console/disclosure_sheet.html", **values)


def _quarter(text: str) -> Quarter | None:
    try:
        return written(text)
    except ValueError:
        return None


def _sheet(tx: Tx, staff_id: int, quarter: Quarter, item: str, community: str) -> tuple[list[Item], int | None]:
    """What stands published, and whose it is; nothing where there is none, or none of theirs."""
    mine, theirs = items_of(staff_id), [key for key, _ in communities_for(tx, staff_id)]
    if item:
        found = disclosure.get(tx, int(item)) if item.isascii() and item.isdigit() and len(item) < 16 else None
        there = found is not None and any(one.id == found.id for one in disclosure.listed(tx, found.about, mine))
        shown = [found] if found is not None and there and found.state == "published" else []
        return shown, disclosure.whose(tx, shown[0].id) if shown else None
    town = next((key for key in theirs if str(key) == community), theirs[0] if theirs else None)
    of_town = belonging.of_community(tx, disclosure_items.c.community_id, town)
    shown = [one for one in disclosure.listed(tx, quarter, mine, of_town) if one.state == "published"]
    return sorted(shown, key=lambda one: ([*KINDS].index(one.kind), one.id)), town  # type: ignore[arg-type]
