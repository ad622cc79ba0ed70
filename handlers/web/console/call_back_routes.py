"""Call-backs: whom to telephone because they did not say whether it is solved, and what they said (WO-14 to WO-16)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from handlers import ticket_notices
from handlers.outcome import speak
from handlers.texts.catalogue import Catalogue
from handlers.texts.moments import CHINA
from handlers.web.console.days import at_midnight
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Colleague, Form, Posted, Stop, desk_router, needs
from handlers.web.console.ticket_routes import Number
from handlers.web.parts import Parts
from knowledge import closing, hotline_rules
from knowledge.closing import Verdict
from knowledge.life import Refusal
from storage import call_list, progress, ring_backs, ringing, texting
from storage.call_list import Call, Called, ToCall
from storage.sight import handler, sight_of
from storage.staff import Member, Signed
from storage.transaction import Tx

LONGEST_REASON = 500
DONE = (
    *("tried", "answered", "solved", "not_solved", "not_seen", "not_confirmed"),
    *("ring_again", "ring_reached", "ring_not_reached", "ring_wrong_number", "later", "ring_later", "ringing"),
)
router = desk_router()


@router.get("/call-backs", dependencies=[needs("call_back", "see")])
async def show(request: Request, colleague: Colleague, done: str = "") -> Response:
    return await list_response(request, colleague, done=done if done in DONE else "")


async def list_response(
    request: Request, signed: Signed, *, status: int = 200, trouble: str = "", done: str = "", why: str = ""
) -> Response:
    console = console_of(request)
    lines = await console.parts.storage.read(_look, member=signed.member)
    values = {"lines": lines, "tries": closing.shipped().tries, "trouble": trouble, "done": done, "why": why}
    values |= await console.parts.storage.read(_to_ring, staff_id=signed.member.id)
    values["busy"] = _busy(values, lines, signed.member.id)
    return await console.page(request, signed, "console/call_backs.html", status=status, **values)


def _busy(
    values: dict[str, Any], lines: list[tuple[ToCall, bool, bool, str]], me: int
) -> dict[str | None, ringing.Ringing]:
    """Numbers a colleague is ringing, on whichever line: nobody is rung by two at once."""
    numbers = {ringing.of_ring_back(one.id): one.phone for one in values["rings"]}
    numbers |= {ringing.of_ticket(line.ticket["number"]): line.ticket["phone"] for line, *_ in lines}
    held = {numbers.get(line): who for line, who in values["ringing"].items() if who.staff_id != me}
    return {number: who for number, who in held.items() if number}


def _to_ring(tx: Tx, *, staff_id: int) -> dict[str, Any]:
    """Beside the tickets: missed calls, agreed call-backs, answers nobody has read; and who is ringing whom now."""
    rings, rung = ring_backs.listed(tx, staff_id=staff_id), ring_backs.lately(tx, staff_id=staff_id)
    return {
        "rings": rings,
        "rung": rung,
        "ring_tries": hotline_rules.shipped().tries,
        "soon": ring_backs.soon(tx, staff_id=staff_id),
        "withheld": ring_backs.withheld(tx, since=at_midnight("", tx.now)),
        "ringing": ringing.now(tx),
        "quiet": texting.quiet_numbers(tx),
    }


def _look(tx: Tx, *, member: Member) -> list[tuple[ToCall, bool, bool, str]]:
    """Each line, whether this member may act on it, whether its caller is covered to them, and the question that was not
    answered."""
    return [
        (
            line,
            handler(member, line.ticket) is not None,
            sight_of(tx, line.ticket, staff_id=member.id) != "all",
            progress.question(tx, line.ticket["id"]) if line.ticket["waiting_resident"] else "",
        )
        for line in call_list.listed(tx, staff_id=member.id)
    ]


@router.post("/call-backs/{number}/ringing", dependencies=[needs("call_back", "act")])
async def ring(request: Request, number: Number, form: Posted, parts: Parts) -> Response:
    """This one I am ringing now: colleagues see it, and ring somebody else."""
    over = form.fields.get("over") == "yes"
    try:
        begun = await parts.storage.run(_ring, number, staff_id=form.staff_id, over=over)
    except LookupError as error:
        raise Stop(404, "no_ticket") from error
    if not begun:
        return await list_response(request, form.signed, status=409, trouble="ringing")
    return RedirectResponse("/console/call-backs?done=ringing", 303)


def _ring(tx: Tx, number: str, *, staff_id: int, over: bool) -> bool:
    call_list.access_line(tx, number, staff_id=staff_id)
    return ringing.begin(tx, ringing.of_ticket(number), staff_id=staff_id, over=over)


@router.post("/call-backs/{number}", dependencies=[needs("call_back", "act")])
async def called(request: Request, number: Number, form: Posted, parts: Parts) -> Response:
    call = _call(form, parts.storage.clock())
    if call is None:
        return await list_response(request, form.signed, status=422, trouble="call_incomplete")
    texts, revision = console_of(request).residents, form.number("revision")
    try:
        result = await parts.storage.run(
            _write_down, number, staff_id=form.staff_id, revision=revision, call=call, texts=texts
        )
    except LookupError as error:
        raise Stop(404, "no_ticket") from error
    if isinstance(result, Called):
        return RedirectResponse(f"/console/call-backs?done={result.kind}", 303)
    why = f"{result.zh}\n{result.en}" if isinstance(result, Refusal) else ""
    status = 403 if why else 409
    return await list_response(request, form.signed, status=status, trouble="refused" if why else "changed", why=why)


def _call(form: Form, now: datetime) -> Call | None:
    """What the form says; None where the questions that count are not answered."""
    contacted, solved = form.fields.get("contacted", ""), form.fields.get("solved", "")
    reason = form.text("reason", longest=LONGEST_REASON) or None
    if contacted in ("no", "absent"):
        return Call(contacted=False, reason=contacted if contacted == "absent" else None)
    if contacted == "later":
        at = another_time(form.fields.get("again_at", ""), now)
        return Call(contacted=True, reason=reason, again_at=at) if at else None
    asked = form.fields.get("about", "") == "verdict"
    if contacted != "yes" or (asked and solved not in list(Verdict)):
        return None
    rating = closing.shipped().answer(form.fields.get("satisfied", ""))
    return Call(
        contacted=True,
        solved=solved if asked else None,
        satisfied=rating.value if rating else None,
        reason=reason,
    )


def another_time(written: str, now: datetime) -> datetime | None:
    """When they asked to be rung, as the field says it; None where it is no time, past, or far off."""
    try:
        at = datetime.fromisoformat(written).replace(tzinfo=CHINA).astimezone(UTC)
    except ValueError:
        return None
    return at if now < at <= now + ring_backs.LATEST else None


def _write_down(
    tx: Tx, number: str, *, staff_id: int, revision: int, call: Call, texts: Catalogue
) -> Called | Refusal | None:
    result = call_list.called(tx, number, staff_id=staff_id, revision=revision, call=call)
    if isinstance(result, Called) and result.judged is not None:
        speak(tx, ticket_notices.by_phone(tx, texts, result.judged))
    return result
