"""Whether a certificate is genuine: anybody types its number and sees how it stands, the hours, and a masked name (VO-10).

Nothing else is shown, nothing is kept of who asked, and asking is slow: numbers cannot be tried out.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from handlers.texts.moments import CHINA
from handlers.web.parts import Parts, WebParts
from handlers.web.words import language_of
from knowledge import series
from knowledge.masking import masked_name
from storage import certificates
from storage.certificates import Certificate

router = APIRouter(include_in_schema=False)
LONGEST = 40
AN_HOUR = 60


@router.get("/certificates")
async def check(request: Request, parts: Parts, number: str = "") -> Response:
    language, typed = language_of(request), number.strip()[:LONGEST]
    values: dict[str, Any] = {"typed": typed, "found": None, "key": ""}
    status = 200
    if typed:
        host = request.client.host if request.client else "?"
        if not parts.pace.allows(host, parts.storage.clock()):
            values["key"], status = "slow_down", 429
        else:
            values |= await _looked_up(parts, typed)
    words = parts.words.section(language, "certificates")
    return parts.pages.show("certificates.html", status=status, language=language, words=words, **values)


async def _looked_up(parts: WebParts, typed: str) -> dict[str, Any]:
    number = series.parse("LC", typed)
    if number is None:
        return {"key": "slip"}
    found = await parts.storage.read(certificates.by_number, number)
    return {"key": found.stands, "found": _shown(found)} if found else {"key": "unknown"}


def _shown(found: Certificate) -> dict[str, Any]:
    """What anybody may see; of a void one only that it is."""
    shown: dict[str, Any] = {"number": found.number, "replaced_by": found.replaced_by}
    if found.says is None or found.stands not in ("valid", "corrected", "replaced"):
        return shown
    hours, minutes = divmod(found.minutes or 0, AN_HOUR)
    days = {name: _day(found.says[name]) for name in ("first", "last")}
    issued = found.issued_at.astimezone(CHINA).date().isoformat() if found.issued_at else ""
    more = {"name": masked_name(found.says["name"]), "hours": hours, "minutes": minutes, "issued": issued}
    return shown | more | days | {"issuer": found.says["issuer"]}


def _day(written: str) -> str:
    return datetime.fromisoformat(written).astimezone(CHINA).date().isoformat()
