"""Steps of a mediation's course at the desk: appointments, more time, answers heard outside the chat, performance, the end.

The units ask again whose case it is; both sides are told in the same transaction.
"""

from __future__ import annotations

from typing import Any

from fastapi import Request
from sqlalchemy import RowMapping
from starlette.responses import Response

from handlers import mediation_telling
from handlers.texts.catalogue import Catalogue
from handlers.web.console.course_forms import CourseForm, Sent
from handlers.web.console.course_pages import Id, answered, course_response
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Colleague, Stop, desk_router, needs
from handlers.web.parts import Parts
from knowledge import closing, course
from knowledge.mediation import Refusal, Side
from storage import mediation, mediation_asks, mediation_extensions, mediation_sessions, mediation_visits
from storage.mediation import Stale
from storage.mediation_course import PARTICULARS, in_hand, put_right
from storage.transaction import Tx

DONE = (
    "proposed", "dropped", "recorded", "asked", "heard", "drafted", "put", "signed", "in_force", "court", "visited",
    "paper", "talking", "filed", "party",
)  # fmt: skip
router = desk_router("/mediations/{case_id}/course")


@router.get("", dependencies=[needs("mediation", "see")])
async def show(request: Request, case_id: Id, colleague: Colleague, done: str = "") -> Response:
    return await course_response(request, colleague, case_id, done=done if done in DONE else "")


# --- appointments -----------------------------------------------------------------------------------------------------
@router.post("/sessions", dependencies=[needs("mediation", "act")])
async def propose(request: Request, case_id: Id, sent: Sent, parts: Parts) -> Response:
    at, until, place = sent.moment("day", "from"), sent.moment("day", "until"), sent.text("place", 100)
    if at is None or until is None or not place:
        return await course_response(request, sent.form.signed, case_id, status=422, why="session_incomplete")
    wish = {"staff_id": sent.staff_id, "revision": sent.revision, "at": at, "until": until, "place": place}
    result = await parts.storage.run(_put, mediation_sessions.propose, case_id, console_of(request).residents, **wish)
    return await answered(request, sent.form.signed, case_id, result, "proposed")


def _put(tx: Tx, /, unit: Any, case_id: int, texts: Catalogue, **wish: Any) -> Any:
    """A question to both sides: the unit keeps it, and each is asked in their chat."""
    asked = _known(unit, tx, case_id, **wish)
    if isinstance(asked, list):
        mediation_telling.ask(tx, texts, asked)
    return asked


def _known(unit: Any, tx: Tx, case_id: int, **wish: Any) -> Any:
    try:
        return unit(tx, case_id, **wish)
    except LookupError as error:
        raise Stop(404, "no_course") from error


@router.post("/sessions/drop", dependencies=[needs("mediation", "act")])
async def drop(request: Request, case_id: Id, sent: Sent, parts: Parts) -> Response:
    texts = console_of(request).residents
    result = await parts.storage.run(_drop, case_id, texts, staff_id=sent.staff_id, revision=sent.revision)
    return await answered(request, sent.form.signed, case_id, result, "dropped")


def _drop(tx: Tx, /, case_id: int, texts: Catalogue, **who: Any) -> Any:
    row = _known(mediation_sessions.drop, tx, case_id, **who)
    if isinstance(row, Refusal | Stale):
        return row
    case = mediation.held(tx, case_id)
    mediation_telling.tell(tx, texts, case, lambda voice: voice("session_dropped", when=voice.span(row)))
    return row


@router.post("/sessions/{session_id}/record", dependencies=[needs("mediation", "act")])
async def write_up(request: Request, case_id: Id, session_id: Id, sent: Sent, parts: Parts) -> Response:
    record, outcome = sent.text("record", 6000), sent.fields.get("outcome", "")
    if len(record) < 4 or outcome not in mediation_sessions.OUTCOMES:
        return await course_response(request, sent.form.signed, case_id, status=422, why="record_incomplete")
    wish: dict[str, Any] = {"record": record, "outcome": outcome, "present": _present(sent)}
    wish |= {"staff_id": sent.staff_id, "revision": sent.revision, "open_door": sent.fields.get("open_door") == "yes"}
    result = await parts.storage.run(_write_up, case_id, session_id, **wish)
    return await answered(request, sent.form.signed, case_id, result, "recorded")


def _write_up(tx: Tx, /, case_id: int, session_id: int, **wish: Any) -> Any:
    return _known(
        lambda tx, case_id, **more: mediation_sessions.write_up(tx, case_id, session_id, **more), tx, case_id, **wish
    )


def _present(sent: CourseForm) -> list[str]:
    sides = [side for side in mediation_asks.SIDES if sent.fields.get(f"present_{side}") == "yes"]
    others = sent.text("others", 200)
    return [*sides, *([others] if others else [])]


