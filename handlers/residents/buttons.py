"""Presses. Data is untrusted: a button counts only while it stands on one of our messages in this very chat."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from handlers.outcome import Edit, Outcome, Say, both, say
from handlers.residents import (
    applying,
    appointments,
    asking,
    course,
    emergencies,
    following,
    forms_open,
    guardians,
    hearts,
    invited,
    joining,
    judging,
    matters,
    mediating,
    menu,
    occasion_presses,
    own,
    people,
    privacy,
    published,
    requests,
    volunteer_talk,
    wants,
)
from handlers.residents.case import Case
from handlers.residents.prompts import prompt
from storage import messages, rights, tickets

Handler = Callable[[Case, list[str]], Awaitable[Outcome[Any]]]


async def press(case: Case, data: str) -> Outcome[Any]:
    """What a pressed button does; one that is unknown, forged or used up is answered politely and does nothing."""
    prefix, *parts = data.split(":")
    handler = HANDLERS.get(prefix)
    if case.scene.conversation == "held" and prefix not in WHILE_HELD:
        return say().with_toast(case.words("person.has_it"))
    if case.incoming.pressed is None or handler is None:
        return await _stale(case, prefix, parts)
    try:
        return await handler(case, parts)
    except (ValueError, IndexError, KeyError):
        return say(Say(case.words("odd.unknown_button")))


async def _stale(case: Case, prefix: str, parts: list[str]) -> Outcome[Any]:
    """A button that is gone: a form's current step, or how a ticket stands now, is shown instead."""
    draft = case.scene.draft
    if prefix == "t" and parts and await _still_theirs(case, parts[0]):
        return await following.show(case, int(parts[0]), lead="ticket.state_now")
    if prefix == "d" and parts[2:] == ["submit"] and (number := await _filed_before(case, parts[0])):
        return say(Say(case.words("ticket.already", number=number)))
    if prefix == "d" and draft is not None and draft.state == "open" and parts[:1] == [str(draft.id)]:
        shown = prompt(case, draft.id, draft.revision, draft.step, draft.answers, lead=case.words("form.stale"))
        return say(shown)
    if prefix == "vo" and len(parts) > 2:
        return await volunteer_talk.stale(case, parts[2])
    if prefix == "nt":
        return await wants.mine(case)
    return say(Say(case.words("odd.unknown_button"))).with_toast(case.words("odd.unknown_button"))


async def _still_theirs(case: Case, ticket_id: str) -> bool:
    if not ticket_id.isdigit() or len(ticket_id) > 15:
        return False
    return await case.front.storage.read(rights.visible, int(ticket_id), chat_id=case.chat_id) is not None


def _used(case: Case, outcome: Outcome[Any]) -> Outcome[Any]:
    """The same, and the buttons of the pressed message are taken away: it was a question answered once."""
    pressed = case.incoming.pressed
    return both(say(Edit(pressed.id)), outcome) if pressed else outcome


async def _consent(case: Case, parts: list[str]) -> Outcome[Any]:
    if parts[0] == "full":
        return privacy.whole(case)
    agreed = parts[0] == "y"
    return _used(case, forms_open.agree(case) if agreed else privacy.answered(case, agreed=False))


async def _separate_consent(case: Case, parts: list[str]) -> Outcome[Any]:
    """The separate question about a sensitive matter."""
    draft = case.scene.draft
    if draft is None or [str(draft.id), str(draft.revision)] != parts[:2]:
        return await _stale(case, "d", [*parts[:2], "submit"])
    return _used(case, forms_open.separately(case, draft, agreed=parts[2] == "y"))


async def _draft(case: Case, parts: list[str]) -> Outcome[Any]:
    draft_id, revision, action = int(parts[0]), int(parts[1]), ":".join(parts[2:])
    draft = case.scene.draft
    if draft is None or draft.id != draft_id or draft.revision != revision or draft.form == following.WORDS_FORM:
        return await _stale(case, "d", parts)
    if action.startswith("part:"):
        said = await case.front.storage.read(messages.get, int(parts[3]))
        return _used(case, requests.press(case.about(said.text if said else ""), draft, "part"))
    if action == "resume":
        return _used(case, requests.resume(case, draft))
    return requests.press(case, draft, action)


async def _filed_before(case: Case, draft_id: str) -> str | None:
    """The number this chat's draft was filed under: submit pressed once more is told it again."""
    if not draft_id.isdigit():
        return None
    return await case.front.storage.read(tickets.number_of_draft, int(draft_id), chat_id=case.chat_id)


async def _answer(case: Case, parts: list[str]) -> Outcome[Any]:
    return _used(case, await asking.press(case, int(parts[0]), ":".join(parts[1:])))


