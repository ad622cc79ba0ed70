"""Free words: what is meant is decided by the matcher, and acted on; where it is unsure, its best guesses are offered.

It does not bluff: below the threshold nothing is answered as if it were known, and a person is always one press away.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from handlers.outcome import Button, Outcome, Say, both, say
from handlers.residents import (
    disclosures,
    everyday,
    following,
    judging,
    matters,
    menu,
    occasions,
    people,
    requests,
    to_mediator,
    volunteering,
)
from handlers.residents.answering import answer, answer_entry, decline, judge, offer_staff, sorry, told, unsure
from handlers.residents.case import Case
from handlers.residents.privacy import with_notice
from knowledge import corrections, follow_ups, forms, tone
from knowledge.disclosure import wants_to_see
from knowledge.elsewhere import BESIDE_A_QUESTION
from knowledge.extract import wishes
from knowledge.life import is_open
from knowledge.phrases import Label
from storage import answers, messages, progress, tickets
from storage.rights import Glance

OFFERED_TO_STAFF = ("disclosure",)
PLAINLY_POLICY = 0.97
"""While staff wait for an answer a question is one of policy from here on: "yes it is closed" was taken for one at 0.90."""
MOST_QUESTIONS = 3
SHORTEST_PART = 4
BEGUN = ("service_request", "dispute", "volunteer", "suggestion", "praise", "activity", "disclosure", "ticket_status")
"""What may stand beside a question in one message."""


async def hear(case: Case) -> Outcome[Any]:
    """What to do about a message that belongs to nothing that is open."""
    if following.names_a_ticket(case.text):
        return await following.by_number(case)
    if (judged := await judging.hear(case)) is not None:
        return judged
    if (corrected := await _put_right(case)) is not None:
        return corrected
    elsewhere = case.reading.sure and _elsewhere(case)
    ticket = None if elsewhere else await _asked_back(case)
    if ticket is not None:
        return following.take_words(case, ticket.id, number=ticket.number, doubtful=True)
    if not elsewhere and (told := await to_mediator.awaited(case)) is not None:
        return told
    if (passing := await everyday.hear(case)) is not None:
        return passing
    if (meant := tone.meant(case.text, case.reading.guesses[0].label)) is not None:
        return await act(case, meant)
    if (several := await _several(case)) is not None:
        return several
    if wants_to_see(case.text):
        return await show_published(case)
    if (going_on := await _follow_up(case)) is not None:
        return going_on
    if not case.reading.sure:
        return unsure(case)
    return await act(case, case.reading.guesses[0].label)


def _elsewhere(case: Case) -> bool:
    """The message plainly is something of its own, even while staff wait for an answer."""
    best = case.reading.guesses[0]
    if best.label.route == "faq" and best.score < PLAINLY_POLICY:
        return False
    return not judging.bare(case.text) and best.label.route in BESIDE_A_QUESTION


async def _put_right(case: Case) -> Outcome[Any] | None:
    """ "不是7栋是8栋", said when it is filed already: whoever has the ticket hears it. None where nothing is open."""
    if not corrections.only_corrects(case.text):
        return None
    rows = [row for row in await case.front.storage.read(progress.mine, case.chat_id) if is_open(row["state"])]
    meant = following.which(case, rows) or (rows[0]["id"] if rows else None)
    row = next((row for row in rows if row["id"] == meant), None)
    return following.take_words(case, row["id"], number=row["number"], doubtful=True) if row else None


async def _asked_back(case: Case) -> Glance | None:
    return await case.front.storage.read(tickets.answering, case.chat_id)


async def _several(case: Case) -> Outcome[Any] | None:
    """Several questions in one message are each answered; one request among them is begun, behind the answers."""
    parts = [case.about(part) for part in _parts(case.text)]
    if len(parts) < 2 or not all(part.reading.sure for part in parts):
        return None
    labels = [part.reading.guesses[0].label for part in parts]
    asked = [(part, label) for part, label in zip(parts, labels, strict=True) if label.route == "faq"]
    others = [(part, label) for part, label in zip(parts, labels, strict=True) if label.route in BEGUN]
    if not asked or len(others) > 1 or len(asked) + len(others) < len(parts) or len(set(labels)) < 2:
        return None
    outcome = with_notice(case, _answer_all(case, [answer(part, label) for part, label in asked]))
    return both(outcome, await act(*others[0])) if others else outcome


def _parts(text: str) -> Sequence[str]:
    """The wishes of a message; where no word parts them, a question mark in its middle does."""
    told = wishes(text)[:MOST_QUESTIONS]
    if len(told) > 1:
        return told
    halves = [part.strip(" ,，。;；") for part in re.split(r"(?<=[?？])", text)]
    return [part for part in halves if len(part) >= SHORTEST_PART][:MOST_QUESTIONS]


def _answer_all(case: Case, answered: Sequence[Outcome[Any]]) -> Outcome[Any]:
    first, *rest = answered
    for one in rest:
        first = both(first, one)
    return first.before(Say(case.words("answer.several")))


async def _follow_up(case: Case) -> Outcome[Any] | None:
    """A question that only makes sense after the last answer keeps its subject; said so, and a verdict mends a slip."""
    found = follow_ups.follow_up(case.text)
    message_id = case.incoming.message_id
    if found is None or message_id is None or (not found.bare and _of_its_own(case)):
        return None
    given = await case.front.storage.read(
        answers.just_given, chat_id=case.chat_id, before=message_id, within=follow_ups.KEPT
    )
    last = case.front.answerer.entry(given.entry) if given and given.entry else None
    if last is None:
        return None
    fitting = follow_ups.entries_for(case.front.answerer, found.asked, last=last, limit=1)
    if not fitting:
        return None
    [(entry, score)] = fitting
    lead = case.words("answer.going_on", subject=last.question.get(case.scene.language)) + "\n"
    answered = case.front.answerer.render(entry, case.scene.language, today=case.today, profile=case.profile)
    return with_notice(case, told(case, answered, score=score, lead=lead))


def _of_its_own(case: Case) -> bool:
    """Surely understood as something else than a policy question."""
    return case.reading.sure and case.reading.guesses[0].label.route != "faq"


async def act(case: Case, label: Label) -> Outcome[Any]:
    """Do what a label asks for."""
    route = label.route
    if route == "faq":
        return with_notice(case, answer(case, label))
    if route == "volunteer":
        return await volunteering.begin(case, category=label.category)
    if route in ("service_request", "dispute", "suggestion", "praise"):
        return requests.begin(case, route=route, category=label.category)
    if route == "activity":
        return await occasions.activity(case)
    if route == "disclosure":
        return await show_published(case)
    if route in OFFERED_TO_STAFF:
        return with_notice(case, offer_staff(case, label))
    if route == "ticket_status":
        return await matters.mine(case)
    if route == "human":
        return people.call(case)
    if route == "thanks":
        return _pass_thanks_on(case)
    if route == "greeting":
        return menu.greet(case)
    return with_notice(case, decline(case))


async def show_published(case: Case) -> Outcome[Any]:
    """What is published; where nothing ever was, where it hangs, and staff for the rest."""
    return with_notice(case, await disclosures.see(case, offer_staff(case, Label("disclosure"))))


def _pass_thanks_on(case: Case) -> Outcome[Any]:
    """Thanks that name somebody: taken, and offered to be passed on."""
    rows = ((Button(case.words("start.pass_thanks"), f"h:{case.incoming.message_id}"),),)
    return say(Say(case.words("start.thanks_for_them"), rows))


async def press(case: Case, answer_id: int, action: str) -> Outcome[Any]:
    """A button under an answer: its verdict, or which of the guesses it was."""
    given = await case.front.storage.read(answers.get, answer_id)
    question_id = given.question_id if given else None
    question = await case.front.storage.read(messages.get, question_id) if question_id else None
    if given is None or question is None or question.chat_id != case.chat_id:
        return say(Say(case.words("odd.unknown_button")))
    about, (name, _, rest) = case.about(question.text), action.partition(":")
    if name == "y":
        return judge(case, answer_id, "helpful").saying(Say(case.words("answer.thanks")))
    if name == "n":
        return judge(case, answer_id, "not_helpful").saying(sorry(case, answer_id, given, question.text))
    if name == "p":
        return both(judge(case, answer_id, "person"), people.call(about, question_id=question_id))
    if name == "f":
        return answer_entry(about, rest)
    route, _, category = rest.partition(":")
    if route in OFFERED_TO_STAFF or (route in forms.FORMS and route != "activity"):
        return requests.begin(about, route=route, category=category or None)
    return await act(about, Label(route, category or None))
