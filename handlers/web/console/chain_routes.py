"""The chain of a dispute on its ticket's page: the next link one press away, and what its resident reads of it (ME-17)."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from sqlalchemy import RowMapping
from starlette.responses import RedirectResponse, Response

from handlers import mediation_letters, ticket_words
from handlers.outcome import Button, plain
from handlers.texts.catalogue import Catalogue
from handlers.ticket_notices import ticket_buttons
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Posted, Stop, desk_router, needs
from handlers.web.console.ticket_routes import Number, ticket_response, to_act_on
from handlers.web.parts import Parts
from knowledge.mediation import table
from storage import dispute_chain
from storage.desk_acts import Conflict, Done
from storage.dispute_chain import Tell
from storage.messages import Buttons

router = desk_router()


@router.post("/tickets/{number}/chain", dependencies=[needs("chain", "act")])
async def go_on(request: Request, number: Number, form: Posted, parts: Parts) -> Response:
    """One link; when somebody was faster, the ticket as it is now."""
    page = await to_act_on(parts, number, form)
    link = form.fields.get("link", "")
    if link not in table().links:
        raise Stop(422, "bad_form")
    who: dict[str, Any] = {"staff_id": form.staff_id, "revision": form.number("revision")}
    tell = telling(console_of(request).residents, page.ticket, link)
    result = await parts.storage.run(dispute_chain.go_on, int(page.ticket["id"]), link, tell=tell, **who)
    if isinstance(result, Done):
        return RedirectResponse(f"/console/tickets/{number}?done=chain_{link}", 303)
    trouble, why = ("conflict", "") if isinstance(result, Conflict) else ("refused", f"{result.zh}\n{result.en}")
    return await ticket_response(request, form.signed, number, status=409, trouble=trouble, why=why)


def telling(texts: Catalogue, ticket: RowMapping, link: str) -> Tell:
    """What the resident reads of a link; mediation is offered with rights first (ME-05)."""

    def tell(language: str) -> tuple[str, Buttons]:
        words = texts[language]
        known = {"matter": ticket_words.title(words, ticket), "number": ticket["number"]}
        if link != "mediate":
            return words(f"chain.{link}", **known), plain(ticket_buttons(words, ticket, "show", "add"))
        mark = f"n:o:{ticket['id']}"
        row = (Button(words("mediation.apply"), f"{mark}:yes"), Button(words("mediation.no_need"), f"{mark}:no"))
        rights = mediation_letters.rights(words)
        return words("mediation.offer_by_staff", rights=rights, **known), plain((row,))

    return tell
