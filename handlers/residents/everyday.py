"""What is said in passing and belongs to nothing that is open: a yes to the notice, one's name and flat, "nobody came".

Whoever says it is understood without a form, and nothing is kept of it before they agreed (PI-02).
"""

from __future__ import annotations

from typing import Any

from handlers.outcome import Outcome, Say, both, do, say
from handlers.residents import appointments, following, privacy
from handlers.residents.case import Case
from handlers.residents.requests import unknown_building
from knowledge import forms
from knowledge.everyday import AfterFiling, Introduced, after_filing, introduced, wants_no_person
from storage import own_data, tickets
from storage.rights import Glance


async def hear(case: Case) -> Outcome[Any] | None:
    """None where it is nothing of the kind."""
    if (agreed := privacy.said(case.text)) is not None and case.scene.consent == "unasked":
        kept = privacy.answered(case, agreed=agreed)
        return kept.saying(Say(case.words("privacy.agreed"))) if agreed else kept
    if case.scene.appointment is not None and wants_no_person(case.text):
        return appointments.drop(case, case.scene.appointment)
    if (told := introduced(case.text)) is not None:
        return _acquainted(case, told)
    return await _about_filed(case)


def _acquainted(case: Case, told: Introduced) -> Outcome[Any]:
    """Greeted by name, and asked what the matter is; kept for next time where they agreed to that."""
    parts = parts_of(told)
    if problem := unknown_building(case, parts):
        return say(Say(problem))
    key = "everyday.met" if told.name else "everyday.lives"
    hello = say(Say(case.words(key, name=told.name or "", place=forms.where(parts, case.scene.language))))
    return both(keep(case, told), hello) if case.scene.consent == "given" else hello


def keep(case: Case, told: Introduced) -> Outcome[Any]:
    """Their name, and a flat only where its building was said along."""
    values: dict[str, str | None] = {"name": told.name} if told.name else {}
    if told.place and told.place.building:
        values |= {"building": told.place.building, "unit": told.place.unit, "room": told.place.room}
    return do(own_data.correct, chat_id=case.chat_id, **values) if values else say()


def parts_of(told: Introduced) -> dict[str, str]:
    said = {part: getattr(told.place, part, None) for part in forms.PLACE_PARTS}
    return {part: value for part, value in said.items() if value}


async def _about_filed(case: Case) -> Outcome[Any] | None:
    kind = after_filing(case.text)
    filed = await _open(case) if kind else []
    if kind is None or not filed:
        return None
    return await _one(case, kind, filed[0]) if len(filed) == 1 else await following.mine(case)


async def _one(case: Case, kind: AfterFiling, ticket: Glance) -> Outcome[Any]:
    if kind == "still":
        return following.take_words(case, ticket.id, number=ticket.number, doubtful=True)
    return await (
        following.press(case, ticket.id, "withdraw") if kind == "take_back" else following.show(case, ticket.id)
    )


async def _open(case: Case) -> list[Glance]:
    filed = await case.front.storage.read(tickets.of_chat, case.chat_id)
    return [ticket for ticket in filed if ticket.state in tickets.OPEN]
