"""The tree: estates and their communities, begun and named here. What a community consists of stands on its own page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, desk_router, needs
from handlers.web.parts import Parts, WebParts
from storage import estates
from storage.estates import Hangs, Meanwhile, Taken
from storage.staff import Signed
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
HERE = "/console/communities"
LONGEST = 40
router = desk_router("/communities")


@router.get("", dependencies=[needs("community", "see")])
async def show(request: Request, colleague: Colleague) -> Response:
    return await tree_response(request, colleague)


async def tree_response(request: Request, signed: Signed, *, status: int = 200, **trouble: Any) -> Response:
    console, member = console_of(request), signed.member.id
    found = await console.parts.storage.read(_look, member)
    values: dict[str, Any] = {"tree": found[0], "whole": found[1], "trouble": "", "what": "", **trouble}
    return await console.page(request, signed, "console/communities.html", status=status, **values)


def _look(tx: Tx, staff_id: int) -> tuple[list[estates.Estate], bool]:
    return estates.tree(tx, staff_id), estates.everywhere(tx, staff_id)


async def attempted(parts: WebParts, change: Callable[[Tx], Any]) -> tuple[Any, dict[str, Any]]:
    """What came of it, or in which words it is refused: a key of ``estates.trouble_…`` and what it is about."""
    try:
        return await parts.storage.run(change), {}
    except Taken as taken:
        return None, {"trouble": "taken", "what": str(taken), "status": 422}
    except Meanwhile:
        return None, {"trouble": "meanwhile", "status": 409}
    except Hangs as hangs:
        return None, {"trouble": "hangs", "hanging": hangs.what, "status": 409}
    except ValueError:
        return None, {"trouble": "name", "status": 422}


@router.post("/estates", dependencies=[needs("community", "act")])
async def add_estate(request: Request, form: Act, parts: Parts) -> Response:
    given = {"name": form.text("name", longest=LONGEST), "name_en": form.text("name_en", longest=80)}
    _, trouble = await attempted(parts, lambda tx: estates.add_estate(tx, by=form.staff_id, **given))
    return await tree_response(request, form.signed, **trouble) if trouble else RedirectResponse(HERE, 303)


@router.post("/estates/{estate}/rename", dependencies=[needs("community", "act")])
async def rename_estate(request: Request, estate: Id, form: Act, parts: Parts) -> Response:
    given = {"name": form.text("name", longest=LONGEST), "name_en": form.text("name_en", longest=80)}
    _, trouble = await attempted(parts, lambda tx: estates.rename_estate(tx, estate, by=form.staff_id, **given))
    return await tree_response(request, form.signed, **trouble) if trouble else RedirectResponse(HERE, 303)


@router.post("/estates/{estate}/retire", dependencies=[needs("community", "act")])
async def retire_estate(request: Request, estate: Id, form: Act, parts: Parts) -> Response:
    _, trouble = await attempted(parts, lambda tx: estates.retire_estate(tx, estate, by=form.staff_id))
    return await tree_response(request, form.signed, **trouble) if trouble else RedirectResponse(HERE, 303)


@router.post("/estates/{estate}/communities", dependencies=[needs("community", "act")])
async def add_community(request: Request, estate: Id, form: Act, parts: Parts) -> Response:
    given: dict[str, Any] = {"name": form.text("name", longest=LONGEST), "name_en": form.text("name_en", longest=80)}
    made, trouble = await attempted(
        parts, lambda tx: estates.add_community(tx, by=form.staff_id, estate_id=estate, **given)
    )
    if trouble:
        return await tree_response(request, form.signed, **trouble)
    return RedirectResponse(f"{HERE}/{made}", 303)
