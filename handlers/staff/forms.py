"""Steps that need more than a press: to whom, until when, with which result, in which words. One message asks, and changes
as it is answered; its buttons are its owner's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from handlers.offers import Offer, offer
from handlers.outcome import Button, Rows, plain
from handlers.staff.acting import Took, at_home, name_of, over, page_of, step
from handlers.staff.choices import ENDS, PASSES, PREFIX, choices, working_days
from handlers.staff.spots import Spot, untold
from handlers.step_tables import SILENT
from knowledge.life import Refusal, is_open
from storage import giving, messages, staff_forms, topics, units
from storage import staff as staff_units
from storage.access import NotThere
from storage.desk import TicketPage
from storage.desk_acts import Conflict
from storage.staff import Member
from storage.staff_forms import StaffForm
from storage.step import Given
from storage.transaction import Tx

TIMES = ("extend", "ask_extension")
CHOICE = {"decline": "reason", "transfer": "line", "extend": "until", "ask_extension": "until"}


def begin(tx: Tx, spot: Spot, member: Member, action: str) -> str | None:
    """Ask for what ``action`` needs: a step of the table, or ``pass``, ``due``, ``end``, which offer several. Why not, or
    None."""
    assert spot.ticket_id is not None
    page = page_of(tx, spot.ticket_id, member)
    offered = offer(tx, page, member)
    found = _begun(offered, action, page)
    if found is None:
        cannot = spot.work.words("work.cannot", what=spot.work.words(f"work.do_{action}"))
        return over(tx, spot, page) or cannot
    form_id = staff_forms.begin(
        tx,
        chat_id=spot.work.case.chat_id,
        staff_id=member.id,
        ticket_id=spot.ticket_id,
        action=found,
        step=_first(found),
    )
    form = staff_forms.get(tx, form_id)
    assert form is not None
    text, rows = _asks(tx, spot, member, form, page, offered)
    prompt = spot.ask(tx, text, rows)
    staff_forms.change(tx, form_id, prompt_id=prompt)
    return None


def _begun(offered: Offer, action: str, page: TicketPage) -> str | None:
    """The step that is meant; the menu itself where there are several. Notes and giving are asked about by their units."""
    if action == "due":
        return next((one for one in TIMES if one in offered.steps), None)
    if action == "end":
        ends = [one for one in ENDS if one in offered.steps]
        return ends[0] if len(ends) == 1 else "end" if ends else None
    if action == "pass":
        return "pass" if is_open(page.ticket["state"]) else None
    return action if action == "note" or action in offered.steps else None


def _first(action: str) -> str:
    return "choose" if action in ("pass", "end") or action in CHOICE else "words"


def _asks(tx: Tx, spot: Spot, member: Member, form: StaffForm, page: TicketPage, offered: Offer) -> tuple[str, Rows]:
    words = spot.work.words
    cancel = Button(words("work.cancel"), f"{PREFIX}:{form.id}:x")
    head = words("work.form_head", name=member.name, number=page.ticket["number"], what=_what(spot, form.action))
    if form.step == "words":
        rows: list[list[Button]] = (
            [[Button(words("work.no_words"), f"{PREFIX}:{form.id}:go")]] if form.action in SILENT else []
        )
        how = words("work.how_group" if spot.in_group else "work.how_private")
        return f"{head}\n{words(f'work.ask_{_asked(form.action)}', how=how)}", (*rows, [cancel])
    chosen = choices(tx, spot, member, form, page, offered)
    pairs = [chosen[at : at + 2] for at in range(0, len(chosen), 2)]
    return f"{head}\n{words(f'work.choose_{form.action}')}", (*pairs, [cancel])


def _asked(action: str) -> str:
    return action if action in ("answer", "note", "ask_back", "finish") else "why"


def _what(spot: Spot, action: str) -> str:
    if action in ("pass", "due", "end"):
        return spot.work.words(f"work.do_{action}")
    return name_of(action, spot.work.words.language)


# --- answers to it -----------------------------------------------------------------------------------------------------
def pressed(tx: Tx, spot: Spot, member: Member, choice: str) -> str | None:
    """One of its buttons; the toast. Only its owner's press counts."""
    form, words = spot.form, spot.work.words
    if form is None or not staff_forms.is_alive(tx, form):
        return words("colleague.stale")
    if form.staff_id != member.id:
        return words("work.not_your_form", name=staff_units.names(tx).get(form.staff_id, ""))
    if choice == "x":
        _close(tx, form, words("work.cancelled", name=member.name), state="dropped")
        return None
    return _chosen(tx, spot, member, form, choice)


def _chosen(tx: Tx, spot: Spot, member: Member, form: StaffForm, choice: str) -> str | None:
    kind, value = choice[:1], choice[1:]
    if choice == "go":
        return finish(tx, spot, member, form, "")
    if kind == "s" and value in ENDS:
        return _ask_on(tx, spot, member, replace(form, action=value, step=_first(value)))
    if kind == "p":
        return _give(tx, spot, member, form, int(value))
    given: dict[str, Any] = {"u": "unit_id", "d": "until", "r": "reason", "l": "line"}
    key = given[kind]
    action = form.action
    if kind == "u":
        offered = offer(tx, page_of(tx, form.ticket_id, member), member)
        action = next((one for one in PASSES if one in offered.steps), "assign")
    chosen = replace(form, action=action, given={**form.given, key: value}, step="words")
    return finish(tx, spot, member, chosen, "") if action == "assign" else _ask_on(tx, spot, member, chosen)


