"""Words said while a form is open: mostly its answer, sometimes plainly something else.

Menus never hide free text: somebody who answers the form's question with a question is answered, and the form waits.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from handlers.outcome import Button, Outcome, Say, both, do, say
from handlers.residents import (
    applying,
    asking,
    following,
    hearing,
    hearts,
    judging,
    mine,
    objecting,
    odd,
    privacy,
    requests,
    to_mediator,
    volunteer_talk,
    volunteering,
    wants,
)
from handlers.residents.case import Case
from handlers.residents.prompts import without_buttons
from knowledge import corrections, forms, mediation_words
from knowledge.elsewhere import BESIDE_A_FORM
from knowledge.everyday import introduced
from knowledge.places import place
from knowledge.private_data import phone
from storage import drafts
from storage.chats import Draft

FILED = ("service_request", "dispute", "volunteer")
ASKS = re.compile(r"[?？]\s*$|吗$|呢$|么$|不嘛?$|多少|几个|什么时候|怎么|啷个|好久|如何|什么|啥子")


async def hear(case: Case, draft: Draft) -> Outcome[Any]:
    if draft.expires_at < case.now:
        expired = do(drafts.close, draft.id, revision=draft.revision, state="expired")
        return both(expired, await asking.hear(case))
    if draft.form == mine.FORM:
        return mine.hear(case, draft) or both(mine.let_go(case), await asking.hear(case))
    if draft.form in volunteer_talk.FORMS:
        return volunteer_talk.hear_form(case, draft) or await _not_of_a_volunteer(case, draft)
    if draft.form == objecting.FORM:
        return await objecting.hear(case, draft)
    if draft.form == hearts.FORM:
        return hearts.hear(case, draft)
    if draft.form == wants.FORM:
        return wants.hear_building(case, draft) or both(wants.put_away(case), await asking.hear(case))
    if draft.state == "held":
        return await _hear_held(case, draft)
    if draft.form in (applying.FORM, to_mediator.FORM):
        return await _hear_mediation(case, draft)
    if draft.step == following.WHY:
        return await _hear_why(case, draft)
    agreed = privacy.said(case.text)
    if agreed is not None and draft.step == "confirm" and privacy.hold_sensitive(case, draft):
        return separately(case, draft, agreed=agreed)
    if (rest := corrections.another_matter(case.text)) and (told := case.about(rest)).reading.sure:
        return await _another_mind(told, draft)
    if forms.command(case.text) is None and not is_an_answer(case, draft):
        if _something_else(case):
            return both(await asking.hear(case), remind(case, draft))
        if _another_matter(case, draft):
            return _ask_part_or_new(case, draft)
    if draft.form == following.WORDS_FORM:
        if forms.command(case.text) == "cancel":
            return requests.cancel(case, draft)
        return await odd.into_ticket(case, draft)
    return hearing.hear(case, draft)


async def _not_of_a_volunteer(case: Case, draft: Draft) -> Outcome[Any]:
    """A sign-up waits while something else is spoken of; a smaller question is put away."""
    heard = both(volunteer_talk.put_away(case), await asking.hear(case))
    return both(heard, volunteering.remind(case, draft)) if draft.form == volunteering.FORM else heard


async def _hear_mediation(case: Case, draft: Draft) -> Outcome[Any]:
    """An application's answer, or words for the mediator; a question, or something else plainly meant, is answered first
    and leaves them waiting."""
    if mediation_words.answer(case.text) is None and _something_else(case):
        return both(await asking.hear(case), remind(case, draft))
    if draft.form == to_mediator.FORM:
        return await to_mediator.hear(case, draft)
    return applying.hear(case, draft) or applying.again(case, draft)


async def _another_mind(case: Case, draft: Draft) -> Outcome[Any]:
    """ "算了，还是说楼上漏水的事": what was begun is put away, what they say now is understood on its own; where it is
    was said already."""
    put_away = do(drafts.close, draft.id, revision=draft.revision, state="cancelled")
    told = put_away.then(lambda _: [*without_buttons(draft), Say(case.words("form.put_away"))])
    where = forms.where(draft.answers) if place(case.text) is None else ""
    return both(told, await asking.act(case.about(f"{where} {case.text}".strip()), case.reading.guesses[0].label))


async def _hear_why(case: Case, draft: Draft) -> Outcome[Any]:
    """The reason nobody has to give: a greeting, another matter, or words that come late are none."""
    if forms.command(case.text) in ("cancel", "skip", "back"):
        return judging.no_why(case)
    if not _something_else(case) and await judging.is_why(case, draft):
        return judging.take_why(case, draft)
    dropped = do(drafts.close, draft.id, revision=draft.revision, state="expired")
    return both(dropped, await asking.hear(case))


async def _hear_held(case: Case, draft: Draft) -> Outcome[Any]:
    """Consent is still unanswered: a yes or no in words counts; a place or a telephone joins what waits for it, a
    sigh hears it more simply; anything else is understood as always."""
    order, agreed = forms.command(case.text), privacy.said(case.text)
    if agreed or order == "confirm" or case.text.startswith("同意"):
        return agree(case)
    if agreed is False or order == "cancel" or case.text.startswith("不同意"):
        return privacy.answered(case, agreed=False)
    if (told := hearing.told_along(case, draft)) is not None:
        waits = do(drafts.set_answers, draft.id, answers=told)
        return waits.saying(Say(case.words("privacy.noted"), privacy.choices(case)))
    if corrections.mood(case.text) or introduced(case.text):
        return say(privacy.simply(case))
    return await asking.hear(case)


def separately(case: Case, draft: Draft, *, agreed: bool) -> Outcome[Any]:
    """The answer about a sensitive matter: agreed, it is filed at once, and nothing else is pressed for it."""
    if not agreed:
        return privacy.refused_separately(case, draft)
    kept, answers = privacy.agreed_separately(case, draft)
    return both(kept, requests.submit(case, replace(draft, answers=answers)))


def agree(case: Case) -> Outcome[Any]:
    """Consent given: whatever waited for it goes on."""
    agreed, draft = privacy.answered(case, agreed=True), case.scene.draft
    if draft is None or draft.state != "held":
        return agreed.saying(Say(case.words("privacy.agreed")))
    return both(agreed, requests.resume(case, draft))


def is_an_answer(case: Case, draft: Draft) -> bool:
    """Plainly what was asked for: a place at the place, a number at the number, a choice's own words."""
    if draft.form == following.WORDS_FORM:
        return False
    if draft.form in volunteer_talk.FORMS:
        return volunteer_talk.answers(case)
    if draft.step == "phone" and phone(case.text) is not None:
        return True
    return hearing.is_answer(case, draft) or corrections.mood(case.text) is not None


