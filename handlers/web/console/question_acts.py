"""One question nobody knew the answer to: what to do about it, what that would change, and taking it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import quote

import anyio.to_thread
from fastapi import Path, Request
from starlette.responses import RedirectResponse, Response

from handlers.residents.answering import outside_words
from handlers.web.chat_api import LARGEST, storable
from handlers.web.console.desk_pages import console_of
from handlers.web.console.gates import Act, Colleague, Stop, desk_router, needs
from handlers.web.console.question_preview import Effects, effects
from handlers.web.parts import Parts, WebParts
from knowledge import catalogue
from storage import faq_live, gap_settling, gaps
from storage.faq import Unfit
from storage.gap_settling import TEACHABLE
from storage.staff import Signed
from storage.tables import answers
from storage.tables import gaps as gap_table
from storage.transaction import Tx
from storage.within import chat_within

router = desk_router("/questions")
Id = Annotated[int, Path(ge=1, le=LARGEST)]
HERE = "/console/questions"
SEE, ACT, TEACH = (needs("question", act) for act in ("see", "act", "teach"))
LONGEST_QUERY, OFFERED = 60, 8


@router.get("/{id}", dependencies=[SEE])
async def show(request: Request, id: Id, colleague: Colleague, parts: Parts) -> Response:
    return await page(request, id, colleague, parts, request.query_params)


async def page(
    request: Request, id: int, signed: Signed, parts: WebParts, given: Mapping[str, str], trouble: Unfit | None = None
) -> Response:
    """The question, what can be done, and - where something was chosen - what that would change."""
    found = await parts.storage.read(_look, id, signed.member.id)
    if found is None:
        raise Stop(404, "not_found")
    text = str(storable(given.get("text") or found["gap"].words))[: gap_settling.LONGEST]
    query = str(storable(given.get("q", "")))[:LONGEST_QUERY]
    entries = await parts.storage.read(faq_live.live)
    chosen = given.get("to", "")[:80]
    console = console_of(request)
    language = console.common(request)["language"]
    values = {
        "text": text,
        "query": query,
        "entries": _offered(parts, entries.spoken, query or text, language),
        "chosen": chosen,
        "effects": await _effects(parts, signed, text, chosen) if chosen else None,
        "routes": _routes(),
        "outside": {name: outside_words(console.residents[name], text) for name in ("zh", "en")},
        "trouble": trouble,
        "titles": {entry.id: entry.question.get(language) for entry in entries.entries},
    }
    status = 422 if trouble else 200
    return await console.page(request, signed, "console/question.html", status=status, **found, **values)


def _look(tx: Tx, id: int, staff_id: int) -> dict[str, Any] | None:
    gap = gaps.one(tx, id, chat_within(gap_table.c.chat_id, staff_id))
    return None if gap is None else {"gap": gap, "history": gap_settling.history(tx, id)}


def _offered(parts: WebParts, spoken: Any, words: str, language: str) -> list[tuple[str, str, str]]:
    """Entries that fit these words best, with their clause."""
    if parts.answerer is None:
        return [(entry.id, entry.question.get(language), entry.clause) for entry in spoken][:OFFERED]
    best = parts.answerer.best_entries(words, {}, OFFERED)
    return [(entry.id, entry.question.get(language), entry.clause) for entry, _ in best]


def _routes() -> list[tuple[str, list[str]]]:
    """Each matter with its categories."""
    return [(route, sorted(catalogue.CATEGORIES.get(route, ()))) for route in TEACHABLE]


async def _effects(parts: WebParts, signed: Signed, text: str, chosen: str) -> Effects | None:
    """None where the matcher is not at hand."""
    work = await parts.storage.read(effects, parts, text, chosen, chat_within(answers.c.chat_id, signed.member.id))
    return await anyio.to_thread.run_sync(work) if work is not None else None


def _back(id: int) -> Response:
    return RedirectResponse(f"{HERE}?done={id}", 303)


@router.post("/{id}/look", dependencies=[TEACH])
async def look(id: Id, form: Act) -> Response:
    """See first what it would change; a page with an address of its own."""
    to = form.fields.get("to", "")
    to = quote((form.fields.get("to_route", "") if to == "route" else to)[:80])
    text = quote(form.text(longest=gap_settling.LONGEST))
    return RedirectResponse(f"{HERE}/{id}?to={to}&text={text}#effects", 303)


@router.post("/{id}/take", dependencies=[TEACH])
async def take(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """These words lead there from now on: an entry after ``=``, else a matter."""
    to, text = form.fields.get("to", ""), form.text(longest=2 * gap_settling.LONGEST)
    try:
        if to.startswith("="):
            over = form.fields.get("over") == "yes"
            await parts.storage.run(gap_settling.add_to_entry, id, text, to[1:], take=over, staff_id=form.staff_id)
        else:
            await parts.storage.run(gap_settling.teach, id, text, to, staff_id=form.staff_id)
    except Unfit as unfit:
        return await page(request, id, form.signed, parts, form.fields, unfit)
    return _back(id)


@router.post("/{id}/done", dependencies=[ACT])
async def done(id: Id, form: Act, parts: Parts) -> Response:
    await parts.storage.run(gap_settling.settle, id, "done", staff_id=form.staff_id)
    return _back(id)


@router.post("/{id}/entry", dependencies=[ACT])
async def entry(id: Id, form: Act, parts: Parts) -> Response:
    """An entry of its own is written: on to the editor, with the question in it."""
    await parts.storage.run(gap_settling.settle, id, "entry", staff_id=form.staff_id)
    return RedirectResponse(f"/console/faq/new?question={quote(form.text(longest=gaps.LONGEST))}", 303)


@router.post("/{id}/undo", dependencies=[ACT])
async def undo(id: Id, form: Act, parts: Parts) -> Response:
    step = form.number("step")
    if not await parts.storage.run(gap_settling.undo, id, step, staff_id=form.staff_id):
        raise Stop(409, "done_before")
    return RedirectResponse(f"{HERE}/{id}", 303)
