"""What the community publishes, as a page for everybody: by quarter and class, all that ever was by its words (五(二)).

Nobody signs in, nothing is kept of who reads. What was corrected can still be read, and says so.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from starlette.responses import Response

from handlers.texts.moments import CHINA
from handlers.web.chat_api import LARGEST, storable
from handlers.web.chat_files import file_response
from handlers.web.errors import ApiError
from handlers.web.parts import Parts
from handlers.web.words import language_of
from knowledge.disclosure import KINDS, rules
from knowledge.quarters import Quarter, written
from storage import boards, disclosure, disclosure_papers
from storage.tables import disclosure_items
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
router = APIRouter(include_in_schema=False)
LONGEST = 60


@router.get("/published")
async def listed(request: Request, parts: Parts, quarter: str = "", q: str = "") -> Response:
    """The newest quarter, the one that was asked for, or whatever says these words."""
    typed = str(storable(q)).strip()[:LONGEST]
    found = await parts.storage.read(_listed, _quarter(quarter), typed)
    return _page(request, parts, "published.html", typed=typed, **found)


def _quarter(text: str) -> Quarter | None:
    try:
        return written(text)
    except ValueError:
        return None


def _listed(tx: Tx, quarter: Quarter | None, words: str) -> dict[str, Any]:
    shown = disclosure_items.c.state.in_(("published", "corrected"))
    quarters = disclosure.quarters(tx, shown)
    chosen = quarter or (quarters[0] if quarters else None)
    if words:
        return {"quarters": quarters, "chosen": None, "items": boards.search(tx, words), "urgent": []}
    items = disclosure.listed(tx, chosen, disclosure_items.c.state == "published") if chosen else []
    urgent = disclosure.listed(tx, None, disclosure_items.c.state == "published")
    return {"quarters": quarters, "chosen": chosen, "items": items, "urgent": list(reversed(urgent))[:20]}


@router.get("/published/{id}")
async def one(request: Request, id: Id, parts: Parts) -> Response:
    found = await parts.storage.read(_one, id)
    status = 404 if found["item"] is None else 200
    return _page(request, parts, "published_one.html", status=status, **found)


def _one(tx: Tx, id: int) -> dict[str, Any]:
    """A draft is nobody's to see; of what was withdrawn, only that it was and why."""
    item = disclosure.get(tx, id)
    if item is None or item.state == "draft" or item.published_at is None:
        return {"item": None}
    now = disclosure.newest(tx, id)
    papers = [] if item.state == "withdrawn" else disclosure_papers.of_item(tx, id)
    before = disclosure.corrected_from(tx, item)
    places = boards.places_of(tx, id) if item.state == "published" else []
    later = now if now and now.id != id else None
    return {"item": item, "now": later, "before": before, "papers": papers, "places": places}


@router.get("/published/files/{id}")
async def file(request: Request, id: Id, parts: Parts) -> Response:
    blob = await parts.storage.read(disclosure_papers.opened, id, public=True)
    if blob is None:
        return _page(request, parts, "published_one.html", status=404, item=None)
    try:
        return file_response(blob, wanted=request.headers.get("range", ""))
    except ApiError as error:
        return _page(request, parts, "published_one.html", status=error.status, item=None)


def _page(request: Request, parts: Parts, template: str, *, status: int = 200, **values: Any) -> Response:
    language = language_of(request)
    values |= {"rules": rules(), "kinds": KINDS, "day": lambda moment: moment.astimezone(CHINA).date().isoformat()}
    words = parts.words.section(language, "published")
    return parts.pages.show(template, status=status, language=language, words=words, **values)