def _ask_on(tx: Tx, spot: Spot, member: Member, form: StaffForm) -> str | None:
    """The same message asks for what comes next; no toast."""
    staff_forms.change(tx, form.id, action=form.action, given=form.given, step=form.step)
    page = page_of(tx, form.ticket_id, member)
    text, rows = _asks(tx, spot, member, form, page, offer(tx, page, member))
    if form.prompt_id is not None:
        messages.edit(tx, form.prompt_id, text=text, buttons=plain(rows))
    return None


def _give(tx: Tx, spot: Spot, member: Member, form: StaffForm, to: int) -> str | None:
    words = spot.work.words
    if (why := _given_to(tx, spot, member, to)) is not None:
        return why
    _close(tx, form, words("work.given", name=member.name, to=staff_units.names(tx).get(to, "")))
    return words("work.done")


def _given_to(tx: Tx, spot: Spot, member: Member, to: int) -> str | None:
    """Why not, or None."""
    assert spot.ticket_id is not None
    page, words, before = page_of(tx, spot.ticket_id, member), spot.work.words, untold(tx, spot.ticket_id)
    result = giving.give(tx, spot.ticket_id, staff_id=member.id, to=to, revision=page.ticket["revision"])
    if isinstance(result, Refusal):
        return result.zh if words.language == "zh" else result.en
    if isinstance(result, Conflict):
        return words("work.conflict")
    spot.seen_here(tx, before)
    return None


def later(tx: Tx, spot: Spot, member: Member, days: int) -> tuple[str, Given] | None:
    """The step that puts the deadline off by so many working days; None where it is not theirs, or too far."""
    assert spot.ticket_id is not None
    page = page_of(tx, spot.ticket_id, member)
    action, found = _begun(offer(tx, page, member), "due", page), working_days(tx, page)
    return (action, Given(until=found[days - 1])) if action and days <= len(found) else None


def hand_to(tx: Tx, spot: Spot, member: Member, name: str) -> str | None:
    """To the colleague of this name; what is said of it, None where the name is nobody's or several people's."""
    assert spot.ticket_id is not None
    page = page_of(tx, spot.ticket_id, member)
    found = [one for one in giving.hands(tx, member) if one.name == name.lstrip("@ ")]
    if len(found) != 1 or not is_open(page.ticket["state"]):
        return None
    why = _given_to(tx, spot, member, found[0].id)
    return why or spot.work.words("work.given", name=member.name, to=found[0].name)


def ending(tx: Tx, spot: Spot, member: Member) -> str | None:
    """The step that says it is done, as this colleague may take it now."""
    assert spot.ticket_id is not None
    steps = offer(tx, page_of(tx, spot.ticket_id, member), member).steps
    return next((one for one in ("finish", "feed_back") if one in steps), None)


def finish(
    tx: Tx, spot: Spot, member: Member, form: StaffForm, text: str, files: Sequence[dict[str, Any]] = ()
) -> str | None:
    """The step itself; the message that asked says that it is done. Why not, else what a toast says."""
    words = spot.work.words
    took: Took = step(tx, spot, member, form.action, text, given=_given(form), files=files)
    if not took.done:
        return took.why
    detail = _detail(tx, form, words.language)
    _close(tx, form, words("work.did", name=member.name, what=name_of(form.action, words.language), detail=detail))
    return words("work.done")


def _given(form: StaffForm) -> Given:
    known = form.given
    return Given(
        unit_id=int(known["unit_id"]) if "unit_id" in known else None,
        until=date.fromisoformat(known["until"]) if "until" in known else None,
        reason=str(known.get("reason", ""))[:32],
        line=str(known.get("line", ""))[:16],
    )


def _detail(tx: Tx, form: StaffForm, language: str) -> str:
    unit = units.get(tx, int(form.given["unit_id"])) if "unit_id" in form.given else None
    told = [unit.name(language) if unit else "", str(form.given.get("until", "")), str(form.given.get("line", ""))]
    said = "、".join(filter(None, told))
    return f"：{said}" if said and language == "zh" else f": {said}" if said else ""


def _close(tx: Tx, form: StaffForm, text: str, *, state: str = "done") -> None:
    staff_forms.change(tx, form.id, state=state)
    if form.prompt_id is not None:
        messages.edit(tx, form.prompt_id, text=text)


def cancel(tx: Tx, spot: Spot, member: Member) -> bool:
    """What they are in the middle of here."""
    chat_id, ticket_id = spot.work.case.chat_id, spot.ticket_id
    form = staff_forms.open_in(tx, chat_id=chat_id, staff_id=member.id, ticket_id=ticket_id)
    if form is not None:
        _close(tx, form, spot.work.words("work.cancelled", name=member.name), state="dropped")
    return form is not None


def spot_of_form(tx: Tx, spot: Spot, form_id: int) -> Spot:
    """The same place, about what the form is about; a form of another chat is none."""
    form = staff_forms.get(tx, form_id)
    if form is None or form.chat_id != spot.work.case.chat_id:
        raise NotThere
    at_home(tx, spot.work, form.ticket_id)
    topic = topics.find(tx, form.ticket_id) if spot.in_group else None
    return replace(spot, topic=topic, ticket_id=form.ticket_id, form=form)
