"""What an organiser does with an occasion: open, cancel, a word to everybody, take somebody off, call, who came."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from starlette.responses import RedirectResponse, Response

from handlers import occasion_notices as notices
from handlers import volunteer_notices
from handlers.outcome import speak
from handlers.texts.catalogue import Catalogue
from handlers.web.console.desk_pages import Console, console_of
from handlers.web.console.gates import Act, Colleague, Form, Stop, desk_router, needs
from handlers.web.console.occasion_forms import came_of, lines
from handlers.web.console.occasion_routes import HERE, Id
from handlers.web.parts import Parts
from knowledge.occasions import Occasion
from storage import desk_occasions, occasion_places, occasions, staff, volunteer_hours
from storage.desk_occasions import Came, Guest, Recorded
from storage.staff import Signed
from storage.transaction import Tx

router = desk_router("/occasions")
ACT = needs("occasion", "act")
LONGEST_WORD = 500


@router.post("/{id}/open", dependencies=[ACT])
async def open_(id: Id, form: Act, parts: Parts) -> Response:
    """Residents may join from now on; without insurance where it is needed they may not (VO-06)."""
    why = await parts.storage.run(occasions.open_, id, revision=form.number("revision"), staff_id=form.staff_id)
    done = {None: "opened", "insurance": "insurance", "begun": "begun"}.get(why, "stale")
    return RedirectResponse(f"{HERE}/{id}?done={done}", 303)


@router.post("/{id}/cancel", dependencies=[ACT])
async def cancel(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Everybody is told at once; who has not seen it comes on the list of those to be called."""
    reason = form.text("reason", longest=200)
    if not reason:
        raise Stop(422, "bad_form")
    told = await parts.storage.run(_cancel, id, form=form, reason=reason, console=console_of(request))
    done = "stale" if told is None else f"cancelled&count={told}"
    return RedirectResponse(f"{HERE}/{id}?done={done}", 303)


def _cancel(tx: Tx, id: int, *, form: Form, reason: str, console: Console) -> int | None:
    revision = form.number("revision")
    if occasions.cancel(tx, id, revision=revision, reason=reason, staff_id=form.staff_id) is None:
        return None
    occasion, told = occasions.get(tx, id), occasion_places.of_occasion(tx, id)
    assert occasion is not None
    for entry in told:
        [said] = speak(tx, [notices.cancelled(console.residents, occasion, entry, tx.now)])
        desk_occasions.told(tx, entry.id, said)
    return len(told)


@router.post("/{id}/say", dependencies=[ACT])
async def say(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """A word to everybody who has a place, and if wished to those who wait."""
    text = form.text("text", longest=LONGEST_WORD)
    if not text:
        raise Stop(422, "bad_form")
    count = await parts.storage.run(_say, id, text=text, form=form, console=console_of(request))
    return RedirectResponse(f"{HERE}/{id}?done=said&count={count}", 303)


def _say(tx: Tx, id: int, *, text: str, form: Form, console: Console) -> int:
    staff.actor(tx, form.staff_id)
    occasion = occasions.hold(tx, id)
    if occasion is None or occasion.state not in ("open", "over"):
        return 0
    states = ("joined", "waiting") if form.fields.get("waiting") == "yes" else ("joined",)
    told = [entry for entry in occasion_places.of_occasion(tx, id) if entry.state in states]
    speak(tx, [notices.word_to(console.residents, occasion, entry, text) for entry in told])
    occasions.record(tx, id, actor="staff", staff_id=form.staff_id, action="say", note=text)
    return len(told)


@router.post("/{id}/entries/{entry}/remove", dependencies=[ACT])
async def remove(request: Request, id: Id, entry: Id, form: Act, parts: Parts) -> Response:
    done = await parts.storage.run(_remove, id, entry, form=form, console=console_of(request))
    return RedirectResponse(f"{HERE}/{id}?done={'removed' if done else 'stale'}", 303)


def _remove(tx: Tx, id: int, entry_id: int, *, form: Form, console: Console) -> bool:
    found = desk_occasions.remove(tx, id, entry_id, staff_id=form.staff_id)
    if found is None:
        return False
    occasion, entry, moved = found
    told = [notices.removed(console.residents, occasion, entry, tx.now)]
    speak(tx, [*told, *notices.moved_up(console.residents, occasion, moved, tx.now)])
    return True


@router.post("/{id}/entries/{entry}/called", dependencies=[ACT])
async def called(id: Id, entry: Id, form: Act, parts: Parts) -> Response:
    """Somebody who had not seen it was reached by telephone."""
    done = await parts.storage.run(desk_occasions.called, id, entry, staff_id=form.staff_id)
    return RedirectResponse(f"{HERE}/{id}?done={'called' if done else 'stale'}", 303)


# --- who came ---------------------------------------------------------------------------------------------------------
@router.get("/{id}/attendance", dependencies=[ACT])
async def attendance(request: Request, id: Id, colleague: Colleague, parts: Parts) -> Response:
    return await _attendance(request, colleague, id, parts)


async def _attendance(
    request: Request, signed: Signed, id: int, parts: Parts, *, recorded: Recorded | None = None
) -> Response:
    found = await parts.storage.read(_list, id)
    if found is None:
        raise Stop(404, "no_occasion")
    occasion, guests = found
    values: dict[str, Any] = {"occasion": occasion, "lines": lines(occasion, guests), "recorded": recorded}
    status = 422 if recorded is not None and recorded.bad else 200
    return await console_of(request).page(request, signed, "console/attendance.html", status=status, **values)


def _list(tx: Tx, id: int) -> tuple[Occasion, list[Guest]] | None:
    occasion = occasions.get(tx, id)
    if occasion is None or occasion.state not in ("open", "over") or tx.now < occasion.starts_at:
        return None
    return occasion, desk_occasions.guests(tx, occasion, "joined")


def _attend(tx: Tx, id: int, came: list[Came], staff_id: int, texts: Catalogue) -> Recorded | None:
    """Whoever served hears what was written down for them (VO-08)."""
    recorded = desk_occasions.attend(tx, id, came, staff_id=staff_id)
    if recorded is not None and recorded.hours:
        for entered in volunteer_hours.just_entered(tx, id):
            speak(tx, volunteer_notices.entered(tx, texts, entered))
    return recorded


@router.post("/{id}/attendance", dependencies=[ACT])
async def attend(request: Request, id: Id, form: Act, parts: Parts) -> Response:
    """Once for all on the list; of a shift, hours go to the ledger (VO-08)."""
    found = await parts.storage.read(_list, id)
    if found is None:
        raise Stop(404, "no_occasion")
    came = came_of(form, *found)
    recorded = await parts.storage.run(_attend, id, came, form.staff_id, console_of(request).residents)
    if recorded is None:
        raise Stop(409, "done_before")
    if recorded.bad or recorded.no_volunteer or recorded.overlaps or not recorded.done:
        return await _attendance(request, form.signed, id, parts, recorded=recorded)
    return RedirectResponse(f"{HERE}/{id}?done=recorded&count={recorded.hours}", 303)
