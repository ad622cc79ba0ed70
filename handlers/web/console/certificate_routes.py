"""Certificates at the desk: issued from the ledger, printed on A4 to stamp and sign, declined, declared void (VO-09)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from handlers import volunteer_notices
from handlers.outcome import speak
from handlers.texts.catalogue import Catalogue
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, Stop, desk_router, needs
from handlers.web.console.poster_routes import qr
from handlers.web.console.volunteer_routes import Id, Number, common, page_response
from handlers.web.console.wording import CHINA
from handlers.web.parts import Parts
from storage import certificates, staff, volunteer_desk
from storage.certificates import Certificate, Nothing
from storage.transaction import Tx

router = desk_router("/volunteers")
LONGEST_NAME, LONGEST_REASON = 40, 300


@router.post("/{number}/certificate", dependencies=[needs("certificate", "act")])
async def issue(request: Request, number: Number, form: Act, parts: Parts) -> Response:
    """Everything that counts now, as one certificate; the volunteer is told its number."""
    name, responsible = form.text("name", longest=LONGEST_NAME), form.text("responsible", longest=LONGEST_NAME)
    phone, found = form.text("phone", longest=LONGEST_NAME), await parts.storage.read(volunteer_desk.page, number)
    if found is None:
        raise Stop(404, "not_found")
    if not (name and responsible and phone):
        return await page_response(request, form.signed, number, status=422, trouble="certificate_incomplete")
    says = {
        "name": name,
        "responsible": responsible,
        "phone": phone,
        "issuer": parts.profile.body.zh,
    }
    texts, address = console_of(request).residents, parts.public_url
    try:
        await parts.storage.run(_issue, texts, address, found.volunteer.id, form.staff_id, says)
    except Nothing:
        return await page_response(request, form.signed, number, status=422, trouble="nothing_to_certify")
    return RedirectResponse(f"/console/volunteers/{number}?done=issued", 303)


def _issue(tx: Tx, texts: Catalogue, address: str, volunteer_id: int, by: int, says: dict[str, str]) -> None:
    issued = certificates.issue(tx, volunteer_id, by=by, **says)
    speak(tx, volunteer_notices.certificate(tx, texts, issued, public_url=address))


@router.post("/certificates/{id}/{end}", dependencies=[needs("certificate", "act")])
async def end(request: Request, id: Id, end: str, form: Act, parts: Parts) -> Response:
    """Declined, or void: never without a reason, and the volunteer is told."""
    reason = form.text("reason", longest=LONGEST_REASON)
    if end not in ("decline", "revoke") or not reason:
        raise Stop(422, "bad_form")
    texts = console_of(request).residents
    try:
        done: Certificate = await parts.storage.run(_end, texts, parts.public_url, id, end, form.staff_id, reason)
    except LookupError as error:
        raise Stop(404, "not_found") from error
    return RedirectResponse(f"/console/volunteers/{done.volunteer}?done={end}d", 303)


def _end(tx: Tx, texts: Catalogue, address: str, certificate_id: int, end: str, by: int, reason: str) -> Certificate:
    unit = certificates.decline if end == "decline" else certificates.revoke
    done = unit(tx, certificate_id, by=by, reason=reason)
    speak(tx, volunteer_notices.certificate(tx, texts, done, public_url=address))
    return done


@router.get("/certificates/{id}", dependencies=[needs("certificate", "see")])
async def paper(request: Request, id: Id, colleague: Colleague, parts: Parts) -> Response:
    """One sheet of A4, as it was issued; that it was opened is kept."""
    found = await parts.storage.run(_look, id, colleague.member.id)
    if found is None or found.says is None or found.number is None:
        raise Stop(404, "not_found")
    base = (parts.public_url or str(request.base_url)).rstrip("/")
    address = f"{base}{volunteer_notices.PAGE}?number={found.number}"
    lines = [line | {"start": _moment(line["start"]), "end": _moment(line["end"])} for line in found.says["entries"]]
    first, last = _moment(found.says["first"]), _moment(found.says["last"])
    values: dict[str, Any] = {"found": found, "says": found.says, "lines": lines, "first": first, "last": last}
    values |= {"code": qr(address), "address": f"{base}{volunteer_notices.PAGE}", "date": _date}
    values |= {"zh": console_of(request).residents["zh"]}
    return console_of(request).plain(request, "console/certificate.html", **values, **common(request, colleague))


def _look(tx: Tx, certificate_id: int, staff_id: int) -> Certificate | None:
    try:
        found = certificates.get(tx, certificate_id)
    except LookupError:
        return None
    staff.note(tx, staff_id, "print_certificate", found.number)
    return found


def _date(moment: datetime) -> str:
    """As official papers write it, in Chongqing."""
    here = moment.astimezone(CHINA)
    return f"{here.year}年{here.month}月{here.day}日"


def _moment(written: str) -> datetime:
    return datetime.fromisoformat(written)
