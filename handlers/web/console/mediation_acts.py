"""What is done in a case at the desk: named, accepted, the other side asked, written to, a word let across, ended.

The units ask again whose case it is and whether its page was the newest; both sides are told in the same transaction.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from handlers import mediation_letters as letters
from handlers.texts.catalogue import Catalogue
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Form, Stop, desk_router, needs
from handlers.web.console.mediation_routes import HERE, Id, case_response
from handlers.web.parts import Parts, WebParts
from knowledge.mediation import JOINT, THREADS, Access, Reader, Refusal, Side, Step, Who, table
from storage import mediation, mediation_board, mediation_life, mediation_opening, mediation_talk, staff
from storage.mediation import Case, Stale, Word
from storage.mediation_course import in_hand
from storage.mediation_desk import footing
from storage.mediation_life import Result
from storage.staff import MayNot
from storage.transaction import Tx

ENDINGS = ("decline", "refuse", "withdraw", "stop", "fail", "expire")
router = desk_router("/mediations/{case_id}")


async def _answer(request: Request, form: Form, case_id: int, result: Any, done: str, **typed: str) -> Response:
    """Back to the case; what could not be done is said on top of the case as it is now."""
    if isinstance(result, Stale):
        return await case_response(request, form.signed, case_id, status=409, trouble="conflict", **typed)
    if isinstance(result, Refusal):
        why = f"{result.zh}\n{result.en}"
        return await case_response(request, form.signed, case_id, status=409, trouble="refused", why=why, **typed)
    return RedirectResponse(f"{HERE}/{case_id}?done={done}", 303)


def _texts(request: Request) -> Catalogue:
    return console_of(request).residents


# --- the mediator -------------------------------------------------------------------------------------------------------
@router.post("/take", dependencies=[needs("mediation", "act")])
async def take(request: Request, case_id: Id, form: Act, parts: Parts) -> Response:
    wish = {"mediator_id": form.staff_id, "staff_id": form.staff_id, "revision": form.number("revision")}
    result = await parts.storage.run(_name, case_id, texts=_texts(request), **wish)
    return await _answer(request, form, case_id, result, "taken")


@router.post("/name", dependencies=[needs("mediation", "name")])
async def name(request: Request, case_id: Id, form: Act, parts: Parts) -> Response:
    wish = {"mediator_id": form.number("mediator"), "staff_id": form.staff_id, "revision": form.number("revision")}
    result = await parts.storage.run(_name, case_id, texts=_texts(request), **wish)
    return await _answer(request, form, case_id, result, "named")


def _name(tx: Tx, case_id: int, *, mediator_id: int, staff_id: int, revision: int, texts: Catalogue) -> Result:
    """Nobody is named against whom something speaks, themselves included (ME-15)."""
    case = mediation.held(tx, case_id)
    by, mediator = staff.get(tx, staff_id), staff.get(tx, mediator_id)
    if by is None or mediator is None or mediator.role != "mediator" or mediator.disabled_at is not None:
        raise MayNot
    if footing(tx, case, mediator).conflicts:
        return Refusal("conflict", "这位同事要回避这件调解。", "This colleague must step aside from it.")
    who = footing(tx, case, by).who
    result = mediation_life.name(tx, case, mediator_id=mediator_id, staff_id=staff_id, who=who, revision=revision)
    if isinstance(result, Case) and case.accepted_at is not None:
        _tell_both(tx, result, texts, "named", buttons=("tell", "more"))
    return result


def _tell_both(tx: Tx, case: Case, texts: Catalogue, key: str, *, buttons: tuple[str, ...] = ()) -> None:
    """Both who have been spoken with."""
    for side in Side:
        mediation_talk.deliver(tx, case, side, letters.letter(texts, key, case, tx.now, buttons=buttons))


@router.post("/aside", dependencies=[needs("mediation", "act")])
async def step_aside(request: Request, case_id: Id, form: Act, parts: Parts) -> Response:
    why = form.text("why", longest=300)
    if len(why) < 2:
        return await case_response(request, form.signed, case_id, status=422, trouble="no_reason")
    result = await parts.storage.run(_aside, case_id, form.signed.member, form.number("revision"), why)
    if isinstance(result, Case):
        return RedirectResponse(HERE, 303)  # from now on the case is not there for them
    return await _answer(request, form, case_id, result, "aside")


def _aside(tx: Tx, case_id: int, member: staff.Member, revision: int, why: str) -> Result:
    case = in_hand(tx, case_id, staff_id=member.id, revision=revision)
    if isinstance(case, Stale):
        return case
    return mediation_life.step_aside(tx, case, staff_id=member.id, staff_name=member.name, revision=revision, why=why)


# --- accepted, begun, ended -----------------------------------------------------------------------------------------------
@router.post("/accept", dependencies=[needs("mediation", "act")])
async def accept(request: Request, case_id: Id, form: Act, parts: Parts) -> Response:
    result = await _in_hand(request, form, parts, case_id, _accept)
    return await _answer(request, form, case_id, result, "accepted")


def _accept(tx: Tx, case: Case, form: Form, texts: Catalogue, parts: WebParts) -> Result:
    result = mediation_opening.accept(
        tx, case, staff_id=form.staff_id, revision=case.revision, word=parts.profile.file_word
    )
    if isinstance(result, Case):
        tell = letters.letter(texts, "accepted", result, tx.now, buttons=("tell", "more"))
        for side in Side:  # an application that was joined is accepted with it
            if side is Side.APPLICANT or result.respondent.invited_by == "joined":
                mediation_talk.deliver(tx, result, side, tell)
    return result


@router.post("/begin", dependencies=[needs("mediation", "act")])
async def begin(request: Request, case_id: Id, form: Act, parts: Parts) -> Response:
    """The other side told the mediator that they are willing, or had applied as well."""
    result = await _in_hand(request, form, parts, case_id, _begin)
    return await _answer(request, form, case_id, result, "begun")


def _begin(tx: Tx, case: Case, form: Form, texts: Catalogue, _: WebParts) -> Result:
    note = form.text("note", longest=300) or None
    result = mediation_life.willing(tx, case, staff_id=form.staff_id, note=note, told=table().rights_version)
    if isinstance(result, Case):
        _tell_both(tx, result, texts, "begun_both", buttons=("tell", "more"))
    return result


@router.post("/end", dependencies=[needs("mediation", "act")])
async def end(request: Request, case_id: Id, form: Act, parts: Parts) -> Response:
    if form.fields.get("action") not in ENDINGS:
        raise Stop(422, "bad_form")
    if len(form.text("why", longest=500)) < 2:
        return await case_response(request, form.signed, case_id, status=422, trouble="no_reason")
    result = await _in_hand(request, form, parts, case_id, _end)
    return await _answer(request, form, case_id, result, "ended")


def _end(tx: Tx, case: Case, form: Form, texts: Catalogue, _: WebParts) -> Result:
    action, why = form.fields["action"], form.text("why", longest=500)
    result = mediation_life.end(tx, case, action, Who.MEDIATOR, staff_id=form.staff_id, note=why)
    if not isinstance(result, Case):
        return result
    if action == "decline":
        tell = letters.letter(texts, "declined", result, tx.now, why=why)
        mediation_talk.deliver(tx, result, Side.APPLICANT, tell, staff_id=form.staff_id)
        return result
    letters.tell_end(tx, texts, result, staff_id=form.staff_id)
    return result


Unit = Callable[[Tx, Case, Form, Catalogue, WebParts], Any]


async def _in_hand(request: Request, form: Form, parts: WebParts, case_id: int, unit: Unit) -> Any:
    """Run a unit on the case, for its mediator alone, while the page it was sent from is the newest."""
    texts, revision = _texts(request), form.number("revision")

    def run(tx: Tx) -> Any:
        case = in_hand(tx, case_id, staff_id=form.staff_id, revision=revision)
        return case if isinstance(case, Stale) else unit(tx, case, form, texts, parts)

    return await parts.storage.run(run)


# --- the other side -------------------------------------------------------------------------------------------------------
@router.post("/invite", dependencies=[needs("mediation", "act")])
async def invite(request: Request, case_id: Id, form: Act, parts: Parts) -> Response:
    """In the chat of the neighbour picked, or with a code that is shown once and handed over."""
    result = await _in_hand(request, form, parts, case_id, _invite)
    if isinstance(result, str):
        return await case_response(request, form.signed, case_id, code=result)
    return await _answer(request, form, case_id, result, "invited")


def _invite(tx: Tx, case: Case, form: Form, texts: Catalogue, parts: WebParts) -> Result | str:
    if mediation_board.in_danger(tx, case):
        return Refusal(
            "danger",
            "有没处理完的紧急求助，先救人，不联系对方。",
            "An alarm is not over: people first, nobody is asked.",
        )
    wanted = form.fields.get("chat", "")
    picked = next((one for one in mediation_life.neighbours(tx, case) if str(one.chat_id) == wanted), None)
    if wanted and picked is None:
        return Refusal("order", "这位住户现在联系不上。", "This neighbour cannot be reached now.")
    told = table().rights_version if picked else None
    result, code = mediation_life.invite(
        tx, case, staff_id=form.staff_id, revision=case.revision, neighbour=picked, told=told
    )
    if isinstance(result, Case) and picked is not None:
        community = parts.profile.community
        for_them = letters.invited(texts, result, tx.now, community)
        mediation_talk.deliver(tx, result, Side.RESPONDENT, for_them, staff_id=form.staff_id)
    return code if code is not None else result


@router.post("/consent", dependencies=[needs("mediation", "act")])
async def consent(request: Request, case_id: Id, form: Act, parts: Parts) -> Response:
    """The applicant told the mediator that the other side may be asked."""
    result = await _in_hand(request, form, parts, case_id, _consent)
    return await _answer(request, form, case_id, result, "consent")


def _consent(tx: Tx, case: Case, form: Form, _: Catalogue, __: WebParts) -> Result:
    mediation.change(tx, case.id, contact_consent_at=tx.now)
    mediation.record(tx, case, "consent", actor="staff", staff_id=form.staff_id, note=form.text("note", longest=300))
    return mediation.held(tx, case.id)


# --- words ---
@router.post("/say", dependencies=[needs("mediation", "act")])
async def say(request: Request, case_id: Id, form: Act, parts: Parts) -> Response:
    """To one side, to both where both agreed, or a note for oneself; the same form twice says it once."""
    thread, text = form.fields.get("thread", ""), form.text()
    if thread not in THREADS:
        raise Stop(422, "bad_form")
    if not text:
        return await case_response(request, form.signed, case_id, status=422, trouble="no_text")
    await parts.storage.run(_say, case_id, form=form, texts=_texts(request), thread=thread, text=text)
    return RedirectResponse(f"{HERE}/{case_id}?done=said", 303)


def _say(tx: Tx, case_id: int, *, form: Form, texts: Catalogue, thread: str, text: str) -> None:
    case = _mine(tx, case_id, form.staff_id)
    if thread == JOINT and not case.joint:
        raise Stop(409, "not_joint")
    tell = letters.wrote(texts, case, text, jointly=thread == JOINT)
    key = form.fields.get("key", "")[:32] or None
    mediation_talk.mediator_says(tx, case, thread=thread, text=text, staff_id=form.staff_id, tell=tell, key=key)


def _mine(tx: Tx, case_id: int, staff_id: int) -> Case:
    case = in_hand(tx, case_id, staff_id=staff_id)
    assert isinstance(case, Case)
    return case


@router.post("/heard", dependencies=[needs("mediation", "act")])
async def heard(request: Request, case_id: Id, form: Act, parts: Parts) -> Response:
    """What a side said on the telephone or at the door, written down in their thread."""
    side, text = form.fields.get("side", ""), form.text()
    if side not in tuple(Side):
        raise Stop(422, "bad_form")
    if not text:
        return await case_response(request, form.signed, case_id, status=422, trouble="no_text")
    await parts.storage.run(_heard, case_id, form.staff_id, Side(side), text)
    return RedirectResponse(f"{HERE}/{case_id}?done=heard", 303)


def _heard(tx: Tx, case_id: int, staff_id: int, side: Side, text: str) -> None:
    mediation_talk.heard(tx, _mine(tx, case_id, staff_id), side, text=text, staff_id=staff_id)


@router.post("/release", dependencies=[needs("mediation", "act")])
async def release(request: Request, case_id: Id, form: Act, parts: Parts) -> Response:
    """A side's word crosses as it stands; one that may name the other's number or illness only after a look."""
    word_id, looked = form.number("word"), form.fields.get("looked") == "yes"
    done = await parts.storage.run(_release, case_id, form.staff_id, word_id, looked=looked, texts=_texts(request))
    if done in ("released", "again"):
        return RedirectResponse(f"{HERE}/{case_id}?done=released", 303)
    return await case_response(request, form.signed, case_id, status=409, trouble=f"release_{done}")


def _release(tx: Tx, case_id: int, staff_id: int, word_id: int, *, looked: bool, texts: Catalogue) -> str:
    case = _mine(tx, case_id, staff_id)
    word = _word(tx, case, word_id)
    if word.held is not None and not looked:
        return "held"
    return mediation_talk.release(tx, case, word, staff_id=staff_id, tell=letters.crossed(texts, case, word))


def _word(tx: Tx, case: Case, word_id: int) -> Word:
    found = [word for word in mediation.words_for(tx, case.id, Reader(access=Access.ALL)) if word.id == word_id]
    if not found:
        raise Stop(404, "not_found")
    return found[0]


@router.post("/joint", dependencies=[needs("mediation", "act")])
async def joint(request: Request, case_id: Id, form: Act, parts: Parts) -> Response:
    """Ask both whether they will speak in one thread."""
    result = await _in_hand(request, form, parts, case_id, _ask_joint)
    return await _answer(request, form, case_id, result, "joint")


def _ask_joint(tx: Tx, case: Case, form: Form, texts: Catalogue, _: WebParts) -> Result:
    step = mediation.step(tx, case, "record", {Who.MEDIATOR}, actor="staff", staff_id=form.staff_id, note="joint_ask")
    if not isinstance(step, Step):
        return step
    _tell_both(tx, case, texts, "joint_ask", buttons=("jyes", "jno"))
    return mediation.held(tx, case.id)
