"""What is about something that is under way, or plainly meant, before forms and the matcher: an appointment, a mediation, a
photo, notices, one's own data, an activity, volunteering."""

from __future__ import annotations

from typing import Any

from aiogram import Router
from aiogram.types import Message

from handlers.outcome import Outcome, both
from handlers.residents import (
    appointments,
    course,
    delegates,
    following,
    forms_open,
    guardians,
    mediating,
    objecting,
    occasions,
    odd,
    own,
    replying,
    volunteer_talk,
    wants,
)
from handlers.residents.case import Case
from handlers.residents.filters import private
from handlers.residents.occasion_meant import Concern, concern
from knowledge import forms, pass_codes
from knowledge.own_data import Wish, wish
from knowledge.subscribing import NoticeWish, notice_wish
from storage.chats import Scene
from storage.disclosure import Item
from storage.rights import Glance


def routers() -> tuple[Router, ...]:
    """In this order; each asks whether the words are about its matter."""
    return (
        _replied(),
        _appointments(),
        _course(),
        _wordless(),
        _published(),
        _own(),
        _mediation(),
        _occasions(),
        _volunteers(),
    )


def _replied() -> Router:
    router = Router(name="replied")

    @router.message(private, _replies_about_a_ticket)
    async def hear(message: Message, case: Case, ticket: Glance) -> Outcome[Any]:
        return replying.hear(case, message, ticket)

    return router


async def _replies_about_a_ticket(message: Message, case: Case) -> dict[str, Glance] | bool:
    found = await replying.concern(case, message)
    return {"ticket": found} if found is not None else False


def _appointments() -> Router:
    router = Router(name="appointments")

    @router.message(private, _about_an_appointment)
    async def hear(message: Message, case: Case) -> Outcome[Any]:
        return appointments.hear(case)

    return router


async def _about_an_appointment(message: Message, case: Case) -> bool:
    return appointments.concerns(case)


def _course() -> Router:
    """Answers in words to what was asked in a mediation."""
    router = Router(name="course of a mediation")

    @router.message(private, _answers_what_was_asked)
    async def hear(message: Message, case: Case, asked: tuple[int, str]) -> Outcome[Any]:
        return course.hear(case, *asked)

    @router.message(private, _wants_to_hear_again)
    async def tell_again(message: Message, case: Case, wish: str) -> Outcome[Any]:
        return course.tell_again(case, wish)

    return router


async def _wants_to_hear_again(message: Message, case: Case) -> dict[str, str] | bool:
    found = await course.wish_meant(case)
    return {"wish": found} if found else False


async def _answers_what_was_asked(message: Message, case: Case) -> dict[str, tuple[int, str]] | bool:
    found = await course.answer_meant(case)
    return {"asked": found} if found else False


def _wordless() -> Router:
    router = Router(name="wordless")

    @router.message(private, _is_wordless)
    async def hear(message: Message, case: Case) -> Outcome[Any]:
        return await odd.hear(case, message)

    return router


async def _is_wordless(message: Message, case: Case) -> bool:
    """No words at all; or words under a photo, while a form that takes photos is open."""
    return not case.text or (bool(case.blobs) and case.scene.draft is not None and case.scene.draft.state == "open")


def _published() -> Router:
    """What is said about an item on the screen, and which notices are wanted; a form that is open goes before."""
    router = Router(name="published")

    @router.message(private, _about_notices)
    async def wish_notices(message: Message, case: Case, wished_notices: NoticeWish) -> Outcome[Any]:
        return await wants.hear(case, wished_notices)

    @router.message(private, _about_what_is_shown)
    async def go_on(message: Message, case: Case, shown: Item) -> Outcome[Any]:
        return objecting.offer(case, shown)

    return router


async def _about_notices(message: Message, case: Case) -> dict[str, NoticeWish] | bool:
    draft = case.scene.draft
    if draft is not None and draft.state == "open" and draft.form != wants.FORM:
        return False
    wished = notice_wish(case.text)
    return {"wished_notices": wished} if wished else False


async def _about_what_is_shown(message: Message, case: Case) -> dict[str, Item] | bool:
    shown = await objecting.about_shown(case) if case.scene.draft is None else None
    return {"shown": shown} if shown else False


def _own() -> Router:
    router = Router(name="own data")

    @router.message(private, _has_pass_code)
    async def use_code(message: Message, case: Case, code: str) -> Outcome[Any]:
        return await guardians.for_code(case, code) or delegates.use_code(case, code)

    @router.message(private, _about_own_data)
    async def hear(message: Message, case: Case, wished: Wish) -> Outcome[Any]:
        outcome, draft = await own.hear(case, wished), case.scene.draft
        waits = draft is not None and draft.form in forms.FORMS and wished.kind in ("see", "notice")
        return both(outcome, forms_open.remind(case, draft)) if draft and waits else outcome

    return router


async def _has_pass_code(message: Message, case: Case) -> dict[str, str] | bool:
    """A code read out by the old phone or by a family member; beside a ticket number it is that ticket's."""
    code = None if following.names_a_ticket(case.text) else pass_codes.find(case.text)
    return {"code": code} if code else False


async def _about_own_data(message: Message, case: Case) -> dict[str, Wish] | bool:
    """ "退出" in a form is an order to the form."""
    if case.scene.draft is not None and forms.command(case.text) is not None:
        return False
    wished = wish(case.text)
    if wished is None or (wished.kind == "correct" and _fills_in(case.scene)):
        return False
    return {"wished": wished}


def _fills_in(scene: Scene) -> bool:
    """What is put right while a form is open is put right in the form."""
    return scene.draft is not None and scene.draft.form in forms.FORMS


def _occasions() -> Router:
    router = Router(name="occasions")

    @router.message(private, _about_an_occasion)
    async def hear(message: Message, case: Case, wanted: Concern) -> Outcome[Any]:
        outcome, draft = await occasions.hear(case, wanted), case.scene.draft
        waits = draft is not None and draft.form in forms.FORMS and draft.state == "open"
        return both(outcome, forms_open.remind(case, draft)) if draft and waits else outcome

    return router


async def _about_an_occasion(message: Message, case: Case) -> dict[str, Any] | bool:
    """Words that plainly answer an open form's question are its answer."""
    draft = case.scene.draft
    if draft is not None and (forms.command(case.text) is not None or forms_open.is_an_answer(case, draft)):
        return False
    wanted = await concern(case)
    return {"wanted": wanted} if wanted is not None else False


def _mediation() -> Router:
    router = Router(name="mediation")

    @router.message(private, _about_mediation)
    async def hear(message: Message, outcome: Outcome[Any]) -> Outcome[Any]:
        return outcome

    return router


async def _about_mediation(message: Message, case: Case) -> dict[str, Any] | bool:
    """A sure wish about one's own mediation: heard where there is one."""
    outcome = await mediating.ordered(case)
    return {"outcome": outcome} if outcome is not None else False


def _volunteers() -> Router:
    router = Router(name="volunteers")

    @router.message(private, _about_volunteering)
    async def hear(message: Message, case: Case, volunteering: volunteer_talk.Wanted) -> Outcome[Any]:
        outcome, draft = await volunteer_talk.hear(case, volunteering), case.scene.draft
        waits = draft is not None and draft.form in forms.FORMS and draft.state == "open"
        return both(outcome, forms_open.remind(case, draft)) if draft and waits else outcome

    return router


async def _about_volunteering(message: Message, case: Case) -> dict[str, volunteer_talk.Wanted] | bool:
    wanted = await volunteer_talk.concern(case)
    return {"volunteering": wanted} if wanted is not None else False