# --- more time --------------------------------------------------------------------------------------------------------
@router.post("/extension", dependencies=[needs("mediation", "act")])
async def extend(request: Request, case_id: Id, sent: Sent, parts: Parts) -> Response:
    until, reason = sent.day("until"), sent.text("reason", 300)
    if until is None or len(reason) < 2:
        return await course_response(request, sent.form.signed, case_id, status=422, why="extension_incomplete")
    wish = {"staff_id": sent.staff_id, "revision": sent.revision, "until": course.end_of(until), "reason": reason}
    result = await parts.storage.run(_put, mediation_extensions.ask, case_id, console_of(request).residents, **wish)
    return await answered(request, sent.form.signed, case_id, result, "asked")


# --- an answer heard on the telephone or in person --------------------------------------------------------------------
@router.post("/asks/{ask_id}", dependencies=[needs("mediation", "act")])
async def heard(request: Request, case_id: Id, ask_id: Id, sent: Sent, parts: Parts) -> Response:
    wish: dict[str, Any] = {"said": sent.fields.get("said", ""), "via": sent.fields.get("via", "")}
    wish |= {"staff_id": sent.staff_id, "words": sent.text("words", 300) or None}
    result = await parts.storage.run(_heard, case_id, ask_id, console_of(request).residents, **wish)
    return await answered(request, sent.form.signed, case_id, result, "heard")


def _heard(tx: Tx, /, case_id: int, ask_id: int, texts: Catalogue, **wish: Any) -> Any:
    case = _known(in_hand, tx, case_id, staff_id=wish["staff_id"])
    asked = mediation_asks.all_of(tx, case.id).values()
    if ask_id not in {int(row["id"]) for row in asked}:
        return Refusal("unknown", "没有问过这个。", "That was not asked.")
    row = mediation_asks.heard(tx, ask_id, **wish)
    if row is None:
        return Refusal("over", "本人已经在聊天里答了，或者已经定了。", "They answered in the chat, or it is settled.")
    mediation_telling.follow(tx, texts, row)
    return row


# --- performance ------------------------------------------------------------------------------------------------------
@router.post("/visits/{visit_id}", dependencies=[needs("mediation", "act")])
async def visit(request: Request, case_id: Id, visit_id: Id, sent: Sent, parts: Parts) -> Response:
    outcome, how, again = sent.fields.get("outcome", ""), sent.text("how"), sent.day("again")
    if outcome not in mediation_visits.OUTCOMES or len(how) < 2:
        return await course_response(request, sent.form.signed, case_id, status=422, why="visit_incomplete")
    rating = closing.shipped().answer(sent.fields.get("satisfied", ""))
    wish: dict[str, Any] = {
        "outcome": outcome,
        "how": how,
        "trouble": sent.text("trouble"),
        "steps": sent.text("steps"),
    }
    wish |= {"staff_id": sent.staff_id, "revision": sent.revision, "satisfied": rating.value if rating else None}
    wish["again_at"] = course.morning(again) if again else None
    result = await parts.storage.run(_visit, case_id, visit_id, console_of(request).residents, **wish)
    return await answered(request, sent.form.signed, case_id, result, "visited")


def _visit(tx: Tx, /, case_id: int, visit_id: int, texts: Catalogue, **wish: Any) -> Any:
    row = _known(
        lambda tx, case_id, **more: mediation_visits.write_down(tx, case_id, visit_id, **more), tx, case_id, **wish
    )
    if isinstance(row, Refusal | Stale):
        return row
    _tell_visit(tx, texts, case_id, row, wish["outcome"])
    return row


def _tell_visit(tx: Tx, texts: Catalogue, case_id: int, row: RowMapping, outcome: str) -> None:
    """Both hear honestly how it stands."""
    case = mediation.held(tx, case_id)
    left = [one for one in mediation_visits.outstanding(tx, case_id) if one["term"] == row["term"]]
    again = left[-1]["due_at"] if left else None

    def make(voice: Any) -> str:
        if outcome == "trouble":
            return str(voice("told_trouble"))
        term = mediation_telling.term_of(tx, voice, int(row["id"]))
        return str(voice(f"told_{outcome}", term=term, again=voice.at(again) if again else ""))

    mediation_telling.tell(tx, texts, case, make)


# --- the parties ------------------------------------------------------------------------------------------------------
@router.post("/parties/{side}", dependencies=[needs("mediation", "act")])
async def party(request: Request, case_id: Id, side: Side, sent: Sent, parts: Parts) -> Response:
    """Put a party's particulars right, as their papers have them."""
    given = {name: sent.text(name, 60) or None for name in PARTICULARS}
    who = {"staff_id": sent.staff_id, "revision": sent.revision}
    result = await parts.storage.run(_party, case_id, side, given, **who)
    return await answered(request, sent.form.signed, case_id, result, "party")


def _party(tx: Tx, /, case_id: int, side: Side, given: dict[str, str | None], **who: Any) -> Any:
    return _known(
        lambda tx, case_id, **more: put_right(tx, case_id, side, particulars=given, **more), tx, case_id, **who
    )
