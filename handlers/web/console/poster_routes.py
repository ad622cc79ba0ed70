"""Posters to hang in each building: two QR codes, a few words, on one sheet of A4."""

from __future__ import annotations

import io
from typing import Annotated

import segno
from fastapi import Path, Request
from markupsafe import Markup
from starlette.responses import Response

from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Colleague, Stop, desk_router, needs
from handlers.web.parts import Parts, WebParts
from knowledge.profile import Building

router = desk_router("/posters")
"""Behind the gate as a whole: every member of staff may print."""
Number = Annotated[str, Path(pattern=r"^[A-Za-z0-9]{1,16}$")]


@router.get("", dependencies=[needs("poster", "see")])
async def show(request: Request, colleague: Colleague, parts: Parts) -> Response:
    """Every building, and what the posters will say."""
    return await console_of(request).page(
        request,
        colleague,
        "console/posters.html",
        buildings=parts.towns.buildings,
        address=_base(request, parts),
        known=bool(parts.public_url),
        telegram=await parts.telegram(),
    )


@router.get("/{number}", dependencies=[needs("poster", "see")])
async def poster(number: Number, request: Request, parts: Parts) -> Response:
    """One building's sheet, to be printed as it is."""
    building = _building(parts, number)
    telegram = await parts.telegram()
    address = f"{_base(request, parts)}/chat?b={building.number}"
    deep = f"{telegram}?start=b{building.number}" if telegram else None
    return console_of(request).plain(
        request,
        "console/poster.html",
        building=building.number,
        community=parts.towns.at(number).profile.community,
        office=parts.towns.at(number).profile.office,
        address=address,
        code=qr(address),
        deep=deep,
        deep_code=qr(deep) if deep else None,
    )


def _building(parts: WebParts, number: str) -> Building:
    found = next((each for each in parts.towns.buildings if each.number == number), None)
    if found is None:
        raise Stop(404, "not_found")
    return found


def _base(request: Request, parts: WebParts) -> str:
    return (parts.public_url or str(request.base_url)).rstrip("/")


def qr(address: str) -> Markup:
    """The code as an SVG element; a quarter of it may be torn or dirty and it still reads."""
    drawn = io.BytesIO()
    segno.make(address, error="q", micro=False).save(
        drawn, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, svgclass="qr", lineclass=None
    )
    return Markup(drawn.getvalue().decode())
