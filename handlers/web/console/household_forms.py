"""What the forms of household duty carry, as the units want it."""

from __future__ import annotations

from datetime import date
from typing import Any

from handlers.web.console.gates import Form, Stop
from handlers.web.console.whose import choices
from handlers.web.parts import WebParts
from knowledge import catalogue, households
from storage import staff
from storage.household_plans import Visited
from storage.households import LONGEST_NAME, LONGEST_TEXT, Agreed, Entered
from storage.transaction import Tx


def entered(form: Form) -> Entered:
    named = {name: form.text(name, longest=LONGEST_NAME) or None for name in ("unit", "room", "name", "phone")}
    return Entered(
        kind=form.fields.get("kind", ""),
        building=form.fields.get("building") or None,
        situation=form.text("situation", longest=LONGEST_TEXT) or None,
        days=form.number("days") if form.fields.get("days") else None,
        **named,
    )


def agreed(form: Form) -> Agreed:
    return Agreed(how=form.fields.get("agreed_how", ""), by=form.text("agreed_by", longest=LONGEST_NAME))


def hands(form: Form) -> dict[str, Any]:
    """Who looks after it, and who stands in."""
    stand_in = form.number("stand_in") if form.fields.get("stand_in") else None
    return {"worker_id": form.number("worker"), "stand_in_id": stand_in}


def visited(form: Form) -> Visited:
    try:
        on = date.fromisoformat(form.fields["on"]) if form.fields.get("on") else None
    except ValueError as wrong:
        raise Stop(422, "bad_form") from wrong
    said = {name: form.text(name, longest=LONGEST_TEXT) for name in ("seen", "needs")}
    return Visited(way=form.fields.get("way", ""), met=form.fields.get("met", ""), on=on, **said)


def category(form: Form) -> str | None:
    """Of the ticket that is to be made; None where none is."""
    return form.fields.get("category", "") if form.fields.get("then") == "ticket" else None


async def common(parts: WebParts, staff_id: int) -> dict[str, Any]:
    """What the forms offer to choose from."""
    found = await choices(parts, staff_id)
    members = await parts.storage.read(colleagues)
    kinds, known = catalogue.shipped("service_request"), households.rules()
    return found | {"colleagues": members, "rules": known, "categories": kinds.values(), "ends": households.ENDS}


def colleagues(tx: Tx) -> list[staff.Member]:
    """Who may look after a household."""
    return [one for one in staff.everyone(tx) if one.may_act and staff.may(one, "household", "act")]
