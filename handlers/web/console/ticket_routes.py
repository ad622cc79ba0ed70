"""One ticket, and the files staff may open."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.offers import offer
from handlers.web.chat_api import LARGEST
from handlers.web.console.answering import thread_of
from handlers.web.console.desk_pages import console_of
from handlers.web.console.files import Span, looked_at
from handlers.web.console.gates import Colleague, Form, Posted, Stop, desk_router, needs
from handlers.web.console.putting_in import put_in, suggestion_of
from handlers.web.parts import Parts, WebParts
from storage import (
    call_filing,
    desk,
    desk_acts,
    dispute_chain,
    hand_overs,
    matter_page,
    mediation_board,
    sight,
    staff,
    ticket_passes,
    writing,
)
from storage.desk import TicketPage
from storage.sight import handler
from storage.staff import MayNot, Member, Signed
from storage.transaction import Tx
from storage.writing import Draft, Viewer

Number = Annotated[str, Path(max_length=24, pattern=r"^[0-9A-Za-z-]+$")]
IN_THE_THREAD = frozenset({"answer", "ask_back", "add", "note", "finish"})
NOTED = frozenset(desk_acts.STEPS) - IN_THE_THREAD | {"not_solved", "reason", "called", "give", "hand_over"}
NOTED |= {"hand_over_confirmed", "hand_over_asked", "hand_over_answer", "hand_over_back", "sign_late", "sign_reminded"}
NOTED |= {"pass_offered", "pass_accepted", "pass_returned", "pass_withdrawn"}
NOTED |= {"merge", "merged_in", "part", "parted_from", "link", "unlink", "not_same", "join_incident", "leave_incident"}
"""Steps whose words stand beside them in the history: nobody said them in the thread."""
router = desk_router()


@router.get("/tickets/{number}", dependencies=[needs("ticket", "see")])
async def show(
    request: Request, number: Number, colleague: Colleague, done: str = "", put: str = "", step: str = ""
) -> Response:
    """A ticket in mediation is on the mediation desk, for whoever may see how much of it there. ``put``: a prepared
    answer, or ``suggested``, that stands in the composer at once."""
    case_id = await console_of(request).parts.storage.read(mediation_board.of_number, number)
    if case_id is not None and staff.may(colleague.member, "mediation", "see"):
        return RedirectResponse(f"/console/mediations/{case_id}", 303)
    return await ticket_response(request, colleague, number, done=done, put=put[:80], step=step)


async def ticket_response(
    request: Request,
    signed: Signed,
    number: str,
    *,
    status: int = 200,
    trouble: str = "",
    put: str = "",
    step: str = "",
    **typed: str,
) -> Response:
    """The page of a ticket; ``trouble`` is said on top, and what was typed (``action``, ``text``) stands there again."""
    storage = console_of(request).parts.storage
    again = "x-looks-again" in request.headers
    opened = await storage.run(_open, number, member=signed.member, again=again)
    if opened is None:
        raise Stop(404, "no_ticket")
    page, kept, viewers = opened
    begun = {"action": kept.action, "text": kept.text} if kept else {"action": "", "text": ""}
    empty = ("done", "until", "said_by", "unit", "reason", "aids", "why")
    values: dict[str, Any] = {**begun, **dict.fromkeys(empty, "")} | typed
    values |= {"viewers": viewers, "kept": kept}
    values["thread"] = await storage.read(thread_of, page, signed.member)
    values["suggestion"] = await suggestion_of(console_of(request), page, values["thread"].language)
    if put:
        values |= await put_in(console_of(request), page, signed.member, put, step, values)
    values["offer"] = await storage.read(offer, page, signed.member)
    values |= {"told": NOTED, "offered": values["offer"].steps, "names": await storage.read(staff.names)}
    about, may_read = int(page.ticket["id"]), page.sight == "all"
    values["phoned"] = await storage.read(call_filing.calls_about, about) if may_read else []
    words = page.sight != "outline"
    values["chain"] = await storage.read(dispute_chain.standing, int(page.ticket["id"])) if words else None
    values["may_chain"] = staff.may(signed.member, "chain", "act")
    values["hand_overs"] = await storage.read(hand_overs.of_ticket, int(page.ticket["id"]))
    values["passes"] = await storage.read(ticket_passes.of_ticket, int(page.ticket["id"]), staff_id=signed.member.id)
    values["pass_to"] = await storage.read(ticket_passes.others, page.ticket)
    values["may_hand"] = words and values["offer"].party.desk
    values["matters"] = await storage.read(matter_page.around, page, staff_id=signed.member.id)
    values["may_act"] = handler(signed.member, page.ticket) is not None
    values["may_step"] = values["may_act"] or bool(values["offer"].steps)
    return await console_of(request).page(
        request, signed, "console/ticket.html", status=status, page=page, ticket=page.ticket, trouble=trouble, **values
    )


def _open(tx: Tx, number: str, *, member: Member, again: bool) -> tuple[TicketPage, Draft | None, list[Viewer]] | None:
    """Whoever may act on a ticket has, by opening it, seen what its resident added; their draft, and who else is there.

    Each look at what is masked is kept, but not each time an open page looks ``again`` by itself.
    """
    page = desk.ticket_page(tx, number, staff_id=member.id)
    if page is not None and page.masked and page.sight == "all" and not again:
        sight.looked(tx, number, staff_id=member.id)
    if page is None or page.sight == "outline" or handler(member, page.ticket) is None:
        return None if page is None else (page, None, [])
    ticket_id = int(page.ticket["id"])
    desk.saw(tx, ticket_id)
    kept = writing.draft(tx, ticket_id, staff_id=member.id)
    return page, kept, writing.look(tx, ticket_id, staff_id=member.id)


async def to_act_on(parts: WebParts, number: str, form: Form, *, watching: bool = False) -> TicketPage:
    """The ticket, for somebody who may change it, or watches over it; the units ask again."""
    page = await parts.storage.read(desk.ticket_page, number, staff_id=form.staff_id)
    if page is None:
        raise Stop(404, "no_ticket")
    watcher = watching and sight.watcher(form.signed.member) is not None
    if handler(form.signed.member, page.ticket) is None and not watcher:
        raise MayNot
    return page


@router.post("/tickets/{number}/uncover", dependencies=[needs("ticket", "uncover")])
async def uncover(request: Request, number: Number, form: Posted, parts: Parts) -> Response:
    """Say why the caller of a confidential ticket must be known; it is kept."""
    await to_act_on(parts, number, form)
    reason = form.text("reason", longest=200)
    if len(reason) < 2:
        return await ticket_response(request, form.signed, number, status=422, trouble="no_reason")
    await parts.storage.run(desk_acts.uncover, number, staff_id=form.staff_id, reason=reason)
    return RedirectResponse(f"/console/tickets/{number}", 303)


@router.get("/blobs/{blob_id}", dependencies=[needs("file", "see")])
async def file(
    blob_id: Annotated[int, Path(ge=1, le=LARGEST)],
    colleague: Colleague,
    parts: Parts,
    wanted: Span = "",
) -> Response:
    """A resident's file; each look is kept in the audit."""
    blob = await parts.storage.run(desk.file, blob_id, staff_id=colleague.member.id)
    return await looked_at(blob, parts.photos, wanted=wanted)


@router.get("/blobs/{blob_id}/small", dependencies=[needs("file", "see")])
async def small(blob_id: Annotated[int, Path(ge=1, le=LARGEST)], colleague: Colleague, parts: Parts) -> Response:
    """A photo as it stands in a thread; a look at it is a look at the photo."""
    blob = await parts.storage.run(desk.file, blob_id, staff_id=colleague.member.id)
    return await looked_at(blob, parts.photos, small=True)
