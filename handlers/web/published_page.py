"""What the community publishes, as a page for everybody: by quarter and class, all that ever was by its words (五(二)).

Nobody signs in, nothing is kept of who reads. What was corrected can still be read, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
from storage import belonging, boards, disclosure, disclosure_papers, towns
from storage.office_time import community_at
from storage.tables import disclosure_items
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
router = APIRouter(include_in_schema=False)
LONGEST = 60


OWN = "lianxin_town"
OWN_SECONDS = 400 * 24 * 3600


@router.get("/published")
async def listed(
    request: Request, parts: Parts, quarter: str = "", q: str = "", community: str = "", b: str = ""
) -> Response:
    """A community's newest quarter, the one that was asked for, or whatever says these words. Whose: as the address says,
    by id or by a building; else the one chosen last on this telephone; else one is asked to choose."""
    typed = str(storable(q)).strip()[:LONGEST]
    asked = Asked(_key(community), str(storable(b))[:LONGEST], _key(request.cookies.get(OWN, "")))
    found = await parts.storage.read(_listed, _quarter(quarter), typed, asked)
    response = _page(request, parts, "published.html", typed=typed, **found)
    if found["town"] is not None and str(found["town"]) == community:
        response.set_cookie(OWN, community, max_age=OWN_SECONDS, path="/published", httponly=True, samesite="lax")
    return response


@dataclass(frozen=True, slots=True)
class Asked:
    """Which community's page: named, by a building, or chosen before."""

    community: int | None
    building: str
    before: int | None

    def of(self, tx: Tx, known: Mapping[int, Any]) -> int | None:
        at = community_at(tx, self.building) if self.building else None
        only = next(iter(known)) if len(known) == 1 else None
        return next((one for one in (self.community, at, self.before, only) if one in known), None)


def _key(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _quarter(text: str) -> Quarter | None:
    try:
        return written(text)
    except ValueError:
        return None


def _listed(tx: Tx, quarter: Quarter | None, words: str, asked: Asked) -> dict[str, Any]:
    known = towns.named(tx)
    town = asked.of(tx, known)
    found: dict[str, Any] = {"towns": known, "town": town, "quarters": [], "chosen": None, "items": [], "urgent": []}
    mine = belonging.of_community(tx, disclosure_items.c.community_id, town)
    if words:
        items = boards.search(tx, words, mine)
        whose = {item.id: known.get(disclosure.whose(tx, item.id) or next(iter(known), 0)) for item in items}
        return found | {"items": items, "whose": whose if len(known) > 1 and town is None else {}}
    if known and town is None:
        return found
    standing = disclosure_items.c.state == "published"
    quarters = disclosure.quarters(tx, disclosure_items.c.state.in_(("published", "corrected")), mine)
    chosen = quarter or (quarters[0] if quarters else None)
    items = disclosure.listed(tx, chosen, standing, mine) if chosen else []
    urgent = disclosure.listed(tx, None, standing, mine)
    return found | {"quarters": quarters, "chosen": chosen, "items": items, "urgent": list(reversed(urgent))[:20]}


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
    known = towns.named(tx)
    town = disclosure.whose(tx, id) or next(iter(known), None)
    shown = {"town": town, "community": known.get(town or 0) if len(known) > 1 else None}
    return shown | {"item": item, "now": later, "before": before, "papers": papers, "places": places}


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
