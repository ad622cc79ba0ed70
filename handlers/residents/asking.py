"""Free words: what is meant is decided by the matcher, and acted on; where it is unsure, its best guesses are offered.

It does not bluff: below the threshold nothing is answered as if it were known, and a person is always one press away.
"""

from __future__ import annotations

from typing import Any

from handlers.outcome import Button, Outcome, Rows, Say, both, do, say
from handlers.residents import following, judging, menu, people, requests
from handlers.residents.case import Case
from handlers.residents.privacy import with_notice
from knowledge import catalogue, forms, tone
from knowledge.answers import Answer
from knowledge.extract import wishes
from knowledge.matcher import Guess
from knowledge.phrases import Label
from storage import answers, messages, tickets
from storage.tickets import Glance

GUESSES = 3
OFFERED_TO_STAFF = ("activity", "disclosure")
MOST_QUESTIONS = 3


async def hear(case: Case) -> Outcome[Any]:
    """What to do about a message that belongs to nothing that is open."""
    if following.names_a_ticket(case.text):
        return await following.by_number(case)
    if (judged := await judging.hear(case)) is not None:
        return judged
    ticket = None if case.reading.sure and _elsewhere(case) else await _asked_back(case)
    if ticket is not None:
        return following.take_words(case, ticket.id, number=ticket.number, doubtful=True)
    if (meant := tone.meant(case.text, case.reading.guesses[0].label)) is not None:
        return await act(case, meant)
    if not case.reading.sure:
        return unsure(case)
    if len(questions := _questions(case)) > 1:
        return with_notice(case, _answer_all(case, questions))
    return await act(case, case.reading.guesses[0].label)


def _elsewhere(case: Case) -> bool:
    """The message plainly is something of its own, even while staff wait for an answer."""
    best = case.reading.guesses[0]
    return best.label.route in ("faq", "human", "greeting", "ticket_status", "volunteer", "activity", "disclosure")


async def _asked_back(case: Case) -> Glance | None:
    return await case.front.storage.read(tickets.answering, case.chat_id)


def _questions(case: Case) -> list[Case]:
    """Several policy questions in one message, each surely understood."""
    told = wishes(case.text)[:MOST_QUESTIONS]
    if len(told) < 2:
        return []
    parts = [case.about(part) for part in told]
    sure = all(part.reading.sure and part.reading.guesses[0].label.route == "faq" for part in parts)
    clauses = {part.reading.guesses[0].label.clause for part in parts} if sure else set()
    return parts if len(clauses) > 1 else []


def _answer_all(case: Case, questions: list[Case]) -> Outcome[Any]:
    first, *rest = [answer(part, part.reading.guesses[0].label) for part in questions]
    for one in rest:
        first = both(first, one)
    return first.before(Say(case.words("answer.several")))


async def act(case: Case, label: Label) -> Outcome[Any]:
    """Do what a label asks for."""
    route = label.route
    if route == "faq":
        return with_notice(case, answer(case, label))
    if route in ("service_request", "dispute", "volunteer", "suggestion", "praise"):
        return requests.begin(case, route=route, category=label.category)
    if route in OFFERED_TO_STAFF:
        return with_notice(case, _offer_staff(case, label))
    if route == "ticket_status":
        return await following.mine(case)
    if route == "human":
        return people.call(case)
    if route == "thanks":
        return _pass_thanks_on(case)
    if route == "greeting":
        return menu.greet(case)
    return with_notice(case, decline(case))


def _pass_thanks_on(case: Case) -> Outcome[Any]:
    """Thanks that name somebody: taken, and offered to be passed on."""
    rows = ((Button(case.words("start.pass_thanks"), f"h:{case.incoming.message_id}"),),)
    return say(Say(case.words("start.thanks_for_them"), rows))


def answer(case: Case, label: Label) -> Outcome[Any]:
    """A cited answer, kept with its version, and three buttons: helpful, not helpful, a person."""
    clauses = case.reading.clauses(label)
    found = case.front.answerer.answer(case.text, clauses, case.scene.language, today=case.today)
    return _told(case, found, score=case.reading.guesses[0].score)


def answer_entry(case: Case, entry_id: str) -> Outcome[Any]:
    """The answer of one chosen entry."""
    found = case.front.answerer.by_id(entry_id, case.scene.language, today=case.today)
    return _told(case, found, score=1.0) if found else unsure(case)


