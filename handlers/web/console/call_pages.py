"""What a call's page shows: what was typed, what that says, what is known of the caller; one thinking for page and script.

The server thinks on every pause; the page's script only swaps the part it asked for.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from secrets import token_urlsafe
from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from handlers import ticket_words
from handlers.texts.catalogue import Texts
from handlers.web.console.desk_pages import Console, chosen_language, console_of
from handlers.web.console.gates import Stop
from knowledge import hotline, hotline_rules, hotline_spoken
from knowledge.emergencies import lines
from knowledge.hotline import Hearing
from knowledge.hotline_notes import URGENCIES, Noted, kinds, noted, other_language
from knowledge.places import Place, place
from knowledge.questions import Question
from storage import call_filing, call_lookup, callers, calls, texting
from storage.calls import Call
from storage.staff import Signed
from storage.transaction import Tx

SHOWN_FOR = timedelta(hours=1)
"""So long number and claim code of what was filed stand on the page of whoever filed it, to be read out."""
LATER = ("30m", "2h", "tomorrow")


async def call_response(
    request: Request, signed: Signed, call_id: int, *, status: int = 200, trouble: str = "", typed: Noted | None = None
) -> Response:
    """The page of a call, for whoever fills it in; ``typed`` stands there in place of what is kept."""
    console = console_of(request)
    call = await console.parts.storage.read(calls.get, call_id)
    if call is None:
        raise Stop(404, "not_found")
    if call.state == "done":
        return await _over(request, signed, call)
    if call.staff_id != signed.member.id or call.state != "open":
        raise Stop(409, "call_gone")
    note = typed or noted({"number": call.number or "", **call.noted})
    values = await thought(request, signed, call, note)
    script = hotline_rules.shipped().script[call.source]
    values |= {"script": script, "trouble": trouble, "later": LATER, "page": token_urlsafe(12)}
    return await console.page(request, signed, "console/call.html", status=status, **values)


async def thought(request: Request, signed: Signed, call: Call, note: Noted) -> dict[str, Any]:
    """Everything the words say now, and what is known beside them."""
    console = console_of(request)
    heard = think(console, note, call, chosen_language(request))
    words = console.residents[chosen_language(request)]
    given: dict[str, Any] = {"call": call, "note": note, "heard": heard, "words": words}
    found = await console.parts.storage.read(_beside, staff_id=signed.member.id, **given)
    return {
        "call": call,
        "note": note,
        "heard": heard,
        "questions": questions(note, heard),
        "kinds": kinds(),
        "rules": hotline_rules.shipped(),
        "spoken": hotline_spoken.shipped(),
        "lines": lines(),
        "urgencies": URGENCIES,
        "both": other_language(note.words, chosen_language(request)),
        "transfers": [one | {"at": datetime.fromisoformat(one["at"])} for one in call.transfers or []],
        "spotted": hotline.spotted(note),
        "reads": hotline.read_out(heard.answer.text) if heard.answer else ("", ""),
        "askable": hotline.askable,
        **found,
    }


def think(console: Console, note: Noted, call: Call, language: str) -> Hearing:
    parts = console.parts
    told = {"reader": parts.reader, "answerer": parts.answerer, "profile": parts.profile}
    return hotline.hear(note, now=call.began_at, language=language, **told)  # type: ignore[arg-type]


def questions(note: Noted, heard: Hearing) -> list[tuple[Question, str]]:
    """Those answered already, with the answer, and those still to ask."""
    kind = heard.category
    answered = [kind.question(key) for key in note.asked] if kind else []
    said = [(one, note.asked[one.key]) for one in answered if one is not None]
    return [*said, *((one, "") for one in heard.asks)]


def wanted_of(note: Noted, call: Call) -> tuple[str | None, Place | None]:
    """The number and the flat a caller is known by."""
    return note.number or call.number, place(note.place or note.words)


def _beside(tx: Tx, *, call: Call, note: Noted, heard: Hearing, staff_id: int, words: Texts) -> dict[str, Any]:
    number, at = wanted_of(note, call)
    known = call_lookup.found(tx, staff_id=staff_id, number=number, at=at, wanted=note.find)
    similar = {name: heard.answers.get(name) for name in ("category", "building", "room")}
    return {
        "known": known,
        "stands": {
            one.ticket["id"]: ticket_words.read_out(words, one.progress, now=tx.now) for one in known if one.progress
        },
        "looked": call.looked and call.looked_for == call_lookup.key_of(number, at, note.find),
        "before": callers.calls_of(tx, number, but=call.id),
        "similar": callers.similar(tx, staff_id=staff_id, **similar),
        **call_lookup.counts(known),
    }


def filed_just_now(call: Call, staff_id: int, now: datetime) -> bool:
    """Number and claim code may stand on this member's screen: they filed it, and not long ago."""
    ours = call.staff_id == staff_id and call.outcome == "ticket" and call.ticket_id is not None
    return ours and call.done_at is not None and now - call.done_at <= SHOWN_FOR


async def _over(request: Request, signed: Signed, call: Call) -> Response:
    """Number and code to be read out, for a while and for whoever filed it; the list for everything else."""
    console = console_of(request)
    if not filed_just_now(call, signed.member.id, console.parts.storage.clock()):
        return RedirectResponse("/console/calls", 303)
    found = await console.parts.storage.read(_filed, call=call, staff_id=signed.member.id)
    return await console.page(request, signed, "console/call_filed.html", call=call, **found)


def _filed(tx: Tx, *, call: Call, staff_id: int) -> dict[str, Any]:
    assert call.ticket_id is not None
    assert call.chat_id is not None
    ticket = call_filing.filed(tx, call.ticket_id)
    texted = texting.may_text(tx, call.chat_id) and not ticket["anonymous"]
    return {"ticket": ticket, "texted": texted, "reached": call_filing.may_open(tx, call.ticket_id, staff_id=staff_id)}
