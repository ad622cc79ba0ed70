"""Joining two applications about each other at the desk, by the mediator who has both."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from handlers import mediation_letters as letters
from handlers.texts.catalogue import Catalogue
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Stop, desk_router, needs
from handlers.web.console.mediation_routes import HERE, Id, case_response
from handlers.web.parts import Parts
from knowledge.mediation import Refusal, Side
from storage import mediation_joining, mediation_talk
from storage.mediation import Case, Stale
from storage.transaction import Tx

router = desk_router("/mediations/{case_id}")


@router.post("/join", dependencies=[needs("mediation", "act")])
async def join(request: Request, case_id: Id, form: Act, parts: Parts) -> Response:
    """On to the case it goes on in; what could not be done is said on the case as it is now."""
    which = {"first_id": form.number("with"), "staff_id": form.staff_id, "revision": form.number("revision")}
    try:
        result = await parts.storage.run(_join, case_id, texts=console_of(request).residents, **which)
    except LookupError as error:
        raise Stop(404, "no_ticket") from error
    if isinstance(result, Stale):
        return await case_response(request, form.signed, case_id, status=409, trouble="conflict")
    if isinstance(result, Refusal):
        why = f"{result.zh}\n{result.en}"
        return await case_response(request, form.signed, case_id, status=409, trouble="refused", why=why)
    return RedirectResponse(f"{HERE}/{result.id}?done=joined", 303)


def _join(
    tx: Tx, case_id: int, *, first_id: int, staff_id: int, revision: int, texts: Catalogue
) -> Case | Refusal | Stale:
    result = mediation_joining.by_hand(tx, case_id, first_id, staff_id=staff_id, revision=revision)
    if isinstance(result, Case) and result.accepted_at is not None:
        tell = letters.letter(texts, "accepted", result, tx.now, buttons=("tell", "more"))
        mediation_talk.deliver(tx, result, Side.RESPONDENT, tell)
    return result
