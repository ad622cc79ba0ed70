"""A text message from a telephone without an app: heard by the same dispatcher as everything, answered in one short text.

What is an order, a number that answers a choice, or no person's words at all is told apart first; danger goes before
that. Whatever the handlers would say becomes one text: short, its buttons as "回1…回2…" (bot.texts.delivery writes those).
Nobody is answered endlessly: after so many answers a person rings, and what comes is still heard.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from handlers.outcome import Button, Edit, Outcome, Reply, Say, both, do, say
from handlers.residents import buttons
from handlers.residents.case import Case
from knowledge.text_talk import Choice, choices, cut, is_automatic, number_in, order, room_for, shipped
from storage import text_talk, texting
from storage.messages import Message
from storage.text_talk import Standing

GoOn = Callable[[Case], Awaitable[Any]]


def is_text(case: Case) -> bool:
    return case.scene.channel == texting.CHANNEL


async def hear(case: Case, go_on: GoOn) -> Outcome[Any]:
    """What a text brings about; ``go_on`` asks the dispatcher what is to be done about its words."""
    message_id = case.incoming.message_id
    if message_id is None:
        return say()
    found = await case.front.storage.read(text_talk.standing, case.chat_id, message_id)
    danger = case.reading.danger is not None
    if found.echo or (is_automatic(case.text) and not danger):
        return say()
    if found.quiet:
        return await _silently(case, go_on, danger=danger)
    if (wished := order(case.text)) is not None:
        return _ordered(case, stop=wished == "stop")
    if not danger and found.said_before:
        return say()
    outcome = await _asked(case, found, go_on)
    outcome = outcome if isinstance(outcome, Outcome) else say()
    return outcome if case.scene.conversation == "held" else _in_one_text(case, outcome, found)


async def _silently(case: Case, go_on: GoOn, *, danger: bool) -> Outcome[Any]:
    """The other side may hold this telephone: a danger is heard, all else goes to a person, nothing goes out."""
    message_id = case.incoming.message_id
    assert message_id is not None
    if danger:
        heard: Outcome[Any] = await go_on(case)
        return heard
    return do(text_talk.to_a_person, case.chat_id, message_id)


def _ordered(case: Case, *, stop: bool) -> Outcome[Any]:
    done = do(text_talk.stop, case.chat_id, on=stop)
    return done.saying(_answer(case, [Say(case.words("text.stopped" if stop else "text.started"))], ()))


async def _asked(case: Case, found: Standing, go_on: GoOn) -> Any:
    """A number presses what it chooses; where several matters wait for the same verdict it is said in words instead."""
    chosen = _chosen(case, found) if number_in(case.text) is not None else None
    if chosen is None:
        return await go_on(case)
    return await (go_on(case.about(chosen.label)) if isinstance(chosen, Choice) else chosen)


# --- a number ---------------------------------------------------------------------------------------------------------
def _chosen(case: Case, found: Standing) -> Awaitable[Outcome[Any]] | Choice | None:
    """The press a number stands for, or the choice whose words are to be understood; None where no choice was offered,
    and it may be an answer to something else."""
    number = number_in(case.text) or 0
    if not found.newest_offers:
        return None if case.scene.draft is not None or found.newest_by_staff else _over(case)
    offered = choices(found.offers[0].buttons)
    if not 0 < number <= len(offered):
        return _no_such(case, offered)
    choice = offered[number - 1]
    if _of_several(found.offers, choice):
        return choice
    return _pressed(case, found.offers[0], choice)


def _of_several(offers: Sequence[Message], choice: Choice) -> bool:
    """Whether it is solved was asked of more than one matter, one text each: which of them, is asked back."""
    if not texting.VERDICT.fullmatch(choice.data) or len(_matters(offers[:1])) > 1:
        return False
    return len(_matters(offers)) > 1


def _matters(offers: Sequence[Message]) -> set[str]:
    """The tickets whose verdict is asked for."""
    asked = (texting.VERDICT.fullmatch(one.data) for offer in offers for one in choices(offer.buttons))
    return {found[1] for found in asked if found}


async def _pressed(case: Case, offered: Message, choice: Choice) -> Outcome[Any]:
    pressing = Case(case.front, replace(case.incoming, pressed=offered), "")
    return await buttons.press(pressing, choice.data)


async def _over(case: Case) -> Outcome[Any]:
    return say(Say(case.words("text.choice_over")))


async def _no_such(case: Case, offered: Sequence[Choice]) -> Outcome[Any]:
    rows = [[Button(one.label, one.data)] for one in offered]
    return say(Say(case.words("text.no_such_choice", count=len(offered)), rows))


# --- one text ---------------------------------------------------------------------------------------------------------
def _in_one_text(case: Case, outcome: Outcome[Any], found: Standing) -> Outcome[Any]:
    """All that is said in this chat as one answer; the last one that may go out says that a person rings."""
    rules = shipped()
    if (found.an_hour >= rules.an_hour or found.a_day >= rules.a_day) and case.reading.danger is None:
        return outcome.then(lambda result: _unanswered(outcome.replies(result)))
    last = found.an_hour + 1 == rules.an_hour or found.a_day + 1 == rules.a_day
    folded = outcome.then(lambda result: _folded(case, outcome.replies(result), last=last))
    if not last:
        return folded
    return both(folded, do(text_talk.ring_me, case.chat_id, words=case.text, message_id=case.incoming.message_id))


def _unanswered(replies: Iterable[Reply]) -> list[Reply]:
    """What staff are told is told; here nothing more goes out."""
    return [one for one in replies if isinstance(one, Edit) or one.to is not None]


def _folded(case: Case, replies: Iterable[Reply], *, last: bool) -> list[Reply]:
    mine: list[Say] = []
    others: list[Reply] = []
    for one in replies:
        here = isinstance(one, Say) and one.to in (None, case.chat_id)
        mine.append(one) if here and isinstance(one, Say) else others.append(one)
    if not mine:
        return others
    more = (case.words("text.somebody_rings"),) if last else ()
    return [*others, _answer(case, mine, more)]


def _answer(case: Case, mine: Sequence[Say], more: Sequence[str]) -> Say:
    """One text out of several; what is alone in having choices keeps them."""
    rows = [row for one in mine for row in one.buttons]
    words = "\n".join([*(one.text.strip() for one in mine if one.text.strip()), *more])
    named = case.words("text.from", text=words)
    labels = [one.label for one in choices([[_stored(button) for button in row] for row in rows])]
    longest = room_for(named + "".join(labels))
    room = longest - sum(len(case.words("text.choice", number=1, label=label)) + 1 for label in labels)
    return Say(
        cut(named, max(room, longest // 2)),
        rows,
        priority=min(one.priority for one in mine),
        ticket_id=next((one.ticket_id for one in mine if one.ticket_id is not None), None),
        prompt_of=next((one.prompt_of for one in reversed(mine) if one.prompt_of is not None), None),
        answers=case.incoming.message_id,
    )


def _stored(button: Button) -> dict[str, str]:
    return {"text": button.text, "data": button.data}
