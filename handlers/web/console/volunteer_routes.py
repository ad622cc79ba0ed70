"""The register of volunteers: who is on it, one of them with everything known, what waits, and who fits a shift."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import Response

from handlers import volunteer_words
from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import chosen_language, console_of
from handlers.web.console.gates import Colleague, Stop, desk_router, needs
from handlers.web.console.whose import choices
from handlers.web.console.wording import CHINA
from handlers.web.parts import Parts
from knowledge import reach, series
from knowledge.catalogue import shipped
from storage import invitations, occasions, volunteer_claims, volunteer_desk
from storage.belonging import volunteers_of
from storage.staff import Member, Signed
from storage.transaction import Tx
from storage.volunteer_claims import Claim
from storage.volunteer_desk import Filter, Page

router = desk_router("/volunteers")
Number = Annotated[str, Path(pattern=r"^LV-[0-9-]{8,16}$")]
Id = Annotated[int, Path(ge=1, le=LARGEST)]
A_DAY = timedelta(days=1)
STATES = ("active", "paused", "waiting", "left")
TIMES = ("weekday", "evening", "weekend")
FILTERS = ("state", "category", "time", "building", "words")
DONE = (
    "entered", "corrected", "accepted", "refused", "thanked", "guardian", "issued", "declined", "revoked", "invited",
)  # fmt: skip


def sees_personal(member: Member) -> bool:
    """A role that has to say why before it reads personal data does not read it here (PI-13)."""
    return reach.shipped().limit(member.role).personal == "free"


def common(request: Request, signed: Signed) -> dict[str, Any]:
    """What the templates of volunteering use: the residents' own words for times, kinds and hours."""
    language = chosen_language(request)
    words = console_of(request).residents[language]
    kinds = {id: kind.name.get(language) for id, kind in shipped("volunteer").items()}
    return {"vw": volunteer_words, "words": words, "kinds": kinds, "personal": sees_personal(signed.member)}


@router.get("", dependencies=[needs("volunteer", "see")])
async def register(request: Request, colleague: Colleague, parts: Parts) -> Response:
    wanted = Filter(**{name: request.query_params.get(name, "").strip()[:40] for name in FILTERS})
    mine = volunteers_of(colleague.member.id)
    lines = await parts.storage.read(volunteer_desk.listed, wanted, mine)
    waiting = await parts.storage.read(volunteer_desk.waiting, mine)
    values: dict[str, Any] = {"lines": lines, "waiting": waiting, "wanted": wanted, "states": STATES, "times": TIMES}
    values |= await choices(parts, colleague.member.id)
    return await console_of(request).page(
        request, colleague, "console/volunteers.html", **values, **common(request, colleague)
    )


@router.get("/claims", dependencies=[needs("hours", "see")])
async def claims(request: Request, colleague: Colleague, done: str = "") -> Response:
    return await claims_response(request, colleague, done=done)


async def claims_response(
    request: Request, signed: Signed, *, status: int = 200, trouble: str = "", done: str = "", about: int = 0
) -> Response:
    """What is to be decided; ``about``: the claim that was not, and why."""
    console = console_of(request)
    found = await console.parts.storage.read(_claims, signed.member.id)
    values = {"claims": found, "trouble": trouble, "done": done if done in DONE else "", "about": about}
    return await console.page(
        request, signed, "console/volunteer_claims.html", status=status, **values, **common(request, signed)
    )


def _claims(tx: Tx, staff_id: int) -> Any:
    """Each claim with what the ledger holds for its time, and the certificates that are asked for."""
    waiting = volunteer_desk.waiting(tx, volunteers_of(staff_id))
    from_book = [
        (claim, volunteer_claims.in_time(tx, claim.volunteer_id, claim.from_at, claim.until_at), _typed(claim))
        for claim in waiting.claims
    ]
    return from_book, waiting.certificates


def _typed(claim: Claim) -> dict[str, str]:
    """The day, and the hours, where the resident named them."""
    start, end = claim.from_at.astimezone(CHINA), claim.until_at.astimezone(CHINA)
    if end - start > A_DAY:
        return {}
    hours = {"start": f"{start:%H:%M}", "end": f"{end:%H:%M}"} if end - start < A_DAY else {}
    return {"day": start.date().isoformat()} | hours


@router.get("/fits/{id}", dependencies=[needs("volunteer", "see", id="occasion")])
async def fits(
    request: Request, id: Id, colleague: Colleague, parts: Parts, done: str = "", number: int = 0
) -> Response:
    """Who fits a shift, and asking them."""
    occasion = await parts.storage.read(occasions.get, id)
    if occasion is None or occasion.kind != "shift":
        raise Stop(404, "not_found")
    values: dict[str, Any] = {
        "occasion": occasion,
        "fits": await parts.storage.read(invitations.who_fits, id, volunteers_of(colleague.member.id)),
    }
    values |= {"done": done if done in DONE else "", "number": number}
    return await console_of(request).page(
        request, colleague, "console/volunteers_fit.html", **values, **common(request, colleague)
    )


@router.get("/{number}", dependencies=[needs("volunteer", "see")])
async def show(request: Request, number: Number, colleague: Colleague, done: str = "") -> Response:
    return await page_response(request, colleague, number, done=done)


async def page_response(
    request: Request,
    signed: Signed,
    number: str,
    *,
    status: int = 200,
    trouble: str = "",
    done: str = "",
    typed: Any = None,
) -> Response:
    """One volunteer; ``typed`` is what stays in a form that was refused."""
    console, known = console_of(request), series.parse("LV", number)
    found: Page | None = await console.parts.storage.read(volunteer_desk.page, known or "")
    if found is None:
        raise Stop(404, "not_found")
    values = {"found": found, "trouble": trouble, "done": done if done in DONE else "", "typed": typed or {}}
    return await console.page(
        request, signed, "console/volunteer.html", status=status, **values, **common(request, signed)
    )
