"""An answer that is being written is kept on the server; and a page that is closed says so."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from handlers.web.console.gates import Posted, desk_router, needs
from handlers.web.console.ticket_routes import Number, to_act_on
from handlers.web.parts import Parts
from storage import desk_acts, writing

WRITTEN = frozenset(desk_acts.STEPS) | {"note"}
router = desk_router()


@router.post("/tickets/{number}/draft", dependencies=[needs("ticket", "act")])
async def keep(number: Number, form: Posted, parts: Parts) -> Response:
    """Keep it. The page's script sends it as it is typed and reads no page; the button of the page goes back there."""
    page = await to_act_on(parts, number, form)
    action = form.fields.get("action", "")
    chosen = action if action in WRITTEN else "answer"
    await parts.storage.run(writing.keep, page.ticket["id"], staff_id=form.staff_id, action=chosen, text=form.text())
    if "quietly" in form.fields:
        return Response(status_code=204)
    return RedirectResponse(f"/console/tickets/{number}?done=draft", 303)


@router.post("/tickets/{number}/leave", dependencies=[needs("ticket", "act")])
async def leave(number: Number, form: Posted, parts: Parts) -> Response:
    page = await to_act_on(parts, number, form)
    await parts.storage.run(writing.leave, page.ticket["id"], staff_id=form.staff_id)
    return Response(status_code=204)
