"""Every step of a call keeps what is typed first; where another window of the same person wrote since, it says so."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import Response

from handlers.web.console.call_pages import call_response
from handlers.web.console.call_routes import held
from handlers.web.console.gates import Form, Stop
from handlers.web.parts import parts_of
from knowledge.hotline_notes import Noted, noted, together
from storage import calls
from storage.calls import Call, Page


async def kept_of(request: Request, id: int, form: Form, *, join: bool = False) -> tuple[Call, Noted]:
    """The call with what was typed in it. Where another window has written since, the page says so with both their words
    in it and nothing has happened; with ``join``, or when that is what they press, both are kept and it goes on."""
    storage, join = parts_of(request).storage, join or "together" in form.fields
    note, page = noted(form.fields), page_of(form)
    given: dict[str, Any] = {"staff_id": form.staff_id, "revision": form.number("revision")}
    kept = await storage.run(calls.save, id, noted=note.kept(), page=page, **given)
    call = held(await storage.read(calls.get, id), form.staff_id) if kept != "gone" else None
    if call is None:
        raise Stop(409, "call_gone")
    if kept == "kept":
        return call, note
    both = together(noted({"number": call.number or "", **call.noted}), note)
    if join and await storage.run(calls.save, id, noted=both.kept(), **given) == "kept":
        return held(await storage.read(calls.get, id), form.staff_id), both
    if "quietly" in form.fields:
        raise Stop(409, "call_behind", Response(status_code=409, headers={"X-Behind": "1"}))
    raise Stop(
        409, "call_behind", await call_response(request, form.signed, id, status=409, trouble="behind", typed=both)
    )


def page_of(form: Form) -> Page:
    """The window it was written in; one that was opened before windows had names has seen nothing."""
    return Page(form.fields.get("page", "")[:24], form.number("typed") if "typed" in form.fields else 0)
