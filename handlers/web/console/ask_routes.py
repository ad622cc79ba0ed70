"""Questions and objections about disclosures at the desk: what was said, until when, and the answer (DI-04)."""

from __future__ import annotations

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from handlers import disclosure_words
from handlers.outcome import speak
from handlers.texts.catalogue import Catalogue
from handlers.web.console.desk_pages import console_of
from handlers.web.console.disclosure_routes import Id
from handlers.web.console.gates import Act, Colleague, Stop, desk_router, needs
from handlers.web.parts import Parts
from knowledge.disclosure import OUTCOMES
from storage import disclosure_asks
from storage.disclosure import Wrong
from storage.disclosure_asks import LONGEST_ANSWER
from storage.staff import Signed
from storage.transaction import Tx

router = desk_router("/disclosure/asks")
SEE, ACT = needs("disclosure", "see", id="ask"), needs("disclosure", "act", id="ask")


@router.get("/{id}", dependencies=[SEE])
async def one(request: Request, id: Id, colleague: Colleague, done: str = "") -> Response:
    return await ask_response(request, colleague, id, done="answered" if done else "")


async def ask_response(
    request: Request, signed: Signed, id: int, *, status: int = 200, trouble: str = "", text: str = "", done: str = ""
) -> Response:
    found = await console_of(request).parts.storage.read(disclosure_asks.get, id)
    if found is None or found.state == "withdrawn":
        raise Stop(404, "no_ask")
    values = {"ask": found, "outcomes": OUTCOMES, "trouble": trouble, "text": text, "longest": LONGEST_ANSWER}
    return await console_of(request).page(
        request, signed, "console/disclosure_ask.html", status=status, done=done, **values
    )


@router.post("/{id}/answer", dependencies=[ACT])
async def answer(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """The answer goes to whoever asked, where they asked."""
    text, outcome = form.text(longest=LONGEST_ANSWER), form.fields.get("outcome", "")
    texts = console_of(request).residents
    try:
        done = await parts.storage.run(_answer, id, staff_id=form.staff_id, outcome=outcome, text=text, texts=texts)
    except Wrong as wrong:
        return await ask_response(request, form.signed, id, status=422, trouble=wrong.code, text=text)
    if not done:
        raise Stop(409, "done_before")
    return RedirectResponse(f"/console/disclosure/asks/{id}?done=answered", 303)


def _answer(tx: Tx, id: int, *, staff_id: int, outcome: str, text: str, texts: Catalogue) -> bool:
    ask = disclosure_asks.answer(tx, id, staff_id=staff_id, outcome=outcome, text=text)
    if ask is None:
        return False
    speak(tx, [disclosure_words.answered(texts, ask)])
    return True