def _told(case: Case, found: Answer, *, score: float) -> Outcome[Any]:
    kept = do(
        answers.keep,
        chat_id=case.chat_id,
        question_id=case.incoming.message_id,
        entry=found.entry_id,
        clause=found.clause,
        version=found.version,
        score=score,
    )
    return kept.then(lambda answer_id: [Say(f"{found.text}\n\n{found.source}", _verdicts(case, answer_id))])


def _verdicts(case: Case, answer_id: int) -> Rows:
    words = case.words
    return (
        (Button(words("answer.helpful"), f"a:{answer_id}:y"), Button(words("answer.not_helpful"), f"a:{answer_id}:n")),
        (Button(words("answer.person"), f"a:{answer_id}:p"),),
    )


def _nothing_known(case: Case) -> Outcome[int]:
    """Keep that this was not answered: it is the admin's to-do list."""
    return do(
        answers.keep,
        chat_id=case.chat_id,
        question_id=case.incoming.message_id,
        entry=None,
        clause=None,
        version=None,
        score=case.reading.guesses[0].score if case.reading.guesses else 0.0,
    )


def decline(case: Case) -> Outcome[Any]:
    return _nothing_known(case).then(
        lambda answer_id: [
            Say(case.words("answer.outside"), ((Button(case.words("answer.ask_staff"), f"a:{answer_id}:p"),),))
        ]
    )


def _offer_staff(case: Case, label: Label) -> Outcome[Any]:
    """Events and published lists: what we know, and staff for the rest."""
    text = case.words(f"answer.{label.route}")
    data = f"g:{label.route}"
    return _nothing_known(case).then(
        lambda answer_id: [Say(text, ((Button(case.words("answer.ask_staff"), f"a:{answer_id}:{data}"),),))]
    )


def unsure(case: Case) -> Outcome[Any]:
    """The best guesses as buttons, and a person."""
    guesses = _worth_offering(case)
    text, way_out = ("unsure", "none_of_these") if guesses else ("unknown", "ask_staff")

    def replies(answer_id: int) -> list[Say]:
        person = Button(case.words(f"answer.{way_out}"), f"a:{answer_id}:p")
        return [Say(case.words(f"answer.{text}"), [*([_guess(case, answer_id, g)] for g in guesses), [person]])]

    offered = _nothing_known(case).then(replies)
    return with_notice(case, offered)


def _worth_offering(case: Case) -> list[Guess]:
    return [guess for guess in case.reading.guesses if guess.label.route not in ("out_of_scope", "emergency")][:GUESSES]


def _guess(case: Case, answer_id: int, guess: Guess) -> Button:
    label, language = guess.label, case.scene.language
    if label.route == "faq":
        entries = case.front.answerer.best_entries(case.text, {label.clause: 1.0} if label.clause else {}, 1)
        entry = entries[0][0]
        return Button(entry.question.get(language), f"a:{answer_id}:f:{entry.id}")
    kind = catalogue.category(label.route, label.category)
    name = case.words(f"route.{label.route}") + (f" · {kind.name.get(language)}" if kind else "")
    return Button(name, f"a:{answer_id}:g:{label.route}:{label.category or ''}")


async def press(case: Case, answer_id: int, action: str) -> Outcome[Any]:
    """A button under an answer: its verdict, or which of the guesses it was."""
    question_id = await case.front.storage.read(answers.question_of, answer_id)
    question = await case.front.storage.read(messages.get, question_id) if question_id else None
    if question is None or question.chat_id != case.chat_id:
        return say(Say(case.words("odd.unknown_button")))
    about, (name, _, rest) = case.about(question.text), action.partition(":")
    if name == "y":
        return _judge(case, answer_id, "helpful").saying(Say(case.words("answer.thanks")))
    if name == "n":
        return _judge(case, answer_id, "not_helpful").saying(_sorry(case, answer_id))
    if name == "p":
        return both(_judge(case, answer_id, "person"), people.call(about, question_id=question_id))
    if name == "f":
        return answer_entry(about, rest)
    route, _, category = rest.partition(":")
    if route in OFFERED_TO_STAFF or route in forms.FORMS:
        return requests.begin(about, route=route, category=category or None)
    return await act(about, Label(route, category or None))


def _judge(case: Case, answer_id: int, verdict: str) -> Outcome[bool]:
    return do(answers.judge, answer_id, chat_id=case.chat_id, verdict=verdict)


def _sorry(case: Case, answer_id: int) -> Say:
    return Say(case.words("answer.sorry"), ((Button(case.words("answer.ask_staff"), f"a:{answer_id}:p"),),))
