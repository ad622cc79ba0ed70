"""A change of the FAQ told to whoever got the old answer: looked at here, then sent as a notice from the notice's page."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.faq_told import FIELDS, first_words
from handlers.faq_view import marked
from handlers.web.console.desk_pages import console_of
from handlers.web.console.faq_routes import Name, found, offered
from handlers.web.console.gates import Colleague, Form, Posted, Stop, desk_router, needs
from handlers.web.parts import Parts, WebParts
from knowledge.broadcasts import CHANGED
from storage import belonging, faq, faq_ringing, faq_telling, notices
from storage.faq import Kept
from storage.faq_telling import Offer
from storage.notices import LONGEST_TEXT, LONGEST_TITLE, Composed, Notice
from storage.staff import Signed
from storage.transaction import Tx

Number = Annotated[int, Path(ge=1, le=99999)]
PUBLISH = needs("faq", "publish")
router = desk_router("/faq/{key}/versions/{number}/tell")


@router.get("", dependencies=[PUBLISH])
async def look(request: Request, key: Name, number: Number, colleague: Colleague, parts: Parts) -> Response:
    """Who would hear of it, what has changed, and the words, ready to be sent or changed."""
    kept = await found(parts, key)
    tell = await _offer(parts, kept, colleague, number)
    residents = console_of(request).residents
    fresh = {"revision": "0"} | await first_words(parts, residents, kept, number)
    typed = _kept_words(tell.notice) if tell.notice else fresh
    return await _page(request, colleague, kept, tell, typed)


@router.post("", dependencies=[PUBLISH])
async def write(request: Request, key: Name, number: Number, form: Posted, parts: Parts) -> Response:
    """A draft: nothing goes out before somebody has looked at it on its own page."""
    try:
        composed, revision = _composed(form), form.number("revision")
        made = await parts.storage.run(
            faq_telling.draft, key, number, composed, staff_id=form.staff_id, revision=revision
        )
    except notices.Unfit as refused:
        kept = await found(parts, key)
        tell, typed = (
            await _offer(parts, kept, form.signed, number),
            {name: form.fields.get(name, "") for name in FIELDS},
        )
        typed["revision"] = form.fields.get("revision", "0")
        return await _page(request, form.signed, kept, tell, typed, trouble=refused.code)
    except faq.Unfit:
        raise Stop(409, "done_before") from None
    except LookupError:
        raise Stop(404, "not_found") from None
    return RedirectResponse(f"/console/notices/{made}", 303)


def _composed(form: Form) -> Composed:
    said = {name: form.text(name, longest=2 * LONGEST_TEXT) for name in FIELDS}
    return Composed(
        topic=CHANGED,
        title=said["title"],
        text=said["text"],
        title_en=said["title_en"] or None,
        text_en=said["text_en"] or None,
    )


@router.post("/ring", dependencies=[PUBLISH])
async def ring(key: Name, number: Number, form: Posted, parts: Parts) -> Response:
    """Whoever got the old answer at the telephone waits on the list of whom to ring."""
    try:
        await parts.storage.run(faq_ringing.ring, key, number, staff_id=form.staff_id)
    except LookupError:
        raise Stop(404, "not_found") from None
    return RedirectResponse(f"/console/faq/{key}/versions/{number}/tell?rung=1", 303)


async def _offer(parts: WebParts, kept: Kept, signed: Signed, number: int) -> Offer:
    tell = await offered(parts, kept, signed, number)
    if tell is None:
        raise Stop(404, "not_found")
    return tell


async def _page(
    request: Request, signed: Signed, kept: Kept, tell: Offer, typed: dict[str, str], *, trouble: str = ""
) -> Response:
    before, several = await console_of(request).parts.storage.read(_beside, kept, tell.number)
    given: dict[str, Any] = {"found": kept, "tell": tell, "reach": tell.reach, "typed": typed, "trouble": trouble}
    given["rung"] = request.query_params.get("rung") == "1"
    given |= {"diff": marked(before, kept.latest), "longest_title": LONGEST_TITLE, "longest_text": LONGEST_TEXT}
    status = 422 if trouble else 200
    return await console_of(request).page(
        request, signed, "console/faq_tell.html", status=status, several=several, **given
    )


def _beside(tx: Tx, kept: Kept, number: int) -> tuple[Any, bool]:
    """What it said before that version, and whether the house has several communities."""
    before = next((one.wording for one in faq.versions(tx, kept.key) if one.number < number), None)
    return before, belonging.several(tx)


def _kept_words(notice: Notice) -> dict[str, str]:
    return {name: getattr(notice, name) or "" for name in FIELDS} | {"revision": str(notice.revision)}