def _something_else(case: Case) -> bool:
    best = case.reading.guesses[0] if case.reading.guesses else None
    if following.names_a_ticket(case.text):
        return True
    return bool(
        best and case.reading.sure and best.label.route in BESIDE_A_FORM and _worth_leaving(case, best.label.route)
    )


def _worth_leaving(case: Case, route: str) -> bool:
    """A question, or a clear wish; a short "谢谢" or "在吗" in the middle of a form is no reason to leave it."""
    return route in ("human", "ticket_status") or (route != "greeting" and bool(ASKS.search(case.text)))


def _another_matter(case: Case, draft: Draft) -> bool:
    """At the summary, a message that surely is of another kind may be a new matter: ask, do not guess."""
    best = case.reading.guesses[0].label if case.reading.guesses else None
    if draft.step != "confirm" or best is None or not case.reading.sure or len(case.text) < 6:
        return False
    if (
        draft.form == "dispute"
        and mediation_words.flat_named(case.text, own_room=draft.answers.get("room")) == case.text
    ):
        return False  # "1304那户" says who the other side is
    return best.route in FILED and (best.route, best.category) != (draft.form, draft.answers.get("category"))


def _ask_part_or_new(case: Case, draft: Draft) -> Outcome[Any]:
    mark, message_id = f"d:{draft.id}:{draft.revision}", case.incoming.message_id
    rows = (
        (
            Button(case.words("form.part"), f"{mark}:part:{message_id}"),
            Button(case.words("form.new"), f"x:{message_id}"),
        ),
    )
    return say(Say(case.words("form.part_or_new"), rows))


def remind(case: Case, draft: Draft) -> Outcome[Any]:
    """The form is still there: one press goes on with it. A person who was called has the word now."""
    best = case.reading.guesses[0].label.route if case.reading.guesses else ""
    if best == "human":
        return say()
    if draft.form == applying.FORM:
        return applying.again(case, draft)
    if draft.form == to_mediator.FORM:
        return say(Say(case.words("mediation.ask_words")))
    mark = f"d:{draft.id}:{draft.revision}"
    rows = ((Button(case.words("form.resume"), f"{mark}:resume"), Button(case.words("form.cancel"), f"{mark}:cancel")),)
    return say(Say(case.words("form.still_open"), rows))
