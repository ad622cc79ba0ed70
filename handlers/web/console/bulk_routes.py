"""One step on several tickets: each in a transaction of its own, each gated by itself, each with its own result.

What was picked names the revision that was shown: a ticket somebody else moved meanwhile is left as it is, and the page
says so. The same form sent twice does nothing twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from sqlalchemy import RowMapping, select
from starlette.responses import Response

from handlers import taking_steps
from handlers.taking_steps import Taking
from handlers.web.console.desk_pages import Console, console_of
from handlers.web.console.gates import Form, Posted, Stop, desk_router, needs
from handlers.web.console.step_forms import given
from handlers.web.parts import WebParts
from knowledge.life import Refusal
from storage import desk_acts, giving
from storage.desk_acts import Conflict, Done
from storage.queues import PAGE
from storage.staff import MayNot
from storage.stepping_aside import open_to
from storage.tables import tickets
from storage.transaction import Tx

PICKED = "pick-"
BULK = ("accept", "assign", "give", "note")
router = desk_router()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one ticket: done, again (it was so already), conflict, refused (with why), gone, not_yours."""

    number: str
    kind: str
    why: str = ""


@router.post("/bulk", dependencies=[needs("ticket", "act")])
async def take_steps(request: Request, form: Posted) -> Response:
    action, picked = form.fields.get("action", ""), picked_in(form)
    if action not in BULK:
        raise Stop(422, "bad_form")
    text = form.text(longest=1000)
    trouble = _missing(action, picked, form, text)
    console = console_of(request)
    outcomes = [] if trouble else [await _one(console, form, action, text, *each) for each in picked.items()]
    return await console.page(
        request,
        form.signed,
        "console/bulk.html",
        status=422 if trouble else 200,
        action=action,
        outcomes=outcomes,
        trouble=trouble,
        done=sum(outcome.kind in ("done", "again") for outcome in outcomes),
        text=text,
    )


def picked_in(form: Form) -> dict[str, int]:
    """Numbers with the revision each was shown at; more than a page of them was never offered."""
    found = {name.removeprefix(PICKED): value for name, value in form.fields.items() if name.startswith(PICKED)}
    if len(found) > PAGE or not all(
        value.isascii() and value.isdigit() and len(value) < 10 for value in found.values()
    ):
        raise Stop(422, "bad_form")
    return {number[:24]: int(revision) for number, revision in found.items()}


def _missing(action: str, picked: dict[str, int], form: Form, text: str) -> str:
    if not picked:
        return "none_picked"
    if action == "note" and not text:
        return "no_text"
    if action == "assign" and not form.fields.get("unit", "").isdigit():
        return "no_unit"
    return "no_hand" if action == "give" and not form.fields.get("to", "").isdigit() else ""


async def _one(console: Console, form: Form, action: str, text: str, number: str, revision: int) -> Outcome:
    """One ticket, as if its own form had been sent."""
    try:
        result = await _step(console, console.parts, form, action, text, number, revision)
    except (LookupError, MayNot) as refused:
        return Outcome(number, "gone" if isinstance(refused, LookupError) else "not_yours")
    if isinstance(result, Done):
        return Outcome(number, "again" if result.again else "done")
    if isinstance(result, Refusal):
        return Outcome(number, "refused", f"{result.zh}\n{result.en}")
    return Outcome(number, "conflict")


async def _step(
    console: Console, parts: WebParts, form: Form, action: str, text: str, number: str, revision: int
) -> Done | Conflict | Refusal:
    run = parts.storage.run
    ticket = await parts.storage.read(_reached, number, staff_id=form.staff_id)
    if ticket is None:
        raise LookupError(number)
    who: dict[str, Any] = {"staff_id": form.staff_id}
    if action == "note":
        return await run(desk_acts.add_note, ticket["id"], text=text, **who)
    if action == "give":
        return await run(giving.give, ticket["id"], to=form.number("to"), revision=revision, **who)
    taking = Taking(ticket=ticket, action=action, revision=revision, text=text, given=given(form))
    return await run(taking_steps.take_step, taking, console, **who)


def _reached(tx: Tx, number: str, *, staff_id: int) -> RowMapping | None:
    return tx.first(select(tickets).where(tickets.c.number == number, open_to(staff_id)))