async def _ticket(case: Case, parts: list[str]) -> Outcome[Any]:
    ticket_id, action = int(parts[0]), parts[1]
    if action in judging.BY_BUTTON:
        return judging.press(case, ticket_id, action, int(parts[2]) if parts[2:] else None)
    return await following.press(case, ticket_id, action)


async def _applying(case: Case, parts: list[str]) -> Outcome[Any]:
    if parts[0] == "o":
        return _used(case, await applying.from_offer(case, int(parts[1]), parts[2]))
    return applying.press(case, parts)


async def _satisfaction(case: Case, parts: list[str]) -> Outcome[Any]:
    return judging.rate(case, int(parts[0]), int(parts[1]), int(parts[2]))


async def _joined(case: Case, parts: list[str]) -> Outcome[Any]:
    return await joining.press(case, int(parts[0]), parts[1])


async def _new_matter(case: Case, parts: list[str]) -> Outcome[Any]:
    """An earlier message was a matter of its own after all."""
    said = await case.front.storage.read(messages.get, int(parts[0]))
    if said is None or said.chat_id != case.chat_id:
        return say(Say(case.words("odd.unknown_button")))
    about = case.about(said.text)
    return _used(case, await asking.act(about, about.reading.guesses[0].label))


async def _praise(case: Case, parts: list[str]) -> Outcome[Any]:
    """Thanks that were said before are to be passed on."""
    said = await case.front.storage.read(messages.get, int(parts[0]))
    if said is None or said.chat_id != case.chat_id:
        return say(Say(case.words("odd.unknown_button")))
    return _used(case, requests.begin(case.about(said.text), route="praise", category=None))


async def _person(case: Case, parts: list[str]) -> Outcome[Any]:
    return _used(case, people.press(case, int(parts[0]), parts[1]))


async def _appointment(case: Case, parts: list[str]) -> Outcome[Any]:
    return _used(case, appointments.press(case, parts))


async def _asked(case: Case, parts: list[str]) -> Outcome[Any]:
    """An answer to what was asked in a mediation; the question keeps its words and loses its buttons."""
    return _used(case, course.press(case, parts))


async def _emergency(case: Case, parts: list[str]) -> Outcome[Any]:
    return _used(case, emergencies.false_alarm(case, int(parts[0])))


async def _own(case: Case, parts: list[str]) -> Outcome[Any]:
    outcome = await own.press(case, parts)
    return outcome if parts[0] in own.STAY_OPEN else _used(case, outcome)


async def _volunteer(case: Case, parts: list[str]) -> Outcome[Any]:
    outcome = await volunteer_talk.press(case, parts)
    decides = parts[0] == "0" and parts[2] not in volunteer_talk.STAY_OPEN
    return _used(case, outcome) if decides else outcome


async def _guardian(case: Case, parts: list[str]) -> Outcome[Any]:
    return _used(case, await guardians.press(case, parts))


async def _invited(case: Case, parts: list[str]) -> Outcome[Any]:
    return _used(case, await invited.press(case, parts))


async def _disclosure(case: Case, parts: list[str]) -> Outcome[Any]:
    """What is published, and what is asked or objected about it."""
    if parts[0] == "n":
        return await _new_matter(case, parts[1:])
    outcome = await published.press(case, parts)
    return outcome if parts[0] in published.STAY_OPEN else _used(case, outcome)


async def _notices(case: Case, parts: list[str]) -> Outcome[Any]:
    return await wants.press(case, parts)


async def _menu(case: Case, parts: list[str]) -> Outcome[Any]:
    return await choose(case, parts[0])


async def choose(case: Case, choice: str) -> Outcome[Any]:
    """One of the main menu's five."""
    if choice == "tickets":
        return await matters.mine(case)
    if choice == "person":
        return people.call(case)
    if choice == "language":
        return menu.switch_language(case)
    return say(Say(case.words("menu.ask_policy" if choice == "policy" else "menu.ask_request")))


WHILE_HELD = ("e", "p")
"""While a person has the conversation the bot acts on nothing but this: it was a false alarm, and leaving."""
HANDLERS: dict[str, Handler] = {
    "a": _answer,
    "b": _appointment,
    "c": _consent,
    "cs": _separate_consent,
    "d": _draft,
    "dk": _disclosure,
    "e": _emergency,
    "h": _praise,
    "hk": hearts.press,
    "j": _joined,
    "m": _menu,
    "n": _applying,
    "nt": _notices,
    "o": _own,
    "oc": occasion_presses.press,
    "p": _person,
    "s": _satisfaction,
    "t": _ticket,
    "v": _asked,
    "vg": _guardian,
    "vi": _invited,
    "vo": _volunteer,
    "x": _new_matter,
    "y": mediating.press,
}
"""By the first part of a button's data."""
