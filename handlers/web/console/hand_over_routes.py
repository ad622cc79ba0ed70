"""A ticket handed to somebody else: the hand-over, what they say to it, and the sheet that goes with it (WO-08)."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Annotated

from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers import ticket_words
from handlers.step_notices import Step, telling
from handlers.web.chat_api import LARGEST
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Colleague, Form, Posted, Stop, desk_router, needs
from handlers.web.console.ticket_routes import Number, ticket_response, to_act_on
from handlers.web.parts import Parts, WebParts
from knowledge.life import Refusal
from storage import desk, hand_overs, sight, units
from storage.desk import TicketPage
from storage.desk_acts import Conflict, Done, Notice, Tell
from storage.hand_overs import FIELDS, Handed, Handing
from storage.sight import handler
from storage.staff import MayNot
from storage.transaction import Tx

Id = Annotated[int, Path(ge=1, le=LARGEST)]
What = Annotated[str, Path(pattern="^(confirmed|asked|answered|back)$")]
LONGEST = {"body": hand_overs.LONGEST_BODY, "why_caller": 200, "note": 500, "their_number": 60}
router = desk_router()


@router.post("/tickets/{number}/hand-over", dependencies=[needs("ticket", "act")])
async def hand_over(request: Request, number: Number, form: Posted, parts: Parts) -> Response:
    page = await to_act_on(parts, number, form)
    handing = _handing(form)
    unit = await parts.storage.read(units.get, handing.unit_id)
    tell = _telling(request, page, "hand_over", unit.name if unit else lambda _: handing.body, what=handing.fields)
    revision = form.number("revision")
    result = await parts.storage.run(
        hand_overs.hand, int(page.ticket["id"]), handing, staff_id=form.staff_id, revision=revision, tell=tell
    )
    return await _shown(request, form, number, result, "hand_over")


def _handing(form: Form) -> Handing:
    given = {name: form.text(name, longest=longest) for name, longest in LONGEST.items()}
    unit, way = form.fields.get("unit", ""), form.fields.get("way", "")
    number = int(unit) if unit.isascii() and unit.isdigit() and len(unit) < 16 else None
    agreed = form.fields.get("agreed", "")
    return Handing(
        number,
        way=way,
        agreed=agreed,
        fields=[name for name in FIELDS if form.fields.get(f"with-{name}") == "1"],
        **given,
    )


def _telling(
    request: Request,
    page: TicketPage,
    action: str,
    name: Callable[[str], str],
    text: str = "",
    *,
    what: Collection[str] = (),
) -> Tell:
    """What the resident hears of it, with the other side's name and ``what`` they got in their language (PI-08)."""
    console = console_of(request)
    now = console.parts.storage.clock()

    def tell(language: str, due_at: datetime) -> Notice:
        got = [console.residents[language](f"handed.{field}") for field in what]
        step = Step(page.ticket, action, text or console.residents[language]("handed.between").join(got))
        return telling(console, step, now, unit_name=name(language))(language, due_at)

    return tell


async def _shown(request: Request, form: Form, number: str, result: Done | Conflict | Refusal, done: str) -> Response:
    if isinstance(result, Done):
        return RedirectResponse(f"/console/tickets/{number}?done={done}#hand-overs", 303)
    trouble, why = ("conflict", "") if isinstance(result, Conflict) else ("owed", f"{result.zh}\n{result.en}")
    status = 409 if isinstance(result, Conflict) else 422
    return await ticket_response(request, form.signed, number, status=status, trouble=trouble, why=why)


@router.post("/tickets/{number}/hand-overs/{id}/{what}", dependencies=[needs("ticket", "act", id="hand_over")])
async def heard(request: Request, number: Number, id: Id, what: What, form: Posted, parts: Parts) -> Response:
    """What the other side says, or that we go on ourselves."""
    page = await to_act_on(parts, number, form)
    handed = await _of(parts, page, id, form.staff_id)
    word, who = form.text("word", longest=1500), {"staff_id": form.staff_id}
    run = parts.storage.run
    if what == "confirmed":
        theirs = form.text("their_number", longest=60)
        result = await run(hand_overs.confirmed, id, word=word, their_number=theirs, **who)
    elif what == "asked":
        result = await run(hand_overs.asked, id, word=word, **who)
    elif what == "answered":
        tell = _telling(request, page, "hand_over_answer", handed.name, word)
        result = await run(
            hand_overs.answered, id, text=word, tell=tell if form.fields.get("tell") == "1" else None, **who
        )
    else:
        tell = _telling(request, page, "hand_over_back", handed.name, word)
        result = await run(hand_overs.taken_back, id, why=word, tell=tell, **who)
    return await _shown(request, form, number, result, f"hand_over_{what}")


async def _of(parts: WebParts, page: TicketPage, id: int, staff_id: int) -> Handed:
    """The hand-over of this very ticket."""
    handed = await parts.storage.read(hand_overs.one, id, staff_id=staff_id)
    if handed.row["ticket_id"] != page.ticket["id"]:
        raise Stop(404, "not_found")
    return handed


@router.get("/tickets/{number}/hand-overs/{id}/sheet", dependencies=[needs("ticket", "see", id="hand_over")])
async def sheet(request: Request, number: Number, id: Id, colleague: Colleague, parts: Parts) -> Response:
    """One page of paper with what was handed over; who called only for whoever may see it now."""
    member = colleague.member
    page = await parts.storage.run(_to_print, number, staff_id=member.id)
    if page is None:
        raise Stop(404, "no_ticket")
    if handler(member, page.ticket) is None or page.sight == "outline":
        raise MayNot
    handed = await _of(parts, page, id, member.id)
    console = console_of(request)
    return console.plain(
        request,
        "console/hand_over_sheet.html",
        page=page,
        ticket=page.ticket,
        handed=handed,
        matter=ticket_words.matter(console.residents["zh"], page.ticket),
        fields=frozenset(handed.row["fields"]),
        by=member.name,
    )


def _to_print(tx: Tx, number: str, *, staff_id: int) -> TicketPage | None:
    """Each look at what is masked is kept."""
    page = desk.ticket_page(tx, number, staff_id=staff_id)
    if page is not None and page.masked and page.sight == "all":
        sight.looked(tx, number, staff_id=staff_id)
    return page
