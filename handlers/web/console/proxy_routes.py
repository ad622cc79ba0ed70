"""A family proxy taken down by staff, from the resident's own words at the telephone or the counter."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import Response

from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, Stop, desk_router, needs
from handlers.web.console.ticket_routes import Number
from handlers.web.parts import Parts
from knowledge.proxies import SCOPES, rules
from storage import desk, messages, proxies, staff
from storage.staff import Signed
from storage.transaction import Tx

router = desk_router()


@router.get("/tickets/{number}/proxy", dependencies=[needs("proxy", "act")])
async def show(request: Request, number: Number, colleague: Colleague, parts: Parts) -> Response:
    page = await parts.storage.read(desk.ticket_page, number, staff_id=colleague.member.id)
    if page is None or page.covered:
        raise Stop(404, "no_ticket")
    return await _page(request, colleague, number)


async def _page(request: Request, signed: Signed, number: str, *, code: str = "") -> Response:
    values: dict[str, Any] = {"number": number, "relations": rules().relations, "scopes": SCOPES, "code": code}
    return await console_of(request).page(request, signed, "console/proxy.html", **values)


@router.post("/tickets/{number}/proxy", dependencies=[needs("proxy", "act")])
async def take_down(request: Request, number: Number, form: Act, parts: Parts) -> Response:
    """The code, shown once, to be read out to the family member."""
    relation, scope = form.fields.get("relation", ""), form.fields.get("scope", "")
    if relation not in rules().relations or scope not in SCOPES:
        raise Stop(422, "bad_form")
    words = console_of(request).words("zh")
    told = words("proxies.told", who=words(f"proxies.{relation}"))
    given: dict[str, Any] = {
        "staff_id": form.staff_id,
        "number": number,
        "relation": relation,
        "scope": scope,
        "told": told,
    }
    code = await parts.storage.run(_take_down, **given)
    if code is None:
        raise Stop(404, "no_ticket")
    return await _page(request, form.signed, number, code=code)


def _take_down(tx: Tx, *, staff_id: int, number: str, relation: str, scope: str, told: str) -> str | None:
    """Recorded with who took it down; the resident hears of it wherever they are met."""
    staff.actor(tx, staff_id)
    page = desk.ticket_page(tx, number, staff_id=staff_id)
    if page is None or page.covered:
        return None
    resident_id = int(page.ticket["resident_id"])
    code = proxies.take_down(tx, resident_id=resident_id, relation=relation, scope=scope, staff_id=staff_id)
    staff.note(tx, staff_id, "take_down_proxy", number, relation=relation, scope=scope)
    for chat_id in proxies.chats_of(tx, resident_id):
        messages.say(tx, chat_id=chat_id, text=told)
    return code
